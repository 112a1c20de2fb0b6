/* What asyncio's own modules are called in an interpreter, and where.
 *
 * They are looked up in sys.modules once, so that a class, or the globals of a
 * frame, can be told from another of the same name. */
#ifndef CPYTHON_MODULES_H
#define CPYTHON_MODULES_H

#include "cpython/python.h"

/* asyncio's own come first. */
enum module {
	MODULE_TASKS,
	MODULE_FUTURES,
	MODULE_TASKGROUPS,
	MODULE_TIMEOUTS,
	MODULE_EXCEPTIONS,
	MODULE_LOCKS,
	MODULE_QUEUES,
	MODULE_STREAMS,
	MODULE_THREADS,
	MODULE_RUNNERS,
	MODULE_STAGGERED,
	MODULE_EVENTS,
	MODULE_BASE_EVENTS,
	MODULE_SELECTOR_EVENTS,
	MODULE_UNIX_EVENTS,
	MODULE_SSLPROTO,
	MODULE_SUBPROCESS,
	MODULE_BASE_SUBPROCESS,
	MODULE_TRSOCK,
	ASYNCIO_MODULES,
	MODULE_C_ASYNCIO = ASYNCIO_MODULES,
	MODULE_THREADING,
	MODULE_CONTEXTLIB,
	MODULE_TRACEBACK,
	MODULE_CONCURRENT_BASE,
	MODULE_CONCURRENT_THREAD,
	MODULE_CONCURRENT_PROCESS,
	MODULE_SOCKET,
	MODULE_SELECTORS,
	MODULE_UVLOOP,
	MODULES
};

/* Classes of these modules that asyncio_class() finds. */
enum class {
	CLASS_LOCK,
	CLASS_EVENT,
	CLASS_CONDITION,
	CLASS_SEMAPHORE,
	CLASS_BOUNDED_SEMAPHORE,
	CLASS_BARRIER,
	CLASS_QUEUE,
	CLASS_TASK_GROUP,
	CLASS_TIMEOUT,
	CLASS_HANDLE,
	CLASS_TIMER_HANDLE,
	CLASS_BASE_LOOP,
	CLASS_SERVER,
	CLASS_STREAM_READER,
	CLASS_FLOW_CONTROL,
	CLASS_SELECTOR_TRANSPORT,
	CLASS_SUBPROCESS_TRANSPORT,
	CLASS_ASYNC_GENERATOR_MANAGER,
	CLASS_ASYNC_EXIT_STACK,
	CLASS_ACLOSING,
	CLASS_CANCELLED_ERROR,
	CLASS_FRAME_SUMMARY,
	CLASS_CONCURRENT_FUTURE,
	CLASS_WORK_ITEM,
	CLASS_THREAD_POOL,
	CLASS_PROCESS_POOL,
	CLASS_STREAM_WRITER,
	CLASS_SENDFILE_PROTOCOL,
	CLASS_READ_PIPE_TRANSPORT,
	CLASS_WRITE_PIPE_TRANSPORT,
	CLASS_TLS_TRANSPORT,
	CLASS_TLS_PROTOCOL,
	CLASS_PROCESS,
	CLASS_TRANSPORT_SOCKET,
	CLASS_SOCKET,
	CLASS_UVLOOP_TCP,
	CLASS_UVLOOP_UNIX,
	CLASS_UVLOOP_READ_PIPE,
	CLASS_UVLOOP_WRITE_PIPE,
	CLASSES
};

enum { CURRENT_DICTS = 2 };

struct asyncio_names {
	bool imported;
	bool native;                  /* its C module is imported too */
	remote_addr modules[MODULES]; /* the __dict__ of each, 0 where it is not imported */
	remote_addr other;            /* that was met last, and is no module of asyncio's own */
	/* classes that every snapshot needs */
	remote_addr py_task, py_future, gathering_future, as_completed;
	/* those that only some do: asyncio_class() */
	remote_addr classes[CLASSES];
	bool class_sought[CLASSES];
	/* sets of tasks that are no _asyncio.Task, and before 3.14 of all */
	remote_addr scheduled_tasks, eager_tasks;       /* asyncio's own Python Task */
	remote_addr foreign_tasks, foreign_eager_tasks; /* that the C module was told of */
	/* dicts: loop → current task, of the same tasks */
	remote_addr current_tasks[CURRENT_DICTS];
	remote_addr active_threads; /* of the threading module, a dict: ident → Thread */
};

/* `modules` is sys.modules, `sysdict` what sys_text() will look into.  What is missing
 * stays 0. */
void asyncio_names_read(struct python *python, remote_addr modules, remote_addr sysdict,
		struct asyncio_names *names);

/* A class of asyncio's or of what it builds on, 0 where it is not imported. */
remote_addr asyncio_class(struct python *python, struct asyncio_names *names, enum class class);

/* Whether an object is of that class, or of one made from it. */
bool is_instance(struct python *python, struct asyncio_names *names, remote_addr object,
		enum class class);

/* Whether the globals of a frame are those of a module of asyncio's own. */
bool is_asyncio(struct asyncio_names *names, remote_addr globals);

/* A text of the sys module, interned, or NULL. */
const char *sys_text(struct python *python, remote_addr sysdict, const char *name);

/* The names of the threads: adds ident and the str of its name, in turn. */
void thread_names_read(struct python *python, const struct asyncio_names *names,
		struct addresses *idents_and_names);

#endif
