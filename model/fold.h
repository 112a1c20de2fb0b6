/* Which tasks are alike, so that one line can stand for them. */
#ifndef MODEL_FOLD_H
#define MODEL_FOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "model/snapshot.h"

/* Runs of fewer are drawn one by one. */
enum { FOLD_LEAST = 3 };

/* What a user wants to see first has the lower rank. */
enum fold_rank {
	RANK_FINDING_RUNNING,
	RANK_FINDING, /* it stands in one */
	RANK_AWAITS_FINDING,
	RANK_RUNNING,
	RANK_AWAITS_RUNNING,
	RANK_READY, /* to run */
	RANK_AWAITS_READY,
	RANK_OTHER
};

/* Arrays are by the index of a task. */
struct fold {
	/* Tasks of one class are alike in stack, state, loop, coroutine, wait and
	 * the classes of what they await; the name is no part of it.  Where several
	 * await a task, only what the same ones await is alike to it.  A task in a
	 * cycle is alone in its class. */
	uint32_t *class_of;
	/* Tasks that wait for each other are in one component.  NULL where none do, as
	 * in_cycle. */
	uint32_t *component;
	uint8_t *rank; /* enum fold_rank */
	/* The most tasks of one class that one task awaits, or that wait for what one
	 * holds: itself, or one of those that it waits for. */
	uint32_t *weight;
	/* How many wait for what the task holds.  NULL where no task holds anything. */
	uint32_t *held_from;
	/* Where FOLD_LEAST tasks or more wait for one object: this, else 0.  NULL
	 * where no task waits for what others may. */
	uint64_t *object;
	bool *in_cycle;
};

/* Where `alike` is false, each task gets a class of its own. */
void fold_init(struct fold *fold, const struct snapshot *snapshot, bool alike);
void fold_deinit(struct fold *fold);

bool fold_in_cycle(const struct fold *fold, const struct task *task);

/* How many wait for what the task holds. */
uint32_t fold_held_from(const struct fold *fold, const struct task *task);

/* Alike in themselves: in stack, state, loop, coroutine, and what they wait for. */
bool fold_same_place(const struct fold *fold, const struct task *a, const struct task *b);

#endif
