/* What is looked at of a picture: see browse.h. */
#include "view/browse.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "model/words.h"
#include "view/match.h"
#include "view/rowline.h"

void browse_deinit(struct browse *browse)
{
	picture_destroy(browse->picture);
	rows_deinit(&browse->rows);
	folding_deinit(&browse->folding);
	buffer_deinit(&browse->filter);
	buffer_deinit(&browse->search);
	free(browse->shown);
	free(browse->found);
	*browse = (struct browse){ 0 };
}

const struct row *browse_row(const struct browse *browse)
{
	return browse->cursor < browse->rows.items.count ? &browse->rows.items.items[browse->cursor]
							  : NULL;
}

const struct task *browse_task(const struct browse *browse)
{
	const struct row *row = browse_row(browse);
	struct task_span span = row ? row_tasks(browse->picture, row) : (struct task_span){ 0 };

	return span.count ? span.tasks[0] : NULL;
}

/* ---- what is shown ---- */

static bool *new_flags(const struct browse *browse)
{
	return alloc_zeroed((size_t)browse->picture->snapshot->tasks.count + 1, sizeof(bool));
}

static bool is_changed(const struct browse *browse, uint32_t task)
{
	const struct track *track = &browse->picture->tracks[task];

	return (!track->from_the_first && track->born_look > browse->mark_look) ||
	       track->moved_look > browse->mark_look;
}

static void find_shown(struct browse *browse)
{
	uint32_t count = browse->picture->snapshot->tasks.count;

	free(browse->shown);
	browse->shown = NULL;
	if (!browse->filter.length && !browse->diff)
		return;
	browse->shown = new_flags(browse);
	if (browse->filter.length)
		match_tasks(browse->picture->snapshot, buffer_text(&browse->filter), browse->shown);
	for (uint32_t i = 0; i < count && browse->diff; i++)
		browse->shown[i] = (browse->shown[i] || !browse->filter.length) &&
				   is_changed(browse, i);
}

static void make_rows(struct browse *browse)
{
	struct rows_options options = {
		.shape = browse->shape,
		.order = browse->order,
		.shown = browse->shown,
		.folding = &browse->folding,
		.ended_since_s = browse->picture->at_s - MARKED_SECONDS,
		.ended_since_look = browse->diff ? browse->mark_look : 0,
	};

	/* Of those that ended there is no more to match. */
	if (browse->filter.length) {
		options.ended_since_s = INFINITY;
		options.ended_since_look = 0;
	}
	rows_make(&browse->rows, browse->picture, &options);
}

void browse_go(struct browse *browse, int64_t row)
{
	int64_t last = (int64_t)browse->rows.items.count - 1;

	row = row > last ? last : row;
	browse->cursor = row > 0 ? (uint32_t)row : 0;
	if (browse->cursor < browse->top)
		browse->top = browse->cursor;
	if (browse->height && browse->cursor >= browse->top + browse->height)
		browse->top = browse->cursor - browse->height + 1;
	/* No empty room below the last. */
	if (browse->top + browse->height > last + 1)
		browse->top = last + 1 > browse->height ? (uint32_t)(last + 1) - browse->height : 0;
}

/* Makes the rows anew; the cursor goes where the row with its key went. */
static void keep_cursor(struct browse *browse, uint64_t key, bool had_row)
{
	uint32_t below_top = browse->cursor - browse->top;

	make_rows(browse);
	uint32_t row = had_row ? rows_find(&browse->rows, key) : NO_ROW;
	if (row != NO_ROW) {
		browse->cursor = row;
		browse->top = row > below_top ? row - below_top : 0;
	}
	browse_go(browse, browse->cursor);
}

void browse_refresh(struct browse *browse)
{
	const struct row *row = browse_row(browse);

	find_shown(browse);
	keep_cursor(browse, row ? row->key : 0, row);
}

void browse_set_search(struct browse *browse)
{
	free(browse->found);
	browse->found = NULL;
	if (!browse->search.length)
		return;
	browse->found = new_flags(browse);
	match_tasks(browse->picture->snapshot, buffer_text(&browse->search), browse->found);
}

void browse_set_picture(struct browse *browse, struct picture *picture)
{
	const struct row *row = browse_row(browse);
	uint64_t key = row ? row->key : 0;
	bool had_row = row;

	picture_destroy(browse->picture);
	browse->picture = picture;
	if (!browse->mark_look) {
		browse->mark_look = picture->look;
		browse->mark_s = picture->at_s;
		browse->mark_ended = picture->ended_total;
	}
	/* It is searched anew when that is asked for. */
	free(browse->found);
	browse->found = NULL;
	find_shown(browse);
	keep_cursor(browse, key, had_row);
}

void browse_set_height(struct browse *browse, uint32_t height)
{
	browse->height = height;
	browse_go(browse, browse->cursor);
}

/* ---- search ---- */

static uint32_t count_found(const struct browse *browse, struct task_span span)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < span.count; i++)
		count += browse->found[span.tasks[i]->index];
	return count;
}

static bool is_reference(const struct browse *browse, const struct row *row)
{
	return row->kind == ROW_BRANCH && browse->picture->forest.branches[row->index].reference;
}

/* Unfolds a group of which some were found, and goes to the first of these, or
 * the last. */
