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

/* Whether a snapshot has them, and what else is said of tasks because of them:
 * `make WAITS=0` leaves it out, to measure what it costs. */
#ifndef WAITS
#define WAITS 1
#endif

/* The arena's. */
struct wait_view {
	struct wait wait;
	/* The futures and tasks that are waited for; those that are tasks which
	 * are shown become wait.tasks. */
	const remote_addr *tasks;
	uint32_t task_count;
	uint32_t worker; /* of an executor: index + 1 of its thread, or 0 */
	/* Of a lock, semaphore or condition: what its holders hold; a condition
	 * stands for its lock. */
	remote_addr held;
	bool counts_tasks; /* those that are shown are pending, on top of group.pending */
};

/* What is known while a wait is told. */
struct waiting {
	struct reader *reader;
	struct python *python;
	struct asyncio_names *names;
	size_t index; /* of the task */
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

/* Takes the facts of the object `w->self`, of which many tasks may wait for; they
 * are read once a snapshot.  False where it is not of that class. */
typedef void wait_facts(struct waiting *w);
bool wait_once(struct waiting *w, enum class class, wait_facts *read);

/* wait_locks.c, wait_queues.c */
wait_reader wait_event, wait_barrier, wait_lock, wait_semaphore, wait_condition;
wait_reader wait_queue_get, wait_queue_put, wait_queue_join;
/* A variable of the frame of the row, whether inner functions share it or not. */
bool wait_variable(struct waiting *w, const char *name, remote_addr *value);

/* How often the frames of a task refer to an object: strong references, that are counted. */
uint32_t frame_references(
		struct python *python, const struct frame_views *frames, remote_addr object);

/* queue_users.c: finds the queues that nobody is left to use, once all tasks were
 * read. */
void queue_users_read(struct reader *reader);

/* wait_timers.c */
wait_reader wait_sleep;
/* Seconds from the moment of the snapshot until the TimerHandle at `handle` is
 * due, negative when overdue, NAN where that is not known or it was cancelled. */
double timer_left(struct reader *reader, struct asyncio_names *names, remote_addr handle);

/* The lesser of two times; either may be NAN, which is no time. */
double sooner(double a, double b);

/* wait_io.c */
wait_reader wait_socket_read, wait_socket_write, wait_socket_connect, wait_socket_accept,
		wait_socket_made, wait_socket_accepted, wait_open_connection, wait_stream_read,
		wait_stream_drain, wait_stream_close, wait_protocol_drain, wait_sendfile,
		wait_sendfile_drain, wait_pipe_made, wait_handshake, wait_stream_handshake,
		wait_server, wait_server_closed;

/* wait_children.c */
wait_reader wait_process, wait_communicate, wait_process_transport, wait_process_made,
		wait_process_starts;

/* wait_futures.c: what the future that a task is suspended on stands for, and what
 * one stands for that asyncio waits for in another way. */
void wait_future(struct waiting *w);
wait_reader wait_cancelled, wait_in_time;

/* wait_groups.c: many futures and tasks. */
wait_reader wait_set, wait_task_group, wait_as_completed, wait_completion, wait_staggered;
void wait_gather(struct waiting *w, remote_addr future);

/* wait_executors.c: the job that a concurrent.futures.Future stands for; false
 * where it is no executor's. */
bool wait_job(struct waiting *w, remote_addr future);
wait_reader wait_to_thread, wait_resolver, wait_executor_ends;

/* fill_waits.c: makes the waits of the model, once its tasks are there. */
void fill_waits(struct reader *reader);

/* Forgets the objects that were read: they may have changed since. */
void waits_forget(struct reader *reader);

/* Tells what the task that was read last waits for; NULL where it does not. */
struct wait_view *wait_read(struct reader *reader, size_t index);

#endif
