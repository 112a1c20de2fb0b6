/* What tasks wait for together, and which of them move on by themselves. */
#ifndef MODEL_MOTION_H
#define MODEL_MOTION_H

#include "model/snapshot.h"

/* An object that several tasks may wait for: a lock, a queue. */
struct shared {
	const struct wait *wait; /* of the first that waits for it */
	struct task_list waiters;
};

struct motion {
	const struct snapshot *snapshot;
	struct shared *shared;
	uint32_t shared_count;
	bool *moves; /* by the index of a task; NULL until one was asked for */
};

/* Where not `any_shared`, no task waits for an object that others may wait for. */
void motion_init(struct motion *motion, struct snapshot *snapshot, bool any_shared);
/* Whether it has moved, runs, is ready, or goes on when a timer is due, its own, a timeout's, or
 * that of a task which it waits for or which holds what it waits for.  Of what is not
 * known, that is taken for granted. */
bool motion_moves(struct motion *motion, const struct task *task);
void motion_deinit(struct motion *motion);

#endif
