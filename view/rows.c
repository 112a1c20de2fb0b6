/* The rows of the list: see rows.h.
 *
 * The tree is walked with a stack of what is still to come, since it may be
 * deep. */
#include "view/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "model/location.h"

enum { OPEN = 1, CLOSED = 2 };

/* What a row may be sorted by; the largest number comes first, the smallest line. */
struct place {
	double number;
	const char *text;
	int line;
	uint32_t index;
};

struct making {
	struct rows *rows;
	const struct picture *picture;
	const struct rows_options *options;
	/* By branch: where its children begin in `children`, those of the blocks
	 * after them; the next place holds their end. */
	uint32_t *begin, *children;
	bool *shown;     /* by branch: it, or something below it, is shown */
	uint32_t *ended; /* by branch, and after these by block: the first of the ended, plus 1 */
	uint32_t *next_ended, *ended_count;
	ARRAY(struct row) todo; /* the last comes next */
	ARRAY(uint32_t) later;  /* branches whose children stand in sections */
	ARRAY(struct place) places;
};

void folding_deinit(struct folding *folding)
{
	table_deinit(&folding->states);
}

void folding_set_all(struct folding *folding, bool all)
{
	table_deinit(&folding->states);
	folding->all = all;
}

void folding_set(struct folding *folding, uint64_t key, bool open)
{
	bool added;

	*table_add(&folding->states, key, &added) = open ? OPEN : CLOSED;
}

bool folding_is_open(const struct folding *folding, uint64_t key, bool otherwise)
{
	const uint64_t *state = table_find(&folding->states, key);

	return state ? *state == OPEN : otherwise;
}

void rows_deinit(struct rows *rows)
{
	array_free(&rows->items);
	array_free(&rows->sums);
}

const char *order_name(enum order order)
{
	static const char *const names[ORDERS] = {
		[ORDER_AGE] = "age",
		[ORDER_STUCK] = "stuck longest",
		[ORDER_STEPS] = "steps",
		[ORDER_SHARE] = "share",
		[ORDER_NAME] = "name",
		[ORDER_PLACE] = "place",
	};
	return names[order];
}

const char *shape_name(enum shape shape)
{
	static const char *const names[SHAPES] = {
		[SHAPE_TREE] = "tree",
		[SHAPE_FLAT] = "flat",
		[SHAPE_COROUTINES] = "by coroutine",
	};
	return names[shape];
}

/* ---- the order ---- */

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->number > y->number || x->number < y->number)
		return x->number > y->number ? -1 : 1;
	int texts = x->text && y->text ? strcmp(x->text, y->text) : 0;
	if (texts || x->line != y->line)
		return texts ? texts : x->line < y->line ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static const char *text_or_empty(const char *text)
{
	return text ? text : "";
}

static struct place place_of(const struct making *m, const struct task *task, const struct sum *sum,
		uint32_t index)
{
	struct place place = { .index = index };
	const struct frame *frame = task_location(task);

	switch (m->options->order) {
	case ORDER_STUCK:
		place.number = -sum->since_s;
		break;
	case ORDER_STEPS:
		place.number = (double)sum->steps;
		break;
	case ORDER_SHARE:
		/* What is shown is the part of all looks. */
		place.number = (double)sum->current;
		break;
	case ORDER_NAME:
		place.text = text_or_empty(task->name);
		break;
	case ORDER_PLACE:
		place.text = text_or_empty(frame ? frame->file : NULL);
		place.line = frame ? frame->line : 0;
		break;
	default:
		break;
	}
	return place;
}

static void sort_branches(struct making *m, uint32_t *branches, uint32_t count)
{
	const struct picture *picture = m->picture;

	if (count < 2 || m->options->order == ORDER_AGE)
		return;
	m->places.count = 0;
	for (uint32_t i = 0; i < count; i++)
		*array_push(&m->places) =
				place_of(m, picture->forest.branches[branches[i]].tasks[0],
						&picture->sums[branches[i]], branches[i]);
	qsort(m->places.items, count, sizeof(struct place), compare_places);
	for (uint32_t i = 0; i < count; i++)
		branches[i] = m->places.items[i].index;
}

/* Sorts `count` tasks; gives their indices in `places`, which the next sorting
 * takes again. */
static void sort_tasks(struct making *m, const struct task *const *tasks, uint32_t count)
{
	m->places.count = 0;
	for (uint32_t i = 0; i < count; i++) {
		if (m->options->shown && !m->options->shown[tasks[i]->index])
			continue;
		struct sum sum = picture_sum(m->picture, tasks[i]);
		*array_push(&m->places) = place_of(m, tasks[i], &sum, tasks[i]->index);
	}
	if (m->options->order != ORDER_AGE && m->places.count)
		qsort(m->places.items, m->places.count, sizeof(struct place), compare_places);
}

/* ---- what there is ---- */

