/* What stands behind a future that a task is suspended on.
 *
 * asyncio's own functions that make one future of another tie the two by callbacks,
 * which refer to the other one in their closure (Lib/asyncio/tasks.py, futures.py).
 * They do so as soon as they have made the future, so that theirs is its first
 * callback; of the others there may be as many as tasks wait for it. */
#ifndef CPYTHON_BEHIND_H
#define CPYTHON_BEHIND_H

#include "cpython/modules.h"

enum tie {
	TIE_NONE,
	TIE_SHIELD, /* shield() made it of its inner future */
	/* wrap_future() made it, for run_in_executor() for one, of a future that is
	 * asyncio's or, mostly, of concurrent.futures */
	TIE_CHAIN,
};

/* How the future is tied to another, and to which. */
enum tie behind_future(struct python *python, const struct asyncio_names *names, remote_addr future,
		remote_addr *behind);

/* The future or task of asyncio's behind a concurrent.futures.Future, as
 * run_coroutine_threadsafe() makes it, or 0. */
remote_addr behind_concurrent(
		struct python *python, struct asyncio_names *names, remote_addr future);

/* Whether a loop is told when a concurrent.futures.Future is done, as run_in_executor()
 * has it. */
bool behind_is_wrapped(struct python *python, struct asyncio_names *names, remote_addr future);

struct queue;

/* Adds the tasks that the callbacks of a future or task will wake, and the futures
 * that they will set. */
void behind_callbacks(struct python *python, struct asyncio_names *names, remote_addr future,
		struct queue *queue);

#endif
