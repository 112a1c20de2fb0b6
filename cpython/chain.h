/* The chain of awaits below a coroutine: what it awaits, what that awaits,
 * down to the future, or whatever else, that it is suspended on. */
#ifndef CPYTHON_CHAIN_H
#define CPYTHON_CHAIN_H

#include "base/table.h"
#include "cpython/frames.h"
#include "cpython/python.h"

enum chain_end {
	CHAIN_LEAF,      /* at `leaf`: a future, or something that is not known */
	CHAIN_CREATED,   /* has not started */
	CHAIN_SUSPENDED, /* at a yield of a generator */
	CHAIN_EXECUTING,
	CHAIN_DRIVEN, /* what it awaits executes, and it does not: see is_torn() */
	CHAIN_FINISHED,
	CHAIN_OPAQUE, /* no coroutine of CPython */
	CHAIN_TORN,   /* what was read makes no sense: it changed meanwhile */
};

struct chain {
	struct frame_views frames; /* outermost first */
	enum chain_end end;
	remote_addr leaf;
	bool hashes;   /* set by who wants the next one */
	uint64_t hash; /* of the objects that it leads through */
	/* Whether its frames are at the same instructions as those of the walk before, so
	 * that all that follows from where they are is the same. */
	bool alike;
	struct addresses places; /* the instructions, and the end, of the walk before */
	enum chain_end places_end;
};

void chain_deinit(struct chain *chain);
void chain_walk(struct python *python, remote_addr coroutine, struct chain *chain);

/* Of an executing chain: goes on to the innermost frame that is among `executing`, the
 * generators in the frames of threads; false where there is none.  Before 3.14 what
 * throws an exception into anything but a coroutine or generator leaves the frames
 * outside of that as they were suspended, some of them in no thread
 * (Objects/genobject.c: _gen_throw()). */
bool chain_enter_thrown(struct python *python, struct chain *chain, const struct table *executing);

#endif