bool branch_is_group(const struct branch *branch)
{
	return !branch->reference && (branch->count > 1 || branch->links > 1);
}

/* How many of the branch's tasks are shown. */
static uint32_t count_shown(const struct making *m, const struct branch *branch)
{
	uint32_t all = branch->count * branch->links, count = 0;

	if (!m->options->shown)
		return all;
	for (uint32_t i = 0; i < all; i++)
		count += m->options->shown[branch->tasks[i]->index];
	return count;
}

static void find_shown(struct making *m)
{
	const struct forest *forest = &m->picture->forest;

	m->shown = alloc_zeroed((size_t)forest->count + 1, sizeof(*m->shown));
	for (uint32_t i = forest->count; i-- > 0;) {
		const struct branch *branch = &forest->branches[i];
		m->shown[i] |= !m->options->shown || count_shown(m, branch) > 0;
		if (m->shown[i] && branch->parent != NO_BRANCH)
			m->shown[branch->parent] = true;
	}
}

/* A branch's children in one piece; those of a block come after all branches. */
static void find_children(struct making *m)
{
	const struct forest *forest = &m->picture->forest;
	size_t parents = (size_t)forest->count + forest->block_count;

	m->begin = alloc_zeroed(parents + 2, sizeof(*m->begin));
	m->children = alloc_zeroed((size_t)forest->count + 1, sizeof(*m->children));
	for (uint32_t i = 0; i < forest->count; i++) {
		const struct branch *branch = &forest->branches[i];
		uint32_t parent = branch->parent != NO_BRANCH ? branch->parent
							      : forest->count + branch->block;
		if (m->shown[i])
			m->begin[parent + 2]++;
	}
	for (size_t i = 0; i < parents; i++)
		m->begin[i + 2] += m->begin[i + 1];
	for (uint32_t i = 0; i < forest->count; i++) {
		const struct branch *branch = &forest->branches[i];
		uint32_t parent = branch->parent != NO_BRANCH ? branch->parent
							      : forest->count + branch->block;
		if (m->shown[i])
			m->children[m->begin[parent + 1]++] = i;
	}
	for (size_t i = 0; i < parents; i++)
		sort_branches(m, m->children + m->begin[i], m->begin[i + 1] - m->begin[i]);
}

static bool is_recent(const struct making *m, const struct ended *ended)
{
	return m->options->ended_since_look ? ended->look > m->options->ended_since_look
					    : ended->at_s > m->options->ended_since_s;
}

/* Where ended tasks stand: below who waited for them, else at the end of their
 * loop, the first one that there is. */
static uint32_t place_of_ended(const struct making *m, const struct ended *ended)
{
	const struct forest *forest = &m->picture->forest;
	const uint64_t *parent =
			ended->parent ? table_find(&m->picture->index, ended->parent) : NULL;

	if (parent)
		return m->picture->branch_of[*parent];
	for (uint32_t i = 0; i < forest->block_count; i++)
		if (forest->blocks[i].loop && forest->blocks[i].loop->id == ended->loop)
			return forest->count + i;
	return forest->block_count ? forest->count : NO_ROW;
}

/* Like ones at one place share a row. */
static void find_ended(struct making *m)
{
	const struct picture *picture = m->picture;
	const struct forest *forest = &picture->forest;

	m->ended = alloc_zeroed((size_t)forest->count + forest->block_count + 1, sizeof(*m->ended));
	m->next_ended = alloc_zeroed(picture->ended_count + 1, sizeof(*m->next_ended));
	m->ended_count = alloc_zeroed(picture->ended_count + 1, sizeof(*m->ended_count));
	for (uint32_t i = 0; i < picture->ended_count; i++) {
		uint32_t place = is_recent(m, &picture->ended[i])
						 ? place_of_ended(m, &picture->ended[i])
						 : NO_ROW;
		if (place == NO_ROW)
			continue;
		uint32_t *at = &m->ended[place];
		while (*at && picture->ended[*at - 1].like != picture->ended[i].like)
			at = &m->next_ended[*at - 1];
		if (!*at)
			*at = i + 1;
		m->ended_count[*at - 1] += picture->ended[i].count;
		for (; place < forest->count && !m->shown[place];
				place = forest->branches[place].parent)
			m->shown[place] = true;
	}
}

/* ---- the tree ---- */

static void plan(struct making *m, struct row row, bool *last)
{
	row.last = *last;
	*last = false;
	*array_push(&m->todo) = row;
}

/* Plans what comes below, from its end.  `place` is a branch, or a block after
 * these; `members`, a group whose tasks come first. */
