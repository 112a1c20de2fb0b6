/* What asyncio's own modules are called in an interpreter, and where.
 *
 * They are looked up in sys.modules once, so that a class, or the globals of a
 * frame, can be told from another of the same name. */
#ifndef CPYTHON_MODULES_H
#define CPYTHON_MODULES_H

#include "cpython/python.h"

struct asyncio_names {
	bool imported;
	/* the __dict__ of the modules */
	remote_addr tasks, futures, taskgroups, threading;
	/* classes */
	remote_addr py_task, py_future, gathering_future, task_group, as_completed;
	/* sets of tasks that are no _asyncio.Task */
	remote_addr scheduled_tasks, eager_tasks;     /* asyncio's own Python Task */
	remote_addr foreign_tasks, foreign_eager_tasks; /* of third parties */
	/* a dict: loop → current task, of those that are no _asyncio.Task */
	remote_addr current_tasks;
};

/* `modules` is sys.modules.  What is missing stays 0. */
void asyncio_names_read(struct python *python, remote_addr modules, struct asyncio_names *names);

/* A text of the sys module, interned, or NULL. */
const char *sys_text(struct python *python, remote_addr sysdict, const char *name);

/* The names of the threads: adds ident and the str of its name, in turn. */
void thread_names_read(struct python *python, const struct asyncio_names *names,
		struct addresses *idents_and_names);

#endif
