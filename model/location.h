/* Which frame of a stack is shown on the task's line. */
#ifndef MODEL_LOCATION_H
#define MODEL_LOCATION_H

#include "model/snapshot.h"

/* The index of the innermost frame outside the standard library and
 * site-packages; else outside the standard library; else the innermost. */
uint32_t stack_location(const struct frame *const *frames, uint32_t depth);

/* The part of a thread's stack that its loop has called. */
struct stack stack_above_loop(const struct stack *stack);

/* The frames of a task: 0 where its stack is not known. */
uint32_t task_depth(const struct task *task);
/* The frame that is shown on the task's line, or NULL. */
const struct frame *task_location(const struct task *task);

#endif
