/* Groups of like tasks that only grow: the finding `growth`, which takes time.
 *
 * Each look counts the tasks of each group, and says of which groups a task has
 * moved on or ended: such a group begins anew.
 *
 *	growth_add(&growth, key);        for each task
 *	growth_move(&growth, key);       where one of the group has moved on or ended
 *	growth_end_look(&growth, now);
 *	growth_of(&growth, key)          whether it is a finding now */
#ifndef MODEL_GROWTH_H
#define MODEL_GROWTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/array.h"
#include "base/table.h"

/* The condition; asynctree(1) has these numbers. */
enum {
	GROWTH_SECONDS = 60, /* so long, in so many looks ... */
	GROWTH_LOOKS = 10,
	GROWTH_LOOKS_ALONE = 100, /* ... or in so many, however short */
	GROWTH_TASKS = 10,        /* it has so many tasks more, ... */
	GROWTH_RISES = 3,         /* and became larger so often */
};

struct growth_group {
	uint64_t key;
	uint32_t count, before; /* tasks, and those when it began */
	uint32_t looks, rises;  /* since then */
	double began_s, rose_s; /* the last time */
	bool moved;
};

struct growth_look {
	ARRAY(struct growth_group) groups;
	struct table index; /* from a key to a place, plus 1 */
};

struct growth {
	struct growth_look last, next;
	double last_s;
};

void growth_deinit(struct growth *growth);
void growth_add(struct growth *growth, uint64_t key);
void growth_move(struct growth *growth, uint64_t key);
void growth_end_look(struct growth *growth, double now_s);

/* The group where it meets the condition, or NULL. */
const struct growth_group *growth_of(const struct growth *growth, uint64_t key);

#endif
