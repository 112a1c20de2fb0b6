/* What was seen of each task from snapshot to snapshot.
 *
 * A task is the same one where its interpreter, address, name and coroutine are.
 * Nothing of a snapshot is kept: what is known of a task is a plain value, and
 * is forgotten once the task has ended.  Times are seconds of one clock. */
#ifndef MODEL_HISTORY_H
#define MODEL_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/array.h"
#include "base/table.h"
#include "model/growth.h"
#include "model/paths.h"
#include "model/snapshot.h"

enum { TRACK_NAME = 40, TRACK_PLACE = 96 }; /* bytes of what is kept to say who has ended */

struct track {
	uint64_t key;    /* of the task */
	uint64_t like;   /* the same for all that stand alike: of its group */
	uint64_t parent; /* the key of the first that waits for it, or 0 */
	uint64_t loop;   /* its id, or 0 */
	/* Where it was seen last. */
	uint64_t stack, place, waiter; /* the place: with what it waits for */
	double deadline_s, timeout_s;  /* when its sleep, or a timeout, ends; NAN: none */
	bool running, ready;
	uint8_t missed;         /* looks in a row that were not whole, and did not have it */
	bool from_the_first;    /* it was there in the first look */
	double born_s, since_s; /* first seen at all, and at this place */
	uint32_t born_look, moved_look; /* numbers of looks, from 1; 0: it has not moved */
	uint32_t looks, current, steps; /* how often it was seen, as current, elsewhere */
	char name[TRACK_NAME], where[TRACK_PLACE];
};

/* Like tasks that ended in one look, of one parent, or of like siblings. */
struct ended {
	uint64_t like, parent, loop;
	uint64_t family; /* the same for parents that are like siblings */
	uint32_t count, look;
	double at_s;
	char name[TRACK_NAME], where[TRACK_PLACE]; /* of one of them */
};

enum { ENDED_MAX = 256 };

struct tracks {
	ARRAY(struct track) items;
	struct table index; /* from a key to a place */
};

struct history {
	uint32_t look;
	struct tracks last, next;
	struct growth growth;
	struct ended ended[ENDED_MAX]; /* a ring */
	size_t ended_next, ended_count;
	uint64_t ended_total; /* tasks */
};

void history_deinit(struct history *history);

/* Takes in a snapshot that was taken at `now_s`, and adds the findings that took
 * time to it.  Then history->last.items has what is known of its tasks, each at
 * the task's index. */
void history_add(struct history *history, struct snapshot *snapshot, const struct paths *paths,
		double now_s);

#endif
