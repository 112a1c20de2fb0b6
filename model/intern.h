/* One copy of each text, frame and stack of a snapshot.
 *
 * 100,000 tasks that stand at the same place share one stack; that two tasks
 * stand alike is then a comparison of addresses. */
#ifndef MODEL_INTERN_H
#define MODEL_INTERN_H

#include <stddef.h>

#include "base/arena.h"
#include "base/table.h"
#include "model/snapshot.h"

struct intern {
	struct arena *arena; /* what owns the copies */
	struct table texts, frames, stacks;
	const struct stack *last; /* the stack that was asked for last, or NULL */
};

void intern_init(struct intern *intern, struct arena *arena);
void intern_deinit(struct intern *intern); /* the copies stay */

const char *intern_text(struct intern *intern, const char *text, size_t length);
/* `function` and `file` must be interned. */
const struct frame *intern_frame(struct intern *intern, const struct frame *frame);
/* The frames must be interned; gives a stack without frames for depth 0. */
const struct stack *intern_stack(
		struct intern *intern, const struct frame *const *frames, uint32_t depth);

#endif
