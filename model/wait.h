/* What a suspended task waits for.
 *
 * A number is -1, a time NAN and a pointer NULL where it is not known. */
#ifndef MODEL_WAIT_H
#define MODEL_WAIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/tasklist.h"

enum wait_kind {
	WAIT_UNKNOWN,
	WAIT_SLEEP,
	WAIT_TASK,
	WAIT_GATHER,
	WAIT_WAIT, /* asyncio.wait() */
	WAIT_AS_COMPLETED,
	WAIT_TASKGROUP,
	WAIT_SHIELD,
	WAIT_FUTURE,
	WAIT_EVENT,
	WAIT_BARRIER,
	WAIT_LOCK,
	WAIT_SEMAPHORE,
	WAIT_CONDITION,
	WAIT_QUEUE_GET,
	WAIT_QUEUE_PUT,
	WAIT_QUEUE_JOIN,
	WAIT_SOCKET,
	WAIT_STREAM,
	WAIT_PIPE,
	WAIT_PROCESS,
	WAIT_EXECUTOR,
	WAIT_KINDS
};

struct wait {
	enum wait_kind kind;
	uint64_t object;        /* the address of what is waited for, 0 where unknown */
	struct task_list tasks; /* those that it waits for: not who may end it */
	double timeout_s;       /* until a timeout around it ends it */
	union {
		struct {
			double remaining_s; /* negative: it is overdue */
		} sleep;
		/* gather, wait, as-completed, taskgroup */
		struct {
			int64_t pending, total;
			/* Where the total is not known, and none can be added: they were
			 * so many, or more. */
			int64_t least;
		} group;
		/* event, barrier, lock, semaphore, condition */
		struct {
			int64_t waiters;
			/* Those that were found: an empty list does not say that nobody
			 * holds it. */
			struct task_list holders;
			int64_t value, bound; /* of a semaphore */
			int64_t parties;      /* of a barrier: how many it takes */
		} lock;
		/* queue-get, queue-put, queue-join */
		struct {
			int64_t size, maxsize; /* maxsize 0: there is none */
			int64_t getters, putters;
			/* Nothing else was found that may use it than the tasks that are
			 * suspended on it, and those that wait for these. */
			bool deserted;
		} queue;
		/* socket, stream, pipe */
		struct {
			int64_t fd;
			const char *op;           /* connect, accept, read, write, drain, ... */
			const char *local, *peer; /* addresses, or what stands for them */
		} io;
		struct {
			int64_t pid;
			const char **argv; /* ended by NULL */
		} process;
		struct {
			const char *function;      /* qualified name */
			const char *state;         /* "running" or "queued" */
			int64_t tid;               /* of the worker that runs it */
			const struct stack *stack; /* of that thread, or NULL */
			int64_t pool_size, pool_queue;
			uint64_t pool; /* the address of the executor, 0 where unknown */
		} executor;
	};
};

/* The word of the JSON output. */
const char *wait_kind_name(enum wait_kind kind);

/* Sets of kinds, as bits. */
#define WAIT_BIT(kind) (1u << WAIT_##kind)
enum {
	WAITS_FOR_GROUPS = WAIT_BIT(GATHER) | WAIT_BIT(WAIT) | WAIT_BIT(AS_COMPLETED) |
			   WAIT_BIT(TASKGROUP),
	WAITS_FOR_LOCKS = WAIT_BIT(LOCK) | WAIT_BIT(SEMAPHORE) | WAIT_BIT(CONDITION),
	WAITS_FOR_QUEUES = WAIT_BIT(QUEUE_GET) | WAIT_BIT(QUEUE_PUT) | WAIT_BIT(QUEUE_JOIN),
	WAITS_FOR_IO = WAIT_BIT(SOCKET) | WAIT_BIT(STREAM) | WAIT_BIT(PIPE),
	WAITS_FOR_SHARED = WAITS_FOR_LOCKS | WAITS_FOR_QUEUES | WAIT_BIT(EVENT) | WAIT_BIT(BARRIER),
};

/* Whether many tasks may wait for the same object of that kind. */
static inline bool wait_is_shared(enum wait_kind kind)
{
	return WAITS_FOR_SHARED >> kind & 1;
}

/* Whether tasks may hold what it is for: what wait.lock.holders is about. */
static inline bool wait_has_holders(enum wait_kind kind)
{
	return WAITS_FOR_LOCKS >> kind & 1;
}

/* Whether it is for many futures and tasks: what wait.group is about. */
static inline bool wait_is_group(enum wait_kind kind)
{
	return WAITS_FOR_GROUPS >> kind & 1;
}

/* Whether it is for a descriptor: what wait.io is about. */
static inline bool wait_is_io(enum wait_kind kind)
{
	return WAITS_FOR_IO >> kind & 1;
}

/* What is said of a wait besides its kind: one row for each key in JSON. */
enum wait_value {
	WAIT_COUNT,   /* int64_t, -1: null */
	WAIT_SECONDS, /* double, NAN: null */
	WAIT_TASKS,   /* struct task_list: ids */
	WAIT_TEXT,    /* const char *, or NULL */
	WAIT_WORDS,   /* const char **, or NULL */
};

struct wait_field {
	unsigned kinds; /* bits, 1 << kind */
	const char *key;
	enum wait_value type;
	size_t offset; /* in struct wait */
};

extern const struct wait_field wait_fields[];
extern const size_t wait_field_count;

#endif
