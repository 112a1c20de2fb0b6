/* Draws a snapshot as a tree: see render.h. */
#include "render.h"

#include <langinfo.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "alert.h"
#include "base/alloc.h"
#include "base/buffer.h"
#include "label.h"
#include "model/command.h"
#include "model/crop.h"
#include "model/finding.h"
#include "model/forest.h"
#include "model/location.h"
#include "model/paths.h"
#include "pen.h"
#include "title.h"

enum {
	WIDTH_MAX = 10000,
	WIDTH_OF_TERMINAL = 80, /* where it does not say */
	HEIGHT_OF_TERMINAL = 24,
	WIDTH_OF_TREE = 160,     /* where lines have no end */
	WIDTH_OF_TREE_MAX = 480, /* so that indentation stays short */
	TREE_LEAST = 4,          /* lines: of a loop, a task, and of what is not shown */
};

static bool is_set(const char *variable)
{
	const char *value = getenv(variable);

	return value && *value;
}

/* A number of columns or lines, 0 where the variable has none. */
static int get_size(const char *variable)
{
	const char *value = getenv(variable);
	char *end;
	long size = value ? strtol(value, &end, 10) : 0;

	if (size <= 0 || *end)
		return 0;
	return size < WIDTH_MAX ? (int)size : WIDTH_MAX;
}

/* The first of what the user says, what the terminal says, and a guess. */
static int choose_size(const char *variable, int of_terminal, int guess)
{
	int size = get_size(variable);

	if (size)
		return size;
	return of_terminal ? of_terminal : guess;
}

void render_options_init(struct render_options *options, int fd, enum color_when when)
{
	const char *term = getenv("TERM");
	bool terminal = isatty(fd);
	bool dumb = !term || !*term || strcmp(term, "dumb") == 0;
	struct winsize size = { 0 };

	*options = (struct render_options){ .fold = true };
	options->ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	options->ascii_lines = !terminal || dumb;
	options->color = when == COLOR_ALWAYS ||
			 (when == COLOR_AUTO && terminal && !dumb && !is_set("NO_COLOR"));
	options->width = get_size("COLUMNS");
	if (terminal) {
		if (ioctl(fd, TIOCGWINSZ, &size) < 0)
			size = (struct winsize){ 0 };
		options->width = choose_size("COLUMNS", size.ws_col, WIDTH_OF_TERMINAL);
		options->height = choose_size("LINES", size.ws_row, HEIGHT_OF_TERMINAL);
	}
}

/* What drawing one tree takes. */
struct drawing {
	const struct snapshot *snapshot;
	const struct render_options *options;
	struct pen pen;
	struct paths paths;
	struct forest forest;
	struct crop crop;
	size_t width;
	int lines;   /* of the screen, written so far */
	bool failed; /* the output takes no more */
	bool *last;  /* of its siblings that are shown, by branch */
	bool *open;  /* has children that are shown, by branch */
	bool *trunk; /* by level: siblings follow below */
};

static void end_line(struct drawing *d)
{
	d->lines += pen_rows(&d->pen, d->width);
	d->failed |= !pen_end_line(&d->pen);
}

static void draw_count(struct pen *pen, unsigned long long count, const char *noun)
{
	pen_number(pen, STYLE_PLAIN, count);
	pen_puts(pen, STYLE_PLAIN, noun);
	pen_puts(pen, STYLE_PLAIN, count == 1 ? "" : "s");
}

static void draw_process(struct drawing *d)
{
	struct buffer name = { 0 };
	char pid[32];

	command_add_name(d->snapshot, &name);
	snprintf(pid, sizeof(pid), "  pid %d", d->snapshot->pid);
	pen_short_text(&d->pen, STYLE_TITLE, buffer_text(&name),
			d->width > strlen(pid) ? d->width - strlen(pid) : SIZE_MAX);
	buffer_deinit(&name);
	pen_puts(&d->pen, STYLE_PLAIN, pid);
}

static void draw_python(struct drawing *d)
{
	const struct snapshot *snapshot = d->snapshot;

	pen_puts(&d->pen, STYLE_PLAIN, "CPython ");
	pen_text(&d->pen, STYLE_PLAIN, snapshot->python_version ? snapshot->python_version : "?");
	pen_puts(&d->pen, STYLE_PLAIN, snapshot->free_threaded ? " free-threaded" : "");
	pen_puts(&d->pen, STYLE_PLAIN, snapshot->debug ? " debug" : "");
}

