/* What a task waits for, in words. */
#ifndef WAITTEXT_H
#define WAITTEXT_H

#include "base/buffer.h"
#include "model/wait.h"

/* Adds words such as "sleep, 41 s left".  What of it is the target's own text is
 * not safe to print yet. */
void wait_describe(const struct wait *wait, struct buffer *text);

#endif
