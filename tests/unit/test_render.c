/* The tree and the list as a user sees them, against tests/golden/.
 *
 * With GOLDEN_WRITE=1 in the environment the files are written anew; look at
 * them before you keep them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <fcntl.h>
#include <locale.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "model/finding.h"
#include "render.h"
#include "tests/unit/build.h"

static const struct render_options wide = { .fold = true };

static struct build b;

static int set_locale(void **state)
{
	(void)state;
	return setlocale(LC_ALL, "C.UTF-8") ? 0 : -1;
}

static int set_up(void **state)
{
	(void)state;
	build_init(&b);
	build_command(&b, "/usr/bin/python3.14", "/srv/shop/shop.py", NULL);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	build_deinit(&b);
	return 0;
}

typedef void render(const struct snapshot *, const struct render_options *, FILE *);

static char *draw(render *draw_it, const struct render_options *options, size_t *size)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, size);

	assert_non_null(out);
	draw_it(b.snapshot, options, out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void write_golden(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static char *read_golden(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = NULL;
	size_t size = 0;

	assert_non_null(file);
	assert_true(getdelim(&text, &size, '\0', file) > 0);
	fclose(file);
	return text;
}

static void check(const char *name, render *draw_it, const struct render_options *options)
{
	char path[128];
	size_t size;
	char *text = draw(draw_it, options, &size);

	snprintf(path, sizeof(path), "tests/golden/%s.txt", name);
	if (getenv("GOLDEN_WRITE"))
		write_golden(path, text);
	char *expected = read_golden(path);
	assert_string_equal(text, expected);
	free(expected);
	free(text);
}

static void check_text(render *draw_it, const struct render_options *options, const char *expected)
{
	size_t size;
	char *text = draw(draw_it, options, &size);

	assert_string_equal(text, expected);
	free(text);
}

static struct task *add_named(const char *prefix, unsigned number, const struct stack *stack,
		const struct loop *loop)
{
	char name[64];

	snprintf(name, sizeof(name), "%s-%u", prefix, number);
	return build_task(&b, name, stack, TASK_WAITING, loop);
}

/* `count` tasks that `awaiter` waits for. */
static void add_many(struct task *awaiter, const char *prefix, unsigned first, unsigned count,
		const struct stack *stack)
{
	for (unsigned i = 0; i < count; i++)
		build_await(&b, awaiter, add_named(prefix, first + i, stack, awaiter->loop));
}

/* A frame of the standard library, where a stack of the shop ends. */
static const struct frame *library(const char *function, const char *file, int line)
{
	return build_frame_of(&b, function, file, line, ORIGIN_STDLIB);
}

static const struct stack *under_main(const struct frame *frame)
{
	return build_stack(&b, 2, build_frame(&b, "handler", "/srv/shop/shop.py", 40), frame);
}

static void block(struct loop *loop)
{
	loop->blocked_s = 2.31;
	loop->blocked_confirmed = true;
	loop->ready = 3;
	loop->timers = 1;
	loop->next_timer_s = -2.2;
}

/* What the root's tasks wait for: some for what the others hold. */
static void add_waits(struct task *root)
{
	struct task_list holders = { 0 };

	build_wait(&b, root, WAIT_TASKGROUP, 1)->group.pending = root->awaits.count;
	holders.items = arena_alloc(&b.snapshot->arena, root->awaits.count, sizeof(*holders.items));
	for (uint32_t i = 0; i < root->awaits.count; i++) {
		struct task *task = root->awaits.items[i];
		if (task->state == TASK_WAITING && task->awaits.count)
			holders.items[holders.count++] = task;
	}
	for (uint32_t i = 0; i < root->awaits.count; i++) {
		struct task *task = root->awaits.items[i];
		if (task->state != TASK_WAITING)
			continue;
		if (!task->awaits.count) {
			build_wait(&b, task, WAIT_SEMAPHORE, 2)->lock.holders = holders;
			continue;
		}
		struct wait *wait = build_wait(&b, task, WAIT_STREAM, task->id);
		wait->io.op = "read";
		wait->io.peer = "10.0.0.5:5432";
	}
}

