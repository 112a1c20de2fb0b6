/* What event loops do: their ready callbacks and timers, and the iteration that
 * runs now (Lib/asyncio/base_events.py, BaseEventLoop). */
#ifndef CPYTHON_ITERATIONS_H
#define CPYTHON_ITERATIONS_H

#include "cpython/frames.h"
#include "cpython/modules.h"

/* A running _run_once(): it waits for what is ready, then runs callbacks. */
struct iteration {
	bool found;
	bool calls; /* its callbacks run; the rest is known only then */
	remote_addr frame;
	double began_s;       /* when they began, by the target's monotonic clock */
	int64_t index, count; /* of the callback that runs, and of all */
	/* The frame that runs although it waits, as of a signal handler, and its code; 0: none.
	 * When that began is not known. */
	remote_addr handler, handler_code;
};

/* The loop whose iteration runs in this frame of a thread, 0 where none does. */
remote_addr iteration_loop(struct python *python, const struct asyncio_names *names,
		const struct frame_view *frame);
/* `place` is that of its frame in those of the thread. */
void iteration_read(struct python *python, const struct asyncio_names *names,
		const struct frame_views *frames, size_t place, struct iteration *iteration);

bool iteration_is_same(const struct iteration *a, const struct iteration *b);

struct loop_work {
	int64_t ready, timers; /* -1: not known */
	double next_timer;     /* when the next one is due, NAN: none, or not known */
};

/* What the loop has to do.  Loops that are none of asyncio's say nothing. */
void loop_work_read(struct python *python, struct asyncio_names *names, remote_addr loop,
		struct loop_work *work);

#endif
