/* What a suspended task waits for, and who holds that.
 *
 * The frames of asyncio's own modules at the inner end of a task's stack say it:
 * waits.c has a row for each that does, and the files wait_*.c read the objects
 * behind them.  A name alone proves nothing: the globals of the frame must be
 * those of asyncio's module, and the object of its class.  Where there is no such
 * frame, the future that the task is suspended on says it. */
#ifndef CPYTHON_WAITS_H
#define CPYTHON_WAITS_H

#include "cpython/tasks.h"

/* Equal ones are shared.  All of it is the arena's. */
struct wait_view {
	struct wait wait;
	/* The futures and tasks that are waited for; those that are tasks which
	 * are shown become wait.tasks. */
	const remote_addr *tasks;
	size_t task_count;
	/* Of a lock, semaphore or condition: what its holders hold; a condition
	 * stands for its lock. */
	remote_addr held;
	bool filled; /* its tasks are those of the model */
};

/* What is known while a wait is told. */
struct waiting {
	struct reader *reader;
	struct python *python;
	struct asyncio_names *names;
	const struct task_view *view;
	const struct frame_views *frames; /* of the task, outermost first */
	size_t first;                     /* where asyncio's own innermost frames begin */
	size_t at;                        /* the frame of the row */
	remote_addr self;                 /* its first variable `self`, or 0 */
	struct wait_view *wait;           /* to be filled in */
};

/* Reads the waited for task's wait at the frame of a row.  False where the
 * objects are not what its name promises: another frame may say it. */
typedef bool wait_reader(struct waiting *w);

/* Says that the task waits for these futures and tasks, or for those in the
 * container at `object`. */
void wait_for_tasks(struct waiting *w, const remote_addr *tasks, size_t count);
bool wait_for_items(struct waiting *w, remote_addr object);

/* wait_timers.c */
wait_reader wait_sleep;
/* Seconds from the moment of the snapshot until the TimerHandle at `handle` is
 * due, negative when overdue, NAN where that is not known or it was cancelled. */
double timer_left(struct reader *reader, struct asyncio_names *names, remote_addr handle);

/* wait_futures.c: what the future that a task is suspended on stands for. */
void wait_future(struct waiting *w);

/* fill_waits.c: makes the waits of the model, once its tasks are there. */
void fill_waits(struct reader *reader);

/* Tells what the task that was read last waits for; NULL where it does not. */
struct wait_view *wait_read(struct reader *reader, size_t index);

#endif
