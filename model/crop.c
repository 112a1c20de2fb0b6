/* Which branches a screen has room for: see crop.h.
 *
 * Branches are taken one by one, the most interesting first, each with all that
 * it stands below, as long as there is room. */
#include "model/crop.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "model/fold.h"
#include "model/location.h"

struct candidate {
	uint8_t rank; /* enum fold_rank */
	bool reference;
	uint32_t tasks;
	uint32_t branch;
};

struct choice {
	const struct forest *forest;
	bool *shown;
	bool *block_shown;
	bool *section_shown; /* its title is */
	bool stacks;
	uint64_t left; /* lines */
};

static int compare_candidates(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;

	if (x->reference != y->reference)
		return x->reference ? 1 : -1;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	if (x->tasks != y->tasks)
		return x->tasks > y->tasks ? -1 : 1;
	return x->branch < y->branch ? -1 : x->branch > y->branch;
}

static uint64_t lines_of(const struct branch *branch, bool stacks)
{
	return 1 + (stacks && !branch->reference ? task_depth(branch->tasks[0]) : 0);
}

static uint64_t lines_of_all(const struct forest *forest, bool stacks)
{
	uint64_t lines = 0;

	for (uint32_t i = 0; i < forest->count; i++)
		lines += lines_of(&forest->branches[i], stacks) +
			 (forest->branches[i].goes_on ? 1 : 0);
	for (uint32_t i = 0; i < forest->block_count; i++)
		lines += BLOCK_LINES;
	return lines;
}

static bool needs_title(const struct choice *c, const struct branch *branch)
{
	return branch->section && !branch->depth && !c->section_shown[branch->section];
}

/* The lines that it takes to show a branch with what it stands below; it stops
 * counting beyond what is left. */
static uint64_t price(const struct choice *c, uint32_t index)
{
	uint64_t lines = 0;

	while (index != NO_BRANCH && !c->shown[index] && lines <= c->left) {
		const struct branch *branch = &c->forest->branches[index];
		lines += lines_of(branch, c->stacks) + needs_title(c, branch);
		if (branch->parent == NO_BRANCH && !c->block_shown[branch->block])
			lines += BLOCK_LINES;
		index = branch->parent;
	}
	return lines;
}

static void show(struct choice *c, uint32_t index)
{
	while (index != NO_BRANCH && !c->shown[index]) {
		const struct branch *branch = &c->forest->branches[index];
		c->shown[index] = true;
		c->block_shown[branch->block] = true;
		if (!branch->depth)
			c->section_shown[branch->section] = true;
		index = branch->parent;
	}
}

/* What stands above something of interest comes with it. */
static uint8_t own_rank(const struct branch *branch)
{
	bool stands_above =
		branch->rank == RANK_AWAITS_FINDING || branch->rank == RANK_AWAITS_RUNNING;

	return stands_above ? RANK_OTHER : branch->rank;
}

static void choose(struct choice *c)
{
	uint32_t count = c->forest->count;
	struct candidate *candidates =
		alloc_zeroed((size_t)count + 1, sizeof(*candidates));

	for (uint32_t i = 0; i < count; i++) {
		const struct branch *branch = &c->forest->branches[i];
		candidates[i] = (struct candidate){
			.rank = own_rank(branch),
			.reference = branch->reference,
			.tasks = branch_tasks(branch),
			.branch = i,
		};
	}
	qsort(candidates, count, sizeof(*candidates), compare_candidates);
	for (uint32_t i = 0; i < count && c->left; i++) {
		uint64_t lines = price(c, candidates[i].branch);
		if (lines > c->left)
			continue;
		show(c, candidates[i].branch);
		c->left -= lines;
	}
	free(candidates);
}

/* Something is to be seen on the smallest screen, too. */
static void show_first(struct choice *c)
{
	for (uint32_t i = 0; i < c->forest->count; i++)
		if (c->shown[i])
			return;
	if (c->forest->count)
		show(c, 0);
}

static void choose_branches(
	struct crop *crop, const struct forest *forest, uint32_t lines, bool stacks)
{
	uint32_t sections = 0;

	for (uint32_t i = 0; i < forest->count; i++)
		sections += forest->branches[i].goes_on ? 1 : 0;
	struct choice c = {
		.forest = forest,
		.shown = crop->shown,
		.block_shown =
			alloc_zeroed((size_t)forest->block_count + 1, sizeof(bool)),
		.section_shown = alloc_zeroed((size_t)sections + 1, sizeof(bool)),
		.stacks = stacks,
		.left = lines,
	};

	choose(&c);
	show_first(&c);
	crop->empty_blocks = (uint32_t)c.left / BLOCK_LINES;
	free(c.block_shown);
	free(c.section_shown);
}

/* Counts what is hidden, and at the nearest shown branch above it. */
static void count_hidden(struct crop *crop, const struct forest *forest)
{
	uint32_t *above = alloc_zeroed((size_t)forest->count + 1, sizeof(*above));

	for (uint32_t i = 0; i < forest->count; i++) {
		const struct branch *branch = &forest->branches[i];
		uint32_t tasks = branch_tasks(branch);

		above[i] = i;
		if (crop->shown[i])
			continue;
		above[i] =
			branch->parent == NO_BRANCH ? NO_BRANCH : above[branch->parent];
		crop->hidden++;
		crop->hidden_groups += !branch->reference;
		crop->hidden_tasks += tasks;
		if (above[i] != NO_BRANCH) {
			crop->cut[above[i]] = true;
			crop->cut_tasks[above[i]] += tasks;
		}
	}
	free(above);
}

void crop_init(
	struct crop *crop, const struct forest *forest, uint32_t lines, bool stacks)
{
	size_t count = (size_t)forest->count + 1;
	bool fits = !lines || lines_of_all(forest, stacks) <= lines;

	*crop = (struct crop){
		.shown = alloc_zeroed(count, sizeof(bool)),
		.cut = alloc_zeroed(count, sizeof(bool)),
		.cut_tasks = alloc_zeroed(count, sizeof(uint32_t)),
		.empty_blocks = forest->block_count,
	};
	if (fits) {
		for (uint32_t i = 0; i < forest->count; i++)
			crop->shown[i] = true;
		return;
	}
	/* A line of what is missing comes last. */
	choose_branches(crop, forest, lines - 1, stacks);
	count_hidden(crop, forest);
}

void crop_deinit(struct crop *crop)
{
	free(crop->shown);
	free(crop->cut);
	free(crop->cut_tasks);
	*crop = (struct crop){ 0 };
}
