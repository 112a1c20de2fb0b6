/* The lists of tasks that CPython keeps for tools, from 3.14 on.
 *
 * A list is a ring of `struct llist_node` through its tasks and its head
 * (Include/internal/pycore_llist.h, Modules/_asynciomodule.c). */
#ifndef CPYTHON_TASK_LIST_H
#define CPYTHON_TASK_LIST_H

#include "cpython/python.h"

/* No task and its coroutine are smaller, in words. */
enum { TASK_WORK = 4 * OBJECT_WORK };

/* Adds the tasks of the list whose head is at `head`, in their order.  False where it
 * could not be read to its end: what could be reached from both ends is there.
 * `*repaired` is set where it had changed while it was read, as that of a target that
 * does not stand `still` may. */
bool task_list_read(struct python *python, remote_addr head, bool still, struct addresses *tasks,
		bool *repaired);

#endif