static void plan_below(struct making *m, uint32_t place, struct row below,
		const struct branch *members, bool with_children)
{
	bool last = true;

	for (uint32_t i = with_children ? m->ended[place] : 0; i; i = m->next_ended[i - 1]) {
		struct row row = below;
		row.kind = ROW_ENDED;
		row.index = i - 1;
		row.count = m->ended_count[i - 1];
		row.key = hash_mix(m->picture->ended[i - 1].like, 5);
		plan(m, row, &last);
	}
	for (uint32_t i = m->begin[place + 1]; with_children && i-- > m->begin[place];) {
		struct row row = below;
		row.kind = ROW_BRANCH;
		row.index = m->children[i];
		row.key = m->picture->keys[row.index];
		plan(m, row, &last);
	}
	if (!members)
		return;
	sort_tasks(m, members->tasks, members->count * members->links);
	for (size_t i = m->places.count; i-- > 0;) {
		struct row row = below;
		row.kind = ROW_TASK;
		row.index = m->places.items[i].index;
		row.key = m->picture->tracks[row.index].key;
		plan(m, row, &last);
	}
}

static uint32_t add_row(struct making *m, struct row row)
{
	*array_push(&m->rows->items) = row;
	return (uint32_t)m->rows->items.count - 1;
}

/* The frames of the task in the row, where they are asked for. */
static void add_frames(struct making *m, uint32_t at, const struct task *task, bool last)
{
	const struct row above = m->rows->items.items[at];
	uint32_t depth = m->options->stacks && task->stack ? task->stack->depth : 0;

	for (uint32_t i = 0; i < depth; i++)
		add_row(m, (struct row){
					   .kind = ROW_FRAME,
					   .index = task->index,
					   .parent = at,
					   .count = i,
					   .key = hash_mix(above.key, 6 + i),
					   .depth = above.lined ? above.depth + 1 : 0,
					   .lined = above.lined,
					   .last = last,
			   });
}

/* The tasks that were sorted; `row` is what is the same in all. */
static void add_tasks(struct making *m, struct row row)
{
	const struct task_list *tasks = &m->picture->snapshot->tasks;

	row.kind = ROW_TASK;
	for (size_t i = 0; i < m->places.count; i++) {
		row.index = m->places.items[i].index;
		row.key = m->picture->tracks[row.index].key;
		row.last = i + 1 == m->places.count;
		add_frames(m, add_row(m, row), tasks->items[row.index], true);
	}
}

/* A group of which only some are shown is of interest for these. */
static bool opens_group(const struct making *m, const struct branch *branch)
{
	uint32_t shown = m->options->shown ? count_shown(m, branch) : 0;

	return m->options->folding->all || (shown && shown < branch->count * branch->links);
}

static void draw_branch(struct making *m, struct row row)
{
	const struct branch *branch = &m->picture->forest.branches[row.index];
	uint32_t children = m->begin[row.index + 1] - m->begin[row.index];
	bool group = branch_is_group(branch);

	row.folds = !branch->reference && (group || children);
	row.open = row.folds &&
		   folding_is_open(m->options->folding, row.key, !group || opens_group(m, branch));
	uint32_t at = add_row(m, row);
	struct row below = { .parent = at, .depth = row.depth + 1, .lined = true };
	size_t planned = m->todo.count;
	/* The children of a folded group stay: they are groups as well. */
	bool stops = row.folds && !row.open && !group;
	if (!stops)
		plan_below(m, row.index, below, group && row.open ? branch : NULL,
				!branch->goes_on);
	if (!branch->reference)
		add_frames(m, at, branch->tasks[0], m->todo.count == planned);
	if (branch->goes_on && !stops)
		*array_push(&m->later) = row.index;
}

static void draw_todo(struct making *m)
{
	while (m->todo.count) {
		struct row row = m->todo.items[--m->todo.count];
		if (row.kind == ROW_BRANCH)
			draw_branch(m, row);
		else
			add_row(m, row);
	}
}

static void draw_section(struct making *m, uint32_t branch)
{
	struct row title = {
		.kind = ROW_SECTION,
		.index = branch,
		.parent = NO_ROW,
		.key = hash_mix(m->picture->keys[branch], 2),
	};

	add_row(m, title);
	plan_below(m, branch, (struct row){ .parent = NO_ROW, .lined = true }, NULL, true);
	draw_todo(m);
}

static void draw_tree(struct making *m)
{
	const struct forest *forest = &m->picture->forest;

	find_shown(m);
	find_ended(m);
	find_children(m);
	for (uint32_t i = 0; i < forest->block_count; i++) {
		struct row title = {
			.kind = ROW_BLOCK,
			.index = i,
			.parent = NO_ROW,
			.key = hash_mix(forest->blocks[i].loop ? forest->blocks[i].loop->id : 0, 3),
		};
		if (forest->block_count > 1)
			add_row(m, title);
		plan_below(m, forest->count + i, (struct row){ .parent = NO_ROW, .lined = true },
				NULL, true);
		draw_todo(m);
		for (size_t k = 0; k < m->later.count; k++)
			draw_section(m, m->later.items[k]);
		m->later.count = 0;
	}
}

