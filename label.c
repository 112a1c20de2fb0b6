/* What is said of a branch in its line: see label.h.
 *
 * A line that is too wide is taken back and written anew with less in it. */
#include "label.h"

#include <string.h>

#include "base/buffer.h"
#include "model/location.h"
#include "model/words.h"
#include "safe.h"

enum {
	LISTED_NAMES = 2,   /* of a group */
	LISTED_WIDTH = 32,  /* of each */
	MENTION_WIDTH = 64, /* of a name that stands whole elsewhere */
	LEAST_WIDTH = 5,    /* of a name that gives way to what must stay */
};

/* What of a line is written. */
struct detail {
	unsigned names; /* of a group's tasks */
	bool holder;    /* all about who holds what is waited for */
	bool outer;     /* the coroutine, where the frame is another function's */
	size_t name_width, function_width;
};

static const struct detail details[] = {
	{ LISTED_NAMES, true, true, SIZE_MAX, SIZE_MAX },
	{ 1, true, true, SIZE_MAX, SIZE_MAX },
	{ 0, true, true, SIZE_MAX, SIZE_MAX },
	{ 0, false, true, SIZE_MAX, SIZE_MAX },
	{ 0, false, false, SIZE_MAX, SIZE_MAX },
};

enum { DETAILS = sizeof(details) / sizeof(details[0]) };

/* A place in the line to come back to. */
struct mark {
	size_t length, column;
};

static struct mark set_mark(const struct pen *pen)
{
	return (struct mark){ pen->line.length, pen->column };
}

static void go_back(struct pen *pen, struct mark mark)
{
	pen->line.length = mark.length;
	pen->column = mark.column;
}

/* The coroutine's own name: a decorated one has that of the function in it. */
static const char *outer_function(const struct task *task)
{
	if (task->coroutine)
		return task->coroutine;
	return task_depth(task) ? task->stack->frames[0]->function : "";
}

/* The function of the location, where it is not the outermost; or NULL. */
static const char *inner_function(const struct task *task)
{
	if (!task_depth(task) || !task->stack->location)
		return NULL;
	return task_location(task)->function;
}

static bool is_group(const struct branch *branch)
{
	return branch->count > 1 || branch->links > 1;
}

static void draw_count(struct pen *pen, const struct branch *branch)
{
	if (branch->count > 1) {
		pen_number(pen, STYLE_COUNT, branch->count);
		if (branch->links > 1)
			pen_spaces(pen, 1);
		pen_glyph(pen, STYLE_COUNT, GLYPH_TIMES);
		pen_spaces(pen, 1);
	}
	if (branch->links > 1) {
		pen_number(pen, STYLE_COUNT, branch->links);
		pen_glyph(pen, STYLE_COUNT, GLYPH_TIMES);
		pen_spaces(pen, 1);
	}
}

static const char *name_of(const struct task *task)
{
	return task->name && *task->name ? task->name : "''";
}

static void draw_names(struct pen *pen, const struct branch *branch, unsigned names)
{
	uint32_t total = branch->count * branch->links;

	pen_puts(pen, STYLE_FAINT, "  [");
	for (unsigned i = 0; i < names; i++) {
		if (i)
			pen_puts(pen, STYLE_FAINT, ", ");
		pen_short_text(pen, STYLE_FAINT, name_of(branch->tasks[i]), LISTED_WIDTH);
	}
	pen_puts(pen, STYLE_FAINT, " +");
	pen_number(pen, STYLE_FAINT, total - names);
	pen_puts(pen, STYLE_FAINT, "]");
}

static void draw_place(struct pen *pen, const struct frame *frame, const struct paths *paths)
{
	char line[16];

	pen_text(pen, STYLE_PLACE, frame->file ? paths_short(paths, frame->file) : "?");
	if (frame->line > 0) {
		snprintf(line, sizeof(line), ":%d", frame->line);
		pen_puts(pen, STYLE_PLACE, line);
	}
}

/* What the tasks do now. */
static void draw_wait(struct pen *pen, const struct branch *branch, const struct paths *paths)
{
	static const struct {
		const char *text;
		enum style style;
	} waits[TASK_STATES] = {
		[TASK_RUNNING] = { "RUNNING", STYLE_RUNNING },
		[TASK_READY] = { "ready", STYLE_READY },
	};
	const struct task *task = branch->tasks[0];

	if (waits[task->state].text) {
		pen_dot(pen);
		pen_puts(pen, waits[task->state].style, waits[task->state].text);
	} else if (task->waiting_on) {
		struct buffer text = { 0 };
		words_wait(&text, branch->tasks, branch->count * branch->links, paths);
		pen_dot(pen);
		pen_text(pen, STYLE_PLAIN, buffer_text(&text));
		buffer_deinit(&text);
	}
}

