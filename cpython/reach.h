/* What code that is yet to run may get at: from the frames of tasks and threads, and
 * the callbacks of loops, along what objects refer to.
 *
 * It goes a few attributes far, to names of modules as far as the code in a frame has
 * them, and neither into futures and tasks, nor loops, modules and classes, from which
 * nearly all can be had.  So what is not reached may still be had in other ways. */
#ifndef CPYTHON_REACH_H
#define CPYTHON_REACH_H

#include "base/table.h"
#include "cpython/frames.h"
#include "cpython/modules.h"

struct reach {
	struct python *python;
	struct asyncio_names *names;
	const struct table *targets; /* what is looked for → its place, up to 63 */
	const struct table *driven;  /* generators that it does not go into */
	uint64_t found;              /* a bit for each place that was reached */
	struct table seen;
	struct addresses here, next; /* to be looked at in this step and the next one */
	struct addresses referents;  /* of the one that is looked at */
	int step;                    /* how far from where it began */
	bool is_full;                /* there was more near that than may be looked at */
};

void reach_init(struct reach *reach, struct python *python, struct asyncio_names *names,
		const struct table *targets, const struct table *driven);
void reach_deinit(struct reach *reach);

/* Where it begins: all that a frame has, or one object. */
void reach_frame(struct reach *reach, const struct frame_view *frame);
void reach_object(struct reach *reach, remote_addr object);

/* Does not go into this one. */
void reach_avoid(struct reach *reach, remote_addr object);

/* Goes on from there as far as it goes.  The bits of what was found: all of them
 * where not even all that is near could be looked at. */
uint64_t reach_targets(struct reach *reach);

#endif