/* A service with something of everything. */
static void build_shop(void)
{
	struct loop *loop = build_loop(&b, "_UnixSelectorEventLoop", 13840);
	struct loop *uv = build_loop(&b, "Loop", 13850);
	struct loop *stopped = build_loop(&b, "_UnixSelectorEventLoop", 0);
	const struct stack *main = build_stack(&b, 2,
			build_frame(&b, "main", "/srv/shop/shop.py", 61),
			library("TaskGroup.__aexit__", "/usr/lib/python3.14/asyncio/taskgroups.py",
					72));
	const struct stack *query = under_main(
			build_frame(&b, "Database.query.<locals>.read", "/srv/shop/db.py", 88));
	const struct stack *acquire = under_main(
			library("Semaphore.acquire", "/usr/lib/python3.14/asyncio/locks.py", 390));
	const struct stack *report =
			build_stack(&b, 2, build_frame(&b, "report", "/srv/shop/report.py", 20),
					build_frame(&b, "parse_rows", "/srv/shop/report.py", 31));
	const struct stack *pool = build_at(&b, "connect", "/srv/bank/db.py", 12);
	const struct stack *lock = build_at(&b, "transfer", "/srv/bank/bank.py", 9);

	uv->module = "uvloop";
	struct thread *thread = build_thread(&b, "MainThread", 13840, loop);
	build_thread(&b, NULL, 13850, uv);
	build_thread(&b, "idle", 13860, build_loop(&b, "_UnixSelectorEventLoop", 13860));
	struct task *root = build_task(&b, "Task-1", main, TASK_WAITING, loop);
	struct task *shared = build_task(&b, "connection-pool", pool, TASK_WAITING, uv);
	add_many(root, "Task", 2, 7, query);
	add_many(root, "Task", 12, 412, acquire);
	for (unsigned i = 1; i <= 7; i++)
		build_await(&b, b.tasks.items[i + 1], shared);
	struct task *now = build_task(&b, "Task-9", report, TASK_RUNNING, loop);
	build_await(&b, root, now);
	struct task *fresh = build_task(&b, "Task-3",
			build_at(&b, "refresh", "/srv/shop/auth.py", 17), TASK_READY, loop);
	build_await(&b, root, fresh);
	build_await(&b, fresh, now);
	struct task *left = build_task(&b, "left", lock, TASK_WAITING, loop);
	struct task *right = build_task(&b, "right", lock, TASK_WAITING, loop);
	build_await(&b, left, right);
	build_await(&b, right, left);
	build_task(&b, "配管\x1b[31m\n", lock, TASK_WAITING, stopped);
	build_task(&b, "", build_stack(&b, 0), TASK_WAITING, NULL)->coroutine = "lost";
	build_done(&b);
	thread->current_task = now;
	block(loop);
	add_waits(root);
	build_wait(&b, shared, WAIT_FUTURE, 1);
	build_wait(&b, left, WAIT_TASK, right->id);
	build_wait(&b, right, WAIT_TASK, left->id);
	findings_find(b.snapshot);
}

static void a_service_in_every_way(void **state)
{
	(void)state;
	build_shop();
	check("tree", render_tree, &wide);
	check("tree-80", render_tree, &(struct render_options){ .fold = true, .width = 80 });
	check("tree-40", render_tree, &(struct render_options){ .fold = true, .width = 40 });
	check("tree-ascii", render_tree, &(struct render_options){ .fold = true, .ascii = true });
	check("tree-piped", render_tree,
			&(struct render_options){ .fold = true, .ascii_lines = true });
	check("tree-color", render_tree, &(struct render_options){ .fold = true, .color = true });
	check("tree-stacks", render_tree, &(struct render_options){ .fold = true, .stacks = true });
	check("tree-stacks-40", render_tree,
			&(struct render_options){ .fold = true, .stacks = true, .width = 40 });
	check("tree-screen", render_tree,
			&(struct render_options){ .fold = true, .width = 80, .height = 12 });
}

static void an_empty_table(void **state)
{
	(void)state;
	check_text(render_list, &wide, "no tasks\n");
}

