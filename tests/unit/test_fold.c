/* Folding: which tasks share a branch, where each stands, what a screen shows,
 * and the short names of files and processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "model/command.h"
#include "model/crop.h"
#include "model/forest.h"
#include "model/paths.h"
#include "tests/unit/one_loop.h"

enum { LEVELS = 17 };

static const struct stack *f, *g;

static int set_up(void **state)
{
	(void)state;
	one_loop_init();
	build_thread(&b, "MainThread", ONE_LOOP_TID, loop);
	f = build_at(&b, "f", "f.py", 1);
	g = build_at(&b, "g", "g.py", 1);
	return 0;
}

static struct task *add_under(struct task *awaiter, const char *name, const struct stack *stack)
{
	struct task *task = add(name, stack);

	build_await(&b, awaiter, task);
	return task;
}

/* The forest as a text: for each branch its depth in dots, "NxM*" for its
 * numbers, the first task's name, and what else is special about it. */
static void spell_forest(const struct forest *forest, struct buffer *out)
{
	for (uint32_t i = 0; i < forest->count; i++) {
		const struct branch *branch = &forest->branches[i];

		if (i)
			buffer_putc(out, ' ');
		if (branch->section)
			buffer_printf(out, "[%u]", branch->section);
		for (uint32_t k = 0; k < branch->depth; k++)
			buffer_putc(out, '.');
		if (branch->reference)
			buffer_putc(out, '^');
		if (branch->count > 1)
			buffer_printf(out, "%ux", branch->count);
		if (branch->links > 1)
			buffer_printf(out, "%u*", branch->links);
		buffer_puts(out, branch->tasks[0]->name);
		if (branch->cycle)
			buffer_putc(out, '!');
		if (branch->goes_on)
			buffer_printf(out, ">%u", branch->goes_on);
	}
}

static void check_levels(bool fold, uint32_t levels, const char *expected)
{
	struct forest forest;
	struct buffer text = { 0 };

	forest_init(&forest, b.snapshot, fold, levels);
	spell_forest(&forest, &text);
	assert_string_equal(buffer_text(&text), expected);
	buffer_deinit(&text);
	forest_deinit(&forest);
}

static void check(const char *folded, const char *unfolded)
{
	build_done(&b);
	check_levels(true, LEVELS, folded);
	check_levels(false, LEVELS, unfolded);
}

static void three_like_siblings_fold(void **state)
{
	struct task *root = add("R", f);

	(void)state;
	add_under(root, "A", g);
	add_under(root, "B", g);
	add_under(root, "C", g);
	check("R .3xA", "R .A .B .C");
}

static void two_like_siblings_do_not(void **state)
{
	struct task *root = add("R", f);

	(void)state;
	add_under(root, "A", g);
	add_under(root, "B", g);
	check("R .A .B", "R .A .B");
}

static void names_are_no_matter_but_states_and_stacks_are(void **state)
{
	struct task *root = add("R", f);

	(void)state;
	for (int i = 0; i < 3; i++)
		add_under(root, "A", g);
	add_under(root, "B", build_at(&b, "g", "g.py", 2));
	add_under(root, "C", g)->state = TASK_READY;
	check("R .C .3xA .B", "R .C .A .A .A .B");
}

static void without_a_stack_the_coroutine_tells(void **state)
{
	const struct stack *none = build_stack(&b, 0);
	const char *x = build_text(&b, "x"), *y = build_text(&b, "y");
	const char *coroutines[] = { x, x, x, y, NULL, NULL, NULL };

	(void)state;
	for (size_t i = 0; i < sizeof(coroutines) / sizeof(coroutines[0]); i++)
		add("T", none)->coroutine = coroutines[i];
	check("3xT 3xT T", "T T T T T T T");
}

/* Decorated coroutines run the same code. */
static void the_name_of_the_coroutine_tells_too(void **state)
{
	const char *get = build_text(&b, "get"), *put = build_text(&b, "put");

	(void)state;
	for (int i = 0; i < 6; i++)
		add("T", f)->coroutine = i < 3 ? get : put;
	check("3xT 3xT", "T T T T T T");
}

static void roots_fold_too(void **state)
{
	(void)state;
	add("A", f);
	add("B", f);
	add("C", f);
	check("3xA", "A B C");
}

