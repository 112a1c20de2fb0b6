/* A snapshot with all that is drawn of it: what takes time is made here, away
 * from the keys. */
#ifndef VIEW_PICTURE_H
#define VIEW_PICTURE_H

#include "model/forest.h"
#include "model/history.h"
#include "model/paths.h"
#include "model/snapshot.h"

/* What was seen over time of the tasks of a branch together. */
struct sum {
	double since_s; /* since the one that is stuck longest is there */
	uint64_t steps, looks, current;
	uint32_t born_look, moved_look; /* of the latest */
	double born_s, moved_s;
};

struct picture {
	unsigned holders; /* all of the thread of the keys */
	struct snapshot *snapshot;
	struct paths paths;
	struct forest forest;
	uint32_t levels; /* of the forest */
	double at_s;     /* when it was taken, as the history has it */
	uint32_t look;
	struct track *tracks; /* by the index of a task */
	struct sum *sums;     /* by that of a branch; of a reference empty */
	uint64_t *keys;       /* the identity of a branch from picture to picture */
	uint32_t *branch_of;  /* by the index of a task */
	struct ended *ended;
	size_t ended_count;
	uint64_t ended_total;
	struct table index; /* from the key of a task to its index */
};

/* Takes the snapshot and adds it to the history. */
struct picture *picture_create(
		struct snapshot *snapshot, struct history *history, uint32_t levels, double now_s);
/* One more holds it, and ends that by picture_destroy(). */
void picture_hold(struct picture *picture);
void picture_destroy(struct picture *picture);

/* Lays the forest out anew, where a screen has room for another depth. */
void picture_set_levels(struct picture *picture, uint32_t levels);

/* Adds what was seen of others. */
void sum_add(struct sum *sum, const struct sum *other);

/* What was seen of one task. */
struct sum picture_sum(const struct picture *picture, const struct task *task);

#endif