/* Each finding stands in lines of its own, before the tasks. */
static void findings_break_between_words(void **state)
{
	struct task *task = build_task(
			&b, "Task-1", build_at(&b, "main", "/srv/shop.py", 61), TASK_WAITING, NULL);

	(void)state;
	build_await(&b, task, task);
	build_done(&b);
	findings_find(b.snapshot);
	check_text(render_tree, &(struct render_options){ .fold = true, .width = 40 },
			"shop.py  pid 13840 · CPython 3.14.10\n"
			"  1 task, 1 group · paused 1.1 ms\n"
			"! 1 task waits for itself: Task-1 in\n"
			"  main shop.py:61 → Task-1\n"
			"\n"
			"no thread · no loop\n"
			"└─ Task-1 main  shop.py:61 · cycle\n"
			"   └─ ↑ Task-1 (cycle)\n");
}

static void of_many_findings_the_first_are_shown(void **state)
{
	char *text;
	size_t size;

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		struct task *task = add_named(
				"Task", i, build_at(&b, "f", "/srv/f.py", (int)i + 1), NULL);
		build_await(&b, task, task);
	}
	build_done(&b);
	findings_find(b.snapshot);
	text = draw(render_list, &wide, &size);
	assert_non_null(strstr(text, "! 1 task waits for itself: Task-10 in f f.py:11 → Task-10\n"
				     "! 89 more findings (-j)\nID "));
	free(text);
}

/* What functools.wraps() makes of a coroutine: its name is not its code's. */
static void coroutines_have_their_own_name(void **state)
{
	const struct stack *stack = build_at(&b, "wraps.<locals>.wrapper", "w.py", 1);
	size_t size;

	(void)state;
	build_task(&b, "Task-1", stack, TASK_WAITING, NULL)->coroutine = "buy";
	build_task(&b, "Task-2", stack, TASK_WAITING, NULL)->coroutine = NULL;
	build_done(&b);
	char *text = draw(render_tree, &wide, &size);
	assert_non_null(strstr(text, "Task-1 buy  w.py:1\n"));
	assert_non_null(strstr(text, "Task-2 wraps.<locals>.wrapper  w.py:1\n"));
	free(text);
}

static void a_small_service_unfolded(void **state)
{
	struct loop *loop = build_loop(&b, "_UnixSelectorEventLoop", 13840);

	(void)state;
	build_thread(&b, "MainThread", 13840, loop);
	struct task *root = build_task(
			&b, "Task-1", build_at(&b, "main", "/srv/shop.py", 61), TASK_WAITING, loop);
	add_many(root, "Task", 2, 4, build_at(&b, "work", "/srv/shop.py", 40));
	build_done(&b);
	check("unfolded", render_tree, &(struct render_options){ 0 });
	/* It is not cut either: the footer of a cut tree says so. */
	check("unfolded", render_tree, &(struct render_options){ .height = 4 });
	check("unfolded-stacks", render_tree, &(struct render_options){ .stacks = true });
}

static void a_table(void **state)
{
	(void)state;
	build_shop();
	b.snapshot->tasks.items[9]->name = b.snapshot->tasks.items[1]->name;
	b.snapshot->tasks.items += 410; /* the ones that differ */
	b.snapshot->tasks.count -= 410;
	check("list", render_list, &wide);
	check("list-80", render_list, &(struct render_options){ .width = 80 });
	check("list-ascii", render_list, &(struct render_options){ .ascii = true });
}

static void deep_trees(void **state)
{
	const struct stack *odd = build_at(&b, "odd", "/srv/deep.py", 1);
	const struct stack *even = build_at(&b, "even", "/srv/deep.py", 2);
	struct task *at = add_named("deep", 0, even, NULL);

	(void)state;
	for (unsigned i = 1; i < 40; i++) {
		struct task *next = add_named("deep", i, i % 2 ? odd : even, NULL);
		build_await(&b, at, next);
		if (i % 7 == 0)
			build_await(&b, at, add_named("leaf", i, odd, NULL));
		at = next;
	}
	build_done(&b);
	check("deep", render_tree, &wide);
	check("deep-80", render_tree, &(struct render_options){ .fold = true, .width = 80 });
	check("deep-screen", render_tree,
			&(struct render_options){ .fold = true, .width = 80, .height = 24 });
}

