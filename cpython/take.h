/* Takes a snapshot of a live CPython process: the door to this folder. */
#ifndef CPYTHON_TAKE_H
#define CPYTHON_TAKE_H

#include <stdbool.h>

#include "base/error.h"
#include "model/snapshot.h"

struct take_options {
	bool no_argv;          /* leave the command line out: it may hold secrets */
	bool no_pause;         /* read the target while it runs */
	double pause_limit_us; /* how long it may be stopped in all */
	double second_look_s;  /* after what time loops that may be blocked, and tasks of
				  findings that may pass, are looked at again; 0: not at all */
};

/* On success `*snapshot` is the caller's, to end with snapshot_destroy(). */
struct error *take_snapshot(
		int pid, const struct take_options *options, struct snapshot **snapshot);

#endif
