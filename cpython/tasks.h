/* Tasks: finding them all, and reading each. */
#ifndef CPYTHON_TASKS_H
#define CPYTHON_TASKS_H

#include "base/buffer.h"
#include "cpython/awaited.h"
#include "cpython/chain.h"
#include "cpython/interpreters.h"
#include "cpython/pools.h"
#include "cpython/unfetched.h"
#include "cpython/iterations.h"
#include "cpython/python.h"
#include "cpython/task_list.h"

enum task_read {
	TASK_UNREAD, /* only found */
	TASK_PENDING,
	TASK_DONE, /* it is not shown */
	TASK_TORN, /* what was read makes no sense */
};

enum { NOBODY = UINT32_MAX };

struct task_view {
	remote_addr address;
	uint32_t interpreter;      /* index */
	uint32_t awaiter;          /* index of the only one, where it is known, or NOBODY */
	uint32_t round;            /* how often it was read */
	uint32_t queue_references; /* of its frames, to the queue that it gets from */
	enum task_read read : 8;
	bool native; /* an _asyncio.Task; otherwise its attributes are Python's */
	bool moved;  /* two readings of it differed */
	/* What it says, where it was read when it was found, or NULL.  It holds only as
	 * long as the target stands still. */
	const struct raw_task *raw;
	remote_addr loop;
	remote_addr waiter; /* the future that it is suspended on, or 0 */
	remote_addr coroutine;
	/* As hashes of what was read the last time: which task it is, all that it says
	 * of itself, and its links. */
	uint64_t identity, fingerprint, links;
	uint64_t since;         /* the reading of the reader from which on it is that task */
	struct wait_view *wait; /* waits.h; NULL unless it waits */
	struct task *task;      /* NULL until it was read, and unless it is pending */
};

/* Who waits for whom, by index; and by which reading of which task it was
 * found: one that was read again since has newer ones. */
struct link {
	uint32_t awaiter, awaited;
	uint32_t owner;
	uint32_t round;
	uint64_t reading;
};

struct links {
	struct link *items;
	size_t count;
	size_t capacity;
};

struct task_views {
	struct task_view *items;
	size_t count;
	size_t capacity;
	struct table index; /* address → place in items */
	bool any_foreign;   /* some are no _asyncio.Task */
	size_t last;        /* the one that was added or found again last */
};

/* Indexes of tasks, as they are read. */
struct task_order {
	uint32_t *items;
	size_t count;
	size_t capacity;
};

/* A coroutine that executes now, and where it is in a thread's frames. */
struct running {
	size_t task;               /* index */
	size_t thread;             /* index */
	size_t frame;              /* index into the frames of the thread */
	const struct stack *outer; /* frames of the coroutine's that are not among these */
	uint32_t round;            /* of the task */
};

/* Objects to look at, each once: waiters.c. */
struct queue {
	struct addresses items;
	struct table seen; /* used only once there are many */
	size_t next;
};

void queue_deinit(struct queue *queue);

void queue_clear(struct queue *queue);
void queue_add(struct queue *queue, remote_addr object);

/* A lock or semaphore that a task was found to hold, by which reading of it. */
struct holding {
	remote_addr object;
	size_t task; /* index */
	uint32_t round;
};

struct loop_view {
	remote_addr address;
	size_t interpreter;         /* index */
	const char *type;           /* the name of its class */
	const char *module;         /* of its class; NULL where it is asyncio's own */
	struct iteration iteration; /* that runs now */
	struct loop_work work;
	bool has_executor; /* the default one, which it makes when it is needed */
	struct pool executor;
	uint64_t ident; /* of the thread that it says it runs in, or 0 */
};

struct loop_views {
	struct loop_view *items;
	size_t count;
	size_t capacity;
	struct table index; /* address → place in items */
};

void loops_deinit(struct loop_views *loops);

/* What a function was found to wait for: waits.c. */
struct known_row {
	const struct code *code;
	remote_addr globals;
	const struct wait_row *row;
};

enum { KNOWN_ROWS = 32 };

/* What is so of all tasks whose frames are at the same instructions. */
struct place_facts {
	const struct stack *stack;
	bool holds_nothing; /* contexts.c */
	bool names_nothing; /* what it waits for is in no variable: waiters.c */
	bool is_noted;      /* unfetched.c has seen enough of its functions */
};

