/* What is looked at of a picture: see browse.h. */
#include "view/browse.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "model/words.h"
#include "view/rowline.h"

enum { PART = 1000 }; /* of the tasks, looked at in about a millisecond */

void browse_deinit(struct browse *browse)
{
	browse_drop_next(browse);
	picture_destroy(browse->picture);
	rows_deinit(&browse->rows);
	folding_deinit(&browse->folding);
	buffer_deinit(&browse->filter);
	buffer_deinit(&browse->search);
	free(browse->matching);
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
	if (!browse->matching && !browse->diff)
		return;
	browse->shown = alloc_zeroed((size_t)count + 1, sizeof(bool));
	for (uint32_t i = 0; i < count; i++)
		browse->shown[i] = (!browse->matching || browse->matching[i]) &&
				   (!browse->diff || is_changed(browse, i));
}

void browse_make_rows(const struct browse *browse, const struct folding *folding, struct rows *rows)
{
	struct rows_options options = {
		.shape = browse->shape,
		.order = browse->order,
		.stacks = browse->stacks,
		.shown = browse->shown,
		.folding = folding,
		.ended_since_s = browse->picture->at_s - MARKED_SECONDS,
		.ended_since_look = browse->diff ? browse->mark_look : 0,
	};

	/* Of those that ended there is no more to match. */
	if (browse->filter.length) {
		options.ended_since_s = INFINITY;
		options.ended_since_look = 0;
	}
	rows_make(rows, browse->picture, &options);
}

static void make_rows(struct browse *browse)
{
	browse_make_rows(browse, &browse->folding, &browse->rows);
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

void browse_refresh(struct browse *browse)
{
	const struct row *row = browse_row(browse);
	uint64_t key = row ? row->key : 0;
	uint32_t below_top = browse->cursor - browse->top;

	find_shown(browse);
	make_rows(browse);
	uint32_t at = row ? rows_find(&browse->rows, key) : NO_ROW;
	if (at != NO_ROW) {
		browse->cursor = at;
		browse->top = at > below_top ? at - below_top : 0;
	}
	browse_go(browse, browse->cursor);
}

void browse_set_search(struct browse *browse, const char *text)
{
	buffer_clear(&browse->search);
	buffer_puts(&browse->search, text);
	free(browse->found);
	browse->found = NULL;
}

/* ---- the next picture, and the filter ---- */

static void set_mark(struct browse *browse)
{
	browse->mark_look = browse->picture->look;
	browse->mark_s = browse->picture->at_s;
	browse->mark_ended = browse->picture->ended_total;
}

/* Takes what was filtered. */
static void adopt(struct browse *browse)
{
	free(browse->matching);
	browse->matching = match_end(&browse->filtering);
	browse->filter_is_new = false;
	if (browse->next) {
		picture_destroy(browse->picture);
		browse->picture = browse->next;
		browse->next = NULL;
		/* It is searched anew when that is asked for. */
		free(browse->found);
		browse->found = NULL;
	}
	if (!browse->mark_look)
		set_mark(browse);
	browse_refresh(browse);
}

static void begin_filtering(struct browse *browse)
{
	const struct picture *picture = browse->next ? browse->next : browse->picture;

	free(match_end(&browse->filtering));
	if (browse->filter.length)
		match_begin(&browse->filtering, picture->snapshot, buffer_text(&browse->filter));
	else
		adopt(browse);
}

void browse_set_picture(struct browse *browse, struct picture *picture)
{
	picture_destroy(browse->next);
	browse->next = picture;
	begin_filtering(browse);
}

void browse_drop_next(struct browse *browse)
{
	free(match_end(&browse->filtering));
	picture_destroy(browse->next);
	browse->next = NULL;
}

void browse_set_filter(struct browse *browse, const char *text)
{
	buffer_clear(&browse->filter);
	buffer_puts(&browse->filter, text);
	browse->filter_is_new = true;
	begin_filtering(browse);
}

bool browse_is_busy(const struct browse *browse)
{
	return browse->filtering.snapshot;
}

bool browse_work(struct browse *browse)
{
	if (!browse_is_busy(browse))
		return false;
	if (match_go_on(&browse->filtering, PART))
		return true;
	adopt(browse);
	return false;
}

void browse_settle(struct browse *browse)
{
	while (browse->filter_is_new)
		browse_work(browse);
}

void browse_set_levels(struct browse *browse, uint32_t levels)
{
	picture_set_levels(browse->picture, levels);
	if (browse->next)
		picture_set_levels(browse->next, levels);
	browse_refresh(browse);
}

void browse_set_height(struct browse *browse, uint32_t height)
{
	browse->height = height;
	browse_go(browse, browse->cursor);
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
		browse_refresh(browse);
		return true;
	default:
		return false;
	}
}

/* ---- what is said of it ---- */

/* Of those that ended since the mark; the picture has only the last ones. */
static uint64_t count_kept(const struct browse *browse)
{
	uint64_t kept = 0;

	for (size_t i = 0; i < browse->picture->ended_count; i++)
		if (browse->picture->ended[i].look > browse->mark_look)
			kept += browse->picture->ended[i].count;
	return kept;
}

static void add_ended(const struct browse *browse, struct buffer *note)
{
	uint64_t ended = browse->picture->ended_total - browse->mark_ended;
	uint64_t kept = count_kept(browse);

	words_number(note, ended);
	buffer_puts(note, " ended");
	if (kept == ended)
		return;
	buffer_puts(note, " (the last ");
	words_number(note, kept);
	buffer_puts(note, " are listed)");
}

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
	add_ended(browse, note);
	buffer_puts(note, ", ");
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
