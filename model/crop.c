/* Which branches a screen has room for: see crop.h.
 *
 * Branches are taken one by one, the most interesting first, each with all that
 * it stands below, as long as there is room. */
#include "model/crop.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "model/fold.h"

struct candidate {
	uint8_t rank; /* enum fold_rank */
	bool reference;
	uint32_t tasks; /* or those that wait for what these hold, where these are more */
	uint32_t branch;
};

struct choice {
	const struct forest *forest;
	bool *shown;
	bool *block_shown;
	bool *section_shown; /* its title is */
	crop_lines *lines_of;
	void *context;
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

/* Whether all of it has room; it stops counting beyond that. */
static bool fits(const struct choice *c)
{
	const struct forest *forest = c->forest;
	uint64_t lines = (uint64_t)forest->block_count * BLOCK_LINES;

	if (lines + forest->count > c->left)
		return false;
	for (uint32_t i = 0; i < forest->count && lines <= c->left; i++)
		lines += c->lines_of(c->context, i) + (forest->branches[i].goes_on ? 1 : 0);
	return lines <= c->left;
}

static bool needs_title(const struct choice *c, const struct branch *branch)
{
	return branch->section && !branch->depth && !c->section_shown[branch->section];
}

/* The lines that it takes to show a branch with what it stands below, at least
 * where it is not `measured`; it stops counting beyond what is left. */
static uint64_t add_prices(const struct choice *c, uint32_t index, bool measured)
{
	uint64_t lines = 0;

	while (index != NO_BRANCH && !c->shown[index] && lines <= c->left) {
		const struct branch *branch = &c->forest->branches[index];
		lines += (measured ? c->lines_of(c->context, index) : 1) + needs_title(c, branch);
		if (branch->parent == NO_BRANCH && !c->block_shown[branch->block])
			lines += BLOCK_LINES;
		index = branch->parent;
	}
	return lines;
}

static uint64_t price(const struct choice *c, uint32_t index)
{
	uint64_t least = add_prices(c, index, false);

	return least > c->left ? least : add_prices(c, index, true);
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
	bool stands_above = branch->rank == RANK_AWAITS_FINDING ||
			    branch->rank == RANK_AWAITS_RUNNING ||
			    branch->rank == RANK_AWAITS_READY;

	return stands_above ? RANK_OTHER : branch->rank;
}

static void choose(struct choice *c)
{
	uint32_t count = c->forest->count;
	struct candidate *candidates = alloc_zeroed((size_t)count + 1, sizeof(*candidates));

	for (uint32_t i = 0; i < count; i++) {
		const struct branch *branch = &c->forest->branches[i];
		uint32_t tasks = branch_tasks(branch);
		candidates[i] = (struct candidate){
			.rank = own_rank(branch),
			.reference = branch->reference,
			.tasks = branch->waiters > tasks ? branch->waiters : tasks,
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

static void choose_branches(struct crop *crop, struct choice *c)
{
	uint32_t sections = 0;

	for (uint32_t i = 0; i < c->forest->count; i++)
		sections += c->forest->branches[i].goes_on ? 1 : 0;
	c->block_shown = alloc_zeroed((size_t)c->forest->block_count + 1, sizeof(bool));
	c->section_shown = alloc_zeroed((size_t)sections + 1, sizeof(bool));
	choose(c);
	show_first(c);
	crop->empty_blocks = (uint32_t)c->left / BLOCK_LINES;
	free(c->block_shown);
	free(c->section_shown);
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
		above[i] = branch->parent == NO_BRANCH ? NO_BRANCH : above[branch->parent];
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

void crop_init(struct crop *crop, const struct forest *forest, uint32_t lines, crop_lines *lines_of,
		void *context)
{
	size_t count = (size_t)forest->count + 1;

	*crop = (struct crop){
		.shown = alloc_zeroed(count, sizeof(bool)),
		.cut = alloc_zeroed(count, sizeof(bool)),
		.cut_tasks = alloc_zeroed(count, sizeof(uint32_t)),
		.empty_blocks = forest->block_count,
	};
	struct choice choice = {
		.forest = forest,
		.shown = crop->shown,
		.lines_of = lines_of,
		.context = context,
		.left = lines,
	};
	if (!lines || fits(&choice)) {
		for (uint32_t i = 0; i < forest->count; i++)
			crop->shown[i] = true;
		return;
	}
	choice.left--; /* a line of what is missing comes last */
	choose_branches(crop, &choice);
	count_hidden(crop, forest);
}

void crop_deinit(struct crop *crop)
{
	free(crop->shown);
	free(crop->cut);
	free(crop->cut_tasks);
	*crop = (struct crop){ 0 };
}
