/* What the live view draws of a task and of a row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/build.h"
#include "view/browse.h"
#include "view/detail.h"
#include "view/rowline.h"
#include "view/sources.h"

enum { WIDTH = 100, LEVELS = 8 };

static struct history history;
static struct sheet sheet;
static struct pen pen;

static int set_up(void **state)
{
	(void)state;
	history = (struct history){ 0 };
	sheet = (struct sheet){ .text = { 0 } };
	pen = (struct pen){ .sheet = &sheet, .ascii = true, .ascii_lines = true };
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	history_deinit(&history);
	pen_deinit(&pen);
	sheet_deinit(&sheet);
	return 0;
}

/* The snapshot becomes the picture's. */
static struct picture *picture_of(struct build *b, double now_s)
{
	build_done(b);
	struct snapshot *snapshot = b->snapshot;
	snapshot->tasks.items = arena_copy(
			&snapshot->arena, b->tasks.items, b->tasks.count * sizeof(*b->tasks.items));
	array_free(&b->edges);
	array_free(&b->tasks);
	return picture_create(snapshot, &history, LEVELS, now_s);
}

/* ---- the pane ---- */

/* A stack of frames f0, f1, ... whose files are not known. */
static const struct stack *deep_stack(struct build *b, uint32_t depth)
{
	const struct frame **frames = arena_alloc(&b->snapshot->arena, depth, sizeof(*frames));
	struct stack *stack = arena_alloc(&b->snapshot->arena, 1, sizeof(*stack));
	char function[16];

	for (uint32_t i = 0; i < depth; i++) {
		snprintf(function, sizeof(function), "f%u", i);
		frames[i] = build_frame(b, function, NULL, 0);
	}
	*stack = (struct stack){ .depth = depth, .location = depth - 1, .frames = frames };
	return stack;
}

static size_t draw_detail_of_depth(uint32_t depth)
{
	struct sources sources = { 0 };
	struct build b;

	sheet_clear(&sheet);
	build_init(&b);
	struct loop *loop = build_loop(&b, "Loop", 100);
	build_task(&b, "a", deep_stack(&b, depth), TASK_WAITING, loop);
	struct picture *picture = picture_of(&b, 1000);
	detail_draw(&pen, picture, picture->snapshot->tasks.items[0], &sources, WIDTH);
	picture_destroy(picture);
	sources_deinit(&sources);
	return sheet.lines.count;
}

static void test_both_ends_of_a_deep_stack_are_shown(void **state)
{
	(void)state;
	size_t all = draw_detail_of_depth(200);
	assert_null(strstr(buffer_text(&sheet.text), "left out"));
	assert_non_null(strstr(buffer_text(&sheet.text), "  f199"));
	assert_int_equal(draw_detail_of_depth(300), all + 1);
	assert_non_null(strstr(buffer_text(&sheet.text), "300 frames, outermost first"));
	assert_non_null(strstr(buffer_text(&sheet.text), "  f99  ?  100 frames left out  f200  ?"));
	assert_non_null(strstr(buffer_text(&sheet.text), "  f299"));
}

/* ---- rows ---- */

static const char *draw_row(const struct browse *browse, uint32_t number)
{
	struct rowline how = {
		.picture = browse->picture,
		.rows = &browse->rows,
		.width = WIDTH,
		.now_s = browse->picture->at_s,
	};

	sheet_clear(&sheet);
	rowline_draw(&pen, &how, number);
	pen_end_line(&pen);
	return buffer_text(&sheet.text);
}

/* Looks at tasks of one coroutine, of which the first stands at the line. */
static void look_at_workers(struct browse *browse, size_t count, int line, double now_s)
{
	static const char *const names[] = { "a", "b", "c" };
	struct build b;

	build_init(&b);
	struct loop *loop = build_loop(&b, "Loop", 100);
	const char *coroutine = build_text(&b, "work");
	for (size_t i = 0; i < count; i++) {
		struct task *task = build_task(&b, names[i],
				build_at(&b, "work", "f.py", i ? 1 : line), TASK_WAITING, loop);
		task->id = 0x1000 * (i + 1);
		task->coroutine = coroutine;
		task->current = i == 0;
	}
	browse_set_picture(browse, picture_of(&b, now_s));
}

static void test_a_coroutine_has_the_values_of_its_tasks(void **state)
{
	struct browse browse = { .height = 20, .shape = SHAPE_COROUTINES };

	(void)state;
	look_at_workers(&browse, 2, 1, 1000);
	assert_string_equal(draw_row(&browse, 0), "    0.0 s       0  100% [+] 2x work");
	look_at_workers(&browse, 2, 7, 1020);
	assert_string_equal(draw_row(&browse, 0), "*    20 s       1  100% [+] 2x work");
	look_at_workers(&browse, 2, 7, 1040);
	assert_string_equal(draw_row(&browse, 0), "     40 s       1  100% [+] 2x work");
	look_at_workers(&browse, 3, 7, 1060);
	assert_string_equal(draw_row(&browse, 0), "+    60 s       1  100% [+] 3x work");
	browse_deinit(&browse);
}

/* ---- those that ended ---- */

enum { PARENTS = 400 };

/* Main, parents of the same kind or each of its own, and a child of each. */
static void look_at_families(struct browse *browse, bool alike, bool with_children, double now_s)
{
	struct build b;

	build_init(&b);
	struct loop *loop = build_loop(&b, "Loop", 100);
	const struct stack *child_stack = build_at(&b, "child", "f.py", 5);
	const struct stack *parent_stack = build_at(&b, "parent", "f.py", 3);
	struct task *top =
			build_task(&b, "main", build_at(&b, "main", "f.py", 1), TASK_WAITING, loop);
	top->id = 0x100;
	for (uint32_t i = 0; i < PARENTS; i++) {
		if (!alike)
			parent_stack = build_at(&b, "parent", "f.py", (int)(100 + i));
		struct task *parent = build_task(&b, "parent", parent_stack, TASK_WAITING, loop);
		parent->id = 0x100000 + i;
		build_await(&b, top, parent);
		if (!with_children)
			continue;
		struct task *child = build_task(&b, "child", child_stack, TASK_WAITING, loop);
		child->id = 0x200000 + i;
		build_await(&b, parent, child);
	}
	browse_set_picture(browse, picture_of(&b, now_s));
}

static const char *note_when_children_end(bool alike)
{
	static struct buffer note;
	struct browse browse = { .height = 20 };
	size_t ended = 0;

	tear_down(NULL);
	set_up(NULL);
	buffer_clear(&note);
	look_at_families(&browse, alike, true, 1000);
	browse_act(&browse, ACTION_DIFF);
	look_at_families(&browse, alike, false, 1001);
	assert_true(browse_note(&browse, &note));
	for (uint32_t i = 0; i < browse.rows.items.count; i++)
		if (browse.rows.items.items[i].kind == ROW_ENDED)
			ended += browse.rows.items.items[i].count;
	assert_int_equal(ended, alike ? PARENTS : ENDED_MAX);
	browse_deinit(&browse);
	return buffer_text(&note);
}

static void test_children_of_many_that_ended_at_once(void **state)
{
	(void)state;
	assert_non_null(strstr(note_when_children_end(true), "0 new, 400 ended, "));
	assert_non_null(strstr(note_when_children_end(false),
			"0 new, 400 ended (the last 256 are listed), "));
}

int main(void)
{
#define UNIT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		UNIT(test_a_coroutine_has_the_values_of_its_tasks),
		UNIT(test_children_of_many_that_ended_at_once),
		UNIT(test_both_ends_of_a_deep_stack_are_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