static void what_went_wrong_is_said(void **state)
{
	(void)state;
	b.snapshot->mode = SNAPSHOT_RUNNING;
	b.snapshot->consistent = false;
	b.snapshot->dropped = 1;
	b.snapshot->free_threaded = b.snapshot->debug = true;
	snapshot_warn(b.snapshot, "no list of %s", "\033");
	check_text(render_tree, &wide,
			"shop.py  pid 13840 · CPython 3.14.10 free-threaded debug · no tasks"
			" · not paused · NOT CONSISTENT\n"
			"1 task could not be read\n"
			"warning: no list of \\x1b\n");
	b.snapshot->dropped = 2;
	check_text(render_list, &wide,
			"2 tasks could not be read\n"
			"warning: no list of \\x1b\n"
			"no tasks\n");
}

static void headers_break_where_there_is_no_room(void **state)
{
	(void)state;
	b.snapshot->pause_us = 123456;
	check_text(render_tree, &(struct render_options){ .fold = true, .width = 40 },
			"shop.py  pid 13840 · CPython 3.14.10\n"
			"  no tasks · paused 123 ms\n");
}

static void interpreters_are_told_apart_where_there_are_several(void **state)
{
	struct loop *loop = build_loop(&b, "Loop", 7);

	(void)state;
	loop->interpreter = 3;
	build_thread(&b, "sub", 7, loop);
	b.snapshot->interpreters.count = 2;
	check_text(render_tree, &wide,
			"shop.py  pid 13840 · CPython 3.14.10 · no tasks · paused 1.1 ms\n\n"
			"sub 7 · interpreter 3 · Loop · no tasks\n");
}

/* What the line of a loop without tasks is on a screen. */
struct title {
	int width;
	const char *text;
};

static void check_titles(const struct title *titles, size_t count)
{
	size_t size;

	for (size_t i = 0; i < count; i++) {
		const struct render_options options = { .fold = true, .width = titles[i].width };
		char *text = draw(render_tree, &options, &size);
		assert_string_equal(strstr(text, "\n\n") + 2, titles[i].text);
		free(text);
	}
}

/* Where there is no room the names give way, then the executor. */
static void a_loop_says_what_its_executor_does(void **state)
{
	struct loop *loop = build_loop(&b, "_UnixSelectorEventLoop", 13840);
	static const struct title titles[] = {
		{ 200, "MainThread 13840 · _UnixSelectorEventLoop · BLOCKED ≥ 2.3 s"
		       " · executor, 8 of 8 busy, 1,940 queued · no tasks\n" },
		{ 100, "MainThread 13840 · _UnixSe…ntLoop · BLOCKED ≥ 2.3 s"
		       " · executor, 8 of 8 busy, 1,940 queued · no tasks\n" },
		{ 60, "MainThread 13840 · _UnixS…tLoop · BLOCKED ≥ 2.3 s · no tasks\n" },
		{ 50, "Mai…ead 13840 · _U…op · BLOCKED ≥ 2.3 s · no tasks\n" },
	};

	(void)state;
	build_thread(&b, "MainThread", 13840, loop);
	block(loop);
	loop->has_executor = true;
	loop->executor.workers = loop->executor.busy = 8;
	loop->executor.queued = 1940;
	check_titles(titles, sizeof(titles) / sizeof(*titles));
}

static void a_loop_says_what_it_has_to_do(void **state)
{
	static const struct title titles[] = {
		{ 200, "MainThread 13840 · _UnixSelectorEventLoop · idle, 0 ready, 1,940 timers, "
		       "the"
		       " next in 2.2 s · executor, 1 of 8 busy · no tasks\n" },
		{ 118, "MainThread 13840 · _UnixSe…entLoop · idle, 0 ready, 1,940 timers, the"
		       " next in 2.2 s · executor, 1 of 8 busy · no tasks\n" },
		{ 90, "MainThread 13840 · _UnixSelectorEventLoop · executor, 1 of 8 busy"
		      " · no tasks\n" },
	};
	struct loop *loop = build_loop(&b, "_UnixSelectorEventLoop", 13840);
	size_t size;

	(void)state;
	build_thread(&b, "MainThread", 13840, loop);
	loop->idle = loop->has_executor = true;
	loop->ready = 0;
	loop->timers = 1940;
	loop->next_timer_s = 2.2;
	loop->executor.workers = 8;
	loop->executor.busy = 1;
	check_titles(titles, sizeof(titles) / sizeof(*titles));
	/* For less than it takes to be blocked. */
	loop->idle = loop->has_executor = false;
	loop->blocked_s = 0.01;
	loop->ready = 3;
	loop->timers = 1;
	loop->next_timer_s = -0.3;
	char *text = draw(render_tree, &wide, &size);
	assert_string_equal(strstr(text, "\n\n") + 2,
			"MainThread 13840 · _UnixSelectorEventLoop"
			" · running, 3 ready, 1 timer, the next 0.3 s overdue · no tasks\n");
	free(text);
}

