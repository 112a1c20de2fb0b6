/* What tasks share and which of them move: see motion.h.
 *
 * From the tasks that move by themselves it walks to all that wait for these. */
#include "model/motion.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/array.h"
#include "base/table.h"

enum { KIND_SHIFT = 58 }; /* addresses have fewer bits */

struct walk {
	struct motion *motion;
	/* By the index of a task: where its part of `held`, shared objects, begins. */
	uint32_t *begin, *held;
	bool *done; /* a shared object's waiters move */
	ARRAY(const struct task *) found;
};

/* Gives what each task waits for a number, from 1, in the order in which they are met;
 * 0 for what is no shared object. */
static uint32_t number_shared(const struct task_list *tasks, uint32_t *shared_of)
{
	struct table places = { 0 };
	uint32_t count = 0;
	bool added;

	for (uint32_t i = 0; i < tasks->count; i++) {
		const struct wait *wait = tasks->items[i]->waiting_on;

		shared_of[i] = 0;
		if (!wait || !wait->object || !wait_is_shared(wait->kind))
			continue;
		uint64_t *place = table_add(
				&places, wait->object ^ (uint64_t)wait->kind << KIND_SHIFT, &added);
		if (added)
			*place = ++count;
		shared_of[i] = (uint32_t)*place;
	}
	table_deinit(&places);
	return count;
}

static void find_waiters(
		struct motion *motion, struct snapshot *snapshot, const uint32_t *shared_of)
{
	const struct task_list *tasks = &snapshot->tasks;

	motion->shared = alloc_zeroed(motion->shared_count, sizeof(*motion->shared));
	for (uint32_t i = 0; i < tasks->count; i++)
		if (shared_of[i])
			motion->shared[shared_of[i] - 1].waiters.count++;
	for (uint32_t i = 0; i < motion->shared_count; i++) {
		struct task_list *waiters = &motion->shared[i].waiters;
		waiters->items = arena_alloc(
				&snapshot->arena, waiters->count, sizeof(*waiters->items));
		waiters->count = 0;
	}
	for (uint32_t i = 0; i < tasks->count; i++) {
		if (!shared_of[i])
			continue;
		struct shared *shared = &motion->shared[shared_of[i] - 1];
		if (!shared->waiters.count)
			shared->wait = tasks->items[i]->waiting_on;
		shared->waiters.items[shared->waiters.count++] = tasks->items[i];
	}
}

static void find_shared(struct motion *motion, struct snapshot *snapshot)
{
	uint32_t *shared_of = alloc_bytes(snapshot->tasks.count * sizeof(*shared_of));

	motion->shared_count = number_shared(&snapshot->tasks, shared_of);
	find_waiters(motion, snapshot, shared_of);
	free(shared_of);
}

void motion_init(struct motion *motion, struct snapshot *snapshot, bool any_shared)
{
	*motion = (struct motion){ .snapshot = snapshot };
	if (any_shared)
		find_shared(motion, snapshot);
}

static const struct task_list *holders_of(const struct shared *shared)
{
	static const struct task_list none;

	return wait_has_holders(shared->wait->kind) ? &shared->wait->lock.holders : &none;
}

/* Turns the holders of objects around: what each task holds. */
static void find_held(struct walk *w)
{
	const struct motion *motion = w->motion;
	uint32_t tasks = w->motion->snapshot->tasks.count;
	size_t total = 0;

	for (uint32_t i = 0; i < motion->shared_count; i++)
		total += holders_of(&motion->shared[i])->count;
	w->held = alloc_zeroed(total + 1, sizeof(*w->held));
	w->begin = alloc_zeroed((size_t)tasks + 2, sizeof(*w->begin));
	for (uint32_t i = 0; i < motion->shared_count; i++)
		for (uint32_t k = 0; k < holders_of(&motion->shared[i])->count; k++)
			w->begin[holders_of(&motion->shared[i])->items[k]->index + 2]++;
	for (uint32_t i = 0; i < tasks; i++)
		w->begin[i + 2] += w->begin[i + 1];
	for (uint32_t i = 0; i < motion->shared_count; i++)
		for (uint32_t k = 0; k < holders_of(&motion->shared[i])->count; k++)
			w->held[w->begin[holders_of(&motion->shared[i])->items[k]->index + 1]++] =
					i;
}

static bool moves_by_itself(const struct task *task)
{
	const struct wait *wait = task->waiting_on;

	return task->moved || task->state != TASK_WAITING || !wait || wait->kind == WAIT_SLEEP ||
	       wait->kind == WAIT_UNKNOWN || !isnan(wait->timeout_s);
}

static void set_moving(struct walk *w, const struct task *task)
{
	if (w->motion->moves[task->index])
		return;
	w->motion->moves[task->index] = true;
	*array_push(&w->found) = task;
}

static void move_all(struct walk *w, const struct task_list *tasks)
{
	for (uint32_t i = 0; i < tasks->count; i++)
		set_moving(w, tasks->items[i]);
}

static void walk(struct walk *w)
{
	const struct task_list *tasks = &w->motion->snapshot->tasks;

	for (uint32_t i = 0; i < tasks->count; i++)
		if (moves_by_itself(tasks->items[i]))
			set_moving(w, tasks->items[i]);
	for (size_t i = 0; i < w->found.count; i++) {
		const struct task *task = w->found.items[i];
		move_all(w, &task->awaited_by);
		for (uint32_t k = w->begin[task->index]; k < w->begin[task->index + 1]; k++) {
			if (!w->done[w->held[k]])
				move_all(w, &w->motion->shared[w->held[k]].waiters);
			w->done[w->held[k]] = true;
		}
	}
}

static void find_moving(struct motion *motion)
{
	struct walk w = { .motion = motion };

	motion->moves = alloc_zeroed((size_t)motion->snapshot->tasks.count + 1, sizeof(bool));
	find_held(&w);
	w.done = alloc_zeroed((size_t)motion->shared_count + 1, sizeof(*w.done));
	walk(&w);
	array_free(&w.found);
	free(w.done);
	free(w.held);
	free(w.begin);
}

bool motion_moves(struct motion *motion, const struct task *task)
{
	if (!motion->moves)
		find_moving(motion);
	return motion->moves[task->index];
}

void motion_deinit(struct motion *motion)
{
	free(motion->shared);
	free(motion->moves);
	*motion = (struct motion){ 0 };
}
