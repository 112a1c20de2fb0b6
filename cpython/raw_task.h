/* What a task object says, native or not, before any of it is followed.
 *
 * Native ones are TaskObj of Modules/_asynciomodule.c, by the published offsets;
 * those of Python's own make have the same as attributes (Lib/asyncio/tasks.py). */
#ifndef CPYTHON_RAW_TASK_H
#define CPYTHON_RAW_TASK_H

#include "cpython/modules.h"
#include "cpython/python.h"

struct raw_task {
	const struct type *type;
	remote_addr loop, waiter, coroutine, name;
	remote_addr source; /* where it was created */
	remote_addr exception;
	remote_addr awaited_by; /* of a native one: a task or future, or a set of them */
	uint32_t references;    /* to a native one: reference_count() */
	int cancel_requests;
	bool pending;
	bool shared; /* `awaited_by` is a set */
	bool must_cancel;
	bool unfetched; /* it is done with an exception that nobody has fetched */
};

/* False where there is no such task. */
bool raw_task_read(struct python *python, remote_addr address, bool native, struct raw_task *raw);

/* Whether a future or task is not done yet, as far as is known. */
bool future_is_pending(
		struct python *python, const struct asyncio_names *names, remote_addr address);

#endif
