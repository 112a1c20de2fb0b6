/* Lays the await graph out as trees: see forest.h.
 *
 * What is still to be drawn lies on a stack of items, so that depth is no
 * matter; what stands already, and where, is known by the task. */
#include "model/forest.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/array.h"
#include "base/table.h"
#include "model/fold.h"
#include "model/graph.h"

/* Like tasks that will be a branch, or a part of one. */
struct item {
	const struct task *const *tasks;
	uint32_t count;
	uint32_t parent;
	uint32_t depth;
	uint32_t section;
	uint8_t rank;
	uint32_t waiters;
	uint32_t weight;
};

/* The children of a branch that stands at the last level. */
struct later {
	struct item *items;
	size_t count;
};

struct growth {
	const struct snapshot *snapshot;
	struct fold fold;
	bool folds;
	bool by_age; /* siblings keep the order of their creation */
	uint32_t levels;
	struct forest *forest;
	struct arena scratch;
	bool *drawn; /* by the index of a task */
	uint32_t sections;
	ARRAY(struct branch) branches;
	ARRAY(uint64_t) found;    /* classes << 32 | tasks, to be split into items */
	ARRAY(struct item) items; /* of the last split, in the order of drawing */
	ARRAY(struct item) todo;  /* the last is drawn next */
	ARRAY(struct later) later;
};

uint32_t branch_tasks(const struct branch *branch)
{
	return branch->reference ? 0 : branch->count * branch->links;
}

static int compare_numbers(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Sorts the numbers, drops those that are there already, and gives how many are left.
 * Mostly they are sorted: like tasks were made one after the other. */
static size_t sort_numbers(uint64_t *numbers, size_t count)
{
	size_t kept = 1;

	while (kept < count && numbers[kept - 1] < numbers[kept])
		kept++;
	if (kept >= count)
		return count;
	qsort(numbers, count, sizeof(*numbers), compare_numbers);
	kept = 1;
	for (size_t i = 1; i < count; i++)
		if (numbers[i] != numbers[kept - 1])
			numbers[kept++] = numbers[i];
	return kept;
}

static int compare_items(const void *a, const void *b)
{
	const struct item *x = a, *y = b;

	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	if (x->weight != y->weight)
		return x->weight > y->weight ? -1 : 1;
	if (x->count != y->count)
		return x->count > y->count ? -1 : 1;
	uint32_t i = x->tasks[0]->index, k = y->tasks[0]->index;
	return (i > k) - (i < k);
}

static int compare_ages(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	uint32_t i = x->tasks[0]->index, k = y->tasks[0]->index;

	return (i > k) - (i < k);
}

/* Those that were made one after the other are a part of the snapshot's tasks. */
static const struct task *const *tasks_of(
		struct growth *g, const uint64_t *found, uint32_t first, uint32_t count)
{
	struct task **all = g->snapshot->tasks.items;

	if ((uint32_t)found[count - 1] - first == count - 1)
		return (const struct task *const *)&all[first];
	const struct task **tasks = arena_alloc(&g->forest->arena, count, sizeof(*tasks));
	for (uint32_t i = 0; i < count; i++)
		tasks[i] = all[(uint32_t)found[i]];
	return tasks;
}

static void add_item(struct growth *g, const uint64_t *found, uint32_t count)
{
	struct item item = { .count = count, .parent = NO_BRANCH, .rank = RANK_OTHER };

	item.tasks = tasks_of(g, found, (uint32_t)found[0], count);
	item.weight = count;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t index = (uint32_t)found[i];
		uint32_t waiters = fold_held_from(&g->fold, item.tasks[i]);
		if (g->fold.rank[index] < item.rank)
			item.rank = g->fold.rank[index];
		if (g->fold.weight[index] > item.weight)
			item.weight = g->fold.weight[index];
		if (waiters > item.waiters)
			item.waiters = waiters;
	}
	*array_push(&g->items) = item;
}

