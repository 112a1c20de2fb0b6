/* The line of a row: see rowline.h. */
#include "view/rowline.h"

#include <math.h>
#include <string.h>

#include "base/buffer.h"
#include "label.h"
#include "model/words.h"
#include "title.h"

enum {
	LEVELS_MAX = 256,
};

/* What was seen over time; a narrower screen has only what it is sorted by. */
enum column { COLUMN_SAME, COLUMN_STEPS, COLUMN_SHARE, COLUMNS };

static const struct {
	const char *name;
	size_t width, least_screen;
	enum order order;
} columns[COLUMNS] = {
	[COLUMN_SAME] = { "SAME", 7, 60, ORDER_STUCK },
	[COLUMN_STEPS] = { "STEPS", 7, 100, ORDER_STEPS },
	[COLUMN_SHARE] = { "RUN%", 5, 90, ORDER_SHARE },
};

static bool has_column(const struct rowline *how, enum column column)
{
	return how->width >= columns[column].least_screen || how->order == columns[column].order;
}

static const char *const signs[] = { "+", "*", "-" };

enum change { CHANGE_NEW, CHANGE_MOVED, CHANGE_ENDED, CHANGE_NONE };

static enum change change_of(const struct rowline *how, const struct sum *sum)
{
	if (how->mark_look)
		return sum->born_look > how->mark_look    ? CHANGE_NEW
		       : sum->moved_look > how->mark_look ? CHANGE_MOVED
							  : CHANGE_NONE;
	if (sum->born_look && how->now_s - sum->born_s < MARKED_SECONDS)
		return CHANGE_NEW;
	return sum->moved_look && how->now_s - sum->moved_s < MARKED_SECONDS ? CHANGE_MOVED
									     : CHANGE_NONE;
}

static void draw_change(struct pen *pen, enum change change)
{
	static const enum style styles[] = { STYLE_NEW, STYLE_MOVED, STYLE_ENDED };

	if (change == CHANGE_NONE)
		pen_spaces(pen, 1);
	else
		pen_puts(pen, styles[change], signs[change]);
	pen_spaces(pen, 1);
}

/* ASCII of our own, at the right of its column. */
static void draw_right(struct pen *pen, enum style style, const char *text, size_t width)
{
	size_t length = strlen(text);

	pen_spaces(pen, length < width ? width - length : 0);
	pen_puts(pen, style, text);
	pen_spaces(pen, 1);
}

static void add_value(struct buffer *text, const struct rowline *how, const struct sum *sum,
		enum column column)
{
	double same_s = how->picture->at_s - sum->since_s;

	if (column == COLUMN_SAME)
		words_seconds(text, same_s > 0 ? same_s : 0);
	else if (column == COLUMN_STEPS)
		words_number(text, sum->steps);
	else if (sum->current)
		buffer_printf(text, "%.0f%%",
				100.0 * (double)sum->current / (double)how->picture->look);
}

static void draw_sum(struct pen *pen, const struct rowline *how, const struct sum *sum)
{
	struct buffer text = { 0 };

	for (enum column column = 0; column < COLUMNS; column++) {
		if (!has_column(how, column))
			continue;
		buffer_clear(&text);
		add_value(&text, how, sum, column);
		draw_right(pen, STYLE_PLAIN, buffer_text(&text), columns[column].width);
	}
	buffer_deinit(&text);
}

static size_t width_of_sums(const struct rowline *how)
{
	size_t width = 0;

	for (enum column column = 0; column < COLUMNS; column++)
		width += has_column(how, column) ? columns[column].width + 1 : 0;
	return width;
}

void rowline_draw_heading(struct pen *pen, const struct rowline *how)
{
	char text[16];

	pen_spaces(pen, 2);
	for (enum column column = 0; column < COLUMNS; column++) {
		if (!has_column(how, column))
			continue;
		snprintf(text, sizeof(text), "%s%s", how->order == columns[column].order ? ">" : "",
				columns[column].name);
		draw_right(pen, STYLE_HEADING, text, columns[column].width);
	}
	pen_puts(pen, STYLE_HEADING,
			how->order == ORDER_NAME    ? ">TASK"
			: how->order == ORDER_PLACE ? "TASK >PLACE"
						    : "TASK");
}

/* ---- the tree's lines ---- */

static void draw_trunks(struct pen *pen, const struct rowline *how, const struct row *row)
{
	bool trunk[LEVELS_MAX] = { false };
	const struct row *rows = how->rows->items.items;
	uint32_t parent = row->parent;

	for (uint32_t level = row->depth; level-- > 0;) {
		trunk[level] = parent != NO_ROW && !rows[parent].last;
		parent = parent != NO_ROW ? rows[parent].parent : NO_ROW;
	}
	for (uint32_t level = 0; level < row->depth; level++) {
		if (trunk[level])
			pen_glyph(pen, STYLE_FAINT, GLYPH_TRUNK);
		else
			pen_spaces(pen, GLYPH_TREE_WIDTH);
	}
}

static void draw_branch_line(struct pen *pen, const struct rowline *how, const struct row *row)
{
	draw_trunks(pen, how, row);
	pen_glyph(pen, STYLE_FAINT, row->last ? GLYPH_LAST_BRANCH : GLYPH_BRANCH);
}