struct reader {
	struct python *python;
	const char *abiflags; /* of the sys module, or NULL */
	struct interpreter_views interpreters;
	struct thread_views threads;
	struct task_views tasks;
	struct arena raws;
	struct awaited awaited;
	struct task_order order;
	struct loop_views loops;
	struct links links;
	struct {
		struct holding *items;
		size_t count;
		size_t capacity;
	} holdings;
	struct known_row known_rows[KNOWN_ROWS]; /* by the address of the code */
	struct table known_waits;                /* lock, queue or the like → struct wait_view */
	struct table executing; /* generator → thread and frame that execute it */
	struct table orphans;   /* objects that only each other keep: orphans.c */
	struct table current;   /* the tasks that threads name as current */
	struct {
		struct running *items;
		size_t count;
		size_t capacity;
	} running;
	struct pools pools; /* once a task waits for one */
	struct unfetched unfetched;
	/* Reused for each task: */
	struct chain chain;
	struct place_facts facts; /* of where the frames of `chain` are, as far as is known */
	struct queue queue;
	struct buffer text;
	double now_s;      /* the moment of the snapshot by the target's monotonic clock */
	uint64_t misses;   /* of the memory, when the last block of tasks was begun */
	size_t sampled;    /* how many were fetched by a sample of them then, or 0 */
	bool scattered;    /* tasks that follow each other lie apart in memory */
	uint64_t readings; /* of tasks, so far */
	bool still;        /* the target does not run */
	bool unlocated;    /* asyncio's C module is there, but not known where its tasks are */
	bool repaired;     /* a list changed while it was walked */
	bool complete;     /* all lists were walked to their end */
	bool hidden;       /* frames of a thread are below a greenlet and cannot be read */
};

/* reader.c: begins with nothing, and frees what was read. */
void reader_init(struct reader *reader, struct python *python);
void reader_deinit(struct reader *reader);

/* Adds a task that was found, once each, and gives its index. */
size_t task_add(struct reader *reader, remote_addr address, size_t interpreter, bool native);

/* discover.c: adds all tasks that CPython lists. */
void tasks_discover(struct reader *reader);

/* batches.c: of a target that stands still, the order in which most of what tasks need
 * lies together; and reads all tasks that were found, and those that this finds. */
void tasks_order(struct reader *reader);
void tasks_read(struct reader *reader);

/* What is fetched together, as the tasks are gone through in their order.  Begins as {0}. */
struct batches {
	size_t next; /* place of the first task that nothing is fetched of yet */
	struct ahead *ahead;
};

/* Before the task at each place of the order, from 0 on, is read: fetches what that needs. */
void batches_reach(struct reader *reader, struct batches *batches, size_t place);

/* prefetch.c: what is fetched of a batch of tasks, before they are read.
 *
 * Of `count` tasks, from a place in the order on. */
struct ahead *ahead_begin(struct reader *reader, size_t first, size_t count);

/* Wants what is known by what was fetched so far; false where nothing is left to want. */
bool ahead_want(struct reader *reader, struct ahead *ahead);

/* Fetches what is left, and frees it: its tasks are read now. */
void ahead_finish(struct reader *reader, struct ahead *ahead);

/* tasks.c: reads the task at `index`, and what it is linked with. */
void task_read(struct reader *reader, size_t index);

/* The name of a task, which is kept as a number where it has not been given. */
const char *task_name_read(struct reader *reader, remote_addr object);

/* The frames of a chain, as a stack of the snapshot. */
const struct stack *chain_stack(struct python *python, const struct chain *chain);

/* A task that is done with an exception that nobody has fetched, NULL for others. */
struct task *task_read_unfetched(struct reader *reader, remote_addr address, size_t interpreter,
		bool native, remote_addr *loop);

/* waiters.c: adds the links of the task that was read last. */
void task_link(struct reader *reader, size_t index);

/* loops.c: reads the loops of the threads and tasks that have been read. */
void loops_read(struct reader *reader);

/* settle.c: for a target that runs on.  Reads again all tasks, and those that
 * change until what was read of them is of one instant; those that it cannot read
 * so are torn, and those that were replaced meanwhile are done.  Links that were
 * not certainly there go. */
void tasks_settle(struct reader *reader);

/* Whether a link is of the last reading of the task that it was found at. */
static inline bool link_is_current(const struct reader *reader, const struct link *link)
{
	return reader->tasks.items[link->owner].round == link->round;
}

/* Whether asyncio itself records who awaits the tasks of a TaskGroup of this task: from
 * 3.14 on, and among native tasks. */
static inline bool groups_are_recorded(const struct reader *reader, const struct task_view *view)
{
	return reader->python->layout->keeps_awaiters && view->native && !reader->tasks.any_foreign;
}

/* What a task says: as it was read when it was found, or read now. */
bool task_raw(const struct reader *reader, const struct task_view *view, struct raw_task *raw);

/* Whether the task is still the one that was read. */
bool task_is_same(struct reader *reader, size_t index);

/* Whether it is a task that somebody has cancelled, and that has not ended. */
bool task_is_cancelled(struct reader *reader, remote_addr address);

/* Whether an object is a task, and of which make. */
bool is_any_task(struct reader *reader, remote_addr object, size_t interpreter, bool *native);

#endif