/* Makes items of what was found: one of many like tasks, or one for each. */
static void split_found(struct growth *g)
{
	const uint64_t *found = g->found.items;
	size_t count = sort_numbers(g->found.items, g->found.count);

	g->items.count = 0;
	for (size_t from = 0, to; from < count; from = to) {
		uint64_t class = found[from] >> 32;
		for (to = from + 1; to < count && found[to] >> 32 == class;)
			to++;
		uint32_t size = to - from < FOLD_LEAST ? 1 : (uint32_t)(to - from);
		for (size_t i = from; i < to; i += size)
			add_item(g, &found[i], size);
	}
	if (g->items.count > 1)
		qsort(g->items.items, g->items.count, sizeof(struct item),
				g->by_age ? compare_ages : compare_items);
}

static void add_found(struct growth *g, const struct task *task)
{
	*array_push(&g->found) = (uint64_t)g->fold.class_of[task->index] << 32 | task->index;
}

/* Splits all that the item's tasks await. */
static void split_awaited(struct growth *g, const struct item *item)
{
	g->found.count = 0;
	for (uint32_t i = 0; i < item->count; i++)
		for (uint32_t k = 0; k < item->tasks[i]->awaits.count; k++)
			add_found(g, item->tasks[i]->awaits.items[k]);
	split_found(g);
}

static void set_drawn(struct growth *g, const struct item *item, bool drawn)
{
	for (uint32_t i = 0; i < item->count; i++)
		g->drawn[item->tasks[i]->index] = drawn;
}

/* The next link of a run: all that the item awaits, which was split, alike, awaited by
 * no other.  The tasks of a cycle are of interest one by one. */
static bool is_next_link(const struct growth *g, const struct item *item)
{
	const struct item *next = g->items.items;

	return g->items.count == 1 && next->count == item->count &&
	       !fold_in_cycle(&g->fold, next->tasks[0]) && next->tasks[0]->awaited_by.count == 1 &&
	       fold_same_place(&g->fold, next->tasks[0], item->tasks[0]);
}

/* Draws the links of the run that begins with the item, whose awaited tasks were split,
 * and splits those of the last.  Fewer than FOLD_LEAST are drawn one by one. */
static void draw_links(struct growth *g, struct branch *branch, const struct item *item)
{
	ARRAY(const struct task *) tasks = { 0 };
	struct item last = *item;

	for (uint32_t i = 0; i < item->count; i++)
		*array_push(&tasks) = item->tasks[i];
	do {
		last = g->items.items[0];
		set_drawn(g, &last, true);
		branch->links++;
		for (uint32_t i = 0; i < last.count; i++)
			*array_push(&tasks) = last.tasks[i];
		split_awaited(g, &last);
	} while (is_next_link(g, &last));
	if (branch->links < FOLD_LEAST) {
		set_drawn(g, &last, false);
		branch->links = 1;
		split_awaited(g, item);
	} else {
		branch->tasks = arena_copy(
				&g->forest->arena, tasks.items, tasks.count * sizeof(*tasks.items));
	}
	array_free(&tasks);
}

/* Draws the item and, in the same branch, the run that begins with it; what the last
 * of them awaits is split then. */
static void draw_run(struct growth *g, struct branch *branch, const struct item *item)
{
	set_drawn(g, item, true);
	split_awaited(g, item);
	if (g->folds && is_next_link(g, item))
		draw_links(g, branch, item);
}

/* Plans the split items as children of the branch. */
static void plan_children(struct growth *g, struct branch *branch, uint32_t parent)
{
	bool here = branch->depth + 1 < g->levels;

	if (!g->items.count)
		return;
	if (!here)
		branch->goes_on = ++g->sections;
	for (size_t i = 0; i < g->items.count; i++) {
		struct item *item = &g->items.items[i];
		item->parent = parent;
		item->depth = here ? branch->depth + 1 : 0;
		item->section = here ? branch->section : branch->goes_on;
	}
	if (here) {
		for (size_t i = g->items.count; i-- > 0;)
			*array_push(&g->todo) = g->items.items[i];
		return;
	}
	*array_push(&g->later) = (struct later){
		.items = arena_copy(
				&g->scratch, g->items.items, g->items.count * sizeof(struct item)),
		.count = g->items.count,
	};
}

/* Whether the item's task waits, through others, for its parent in the tree. */
static bool closes_cycle(const struct growth *g, const struct item *item)
{
	if (item->parent == NO_BRANCH || !g->fold.component)
		return false;
	const struct branch *parent = &g->branches.items[item->parent];
	const struct task *awaiter = parent->tasks[parent->count * parent->links - 1];
	return g->fold.component[awaiter->index] == g->fold.component[item->tasks[0]->index];
}