static void siblings_are_alike_in_what_they_await(void **state)
{
	struct task *root = add("R", f);

	(void)state;
	for (int i = 0; i < 3; i++)
		add_under(add_under(root, "A", f), "a", g);
	for (int i = 0; i < 3; i++)
		add_under(root, "B", f);
	struct task *c = add_under(root, "C", f);
	add_under(c, "c", g);
	add_under(c, "c", g);
	check("R .3xA ..3xa .3xB .C ..c ..c", "R .A ..a .A ..a .A ..a .B .B .B .C ..c ..c");
}

static void grandchildren_of_a_fold_are_counted_together(void **state)
{
	struct task *root = add("R", f);

	(void)state;
	for (int i = 0; i < 4; i++) {
		struct task *a = add_under(root, "A", f);
		add_under(a, "p", g);
		add_under(a, "q", g);
	}
	check("R .4xA ..8xp", "R .A ..p ..q .A ..p ..q .A ..p ..q .A ..p ..q");
}

static void what_all_await_stands_under_their_fold(void **state)
{
	struct task *shared = add("S", g);

	(void)state;
	for (int i = 0; i < 4; i++)
		build_await(&b, add("W", f), shared);
	check("4xW .S", "W .S W .^S W .^S W .^S");
}

static void what_the_same_tasks_await_folds(void **state)
{
	struct task *p = add("P", f), *q = add("Q", g);

	(void)state;
	for (int i = 0; i < 3; i++)
		build_await(&b, q, add_under(p, "S", g));
	build_await(&b, q, add("T", g));
	check("P .3xS Q .^3xS .T", "P .S .S .S Q .^S .^S .^S .T");
}

static void a_diamond_is_drawn_once(void **state)
{
	struct task *root = add("R", f);
	struct task *left = add_under(root, "L", f), *right = add_under(root, "M", g);

	(void)state;
	build_await(&b, right, add_under(left, "S", g));
	check("R .L ..S .M ..^S", "R .L ..S .M ..^S");
}

static void cycles_are_drawn_and_marked(void **state)
{
	struct task *first = add("T", g), *a = add("A", f), *c = add("B", f);

	(void)state;
	build_await(&b, a, c);
	build_await(&b, c, a);
	build_await(&b, c, first);
	/* T was created first, but stands under those who wait for it. */
	check("A! .B! ..T ..^A!", "A! .B! ..T ..^A!");
}

static void a_task_that_awaits_itself_is_drawn(void **state)
{
	struct task *a = add("A", f);

	(void)state;
	build_await(&b, a, a);
	check("A! .^A!", "A! .^A!");
}

static void a_reference_out_of_a_cycle_closes_none(void **state)
{
	struct task *root = add("R", f), *a = add_under(root, "A", f);
	struct task *c = add_under(a, "B", g);

	(void)state;
	build_await(&b, c, a);
	build_await(&b, root, c);
	check("R .A! ..B! ...^A! .^B", "R .A! ..B! ...^A! .^B");
}

static struct task *add_chain(struct task *from, int links, const struct stack *stack)
{
	for (int i = 0; i < links; i++)
		from = add_under(from, "h", stack);
	return from;
}

static void runs_of_like_links_fold(void **state)
{
	struct task *last = add_chain(add("R", f), 5, g);

	(void)state;
	add_under(last, "a", f);
	add_under(last, "b", f);
	check("R .5*h ..a ..b", "R .h ..h ...h ....h .....h ......a ......b");
}

static void two_links_are_no_run(void **state)
{
	(void)state;
	add_chain(add("R", f), 2, g);
	check("R .h ..h", "R .h ..h");
}

static void runs_side_by_side_fold(void **state)
{
	struct task *root = add("R", f);

	(void)state;
	for (int i = 0; i < 3; i++)
		add_under(add_chain(root, 4, g), "e", f);
	build_done(&b);
	check_levels(true, LEVELS, "R .3x4*h ..3xe");
}

static void a_run_ends_where_others_wait(void **state)
{
	struct task *root = add("R", f), *middle = add_chain(root, 3, g);

	(void)state;
	middle = add_chain(middle, 1, g);
	add_chain(middle, 3, g);
	build_await(&b, add("Q", f), middle);
	build_done(&b);
	check_levels(true, LEVELS, "R .3*h ..4*h Q .^h");
}

