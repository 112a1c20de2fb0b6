/* Interpreters and their threads, as CPython lists them. */
#ifndef CPYTHON_INTERPRETERS_H
#define CPYTHON_INTERPRETERS_H

#include "cpython/frames.h"
#include "cpython/modules.h"
#include "cpython/python.h"

struct interpreter_view {
	remote_addr address;
	int64_t id;
	bool main;
	remote_addr sysdict;
	struct asyncio_names asyncio;
};

struct thread_view {
	remote_addr address; /* of the PyThreadState */
	size_t interpreter;  /* index */
	uint64_t inner_tid;  /* as its own pid namespace counts */
	uint64_t ident;      /* as threading.get_ident() */
	remote_addr current_frame;
	remote_addr running_loop; /* 0: none */
	remote_addr running_task; /* 0: none; any object */
	bool holds_gil;
	const char *name;          /* interned, or NULL */
	struct frame_views frames; /* innermost first */
};

struct interpreter_views {
	struct interpreter_view *items;
	size_t count;
	size_t capacity;
};

struct thread_views {
	struct thread_view *items;
	size_t count;
	size_t capacity;
};

/* Adds all interpreters and threads; false where a list could not be read to
 * its end.  Sets `repaired` where one had to be read again.  Of a target that is
 * not `still`, lists of threads count when they were read twice alike: one thread
 * whose memory belongs to another by now may hide all others.  Frames are not read
 * yet. */
bool interpreters_read(struct python *python, remote_addr runtime, bool still,
		struct interpreter_views *interpreters, struct thread_views *threads,
		bool *repaired);
void threads_deinit(struct thread_views *threads);

/* The ident of the thread that a loop of asyncio's own says it runs in, or 0. */
uint64_t loop_ident(struct python *python, remote_addr loop);

#endif
