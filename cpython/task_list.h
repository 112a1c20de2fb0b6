/* The lists of tasks that CPython keeps for tools, from 3.14 on.
 *
 * A list is a ring of `struct llist_node` through its tasks and its head
 * (Include/internal/pycore_llist.h, Modules/_asynciomodule.c). */
#ifndef CPYTHON_TASK_LIST_H
#define CPYTHON_TASK_LIST_H

#include "base/arena.h"
#include "cpython/raw_task.h"

/* No task and its coroutine are smaller, in words. */
enum { TASK_WORK = 4 * OBJECT_WORK };

struct listed_tasks {
	struct listed_task {
		remote_addr address;
		const struct raw_task *raw; /* what it says, or NULL: not read yet */
	} * items;
	size_t count;
	size_t capacity;
};

/* Adds the tasks of the list whose head is at `head`, in their order.  False where it
 * could not be read to its end: what could be reached from both ends is there.
 *
 * Of a target that stands still, `raws` takes what the tasks say: their memory is near
 * while they are found.  It is NULL for one that runs on; `*repaired` is set then where
 * the list had changed while it was read. */
bool task_list_read(struct python *python, remote_addr head, struct arena *raws,
		struct listed_tasks *tasks, bool *repaired);

#endif
