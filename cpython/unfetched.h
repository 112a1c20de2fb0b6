/* Done tasks whose exception nobody has fetched.
 *
 * No list has them: what keeps such a task is a variable of the program.  So the
 * variables of the user's functions in which tasks and threads are, those of their
 * modules, and what they refer to, are looked through, as far as that is cheap. */
#ifndef CPYTHON_UNFETCHED_H
#define CPYTHON_UNFETCHED_H

#include "cpython/frames.h"
#include "cpython/python.h"

struct reader;

/* An object that a variable refers to, directly or not. */
struct kept {
	remote_addr object;
	uint32_t interpreter; /* index */
};

/* What was found. */
struct ended {
	struct task *task;
	remote_addr loop;
};

struct unfetched {
	ARRAY(struct kept) kept;       /* where the search begins */
	struct table functions;        /* code → how many frames of it were looked at */
	const struct code *enough[64]; /* those of which no more are: a shortcut */
	struct table modules;          /* their globals */
	ARRAY(struct ended) tasks;
};

void unfetched_deinit(struct unfetched *unfetched);

/* Notes what the frames of the task that was read last refer to. */
void unfetched_note_task(struct reader *reader, size_t index);

/* Searches, once all tasks have been read. */
void unfetched_find(struct reader *reader);

#endif