static void draw(struct growth *g, const struct item *item, uint32_t block)
{
	const struct task *task = item->tasks[0];
	struct branch branch = {
		.tasks = item->tasks,
		.count = item->count,
		.links = 1,
		.parent = item->parent,
		.depth = item->depth,
		.block = block,
		.section = item->section,
		.rank = item->rank,
		.waiters = item->waiters,
	};

	branch.reference = g->drawn[task->index] || task->loop != g->forest->blocks[block].loop;
	if (branch.reference) {
		branch.cycle = closes_cycle(g, item);
	} else {
		branch.cycle = fold_in_cycle(&g->fold, task);
		g->forest->groups++;
		draw_run(g, &branch, item);
		plan_children(g, &branch, (uint32_t)g->branches.count);
	}
	*array_push(&g->branches) = branch;
}

static void draw_todo(struct growth *g, uint32_t block)
{
	while (g->todo.count) {
		struct item item = g->todo.items[--g->todo.count];
		draw(g, &item, block);
	}
}

/* Draws the block of the roots in `found`, and the sections that go on from it. */
static void draw_block(struct growth *g, uint32_t block)
{
	uint32_t before = (uint32_t)g->branches.count;

	split_found(g);
	for (size_t i = g->items.count; i-- > 0;)
		*array_push(&g->todo) = g->items.items[i];
	draw_todo(g, block);
	for (size_t i = 0; i < g->later.count; i++) {
		struct later later = g->later.items[i];
		for (size_t k = later.count; k-- > 0;)
			*array_push(&g->todo) = later.items[k];
		draw_todo(g, block);
	}
	g->later.count = 0;
	g->forest->blocks[block].first = before;
	g->forest->blocks[block].count = (uint32_t)g->branches.count - before;
}

struct block_list {
	ARRAY(struct block) blocks;
	struct table by_loop;
};

static uint32_t add_block(
		struct block_list *list, const struct loop *loop, const struct thread *thread)
{
	bool added;
	uint64_t *place = table_add(&list->by_loop, (uint64_t)(uintptr_t)loop, &added);

	if (added) {
		*place = list->blocks.count;
		*array_push(&list->blocks) = (struct block){ loop, thread, 0, 0 };
	}
	return (uint32_t)*place;
}

/* Loops that run come first and need no tasks; tasks without a loop come last. */
static void find_blocks(struct block_list *list, const struct snapshot *snapshot)
{
	const struct task_list *tasks = &snapshot->tasks;
	bool without_loop = false;

	for (size_t i = 0; i < snapshot->threads.count; i++)
		if (snapshot->threads.items[i].loop)
			add_block(list, snapshot->threads.items[i].loop,
					&snapshot->threads.items[i]);
	for (size_t i = 0; i < snapshot->loops.count; i++)
		if (snapshot->loops.items[i].tid)
			add_block(list, &snapshot->loops.items[i], NULL);
	for (uint32_t i = 0; i < tasks->count; i++) {
		const struct loop *loop = tasks->items[i]->loop;
		if (!loop)
			without_loop = true;
		else if (!i || tasks->items[i - 1]->loop != loop)
			add_block(list, loop, NULL);
	}
	if (without_loop)
		add_block(list, NULL, NULL);
}

static bool any_waits_across_loops(const struct task_list *tasks)
{
	for (uint32_t i = 0; i < tasks->count; i++)
		for (uint32_t k = 0; k < tasks->items[i]->awaits.count; k++)
			if (tasks->items[i]->awaits.items[k]->loop != tasks->items[i]->loop)
				return true;
	return false;
}

struct roots {
	uint64_t *items;
	size_t count;
	size_t capacity;
};