static void draw_section_number(struct pen *pen, uint32_t number)
{
	char text[16];

	snprintf(text, sizeof(text), "[%u]", number);
	pen_puts(pen, STYLE_TITLE, text);
}

/* A sign that something is folded below. */
static void draw_fold(struct pen *pen, const struct row *row)
{
	if (row->folds && !row->open)
		pen_puts(pen, STYLE_COUNT, "[+] ");
}

static void draw_branch(struct pen *pen, const struct rowline *how, const struct row *row)
{
	const struct branch *branch = &how->picture->forest.branches[row->index];
	char number[16];
	int after = branch->goes_on ? snprintf(number, sizeof(number), " v [%u]", branch->goes_on)
				    : 0;

	if (branch->reference) {
		label_draw_mention(pen, branch, how->width);
		return;
	}
	label_draw(pen, branch, &how->picture->paths, how->width, (size_t)after);
	if (!branch->goes_on)
		return;
	pen_spaces(pen, 1);
	pen_glyph(pen, STYLE_TITLE, GLYPH_DOWN);
	pen_spaces(pen, 1);
	draw_section_number(pen, branch->goes_on);
}

static void draw_task(struct pen *pen, const struct rowline *how, const struct row *row)
{
	const struct task *task = how->picture->snapshot->tasks.items[row->index];
	const struct branch branch = { .tasks = &task, .count = 1, .links = 1 };

	label_draw(pen, &branch, &how->picture->paths, how->width, 0);
}

static void draw_coroutine(struct pen *pen, const struct rowline *how, const struct row *row)
{
	const struct task *task = how->picture->snapshot->tasks.items[row->index];

	pen_number(pen, STYLE_COUNT, row->count);
	pen_glyph(pen, STYLE_COUNT, GLYPH_TIMES);
	pen_spaces(pen, 1);
	pen_short_text(pen, STYLE_TITLE, task->coroutine ? task->coroutine : "?",
			how->width > pen->column ? how->width - pen->column : 1);
}

static void draw_ended(struct pen *pen, const struct rowline *how, const struct row *row)
{
	const struct ended *ended = &how->picture->ended[row->index];
	static const char word[] = "ended: ";

	pen_puts(pen, STYLE_ENDED, word);
	if (row->count > 1) {
		pen_number(pen, STYLE_ENDED, row->count);
		pen_glyph(pen, STYLE_ENDED, GLYPH_TIMES);
	} else {
		pen_text(pen, STYLE_ENDED, ended->name);
	}
	pen_spaces(pen, 1);
	pen_short_text(pen, STYLE_ENDED, ended->where,
			how->width > pen->column ? how->width - pen->column : 1);
}

/* Between its task and what stands below that. */
static void draw_frame(struct pen *pen, const struct rowline *how, const struct row *row)
{
	const struct task *task = how->picture->snapshot->tasks.items[row->index];

	if (row->lined) {
		draw_trunks(pen, how, row);
		if (row->last)
			pen_spaces(pen, GLYPH_TREE_WIDTH);
		else
			pen_glyph(pen, STYLE_FAINT, GLYPH_TRUNK);
	}
	pen_spaces(pen, 1);
	label_draw_frame(pen, task->stack->frames[row->count], &how->picture->paths, how->width);
}

/* ---- a row ---- */

/* Whether there is something that was seen over time of what is in the row. */
static bool has_sum(const struct rowline *how, const struct row *row, struct sum *sum)
{
	const struct picture *picture = how->picture;

	switch (row->kind) {
	case ROW_BRANCH:
		*sum = picture->sums[row->index];
		return !picture->forest.branches[row->index].reference;
	case ROW_TASK:
		*sum = picture_sum(picture, picture->snapshot->tasks.items[row->index]);
		return true;
	case ROW_COROUTINE:
		*sum = how->rows->sums.items[row->sum];
		return true;
	default:
		return false;
	}
}

static void draw_sums(struct pen *pen, const struct rowline *how, const struct row *row)
{
	struct sum sum;

	if (has_sum(how, row, &sum)) {
		draw_change(pen, change_of(how, &sum));
		draw_sum(pen, how, &sum);
		return;
	}
	draw_change(pen, row->kind == ROW_ENDED ? CHANGE_ENDED : CHANGE_NONE);
	pen_spaces(pen, width_of_sums(how));
}

void rowline_draw(struct pen *pen, const struct rowline *how, uint32_t number)
{
	const struct row *row = &how->rows->items.items[number];
	const struct forest *forest = &how->picture->forest;

	if (row->kind == ROW_BLOCK) {
		title_draw(pen, how->picture->snapshot, &forest->blocks[row->index], how->width);
		return;
	}
	if (row->kind == ROW_SECTION) {
		draw_section_number(pen, forest->branches[row->index].goes_on);
		pen_spaces(pen, 1);
		label_draw_mention(pen, &forest->branches[row->index], how->width);
		return;
	}
	draw_sums(pen, how, row);
	if (row->kind == ROW_FRAME) {
		draw_frame(pen, how, row);
		return;
	}
	if (row->lined)
		draw_branch_line(pen, how, row);
	draw_fold(pen, row);
	if (row->kind == ROW_BRANCH)
		draw_branch(pen, how, row);
	else if (row->kind == ROW_TASK)
		draw_task(pen, how, row);
	else if (row->kind == ROW_COROUTINE)
		draw_coroutine(pen, how, row);
	else
		draw_ended(pen, how, row);
}