static void a_cycle_of_like_tasks_is_no_run(void **state)
{
	struct task *first = add("h", g);

	(void)state;
	build_await(&b, add_chain(first, 4, g), first);
	check("h! .h! ..h! ...h! ....h! .....^h!", "h! .h! ..h! ...h! ....h! .....^h!");
}

static void a_run_begins_below_a_cycle(void **state)
{
	struct task *first = add("A", g);

	(void)state;
	build_await(&b, first, first);
	add_chain(first, 3, g);
	check("A! .^A! .3*h", "A! .^A! .h ..h ...h");
}

static void running_then_many_then_old(void **state)
{
	struct task *root = add("R", f);

	(void)state;
	add_under(root, "old", f);
	add_under(root, "new", build_at(&b, "n", "n.py", 1));
	for (int i = 0; i < 3; i++)
		add_under(root, "A", g);
	struct task *above = add_under(root, "above", g);
	struct task *running = add_under(above, "below", f);
	struct task *run = add_under(root, "run", f);
	running->state = run->state = TASK_RUNNING;
	check("R .run .above ..below .3xA .old .new", "R .run .above ..below .old .new .A .A .A");
}

static void other_loops_have_blocks_of_their_own(void **state)
{
	struct loop *other = build_loop(&b, "Loop", 0);
	struct task *root = add("R", f);

	(void)state;
	for (int i = 0; i < 3; i++)
		build_await(&b, root, build_task(&b, "O", g, TASK_WAITING, other));
	build_await(&b, root, build_task(&b, "N", g, TASK_WAITING, NULL));
	check("R .^3xO .^N 3xO N", "R .^O .^O .^O .^N O O O N");

	struct forest forest;
	forest_init(&forest, b.snapshot, true, LEVELS);
	assert_int_equal(forest.block_count, 3);
	assert_int_equal(forest.groups, 3);
	assert_ptr_equal(forest.blocks[0].loop, loop);
	assert_ptr_equal(forest.blocks[0].thread, &b.snapshot->threads.items[0]);
	assert_ptr_equal(forest.blocks[1].loop, other);
	assert_null(forest.blocks[1].thread);
	assert_null(forest.blocks[2].loop);
	forest_deinit(&forest);
}

static void deep_trees_go_on_in_sections(void **state)
{
	struct task *at = add("a", f);

	(void)state;
	at = add_under(at, "b", g);
	add_under(at, "x", f);
	at = add_under(at, "c", f);
	at = add_under(at, "d", g);
	add_under(at, "e", f);
	add("z", g);
	build_done(&b);
	check_levels(true, 2, "a .b>1 z [1]x [1]c [1].d>2 [2]e");
	check_levels(true, 1, "a>1 z [1]b>2 [2]x [2]c>3 [3]d>4 [4]e");
}

/* Every task stands once, and nothing takes more than linear time. */
static void check_whole(bool fold)
{
	struct forest forest;
	size_t tasks = 0;

	forest_init(&forest, b.snapshot, fold, LEVELS);
	for (uint32_t i = 0; i < forest.count; i++)
		tasks += branch_tasks(&forest.branches[i]);
	assert_int_equal(tasks, b.snapshot->tasks.count);
	forest_deinit(&forest);
}

static void a_hundred_thousand_links(void **state)
{
	struct task *at = add("R", f);

	(void)state;
	for (int i = 0; i < 50000; i++)
		at = add_under(add_under(at, "x", f), "y", g);
	build_done(&b);
	check_whole(true);
	check_whole(false);
}

static void chained_diamonds_stay_small(void **state)
{
	struct task *at = add("D", f);
	struct forest forest;

	(void)state;
	for (int i = 0; i < 12; i++) {
		struct task *left = add_under(at, "L", f), *right = add_under(at, "R", g);
		at = add_under(left, "D", f);
		build_await(&b, right, at);
	}
	add_under(at, "E", g);
	build_done(&b);
	assert_int_equal(b.snapshot->tasks.count, 38);
	forest_init(&forest, b.snapshot, false, LEVELS);
	assert_int_equal(forest.count, 38 + 12);
	forest_deinit(&forest);
}

