/* What a thread has below a greenlet.
 *
 * In a greenlet a thread's frames begin anew: those that it was started from are only in
 * the greenlet that waits for it.  SQLAlchemy's asyncio extension runs plain functions
 * so.  Where the task that runs is one of those that wait, its coroutine leads to them. */
#ifndef CPYTHON_GREENLETS_H
#define CPYTHON_GREENLETS_H

#include "cpython/interpreters.h"

/* Adds to the frames of a thread, which were read, those below the greenlet that runs.
 * False where there are some that cannot be read. */
bool greenlets_add_frames(struct python *python, struct thread_view *thread);

#endif