static void draw_totals(struct drawing *d)
{
	struct pen *pen = &d->pen;

	if (!d->snapshot->tasks.count) {
		pen_puts(pen, STYLE_PLAIN, "no tasks");
		return;
	}
	draw_count(pen, d->snapshot->tasks.count, " task");
	if (d->options->fold) {
		pen_puts(pen, STYLE_PLAIN, ", ");
		draw_count(pen, d->forest.groups, " group");
	}
}

static void draw_mode(struct drawing *d)
{
	const struct snapshot *snapshot = d->snapshot;
	double ms = snapshot->pause_us / 1000;
	char text[64];

	if (snapshot->mode == SNAPSHOT_CORE)
		snprintf(text, sizeof(text), "core file");
	else if (snapshot->mode == SNAPSHOT_RUNNING || ms < 0)
		snprintf(text, sizeof(text), "not paused");
	else
		snprintf(text, sizeof(text), "paused %.*f ms", ms < 99.95 ? 1 : 0, ms);
	pen_puts(&d->pen, STYLE_PLAIN, text);
}

static void draw_inconsistent(struct drawing *d)
{
	if (!d->snapshot->consistent)
		pen_puts(&d->pen, STYLE_ALARM, "NOT CONSISTENT");
}

/* Goes on with what `draw` draws after a dot, on a new line where this one has
 * no room for it. */
static void draw_part(struct drawing *d, void (*draw)(struct drawing *d))
{
	struct pen *pen = &d->pen;
	size_t length = pen->line.length, column = pen->column;

	pen_dot(pen);
	size_t begin = pen->column;
	draw(d);
	bool empty = pen->column == begin;
	if (!empty && (!d->width || pen->column <= d->width))
		return;
	pen->line.length = length;
	pen->column = column;
	if (empty)
		return;
	end_line(d);
	pen_spaces(pen, 2);
	draw(d);
}

static void count_alert(struct drawing *d, int lines)
{
	d->failed |= lines < 0;
	d->lines += lines < 0 ? 0 : lines;
}

static void draw_header(struct drawing *d)
{
	draw_process(d);
	draw_part(d, draw_python);
	draw_part(d, draw_totals);
	draw_part(d, draw_mode);
	draw_part(d, draw_inconsistent);
	end_line(d);
	count_alert(d, warnings_draw(&d->pen, d->snapshot, d->width));
}

/* Some of the tree is to be seen below them. */
static void draw_findings(struct drawing *d)
{
	int left = d->options->height - d->lines - 1 - TREE_LEAST;
	bool limited = d->options->height && d->options->fold;

	count_alert(d, alerts_draw(&d->pen, d->snapshot, d->width,
				       !limited   ? 0
				       : left > 1 ? left
						  : 1));
}

/* What blocks a loop and is no task has no line of its own: its frames. */
static struct stack callback_of(const struct drawing *d, const struct block *block)
{
	const struct thread *thread = block->thread;
	bool shown = d->options->stacks && block->loop && finding_is_blocked(block->loop) &&
		     thread && thread->stack && !thread->current_task;

	return shown ? stack_above_loop(thread->stack) : (struct stack){ 0 };
}

static void draw_block_title(struct drawing *d, const struct block *block)
{
	struct stack callback = callback_of(d, block);

	end_line(d);
	title_draw(&d->pen, d->snapshot, block, d->width);
	end_line(d);
	for (uint32_t i = 0; i < callback.depth && !d->failed; i++) {
		pen_spaces(&d->pen, GLYPH_TREE_WIDTH);
		label_draw_frame(&d->pen, callback.frames[i], &d->paths, d->width);
		end_line(d);
	}
}

/* "[7]", which joins a branch and the section where its children stand. */
static void draw_section_number(struct pen *pen, uint32_t number)
{
	char text[16];

	snprintf(text, sizeof(text), "[%u]", number);
	pen_puts(pen, STYLE_TITLE, text);
}

static void draw_section_title(struct drawing *d, const struct branch *first)
{
	draw_section_number(&d->pen, first->section);
	pen_spaces(&d->pen, 1);
	label_draw_mention(&d->pen, &d->forest.branches[first->parent], d->width);
	end_line(d);
}

static void draw_trunks(struct drawing *d, uint32_t levels)
{
	for (uint32_t i = 0; i < levels; i++) {
		if (d->trunk[i])
			pen_glyph(&d->pen, STYLE_FAINT, GLYPH_TRUNK);
		else
			pen_spaces(&d->pen, GLYPH_TREE_WIDTH);
	}
}

