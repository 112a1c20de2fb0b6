/* What a process is called: the script or module that Python runs. */
#ifndef MODEL_COMMAND_H
#define MODEL_COMMAND_H

#include "base/buffer.h"
#include "model/snapshot.h"

/* Adds "shop.py", "-m shop", or the name of the executable where the command
 * line tells no more. */
void command_add_name(const struct snapshot *snapshot, struct buffer *out);

#endif