/* A branch whose name says so takes three lines. */
static uint32_t lines_of(void *context, uint32_t index)
{
	const struct forest *forest = context;

	return strstr(forest->branches[index].tasks[0]->name, "tall") ? 3 : 1;
}

/* The names of what is shown in so many lines, with what each line lacks. */
static void check_crop(uint32_t lines, const char *expected)
{
	struct forest forest;
	struct crop crop;
	struct buffer text = { 0 };

	forest_init(&forest, b.snapshot, true, LEVELS);
	crop_init(&crop, &forest, lines, lines_of, &forest);
	for (uint32_t i = 0; i < forest.count; i++) {
		if (!crop.shown[i])
			continue;
		buffer_puts(&text, forest.branches[i].tasks[0]->name);
		if (crop.cut[i])
			buffer_printf(&text, "-%u", crop.cut_tasks[i]);
		buffer_putc(&text, ' ');
	}
	buffer_printf(&text, "/ %u %u", crop.hidden_groups, crop.hidden_tasks);
	assert_string_equal(buffer_text(&text), expected);
	buffer_deinit(&text);
	crop_deinit(&crop);
	forest_deinit(&forest);
}

static void a_screen_shows_the_most_interesting(void **state)
{
	struct task *root = add("R", f);

	(void)state;
	struct task *old = add_under(root, "old", f);
	for (int i = 0; i < 4; i++)
		add_under(old, "four", g);
	for (int i = 0; i < 3; i++)
		add_under(root, "three", g);
	add_under(add_under(root, "above", build_at(&b, "a", "a.py", 1)), "run", f)->state =
			TASK_RUNNING;
	build_done(&b);
	/* A title and an empty line, six branches; else a line for the rest. */
	check_crop(0, "R above run old four three / 0 0");
	check_crop(8, "R above run old four three / 0 0");
	check_crop(7, "R-5 above run three / 2 5");
	check_crop(6, "R-8 above run / 3 8");
	check_crop(3, "R-10 / 5 10");
	check_crop(1, "R-10 / 5 10");
	/* What is tall leaves less room. */
	root->awaits.items[0]->name = "old and tall";
	check_crop(9, "R-5 above run three / 2 5");
	check_crop(10, "R above run old and tall four three / 0 0");
}

static void add_held(struct task *root, const char *name, int waiters, uint64_t object,
		struct task *holder)
{
	struct task_list holders = build_list(&b, holder, NULL);

	for (int i = 0; i < waiters; i++)
		build_wait(&b, add_under(root, name, g), WAIT_LOCK, object)->lock.holders = holders;
}

static void who_holds_counts_as_those_that_wait(void **state)
{
	struct task *root = add("R", f), *above = NULL;
	const struct stack *few_at = build_at(&b, "n", "n.py", 1);

	(void)state;
	add_under(root, "old", f);
	for (int i = 0; i < 3; i++)
		add_under(root, "few", few_at);
	struct task *one = add_under(root, "one", f);
	above = add_under(root, "above", f);
	struct task *five = add_under(above, "five", f);
	add_held(root, "W", 4, 0x1000, one);
	add_held(root, "V", 5, 0x2000, five);
	build_done(&b);
	check_levels(true, LEVELS, "R .5xV .above ..five .4xW .one .3xfew .old");
	check_crop(7, "R-9 V above five / 4 9");
}

static void check_paths(const char *const *files, const char *const *expected)
{
	struct paths paths;
	const struct frame *frames[8];
	size_t count = 0;

	for (; files[count]; count++) {
		frames[count] = build_frame(&b, "f", files[count], 1);
		add("T", build_stack(&b, 1, frames[count]));
	}
	paths_init(&paths, b.snapshot);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(paths_short(&paths, frames[i]->file), expected[i]);
	paths_deinit(&paths);
}

static void files_have_the_shortest_name_that_is_their_own(void **state)
{
	static const char *const files[] = { "/srv/shop/db.py", "/srv/bank/db.py",
		"/srv/shop/web.py", "/srv/shop/db.py", "/x/adb.py", "<string>", NULL };
	static const char *const expected[] = { "shop/db.py", "bank/db.py", "web.py", "shop/db.py",
		"adb.py", "<string>" };

	(void)state;
	check_paths(files, expected);
}