/* With all frames, also those of what blocks a loop and is no task. */
static void a_callback_that_blocks_shows_its_frames(void **state)
{
	struct loop *loop = build_loop(&b, "Loop", 7);
	struct thread *thread = build_thread(&b, "MainThread", 7, loop);

	(void)state;
	loop->blocked_s = 1;
	thread->stack = build_stack(&b, 4, build_frame(&b, "main", "/srv/main.py", 9),
			library("BaseEventLoop._run_once", "/usr/lib/base_events.py", 2000),
			library("Handle._run", "/usr/lib/events.py", 90),
			build_frame(&b, "parse", "/srv/rows.py", 3));
	const struct render_options stacks = { .fold = true, .stacks = true };
	check_text(render_tree, &stacks,
			"shop.py  pid 13840 · CPython 3.14.10 · no tasks · paused 1.1 ms\n\n"
			"MainThread 7 · Loop · BLOCKED ≥ 1.0 s · no tasks\n"
			"   Handle._run  events.py:90\n"
			"   parse  rows.py:3\n");
	loop->blocked_s = 0.0999;
	check_text(render_tree, &stacks,
			"shop.py  pid 13840 · CPython 3.14.10 · no tasks · paused 1.1 ms\n\n"
			"MainThread 7 · Loop · running · no tasks\n");
}

/* What never gives way stands in every line, however narrow. */
static void places_and_waits_are_never_cut(void **state)
{
	const struct stack *stack = build_at(&b, "a_function_of_a_long_name",
			"/srv/a_module_of_a_long_name.py", 1234567);
	size_t size;

	(void)state;
	build_task(&b, "a-task-of-a-long-name", stack, TASK_RUNNING, NULL);
	build_done(&b);
	for (int width = 1; width < 200; width++) {
		const struct render_options options = { .fold = true, .width = width };
		char *text = draw(render_tree, &options, &size);
		assert_non_null(strstr(text, "a_module_of_a_long_name.py:1234567 · RUNNING\n"));
		free(text);
	}
}

static size_t count_lines(const char *text)
{
	size_t lines = 0;

	for (; (text = strchr(text, '\n')); text++)
		lines++;
	return lines;
}

/* The rows of a terminal of so many columns that a text takes: characters that
 * are one column wide each. */
static size_t count_rows(const char *text, size_t width)
{
	size_t rows = 0, column = 0;

	for (; *text; text++) {
		if (*text == '\n') {
			rows += column ? (column + width - 1) / width : 1;
			column = 0;
		} else {
			column += ((unsigned char)*text & 0xc0) != 0x80;
		}
	}
	return rows;
}

static void assert_no_overrun(int width, int height)
{
	size_t size;

	for (int stacks = 0; stacks < 2; stacks++) {
		const struct render_options options = {
			.fold = true, .width = width, .height = height, .stacks = stacks
		};
		char *text = draw(render_tree, &options, &size);
		size_t rows = width ? count_rows(text, (size_t)width) : count_lines(text);
		/* The prompt needs a line. */
		assert_true(rows < (size_t)height);
		free(text);
	}
}

static void a_screen_is_never_overrun(void **state)
{
	(void)state;
	build_shop();
	b.snapshot->tasks.items[424]->name = "a task of a long name";
	b.snapshot->loops.items[0].has_executor = true;
	snapshot_warn(b.snapshot, "the target was let go at the limit of the pause, before all "
				  "was read: --pause-limit sets it");
	for (int height = 22; height < 60; height++)
		for (int width = 40; width < 200; width += 7)
			assert_no_overrun(width, height);
	for (int height = 18; height < 60; height++)
		assert_no_overrun(0, height);
}