/* The frames of a branch, between it and its children. */
static void draw_stack(struct drawing *d, uint32_t index)
{
	const struct branch *branch = &d->forest.branches[index];
	const struct task *task = branch->tasks[0];
	bool children = d->open[index] && !branch->goes_on;

	for (uint32_t i = 0; i < task_depth(task) && !d->failed; i++) {
		draw_trunks(d, branch->depth + 1);
		if (children)
			pen_glyph(&d->pen, STYLE_FAINT, GLYPH_TRUNK);
		else
			pen_spaces(&d->pen, GLYPH_TREE_WIDTH);
		pen_spaces(&d->pen, 1);
		label_draw_frame(&d->pen, task->stack->frames[i], &d->paths, d->width);
		end_line(d);
	}
}

/* Where the children stand. */
static void draw_joint(struct pen *pen, const struct branch *branch)
{
	pen_spaces(pen, 1);
	pen_glyph(pen, STYLE_TITLE, GLYPH_DOWN);
	pen_spaces(pen, 1);
	draw_section_number(pen, branch->goes_on);
}

/* How many of them are not shown, where that takes no further row. */
static void draw_cut(struct drawing *d, uint32_t index)
{
	struct pen *pen = &d->pen;
	size_t length = pen->line.length, column = pen->column;
	int rows = pen_rows(pen, d->width);

	pen_spaces(pen, 1);
	pen_glyph(pen, STYLE_FAINT, GLYPH_ELLIPSIS);
	if (d->crop.cut_tasks[index]) {
		pen_puts(pen, STYLE_FAINT, " +");
		pen_number(pen, STYLE_FAINT, d->crop.cut_tasks[index]);
	}
	if (pen_rows(pen, d->width) == rows)
		return;
	pen->line.length = length;
	pen->column = column;
}

/* The columns that these two take. */
static size_t width_of_end(struct drawing *d, uint32_t index, bool joint, bool cut)
{
	struct pen *pen = &d->pen;
	size_t length = pen->line.length, column = pen->column;

	if (joint)
		draw_joint(pen, &d->forest.branches[index]);
	if (cut)
		draw_cut(d, index);
	size_t width = pen->column - column;
	pen->line.length = length;
	pen->column = column;
	return width;
}

static void draw_label(struct drawing *d, uint32_t index, bool joint, bool cut)
{
	const struct branch *branch = &d->forest.branches[index];

	if (branch->reference) {
		label_draw_mention(&d->pen, branch, d->width);
		return;
	}
	label_draw(&d->pen, branch, &d->paths, d->width, width_of_end(d, index, joint, cut));
	if (joint)
		draw_joint(&d->pen, branch);
	if (cut)
		draw_cut(d, index);
}

static void draw_branch(struct drawing *d, uint32_t index)
{
	const struct branch *branch = &d->forest.branches[index];

	draw_trunks(d, branch->depth);
	d->trunk[branch->depth] = !d->last[index];
	pen_glyph(&d->pen, STYLE_FAINT, d->last[index] ? GLYPH_LAST_BRANCH : GLYPH_BRANCH);
	draw_label(d, index, branch->goes_on && d->open[index], d->crop.cut[index]);
	end_line(d);
	if (d->options->stacks && !branch->reference)
		draw_stack(d, index);
}

/* ---- the room that it takes ---- */

static uint32_t end_measured(struct drawing *d)
{
	uint32_t rows = (uint32_t)pen_rows(&d->pen, d->width);

	pen_clear(&d->pen);
	return rows;
}

static uint32_t lines_of_stack(struct drawing *d, const struct branch *branch)
{
	const struct task *task = branch->tasks[0];
	uint32_t depth = task_depth(task), lines = 0;

	if (depth >= (uint32_t)d->options->height)
		return depth;
	for (uint32_t i = 0; i < depth; i++) {
		pen_spaces(&d->pen, (size_t)(branch->depth + 2) * GLYPH_TREE_WIDTH + 1);
		label_draw_frame(&d->pen, task->stack->frames[i], &d->paths, d->width);
		lines += end_measured(d);
	}
	return lines;
}

static uint32_t lines_of_branch(void *context, uint32_t index)
{
	struct drawing *d = context;
	const struct branch *branch = &d->forest.branches[index];

	pen_spaces(&d->pen, (size_t)(branch->depth + 1) * GLYPH_TREE_WIDTH);
	draw_label(d, index, branch->goes_on, false);
	uint32_t lines = end_measured(d);
	if (d->options->stacks && !branch->reference)
		lines += lines_of_stack(d, branch);
	return lines;
}

