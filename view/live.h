/* The live view: a process watched on a terminal.
 *
 * Who takes the snapshots is the caller's business. */
#ifndef VIEW_LIVE_H
#define VIEW_LIVE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "model/snapshot.h"
#include "render.h"

struct live_source {
	/* Takes one snapshot, and stops the process meanwhile where `pauses`.  It is
	 * called in a thread of its own, and may still run when live_run() is over. */
	struct error *(*take)(void *context, bool pauses, struct snapshot **snapshot);
	/* Why there is no more to be taken, or NULL; called in that thread, too. */
	struct error *(*check)(void *context);
	/* The text of a source file as the process has it, NULL where it cannot be
	 * read; it is the caller's.  In a thread of its own, too. */
	char *(*read_source)(void *context, const char *file, size_t *length);
	void *context;
};

struct live_options {
	double interval_s;
	bool pauses;
	struct render_options render;
};

enum live_end {
	LIVE_QUIT,
	LIVE_SIGNAL, /* a signal asked for it: which one is in `signal` */
	LIVE_FAILED, /* the first snapshot could not be taken: `error` */
	LIVE_NO_TERMINAL,
	LIVE_UNKNOWN_TERMINAL, /* by TERM */
	LIVE_NO_THREAD,
};

struct live_result {
	enum live_end end;
	int signal;
	struct error *error; /* the caller's */
};

struct live_result live_run(const struct live_source *source, const struct live_options *options);

/* Gives the terminal back at once, where the program has to end by _exit(). */
void live_abandon(void);

#endif
