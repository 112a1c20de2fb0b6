/* Writes a snapshot into a file of its own in the current directory. */
#ifndef VIEW_SAVE_H
#define VIEW_SAVE_H

#include <stdbool.h>

#include "base/buffer.h"
#include "model/snapshot.h"
#include "render.h"

/* As JSON, or as the text of the tree.  Says in `message` what it is called, or
 * why that failed.  Only the user may read it: command lines may hold secrets. */
void save_snapshot(const struct snapshot *snapshot, bool json, const struct render_options *render,
		struct buffer *message);

#endif
