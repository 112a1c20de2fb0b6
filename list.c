/* Lists tasks in a table: render_list() of render.h.
 *
 * The table model/fields.h says which columns there are. */
#include <stdlib.h>
#include <string.h>

#include "alert.h"
#include "base/alloc.h"
#include "base/buffer.h"
#include "model/fields.h"
#include "model/location.h"
#include "model/paths.h"
#include "model/words.h"
#include "pen.h"
#include "render.h"
#include "safe.h"

enum {
	COLUMN_WIDTH_MAX = 40,  /* a wider value moves the rest of its line */
	COLUMN_WIDTH_LEAST = 8, /* where the screen is narrow */
	COLUMN_GAP = 2,
	MENTION_BYTES = 4096, /* of a name that stands whole in another line */
};

struct list {
	const struct snapshot *snapshot;
	struct paths paths;
	struct pen pen;
	struct buffer cell; /* text of the target, not yet safe */
	size_t *widths;     /* by field; 0 for no column */
	bool bounded;       /* values give way to the width of the screen */
	size_t spare;       /* columns that the screen has left beside these widths */
	size_t left;        /* of these, in the line that is drawn */
	size_t last;        /* the field that ends a line */
};

static const void *member(const struct task *task, const struct field *field)
{
	return (const char *)task + field->offset;
}

static void add_location(struct list *list, const struct frame *frame)
{
	if (!frame)
		return;
	buffer_puts(&list->cell, frame->file ? paths_short(&list->paths, frame->file) : "?");
	if (frame->line > 0)
		buffer_printf(&list->cell, ":%d", frame->line);
}

static void add_tasks(struct list *list, const struct task_list *tasks)
{
	if (!tasks->count)
		return;
	const char *name = tasks->items[0]->name;
	words_short(&list->cell, name ? name : "", MENTION_BYTES);
	if (tasks->count > 1)
		buffer_printf(&list->cell, " +%u", tasks->count - 1);
}

static void add_loop(struct list *list, const struct loop *loop)
{
	if (loop)
		buffer_printf(&list->cell, "0x%llx", (unsigned long long)loop->id);
}

static void add_value(struct list *list, const struct task *task, const struct field *field)
{
	const void *value = member(task, field);
	struct buffer *cell = &list->cell;

	switch (field->type) {
	case FIELD_ADDRESS:
		buffer_printf(cell, "0x%llx", (unsigned long long)*(const uint64_t *)value);
		break;
	case FIELD_TEXT:
		if (*(const char *const *)value)
			buffer_puts(cell, *(const char *const *)value);
		break;
	case FIELD_INT64:
		buffer_printf(cell, "%lld", (long long)*(const int64_t *)value);
		break;
	case FIELD_INT:
		buffer_printf(cell, "%d", *(const int *)value);
		break;
	case FIELD_TID:
		if (*(const int *)value)
			buffer_printf(cell, "%d", *(const int *)value);
		break;
	case FIELD_BOOL:
		buffer_puts(cell, *(const bool *)value ? "yes" : "no");
		break;
	case FIELD_STATE:
		buffer_puts(cell, task_state_name(*(const enum task_state *)value));
		break;
	case FIELD_LOOP:
		add_loop(list, *(const struct loop *const *)value);
		break;
	case FIELD_STACK:
		add_location(list, task_location(task));
		break;
	case FIELD_TASKS:
		add_tasks(list, value);
		break;
	case FIELD_WAIT:
		if (task->waiting_on)
			words_wait(cell, &task, 1, NULL);
		break;
	case FIELD_ORIGIN:
		break; /* it has no column */
	}
}

/* The field of the task as text, "-" where there is none. */
static const char *value_of(struct list *list, const struct task *task, const struct field *field)
{
	buffer_clear(&list->cell);
	add_value(list, task, field);
	return list->cell.length ? buffer_text(&list->cell) : "-";
}

static void measure(struct list *list)
{
	for (size_t i = 0; i < task_field_count; i++) {
		const struct field *field = &task_fields[i];
		size_t most = (size_t)field->width;

		if (!field->header)
			continue;
		list->last = i;
		if (strlen(field->header) > most)
			most = strlen(field->header);
		for (uint32_t k = 0; k < list->snapshot->tasks.count; k++) {
			const char *text = value_of(list, list->snapshot->tasks.items[k], field);
			size_t width = safe_width(text, list->pen.ascii);
			if (width > most && width <= COLUMN_WIDTH_MAX)
				most = width;
		}
		list->widths[i] = most;
	}
}

/* Names and waits give way where the screen is narrow; numbers and places do not. */
static bool may_shrink(size_t field)
{
	enum field_type type = task_fields[field].type;

	return type == FIELD_TEXT || type == FIELD_TASKS || type == FIELD_WAIT;
}