/* Of each component of a loop that no other task of the loop waits for, the first. */
static void find_roots_in_cycles(const struct growth *g, bool *root)
{
	const struct task_list *tasks = &g->snapshot->tasks;
	bool *inner = alloc_zeroed((size_t)tasks->count + 1, sizeof(*inner));
	uint32_t *within_loops = NULL, *component = g->fold.component;

	if (any_waits_across_loops(tasks)) {
		component = within_loops = alloc_bytes(tasks->count * sizeof(*component));
		graph_components(g->snapshot, true, within_loops);
	}
	for (uint32_t i = 0; i < tasks->count; i++) {
		const struct task *task = tasks->items[i];
		for (uint32_t k = 0; k < task->awaits.count; k++) {
			const struct task *awaited = task->awaits.items[k];
			if (awaited->loop == task->loop &&
					component[awaited->index] != component[i])
				inner[component[awaited->index]] = true;
		}
	}
	for (uint32_t i = 0; i < tasks->count; i++) {
		root[i] = !inner[component[i]];
		inner[component[i]] = true;
	}
	free(within_loops);
	free(inner);
}

static bool is_awaited_in_loop(const struct task *task)
{
	for (uint32_t i = 0; i < task->awaited_by.count; i++)
		if (task->awaited_by.items[i]->loop == task->loop)
			return true;
	return false;
}

/* Marks the tasks that trees begin with. */
static void find_roots(const struct growth *g, bool *root)
{
	const struct task_list *tasks = &g->snapshot->tasks;

	if (!g->snapshot->order) {
		find_roots_in_cycles(g, root);
		return;
	}
	for (uint32_t i = 0; i < tasks->count; i++)
		root[i] = !is_awaited_in_loop(tasks->items[i]);
}

/* The roots, as blocks << 32 | tasks, in the order of both. */
static void sort_roots(const struct growth *g, const struct table *by_loop, struct roots *roots)
{
	const struct task_list *tasks = &g->snapshot->tasks;
	bool *is_root = alloc_bytes(tasks->count * sizeof(*is_root));
	const uint64_t *block = NULL;
	const struct loop *loop = NULL;

	find_roots(g, is_root);
	for (uint32_t i = 0; i < tasks->count; i++) {
		if (!is_root[i])
			continue;
		if (!block || tasks->items[i]->loop != loop)
			block = table_find(by_loop, (uint64_t)(uintptr_t)tasks->items[i]->loop);
		loop = tasks->items[i]->loop;
		*array_push(roots) = *block << 32 | i;
	}
	if (roots->count)
		roots->count = sort_numbers(roots->items, roots->count);
	free(is_root);
}

static void draw_all(struct growth *g, const struct table *by_loop)
{
	struct roots roots = { 0 };
	size_t next = 0;

	sort_roots(g, by_loop, &roots);
	for (uint32_t block = 0; block < g->forest->block_count; block++) {
		g->found.count = 0;
		for (; next < roots.count && roots.items[next] >> 32 == block; next++)
			add_found(g, g->snapshot->tasks.items[(uint32_t)roots.items[next]]);
		draw_block(g, block);
	}
	array_free(&roots);
}

static void grow(struct forest *forest, const struct snapshot *snapshot, bool fold, bool by_age,
		uint32_t levels)
{
	struct block_list list = { .by_loop = { 0 } };
	struct growth g = {
		.snapshot = snapshot,
		.folds = fold,
		.by_age = by_age,
		.levels = levels,
		.forest = forest,
		.drawn = alloc_zeroed((size_t)snapshot->tasks.count + 1, sizeof(bool)),
	};

	*forest = (struct forest){ 0 };
	arena_init(&forest->arena);
	arena_init(&g.scratch);
	fold_init(&g.fold, snapshot, fold);
	find_blocks(&list, snapshot);
	forest->blocks = list.blocks.items;
	forest->block_count = (uint32_t)list.blocks.count;
	draw_all(&g, &list.by_loop);
	forest->branches = g.branches.items;
	forest->count = (uint32_t)g.branches.count;
	table_deinit(&list.by_loop);
	fold_deinit(&g.fold);
	arena_deinit(&g.scratch);
	array_free(&g.found);
	array_free(&g.items);
	array_free(&g.todo);
	array_free(&g.later);
	free(g.drawn);
}

void forest_init(struct forest *forest, const struct snapshot *snapshot, bool fold, uint32_t levels)
{
	grow(forest, snapshot, fold, false, levels);
}

void forest_init_by_age(struct forest *forest, const struct snapshot *snapshot, uint32_t levels)
{
	grow(forest, snapshot, true, true, levels);
}

void forest_deinit(struct forest *forest)
{
	free(forest->branches);
	free(forest->blocks);
	arena_deinit(&forest->arena);
	*forest = (struct forest){ 0 };
}
