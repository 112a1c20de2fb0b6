/* What the live view draws of a task and of a row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/build.h"
#include "view/detail.h"
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
	struct sources sources = { NULL };
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

int main(void)
{
#define UNIT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		UNIT(test_both_ends_of_a_deep_stack_are_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