static void no_text_of_the_target_comes_out_raw(void **state)
{
	static const char bad[] = "\033]0;x\a\xe2\x80\xae\xed\xa0\x80\n";
	struct loop *loop = build_loop(&b, bad, 1);
	size_t size;

	(void)state;
	loop->module = bad;
	build_command(&b, bad, bad, NULL);
	b.snapshot->python_version = bad;
	build_thread(&b, bad, 1, loop);
	snapshot_warn(b.snapshot, "%s", bad);
	const struct stack *stack = build_stack(
			&b, 2, build_frame(&b, bad, bad, 1), build_frame(&b, "f", bad, 1));
	struct task *a = build_task(&b, bad, stack, TASK_WAITING, loop);
	for (int i = 0; i < 4; i++)
		build_await(&b, a, build_task(&b, bad, stack, TASK_WAITING, loop));
	build_await(&b, b.tasks.items[1], a);
	build_task(&b, bad, build_stack(&b, 0), TASK_WAITING, loop)->coroutine = bad;
	build_done(&b);
	build_wait(&b, a, WAIT_STREAM, 1)->io.op = bad;
	((struct wait *)(uintptr_t)a->waiting_on)->io.peer = bad;
	findings_find(b.snapshot);
	assert_int_equal(b.snapshot->findings.count, 1);
	render *const draws[] = { render_tree, render_list };
	for (int way = 0; way < 8; way++) {
		const struct render_options options = { .fold = way & 1,
			.stacks = way & 2,
			.ascii = way & 4,
			.width = way & 1 ? 40 : 0 };
		for (int i = 0; i < 2; i++) {
			char *text = draw(draws[i], &options, &size);
			assert_int_equal(strlen(text), size);
			assert_null(strpbrk(text, "\033\a"));
			assert_null(strstr(text, "\xe2\x80\xae"));
			assert_null(strstr(text, "\xed\xa0\x80"));
			assert_null(strstr(text, "\n\n\n"));
			free(text);
		}
	}
}

/* Draws in every way and gives the bytes of all of them. */
static size_t draw_every_way(void)
{
	size_t size, total = 0;

	for (int way = 0; way < 8; way++) {
		const struct render_options options = {
			.fold = way & 1, .stacks = way & 2, .width = way & 4 ? 40 : 0
		};
		free(draw(render_tree, &options, &size));
		total += size;
	}
	free(draw(render_list, &wide, &size));
	return total + size;
}

static size_t draw_chain(uint32_t links)
{
	const struct stack *odd = build_at(&b, "odd", "/srv/deep.py", 1);
	const struct stack *even = build_at(&b, "even", "/srv/deep.py", 2);

	for (uint32_t i = 0; i < links; i++)
		add_named("deep", i, i % 2 ? odd : even, NULL);
	for (uint32_t i = 0; i + 1 < links; i++)
		build_await(&b, b.tasks.items[i], b.tasks.items[i + 1]);
	build_done(&b);
	return draw_every_way();
}

static void a_chain_of_many_is_linear(void **state)
{
	clock_t begin = clock();

	(void)state;
	size_t few = draw_chain(10000);
	tear_down(NULL);
	set_up(NULL);
	size_t many = draw_chain(100000);
	assert_true(many < 12 * few);
	assert_true((double)(clock() - begin) / CLOCKS_PER_SEC < 60);
}

static void a_name_of_a_megabyte_is_drawn(void **state)
{
	enum { SIZE = 1 << 20 };
	char *name = malloc(SIZE + 1);
	size_t size;

	(void)state;
	assert_non_null(name);
	memset(name, 'x', SIZE);
	name[SIZE] = '\0';
	struct task *shared =
			build_task(&b, name, build_at(&b, "f", "f.py", 1), TASK_WAITING, NULL);
	for (int i = 0; i < 50; i++) {
		struct task *task = build_task(
				&b, "T", build_at(&b, "g", "g.py", i), TASK_WAITING, NULL);
		build_await(&b, task, shared);
	}
	build_done(&b);
	char *text = draw(render_tree, &wide, &size);
	assert_true(size > SIZE && size < SIZE + 10000);
	free(text);
	text = draw(render_list, &wide, &size);
	assert_true(size > SIZE && size < SIZE + 10000);
	free(text);
	free(name);
}