static void draw_functions(struct pen *pen, const struct task *task, const struct detail *detail)
{
	const char *outer = outer_function(task), *inner = inner_function(task);

	if (!inner) {
		pen_short_text(pen, STYLE_PLAIN, outer, detail->function_width);
		return;
	}
	if (detail->outer) {
		pen_text(pen, STYLE_PLAIN, outer);
		pen_spaces(pen, 1);
	}
	pen_glyph(pen, STYLE_FAINT, GLYPH_ARROW);
	pen_spaces(pen, 1);
	pen_short_text(pen, STYLE_PLAIN, inner, detail->function_width);
}

static void draw_detail(struct pen *pen, const struct branch *branch, const struct paths *paths,
		const struct detail *detail)
{
	const struct task *task = branch->tasks[0];
	const struct frame *location = task_location(task);

	if (is_group(branch)) {
		draw_count(pen, branch);
	} else {
		pen_short_text(pen, STYLE_NAME, name_of(task), detail->name_width);
		pen_spaces(pen, 1);
	}
	draw_functions(pen, task, detail);
	if (location) {
		pen_spaces(pen, 2);
		draw_place(pen, location, paths);
	}
	draw_wait(pen, branch, detail->holder ? paths : NULL);
	if (branch->cycle) {
		pen_dot(pen);
		pen_puts(pen, STYLE_ALARM, "cycle");
	}
	if (is_group(branch) && detail->names)
		draw_names(pen, branch, detail->names);
}

/* Shares `room` between two texts, so that the longer one gives way. */
static void share_room(size_t room, size_t a, size_t b, size_t *for_a, size_t *for_b)
{
	if (a <= room / 2)
		*for_a = a;
	else if (b <= room / 2)
		*for_a = room - b;
	else
		*for_a = room - room / 2;
	*for_b = room - *for_a;
	if (*for_a < LEAST_WIDTH)
		*for_a = LEAST_WIDTH;
	if (*for_b < LEAST_WIDTH)
		*for_b = LEAST_WIDTH;
}

/* The line of least detail was `excess` columns too wide: shortens its names. */
static struct detail shortened(const struct pen *pen, const struct branch *branch, size_t excess)
{
	struct detail detail = details[DETAILS - 1];
	const struct task *task = branch->tasks[0];
	const char *inner = inner_function(task);
	size_t name = is_group(branch) ? 0 : safe_width(name_of(task), pen->ascii);
	size_t function = safe_width(inner ? inner : outer_function(task), pen->ascii);
	size_t room = name + function > excess ? name + function - excess : 0;

	share_room(room, name, function, &detail.name_width, &detail.function_width);
	return detail;
}

void label_draw(struct pen *pen, const struct branch *branch, const struct paths *paths,
		size_t width, size_t after)
{
	struct mark mark = set_mark(pen);

	for (size_t i = 0; i < DETAILS; i++) {
		go_back(pen, mark);
		draw_detail(pen, branch, paths, &details[i]);
		if (!width || pen->column + after <= width)
			return;
	}
	struct detail detail = shortened(pen, branch, pen->column + after - width);
	go_back(pen, mark);
	draw_detail(pen, branch, paths, &detail);
}

void label_draw_mention(struct pen *pen, const struct branch *branch, size_t width)
{
	static const char cycle[] = " (cycle)";
	size_t room = MENTION_WIDTH;

	pen_glyph(pen, STYLE_FAINT, GLYPH_UP);
	pen_spaces(pen, 1);
	if (is_group(branch)) {
		draw_count(pen, branch);
		pen_short_text(pen, STYLE_PLAIN, outer_function(branch->tasks[0]), room);
		return;
	}
	size_t taken = pen->column + (branch->reference && branch->cycle ? strlen(cycle) : 0);
	if (width && width < taken + room)
		room = width > taken + LEAST_WIDTH ? width - taken : LEAST_WIDTH;
	pen_short_text(pen, STYLE_NAME, name_of(branch->tasks[0]), room);
	if (branch->reference && branch->cycle)
		pen_puts(pen, STYLE_ALARM, cycle);
}

void label_draw_frame(
		struct pen *pen, const struct frame *frame, const struct paths *paths, size_t width)
{
	struct mark mark = set_mark(pen);
	size_t room = SIZE_MAX;

	for (int tries = 0; tries < 2; tries++) {
		go_back(pen, mark);
		pen_short_text(pen, STYLE_PLAIN, frame->function, room);
		size_t function = pen->column - mark.column;
		pen_spaces(pen, 2);
		draw_place(pen, frame, paths);
		if (!width || pen->column <= width)
			return;
		size_t excess = pen->column - width;
		room = function > excess + LEAST_WIDTH ? function - excess : LEAST_WIDTH;
	}
}
