/* A snapshot with all that is drawn of it: see picture.h. */
#include "view/picture.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/* Of two like branches under one the second gets another key. */
static uint64_t unique_key(struct table *seen, uint64_t key)
{
	bool added;

	for (table_add(seen, key, &added); !added; table_add(seen, key, &added))
		key = hash_mix(key, 1);
	return key;
}

static uint64_t key_of(const struct picture *picture, const struct branch *branch)
{
	const struct track *track = &picture->tracks[branch->tasks[0]->index];
	uint64_t above = branch->parent == NO_BRANCH ? 0 : picture->keys[branch->parent];

	if (branch->reference)
		return hash_mix(hash_mix(above, track->key), 1);
	return branch->count > 1 || branch->links > 1 ? hash_mix(above, track->like) : track->key;
}

void sum_add(struct sum *sum, const struct sum *other)
{
	if (!sum->looks || other->since_s < sum->since_s)
		sum->since_s = other->since_s;
	sum->steps += other->steps;
	sum->looks += other->looks;
	sum->current += other->current;
	if (other->born_look > sum->born_look) {
		sum->born_look = other->born_look;
		sum->born_s = other->born_s;
	}
	if (other->moved_look > sum->moved_look) {
		sum->moved_look = other->moved_look;
		sum->moved_s = other->moved_s;
	}
}

struct sum picture_sum(const struct picture *picture, const struct task *task)
{
	const struct track *track = &picture->tracks[task->index];

	return (struct sum){
		.since_s = track->since_s,
		.steps = track->steps,
		.looks = track->looks,
		.current = track->current,
		.born_look = track->from_the_first ? 0 : track->born_look,
		.born_s = track->born_s,
		.moved_look = track->moved_look,
		.moved_s = track->since_s,
	};
}

static void fill_branches(struct picture *picture)
{
	const struct forest *forest = &picture->forest;
	struct table seen = { 0 };

	picture->sums = alloc_zeroed((size_t)forest->count + 1, sizeof(*picture->sums));
	picture->keys = alloc_zeroed((size_t)forest->count + 1, sizeof(*picture->keys));
	for (uint32_t i = 0; i < forest->count; i++) {
		const struct branch *branch = &forest->branches[i];
		picture->keys[i] = unique_key(&seen, key_of(picture, branch));
		for (uint32_t k = 0; k < branch_tasks(branch); k++) {
			struct sum sum = picture_sum(picture, branch->tasks[k]);
			sum_add(&picture->sums[i], &sum);
			picture->branch_of[branch->tasks[k]->index] = i;
		}
	}
	table_deinit(&seen);
}

static void forget_branches(struct picture *picture)
{
	forest_deinit(&picture->forest);
	free(picture->sums);
	free(picture->keys);
}

struct picture *picture_create(
		struct snapshot *snapshot, struct history *history, uint32_t levels, double now_s)
{
	struct picture *picture = alloc_zeroed(1, sizeof(*picture));
	size_t count = snapshot->tasks.count;
	bool added;

	picture->holders = 1;
	picture->snapshot = snapshot;
	picture->levels = levels;
	picture->at_s = now_s;
	paths_init(&picture->paths, snapshot);
	history_add(history, snapshot, &picture->paths, now_s);
	picture->look = history->look;
	picture->tracks = alloc_zeroed(count + 1, sizeof(*picture->tracks));
	if (count)
		memcpy(picture->tracks, history->last.items.items,
				count * sizeof(*picture->tracks));
	for (uint32_t i = 0; i < count; i++)
		*table_add(&picture->index, picture->tracks[i].key, &added) = i;
	picture->ended = alloc_zeroed(history->ended_count + 1, sizeof(*picture->ended));
	memcpy(picture->ended, history->ended, history->ended_count * sizeof(*picture->ended));
	picture->ended_count = history->ended_count;
	picture->ended_total = history->ended_total;
	picture->branch_of = alloc_zeroed(count + 1, sizeof(*picture->branch_of));
	forest_init_by_age(&picture->forest, snapshot, levels);
	fill_branches(picture);
	return picture;
}

void picture_set_levels(struct picture *picture, uint32_t levels)
{
	if (picture->levels == levels)
		return;
	forget_branches(picture);
	picture->levels = levels;
	forest_init_by_age(&picture->forest, picture->snapshot, levels);
	fill_branches(picture);
}

void picture_hold(struct picture *picture)
{
	picture->holders++;
}

void picture_destroy(struct picture *picture)
{
	if (!picture || --picture->holders)
		return;
	forget_branches(picture);
	paths_deinit(&picture->paths);
	table_deinit(&picture->index);
	snapshot_destroy(picture->snapshot);
	free(picture->tracks);
	free(picture->branch_of);
	free(picture->ended);
	free(picture);
}
