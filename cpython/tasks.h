/* Tasks: finding them all, and reading each. */
#ifndef CPYTHON_TASKS_H
#define CPYTHON_TASKS_H

#include "cpython/chain.h"
#include "cpython/interpreters.h"
#include "cpython/python.h"

enum task_read {
	TASK_UNREAD, /* only found */
	TASK_PENDING,
	TASK_DONE, /* it is not shown */
	TASK_TORN, /* what was read makes no sense */
};

struct task_view {
	remote_addr address;
	size_t interpreter; /* index */
	bool native;        /* an _asyncio.Task; otherwise its attributes are Python's */
	enum task_read read;
	remote_addr loop;
	remote_addr waiter; /* the future that it is suspended on, or 0 */
	struct task *task;  /* NULL until it was read, and unless it is pending */
};

/* Who waits for whom, by index. */
struct link {
	size_t awaiter, awaited;
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
};

/* A coroutine that executes now, and where it is in a thread's frames. */
struct running {
	size_t task;   /* index */
	size_t thread; /* index */
	size_t frame;  /* index into the frames of the thread */
};

struct reader {
	struct python *python;
	struct interpreter_views interpreters;
	struct thread_views threads;
	struct task_views tasks;
	struct links links;
	struct table executing; /* generator → thread and frame that execute it */
	struct {
		struct running *items;
		size_t count;
		size_t capacity;
	} running;
	struct chain chain; /* reused for each task */
	bool repaired;      /* a list changed while it was walked */
	bool complete;      /* all lists were walked to their end */
};

/* Adds a task that was found, once each, and gives its index. */
size_t task_add(struct reader *reader, remote_addr address, size_t interpreter, bool native);

/* discover.c: adds all tasks that CPython lists. */
void tasks_discover(struct reader *reader);

/* tasks.c: reads the task at `index`, and what it is linked with. */
void task_read(struct reader *reader, size_t index);

/* waiters.c: adds the links of the task that was read last. */
void task_link(struct reader *reader, size_t index);

/* Whether the future or task at `address` is not done yet. */
bool future_is_pending(struct python *python, const struct asyncio_names *names,
		remote_addr address);

/* Whether an object is a task, and of which make. */
bool is_any_task(struct reader *reader, remote_addr object, size_t interpreter, bool *native);

#endif
