/* A second look: whether a loop that may be blocked runs the same callback that it ran
 * in the first, and whether tasks wait as they did. */
#ifndef CPYTHON_SECOND_LOOK_H
#define CPYTHON_SECOND_LOOK_H

#include "cpython/tasks.h"

/* What the first look saw. */
struct suspect {
	size_t loop;         /* its place in snapshot.loops */
	remote_addr address; /* of it */
	double since_s;      /* it runs that at least, by the target's monotonic clock */
	struct iteration iteration;
};

struct suspects {
	struct suspect *items;
	size_t count;
	size_t capacity;
};

/* Adds the loops whose callbacks run for longer than they mostly do, and those that wait
 * where yet something runs. */
void suspects_add(struct suspects *suspects, const struct reader *reader);

/* Reads what runs now, and says in the snapshot which of the loops are blocked. */
void suspects_confirm(const struct suspects *suspects, struct reader *reader, remote_addr runtime,
		struct snapshot *snapshot);

/* Says of each of the tasks whether it is gone or has moved.  Of one whose future is not
 * known it is taken for granted that it has not moved. */
void tasks_look_again(struct reader *reader, const struct task_list *tasks);

#endif