static void a_closed_output_ends_it(void **state)
{
	(void)state;
	build_shop();
	FILE *full = fopen("/dev/full", "w");
	assert_non_null(full);
	setvbuf(full, NULL, _IONBF, 0);
	render_tree(b.snapshot, &wide, full);
	assert_true(ferror(full));
	fclose(full);
}

static void set(const char *variable, const char *value)
{
	if (value)
		assert_int_equal(setenv(variable, value, 1), 0);
	else
		assert_int_equal(unsetenv(variable), 0);
}

static void a_pipe_gets_no_colours_and_no_limits(void **state)
{
	struct render_options options;
	int ends[2];

	(void)state;
	assert_int_equal(pipe(ends), 0);
	set("COLUMNS", NULL);
	set("LINES", "10");
	set("TERM", "xterm");
	set("NO_COLOR", NULL);
	render_options_init(&options, ends[1], COLOR_AUTO);
	assert_true(options.ascii_lines && options.fold);
	assert_false(options.ascii || options.color || options.width || options.height);
	render_options_init(&options, ends[1], COLOR_ALWAYS);
	assert_true(options.color);
	set("COLUMNS", "40");
	render_options_init(&options, ends[1], COLOR_AUTO);
	assert_int_equal(options.width, 40);
	static const char *const wrong[] = { "", "-1", "0", "x", "40x" };
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		set("COLUMNS", wrong[i]);
		render_options_init(&options, ends[1], COLOR_AUTO);
		assert_int_equal(options.width, 0);
	}
	close(ends[0]);
	close(ends[1]);
}

static void a_terminal_gets_what_it_can_show(void **state)
{
	struct winsize size = { .ws_row = 30, .ws_col = 100 };
	struct render_options options;
	int master, slave;

	(void)state;
	assert_int_equal(openpty(&master, &slave, NULL, NULL, &size), 0);
	set("COLUMNS", NULL);
	set("LINES", NULL);
	set("TERM", "xterm");
	set("NO_COLOR", NULL);
	render_options_init(&options, slave, COLOR_AUTO);
	assert_true(options.color);
	assert_false(options.ascii || options.ascii_lines);
	assert_int_equal(options.width, 100);
	assert_int_equal(options.height, 30);
	set("COLUMNS", "50");
	set("LINES", "20");
	set("NO_COLOR", "1");
	render_options_init(&options, slave, COLOR_AUTO);
	assert_int_equal(options.width, 50);
	assert_int_equal(options.height, 20);
	assert_false(options.color);
	render_options_init(&options, slave, COLOR_ALWAYS);
	assert_true(options.color);
	set("NO_COLOR", "");
	render_options_init(&options, slave, COLOR_NEVER);
	assert_false(options.color);
	render_options_init(&options, slave, COLOR_AUTO);
	assert_true(options.color);
	set("TERM", "dumb");
	render_options_init(&options, slave, COLOR_AUTO);
	assert_false(options.color);
	assert_true(options.ascii_lines);
	set("TERM", "xterm");
	setlocale(LC_ALL, "C");
	render_options_init(&options, slave, COLOR_AUTO);
	assert_true(options.ascii);
	setlocale(LC_ALL, "C.UTF-8");
	close(master);
	close(slave);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(a_service_in_every_way),
		TEST(a_small_service_unfolded),
		TEST(an_empty_table),
		TEST(findings_break_between_words),
		TEST(of_many_findings_the_first_are_shown),
		TEST(coroutines_have_their_own_name),
		TEST(a_table),
		TEST(deep_trees),
		TEST(what_went_wrong_is_said),
		TEST(headers_break_where_there_is_no_room),
		TEST(interpreters_are_told_apart_where_there_are_several),
		TEST(a_loop_says_what_its_executor_does),
		TEST(a_loop_says_what_it_has_to_do),
		TEST(a_callback_that_blocks_shows_its_frames),
		TEST(places_and_waits_are_never_cut),
		TEST(a_screen_is_never_overrun),
		TEST(no_text_of_the_target_comes_out_raw),
		TEST(a_chain_of_many_is_linear),
		TEST(a_name_of_a_megabyte_is_drawn),
		TEST(a_closed_output_ends_it),
		TEST(a_pipe_gets_no_colours_and_no_limits),
		TEST(a_terminal_gets_what_it_can_show),
	};
	return cmocka_run_group_tests(tests, set_locale, NULL);
}