static void go_inside(struct browse *browse, uint32_t group, bool forward)
{
	folding_set(&browse->folding, browse->rows.items.items[group].key, true);
	browse->cursor = group;
	make_rows(browse);
	uint32_t end = group + 1, row = group;
	while (end < browse->rows.items.count && browse->rows.items.items[end].kind == ROW_TASK &&
			browse->rows.items.items[end].parent == group)
		end++;
	for (uint32_t i = group + 1; i < end; i++) {
		uint32_t at = forward ? i : end - (i - group);
		if (browse->found[browse->rows.items.items[at].index]) {
			row = at;
			break;
		}
	}
	browse_go(browse, row);
}

bool browse_find(struct browse *browse, bool forward, bool from_here)
{
	uint32_t count = (uint32_t)browse->rows.items.count;

	if (!browse->found)
		browse_set_search(browse);
	if (!browse->found || !count)
		return false;
	for (uint32_t i = from_here ? 0 : 1; i <= count; i++) {
		uint32_t at = forward ? (browse->cursor + i) % count
				      : (browse->cursor + count - i % count) % count;
		const struct row *row = &browse->rows.items.items[at];
		struct task_span span = row_tasks(browse->picture, row);
		uint32_t found = row->kind == ROW_COROUTINE || is_reference(browse, row)
					 ? 0
					 : count_found(browse, span);
		/* Its tasks have rows of their own. */
		if (!found || (row->kind == ROW_BRANCH && span.count > 1 && row->open))
			continue;
		if (found < span.count)
			go_inside(browse, at, forward);
		else
			browse_go(browse, at);
		return true;
	}
	return false;
}

/* ---- what the keys do ---- */

static void set_open(struct browse *browse, bool open)
{
	const struct row *row = browse_row(browse);

	if (!row)
		return;
	if (row->folds && row->open != open) {
		folding_set(&browse->folding, row->key, open);
	} else if (!open && row->parent != NO_ROW) {
		/* Nothing to fold here: what stands above it is. */
		browse->cursor = row->parent;
		row = browse_row(browse);
		if (row->folds)
			folding_set(&browse->folding, row->key, false);
	}
	browse_refresh(browse);
}

static void toggle(struct browse *browse)
{
	const struct row *row = browse_row(browse);

	if (row && row->folds)
		set_open(browse, !row->open);
}

static void set_mark(struct browse *browse)
{
	browse->mark_look = browse->picture->look;
	browse->mark_s = browse->picture->at_s;
	browse->mark_ended = browse->picture->ended_total;
	browse_refresh(browse);
}

static void set_order(struct browse *browse, enum order order)
{
	browse->order = order;
	browse->cursor = browse->top = 0;
	make_rows(browse);
	browse_go(browse, 0);
}

static bool move(struct browse *browse, enum action action)
{
	int64_t page = browse->height > 1 ? browse->height - 1 : 1;

	switch (action) {
	case ACTION_UP:
		browse_go(browse, (int64_t)browse->cursor - 1);
		return true;
	case ACTION_DOWN:
		browse_go(browse, (int64_t)browse->cursor + 1);
		return true;
	case ACTION_PAGE_UP:
		browse_go(browse, (int64_t)browse->cursor - page);
		return true;
	case ACTION_PAGE_DOWN:
		browse_go(browse, (int64_t)browse->cursor + page);
		return true;
	case ACTION_HOME:
		browse_go(browse, 0);
		return true;
	case ACTION_END:
		browse_go(browse, UINT32_MAX);
		return true;
	default:
		return false;
	}
}

bool browse_act(struct browse *browse, enum action action)
{
	if (move(browse, action))
		return true;
	switch (action) {
	case ACTION_TOGGLE:
		toggle(browse);
		return true;
	case ACTION_UNFOLD:
	case ACTION_FOLD:
		set_open(browse, action == ACTION_UNFOLD);
		return true;
	case ACTION_ALL:
		folding_set_all(&browse->folding, !browse->folding.all);
		browse_refresh(browse);
		return true;
	case ACTION_SORT:
		set_order(browse, (browse->order + 1) % ORDERS);
		return true;
	case ACTION_STUCK:
		browse->shape = SHAPE_FLAT;
		set_order(browse, ORDER_STUCK);
		return true;
	case ACTION_SHAPE:
		browse->shape = (browse->shape + 1) % SHAPES;
		browse_refresh(browse);
		return true;
	case ACTION_DIFF:
		browse->diff = !browse->diff;
		browse_refresh(browse);
		return true;
	case ACTION_MARK:
		set_mark(browse);
		return true;
	default:
		return false;
	}
}

/* ---- what is said of it ---- */

static void add_diff(const struct browse *browse, struct buffer *note)
{
	const struct picture *picture = browse->picture;
	uint32_t born = 0, moved = 0;

	for (uint32_t i = 0; i < picture->snapshot->tasks.count; i++) {
		const struct track *track = &picture->tracks[i];
		if (!track->from_the_first && track->born_look > browse->mark_look)
			born++;
		else if (track->moved_look > browse->mark_look)
			moved++;
	}
	buffer_puts(note, "since the mark ");
	words_seconds(note, picture->at_s - browse->mark_s);
	buffer_puts(note, " ago: ");
	words_number(note, born);
	buffer_puts(note, " new, ");
	words_number(note, picture->ended_total - browse->mark_ended);
	buffer_puts(note, " ended, ");
	words_number(note, moved);
	buffer_puts(note, " moved");
}

bool browse_note(const struct browse *browse, struct buffer *note)
{
	if (browse->diff)
		add_diff(browse, note);
	if (browse->filter.length) {
		buffer_puts(note, note->length ? "; " : "");
		buffer_puts(note, "only what has: ");
		buffer_puts(note, buffer_text(&browse->filter));
	}
	return note->length;
}