static void a_file_may_be_the_end_of_another(void **state)
{
	static const char *const files[] = { "db.py", "/db.py", "shop/db.py", "/srv/shop/db.py",
		"/a/x/b.py", "/c/x/b.py", "", NULL };
	static const char *const expected[] = { "db.py", "/db.py", "shop/db.py", "srv/shop/db.py",
		"a/x/b.py", "c/x/b.py", "" };

	(void)state;
	check_paths(files, expected);
}

static void check_command(const char *expected)
{
	struct buffer name = { 0 };

	command_add_name(b.snapshot, &name);
	assert_string_equal(buffer_text(&name), expected);
	buffer_deinit(&name);
}

static void processes_are_called_by_what_they_run(void **state)
{
	(void)state;
	check_command("python3.14");
	build_command(&b, "python3", "-u", "-X", "dev", "/srv/shop.py", "-m", "x", NULL);
	check_command("shop.py");
	build_command(&b, "/usr/bin/python3.14", "-Bum", "shop.web", "x.py", NULL);
	check_command("-m shop.web");
	build_command(&b, "python", "-mshop", NULL);
	check_command("-m shop");
	build_command(&b, "python3.14", "-c", "print(1)", NULL);
	check_command("python3.14 -c");
	build_command(&b, "python3.14", "-m", NULL);
	check_command("python3.14");
	build_command(&b, "python3.14", "-Wx", "--check-hash-based-pycs", "never", "a/b.py", NULL);
	check_command("b.py");
	build_command(&b, "python3.14", "-", "x.py", NULL);
	check_command("python3.14");
	build_command(&b, "/lib64/ld-linux-x86-64.so.2", "/usr/bin/python3.14", "/srv/shop.py",
			NULL);
	check_command("shop.py");
	build_command(&b, "ld.so", "--list-diagnostics", "python3", "-c", "x", NULL);
	check_command("python3 -c");
	build_command(&b, "ld-musl-aarch64.so.1", "--library-path", "/x", "--inhibit-cache",
			"--argv0", "p", "python3", "-m", "shop", NULL);
	check_command("-m shop");
	build_command(&b, "ld-linux.so.2", "/srv/service", "a.py", NULL);
	check_command("service");
	build_command(&b, "ld-linux.so.2", "--preload", NULL);
	check_command("ld-linux.so.2");
	build_command(&b, "gunicorn: worker [shop]", NULL);
	check_command("gunicorn: worker [shop]");
	build_command(&b, "", NULL);
	check_command("python3.14");
	build_command(&b, NULL);
	check_command("python3.14");
	b.snapshot->executable = NULL;
	check_command("?");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(three_like_siblings_fold),
		TEST(two_like_siblings_do_not),
		TEST(names_are_no_matter_but_states_and_stacks_are),
		TEST(without_a_stack_the_coroutine_tells),
		TEST(the_name_of_the_coroutine_tells_too),
		TEST(roots_fold_too),
		TEST(siblings_are_alike_in_what_they_await),
		TEST(grandchildren_of_a_fold_are_counted_together),
		TEST(what_all_await_stands_under_their_fold),
		TEST(what_the_same_tasks_await_folds),
		TEST(a_diamond_is_drawn_once),
		TEST(cycles_are_drawn_and_marked),
		TEST(a_task_that_awaits_itself_is_drawn),
		TEST(a_reference_out_of_a_cycle_closes_none),
		TEST(runs_of_like_links_fold),
		TEST(two_links_are_no_run),
		TEST(runs_side_by_side_fold),
		TEST(a_run_ends_where_others_wait),
		TEST(a_cycle_of_like_tasks_is_no_run),
		TEST(a_run_begins_below_a_cycle),
		TEST(running_then_many_then_old),
		TEST(who_holds_counts_as_those_that_wait),
		TEST(other_loops_have_blocks_of_their_own),
		TEST(deep_trees_go_on_in_sections),
		TEST(a_hundred_thousand_links),
		TEST(chained_diamonds_stay_small),
		TEST(a_screen_shows_the_most_interesting),
		TEST(files_have_the_shortest_name_that_is_their_own),
		TEST(a_file_may_be_the_end_of_another),
		TEST(processes_are_called_by_what_they_run),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