/* ---- blocks ---- */

/* Finds, from the end, which branches are followed by siblings. */
static void find_last(struct drawing *d)
{
	const struct forest *forest = &d->forest;
	uint32_t root_of_block = NO_BRANCH;

	for (uint32_t i = forest->count; i-- > 0;) {
		const struct branch *branch = &forest->branches[i];
		if (!d->crop.shown[i])
			continue;
		if (branch->parent != NO_BRANCH) {
			d->last[i] = !d->open[branch->parent];
			d->open[branch->parent] = true;
		} else {
			d->last[i] = root_of_block != branch->block;
			root_of_block = branch->block;
		}
	}
}

static void draw_block(struct drawing *d, const struct block *block)
{
	uint32_t section = 0;
	bool titled = false;

	if (!block->count && d->crop.empty_blocks) {
		d->crop.empty_blocks--;
		draw_block_title(d, block);
	}
	for (uint32_t i = block->first; i < block->first + block->count && !d->failed; i++) {
		const struct branch *branch = &d->forest.branches[i];
		if (!d->crop.shown[i])
			continue;
		if (!titled)
			draw_block_title(d, block);
		titled = true;
		if (branch->section != section)
			draw_section_title(d, branch);
		section = branch->section;
		draw_branch(d, i);
	}
}

static void draw_hidden(struct drawing *d)
{
	static const char how[] = " (-c)";
	struct pen *pen = &d->pen;

	if (!d->crop.hidden)
		return;
	pen_glyph(pen, STYLE_PLAIN, GLYPH_ELLIPSIS);
	pen_spaces(pen, 1);
	draw_count(pen, d->crop.hidden_groups, " group");
	pen_puts(pen, STYLE_PLAIN, ", ");
	draw_count(pen, d->crop.hidden_tasks, " task");
	pen_puts(pen, STYLE_PLAIN, " not shown");
	if (!d->width || pen->column + strlen(how) <= d->width)
		pen_puts(pen, STYLE_PLAIN, how);
	end_line(d);
}

static uint32_t levels_of(size_t width)
{
	size_t columns = width ? width : WIDTH_OF_TREE;

	if (columns > WIDTH_OF_TREE_MAX)
		columns = WIDTH_OF_TREE_MAX;
	/* A third of the width is for indentation. */
	columns /= (size_t)3 * GLYPH_TREE_WIDTH;
	return columns ? (uint32_t)columns : 1;
}

/* The lines that the screen has left; the prompt takes one. */
static uint32_t lines_left(const struct drawing *d)
{
	int left = d->options->height - d->lines - 1;

	for (uint32_t i = 0; i < d->forest.block_count && left > 0; i++)
		left -= (int)callback_of(d, &d->forest.blocks[i]).depth;

	if (!d->options->height || !d->options->fold)
		return 0;
	return left > 1 ? (uint32_t)left : 1;
}

static void draw_tree(struct drawing *d)
{
	draw_header(d);
	draw_findings(d);
	crop_init(&d->crop, &d->forest, lines_left(d), lines_of_branch, d);
	find_last(d);
	for (uint32_t i = 0; i < d->forest.block_count && !d->failed; i++)
		draw_block(d, &d->forest.blocks[i]);
	if (!d->failed)
		draw_hidden(d);
	crop_deinit(&d->crop);
}

void render_tree(const struct snapshot *snapshot, const struct render_options *options, FILE *out)
{
	struct drawing d = {
		.snapshot = snapshot,
		.options = options,
		.pen = {
			.out = out,
			.ascii = options->ascii,
			.ascii_lines = options->ascii || options->ascii_lines,
			.color = options->color,
		},
		.width = options->width > 0 ? (size_t)options->width : 0,
	};
	uint32_t levels = levels_of(d.width);

	paths_init(&d.paths, snapshot);
	forest_init(&d.forest, snapshot, options->fold, levels);
	d.last = alloc_zeroed((size_t)d.forest.count + 1, sizeof(bool));
	d.open = alloc_zeroed((size_t)d.forest.count + 1, sizeof(bool));
	d.trunk = alloc_zeroed((size_t)levels + 1, sizeof(bool));
	draw_tree(&d);
	free(d.last);
	free(d.open);
	free(d.trunk);
	forest_deinit(&d.forest);
	paths_deinit(&d.paths);
	pen_deinit(&d.pen);
}
