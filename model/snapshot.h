/* A snapshot: what one CPython process was doing, as plain C values.
 *
 * cpython/ fills it; the views read it, when the target has long moved on.
 * Everything in it lives in `arena`.  Addresses of the target are identities
 * here, never followed.  Text is as base/utf8.h says, and never to be printed
 * as it is: render.h and view/json.h make it safe for their readers.
 * pid, tid and fd are as the namespace of the reader sees them. */
#ifndef MODEL_SNAPSHOT_H
#define MODEL_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/arena.h"
#include "model/tasklist.h"
#include "model/wait.h"

/* Where a file of Python code comes from: a user reads their own code first. */
enum origin { ORIGIN_USER, ORIGIN_SITE, ORIGIN_STDLIB };

/* A place in Python code.  Frames are shared: two that are equal in function,
 * file and line are the same object, so they may be compared by address. */
struct frame {
	const char *function; /* the qualified name */
	const char *file;     /* as the code object has it */
	int line;             /* from 1; 0 where there is none */
	enum origin origin;
};

/* Frames, outermost first.  Stacks are shared, as frames are. */
struct stack {
	uint32_t depth;
	uint32_t location; /* the frame that a user wants to see: model/location.h */
	const struct frame *const *frames;
};

struct interpreter {
	int64_t id;
	bool main;
};

struct loop {
	uint64_t id;        /* its address */
	const char *type;   /* the name of its class, or NULL */
	const char *module; /* of its class; NULL where it is asyncio's own */
	int64_t interpreter;
	int tid; /* the thread that runs it now, 0 for none */
	/* How long its callbacks have been running without a look at what is ready;
	 * NAN while they do not, and where that cannot be read. */
	double blocked_s;
	bool interrupted;       /* what runs is no callback: a signal came while it waited */
	bool idle;              /* it waits for something to do; false where that cannot be read */
	bool blocked_confirmed; /* a second look has found it in the same callback */
	int64_t callbacks;      /* of the iteration that is running; -1: unknown */
	int64_t ready, timers;  /* callbacks that are due, and timers; -1: unknown */
	double next_timer_s;    /* negative: overdue; NAN: none, or unknown */
	bool has_executor;      /* the default one; false where that cannot be read */
	struct {
		int64_t workers; /* that it may have; these are -1 where they are unknown */
		int64_t busy, queued;
	} executor;
};

struct thread {
	int64_t interpreter;
	int tid;          /* 0 where the kernel knows none any more */
	const char *name; /* or NULL */
	bool holds_gil;
	const struct loop *loop;         /* the one that runs in it, or NULL */
	const struct task *current_task; /* or NULL */
	const struct stack *stack;
};

/* What a worker of an executor does. */
struct work {
	const struct stack *stack; /* of its thread; NULL of a process */
	const char *function;      /* that it was given, or NULL */
};

/* An executor that works for asyncio. */
struct executor {
	uint64_t id;     /* its address */
	int64_t workers; /* that it may have; these are -1 where they are unknown */
	int64_t busy, queued;
	struct {
		struct work *items;
		size_t count;
	} work; /* of those that run a job, as far as it is known */
};

enum task_state {
	TASK_RUNNING, /* executing */
	TASK_READY,   /* what it waited for is there; its turn has not come */
	TASK_WAITING, /* suspended on something that is pending */
	TASK_ENDED,   /* done: only in snapshot.unfetched */
	TASK_STATES
};

struct task {
	uint64_t id; /* its address */
	const char *name;
	const char *type; /* the name of its class */
	int64_t interpreter;
	const struct loop *loop; /* or NULL */
	const char *coroutine;   /* qualified name of the outermost function, shared by all
				  that have the same; or NULL */
	const struct stack *stack;
	const struct wait *waiting_on; /* NULL unless it is waiting */
	uint64_t waiter;               /* the address of the future that it is suspended on, or 0 */
	const struct stack *created_at; /* where it was created; NULL where that is not kept */
	const char *exception;       /* that an ended one has: "ValueError: no such row"; or NULL */
	struct task_list awaited_by; /* who waits for it; the inverse of awaits */
	struct task_list awaits;
	uint32_t index; /* its place in snapshot.tasks */
	int tid;        /* the thread that runs its loop now, 0 for none */
	enum task_state state;
	int cancel_requests;
	bool must_cancel;
	bool current; /* the task that its thread names as current */
	/* It was cancelled, has caught that, and waits for something else. */
	bool cancelled_yet_waiting;
	/* ... inside the `except` or `finally` that this led to: it may be cleaning up. */
	bool handles_cancel;
	/* What a second look saw: it is done, or it waits for something else, or not at all. */
	bool gone, moved;
	bool orphan; /* only weak references keep it from outside: nothing can wake it */
};

enum snapshot_mode { SNAPSHOT_PAUSED, SNAPSHOT_RUNNING, SNAPSHOT_CORE };

struct snapshot {
	struct arena arena;

	struct timespec taken_at; /* UTC */
	int pid;
	char **command;         /* argv, ended by NULL; NULL where unknown or not wanted */
	const char *executable; /* or NULL */

	const char *python_version; /* "3.14.10" */
	bool free_threaded;
	bool debug; /* a Py_DEBUG build */

	enum snapshot_mode mode;
	bool consistent;
	unsigned attempts;
	double pause_us; /* how long the target was stopped, negative where it was not */
	double read_us;
	uint64_t bytes_read;
	uint64_t dropped; /* tasks that were there and could not be read */
	struct {
		const char **items;
		size_t count;
	} warnings;

	struct {
		struct interpreter *items;
		size_t count;
	} interpreters;
	struct {
		struct thread *items;
		size_t count;
	} threads;
	struct {
		struct loop *items;
		size_t count;
	} loops;
	struct {
		struct executor *items;
		size_t count;
	} executors;
	/* In the order of their creation, as far as it is known. */
	struct task_list tasks;
	/* Done tasks with an exception that nobody has fetched, as far as they were
	 * found; their stacks are where it was raised.  In no total and in no edge. */
	struct task_list unfetched;
	/* The places of all tasks, each after those that it waits for; NULL where there are
	 * cycles. */
	const uint32_t *order;
	/* Tasks that wait for each other, each in the order of the waiting. */
	struct {
		struct task_list *items;
		size_t count;
	} cycles;
	/* The most important first: model/finding.h. */
	struct {
		struct finding *items;
		size_t count;
	} findings;
};

struct snapshot *snapshot_create(void);
void snapshot_destroy(struct snapshot *snapshot);

/* Adds a warning; the text is the snapshot's. */
void snapshot_warn(struct snapshot *snapshot, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

/* The words of the JSON output. */
const char *task_state_name(enum task_state state);
const char *snapshot_mode_name(enum snapshot_mode mode);

#endif