static size_t widest(const struct list *list)
{
	size_t best = task_field_count;

	for (size_t i = 0; i < task_field_count; i++)
		if (may_shrink(i) && list->widths[i] > COLUMN_WIDTH_LEAST &&
				list->widths[i] > strlen(task_fields[i].header) &&
				(best == task_field_count || list->widths[i] > list->widths[best]))
			best = i;
	return best;
}

static size_t width_of_all(const struct list *list)
{
	size_t total = 0;

	for (size_t i = 0; i < task_field_count; i++)
		total += list->widths[i] ? list->widths[i] + COLUMN_GAP : 0;
	return total - COLUMN_GAP;
}

/* Columns that a narrow screen goes without, the first one first. */
static void leave_out(struct list *list, size_t screen)
{
	static const char *const keys[] = { "awaits", "awaited_by", "tid" };

	for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
		for (size_t i = 0; i < task_field_count; i++)
			if (width_of_all(list) > screen && strcmp(task_fields[i].key, keys[k]) == 0)
				list->widths[i] = 0;
	for (size_t i = 0; i < task_field_count; i++)
		if (list->widths[i])
			list->last = i;
}

static void shrink(struct list *list, size_t screen)
{
	list->bounded = true;
	while (width_of_all(list) > screen) {
		size_t field = widest(list);
		if (field == task_field_count)
			break;
		list->widths[field]--;
	}
	leave_out(list, screen);
	size_t total = width_of_all(list);
	list->spare = total < screen ? screen - total : 0;
}

/* How wide a value may be.  Names of other tasks stand whole in their own line. */
static size_t limit_of(const struct list *list, size_t field)
{
	if (list->bounded && may_shrink(field))
		return list->widths[field] + list->left;
	return task_fields[field].type == FIELD_TASKS ? COLUMN_WIDTH_MAX : SIZE_MAX;
}

static void draw_cell(struct list *list, enum style style, size_t field, const char *text)
{
	struct pen *pen = &list->pen;
	size_t width = list->widths[field];
	size_t taken = safe_width(text, pen->ascii);
	size_t space = width > taken ? width - taken : 0;
	size_t begin = pen->column;

	if (task_fields[field].right)
		pen_spaces(pen, space);
	pen_short_text(pen, style, text, limit_of(list, field));
	size_t more = pen->column - begin > width ? pen->column - begin - width : 0;
	list->left -= more < list->left ? more : list->left;
	if (field == list->last)
		return;
	if (!task_fields[field].right)
		pen_spaces(pen, space);
	pen_spaces(pen, COLUMN_GAP);
}

static enum style style_of(const struct task *task, const struct field *field)
{
	if (field->type != FIELD_STATE)
		return STYLE_PLAIN;
	return task->state == TASK_RUNNING ? STYLE_RUNNING
	       : task->state == TASK_READY ? STYLE_READY
					   : STYLE_PLAIN;
}

static bool draw_header(struct list *list)
{
	list->left = list->spare;
	for (size_t i = 0; i < task_field_count; i++)
		if (list->widths[i])
			draw_cell(list, STYLE_TITLE, i, task_fields[i].header);
	return pen_end_line(&list->pen);
}

static bool draw_nothing(struct list *list)
{
	pen_puts(&list->pen, STYLE_PLAIN, "no tasks");
	return pen_end_line(&list->pen);
}

static bool draw_row(struct list *list, const struct task *task)
{
	list->left = list->spare;
	for (size_t i = 0; i < task_field_count; i++)
		if (list->widths[i])
			draw_cell(list, style_of(task, &task_fields[i]), i,
					value_of(list, task, &task_fields[i]));
	return pen_end_line(&list->pen);
}

void render_list(const struct snapshot *snapshot, const struct render_options *options, FILE *out)
{
	struct list list = {
		.snapshot = snapshot,
		.pen = {
			.out = out,
			.ascii = options->ascii,
			.ascii_lines = options->ascii || options->ascii_lines,
			.color = options->color,
		},
		.widths = alloc_zeroed(task_field_count, sizeof(size_t)),
	};

	paths_init(&list.paths, snapshot);
	measure(&list);
	if (options->width > 0)
		shrink(&list, (size_t)options->width);
	bool goes_on = warnings_draw(&list.pen, snapshot, (size_t)options->width) >= 0 &&
		       alerts_draw(&list.pen, snapshot, (size_t)options->width, 0) >= 0;
	if (goes_on)
		goes_on = snapshot->tasks.count ? draw_header(&list) : draw_nothing(&list);
	for (uint32_t i = 0; i < snapshot->tasks.count && goes_on; i++)
		goes_on = draw_row(&list, snapshot->tasks.items[i]);
	paths_deinit(&list.paths);
	pen_deinit(&list.pen);
	buffer_deinit(&list.cell);
	free(list.widths);
}