/* ---- lists ---- */

static void draw_flat(struct making *m)
{
	const struct snapshot *snapshot = m->picture->snapshot;

	sort_tasks(m, (const struct task *const *)snapshot->tasks.items, snapshot->tasks.count);
	add_tasks(m, (struct row){ .parent = NO_ROW });
}

/* The tasks of one coroutine: a list by their indices. */
struct coroutine {
	uint64_t key;
	uint32_t first, last, count; /* index of a task, plus 1 */
	struct sum sum;
};

static void draw_coroutine(
		struct making *m, const struct coroutine *coroutine, const uint32_t *next)
{
	const struct task_list *tasks = &m->picture->snapshot->tasks;
	ARRAY(const struct task *) members = { 0 };
	struct row title = {
		.kind = ROW_COROUTINE,
		.index = coroutine->first - 1,
		.parent = NO_ROW,
		.count = coroutine->count,
		.sum = (uint32_t)m->rows->sums.count,
		.key = coroutine->key,
		.folds = true,
	};

	*array_push(&m->rows->sums) = coroutine->sum;
	title.open = folding_is_open(m->options->folding, title.key, m->options->folding->all);
	uint32_t at = add_row(m, title);
	for (uint32_t i = coroutine->first; title.open && i; i = next[i - 1])
		*array_push(&members) = tasks->items[i - 1];
	sort_tasks(m, members.items, (uint32_t)members.count);
	add_tasks(m, (struct row){ .parent = at, .lined = true });
	array_free(&members);
}

static void draw_coroutines(struct making *m)
{
	const struct task_list *tasks = &m->picture->snapshot->tasks;
	uint32_t *next = alloc_zeroed((size_t)tasks->count + 1, sizeof(*next));
	ARRAY(struct coroutine) found = { 0 };
	ARRAY(struct place) places = { 0 };
	struct table index = { 0 };
	bool added;

	*array_push(&found) = (struct coroutine){ 0 }; /* no task is in it */
	for (uint32_t i = 0; i < tasks->count; i++) {
		const char *name = text_or_empty(tasks->items[i]->coroutine);
		uint64_t key = hash_mix(4, hash_bytes(name, strlen(name)));
		struct sum sum = picture_sum(m->picture, tasks->items[i]);
		if (m->options->shown && !m->options->shown[i])
			continue;
		uint64_t *place = table_add(&index, key, &added);
		if (added) {
			*place = found.count;
			*array_push(&found) = (struct coroutine){ .key = key, .first = i + 1 };
		}
		struct coroutine *coroutine = &found.items[*place];
		if (coroutine->last)
			next[coroutine->last - 1] = i + 1;
		coroutine->last = i + 1;
		coroutine->count++;
		sum_add(&coroutine->sum, &sum);
	}
	for (uint32_t i = 1; i < found.count; i++)
		*array_push(&places) = place_of(
				m, tasks->items[found.items[i].first - 1], &found.items[i].sum, i);
	if (m->options->order != ORDER_AGE && places.count)
		qsort(places.items, places.count, sizeof(struct place), compare_places);
	for (size_t i = 0; i < places.count; i++)
		draw_coroutine(m, &found.items[places.items[i].index], next);
	table_deinit(&index);
	array_free(&places);
	array_free(&found);
	free(next);
}

void rows_make(struct rows *rows, const struct picture *picture, const struct rows_options *options)
{
	struct making m = { .rows = rows, .picture = picture, .options = options };

	rows->items.count = rows->sums.count = 0;
	switch (options->shape) {
	case SHAPE_FLAT:
		draw_flat(&m);
		break;
	case SHAPE_COROUTINES:
		draw_coroutines(&m);
		break;
	default:
		draw_tree(&m);
		break;
	}
	free(m.begin);
	free(m.children);
	free(m.shown);
	free(m.ended);
	free(m.next_ended);
	free(m.ended_count);
	array_free(&m.todo);
	array_free(&m.later);
	array_free(&m.places);
}

struct task_span row_tasks(const struct picture *picture, const struct row *row)
{
	const struct branch *branch;

	switch (row->kind) {
	case ROW_BRANCH:
		branch = &picture->forest.branches[row->index];
		return (struct task_span){ branch->tasks, branch->count * branch->links };
	case ROW_TASK:
	case ROW_COROUTINE:
	case ROW_FRAME:
		return (struct task_span){
			(const struct task *const *)&picture->snapshot->tasks.items[row->index], 1
		};
	default:
		return (struct task_span){ 0 };
	}
}

uint32_t rows_find(const struct rows *rows, uint64_t key)
{
	for (size_t i = 0; i < rows->items.count; i++)
		if (rows->items.items[i].key == key)
			return (uint32_t)i;
	return NO_ROW;
}
