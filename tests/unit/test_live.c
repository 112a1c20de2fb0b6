/* What the live view is made of: history, growth, rows, search, keys, sheets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "model/finding.h"
#include "model/history.h"
#include "model/words.h"
#include "tests/unit/build.h"
#include "view/browse.h"
#include "view/find.h"
#include "view/keys.h"
#include "view/match.h"
#include "view/rowline.h"
#include "view/screen.h"
#include "view/taker.h"

enum { LEVELS = 8, CROWD = 3000, LINES = 256 };

static struct history history;
static double now;
static struct browse browse;
static const char *coroutine; /* of all tasks, or NULL: that of their line */

static int set_up(void **state)
{
	(void)state;
	history = (struct history){ 0 };
	browse = (struct browse){ .height = 20 };
	now = 1000;
	coroutine = NULL;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	browse_deinit(&browse);
	history_deinit(&history);
	return 0;
}

/* One task of a snapshot, as the tests spell it. */
struct spell {
	const char *name;
	int line;      /* of where it stands */
	char wait;     /* 'e' event, 's' sleep, 'r' it runs, '.' it is ready */
	uint64_t what; /* the event's address, or when the sleep ends */
	int under;     /* its awaiter's place, plus 1 */
};

static uint64_t address_of(const char *name)
{
	return 0x7f0000000000 + hash_bytes(name, strlen(name)) % 1000000 * 0x100;
}

/* A snapshot of these, each in a function of its line; it is the caller's. */
static struct snapshot *look(const struct spell *spells, size_t count)
{
	struct build b;
	struct task *tasks[CROWD];
	const struct stack *stacks[LINES] = { NULL };

	assert_true(count <= CROWD);
	build_init(&b);
	struct loop *loop = build_loop(&b, "Loop", 100);
	build_thread(&b, "MainThread", 100, loop);
	for (size_t i = 0; i < count; i++) {
		const struct spell *s = &spells[i];
		char function[16];
		snprintf(function, sizeof(function), "f%d", s->line);
		if (!stacks[s->line])
			stacks[s->line] = build_at(&b, function, "f.py", s->line);
		enum task_state task_state = s->wait == 'r'   ? TASK_RUNNING
					     : s->wait == '.' ? TASK_READY
							      : TASK_WAITING;
		tasks[i] = build_task(&b, s->name, stacks[s->line], task_state, loop);
		tasks[i]->id = address_of(s->name);
		if (coroutine)
			tasks[i]->coroutine = build_text(&b, coroutine);
		if (s->wait == 'e')
			build_wait(&b, tasks[i], WAIT_EVENT, s->what);
		if (s->wait == 's')
			build_wait(&b, tasks[i], WAIT_SLEEP, 0)->sleep.remaining_s =
					(double)s->what - now;
		if (s->under)
			build_await(&b, tasks[s->under - 1], tasks[i]);
	}
	build_done(&b);
	struct snapshot *snapshot = b.snapshot;
	struct task **items = arena_copy(
			&snapshot->arena, b.tasks.items, b.tasks.count * sizeof(*b.tasks.items));
	snapshot->tasks.items = items;
	array_free(&b.edges);
	array_free(&b.tasks);
	return snapshot;
}

#define LOOK(...)                                                                                  \
	look((const struct spell[]){ __VA_ARGS__ },                                                \
			sizeof((const struct spell[]){ __VA_ARGS__ }) / sizeof(struct spell))
#define PICTURE(...) picture_create(LOOK(__VA_ARGS__), &history, LEVELS, now)

/* Takes one in, a second after the last. */
static struct snapshot *take_in(struct snapshot *snapshot)
{
	struct paths paths;

	paths_init(&paths, snapshot);
	history_add(&history, snapshot, &paths, now);
	paths_deinit(&paths);
	now++;
	return snapshot;
}

#define SEE(...) snapshot_destroy(take_in(LOOK(__VA_ARGS__)))

static const struct track *track_of(size_t task)
{
	return &history.last.items.items[task];
}

/* ---- history ---- */

static void test_a_task_that_stays_is_known_again(void **state)
{
	(void)state;
	SEE({ "a", 1, 'e', 0x10, 0 }, { "b", 2, 'e', 0x10, 0 });
	SEE({ "b", 2, 'e', 0x10, 0 }, { "a", 1, 'e', 0x10, 0 });
	SEE({ "a", 1, 'e', 0x10, 0 }, { "b", 2, 'e', 0x10, 0 });
	assert_int_equal(track_of(0)->looks, 3);
	assert_int_equal(track_of(0)->steps, 0);
	assert_int_equal(track_of(0)->moved_look, 0);
	assert_true(track_of(1)->since_s == 1000);
	assert_true(track_of(1)->from_the_first);
	assert_int_equal(history.ended_total, 0);
}

static void test_what_is_progress(void **state)
{
	static const struct {
		struct spell before, after;
		bool moved;
	} rows[] = {
		{ { "a", 1, 'e', 0x10, 0 }, { "a", 1, 'e', 0x10, 0 }, false },
		{ { "a", 1, 'e', 0x10, 0 }, { "a", 1, '.', 0, 0 }, false },
		{ { "a", 1, 'e', 0x10, 0 }, { "a", 2, '.', 0, 0 }, true },
		{ { "a", 1, '.', 0, 0 }, { "a", 1, '.', 0, 0 }, false },
		{ { "a", 1, '.', 0, 0 }, { "a", 2, '.', 0, 0 }, true },
		{ { "a", 1, 'e', 0x10, 0 }, { "a", 2, 'e', 0x10, 0 }, true },
		{ { "a", 1, 'e', 0x10, 0 }, { "a", 1, 'e', 0x20, 0 }, true },
		{ { "a", 1, 'e', 0x10, 0 }, { "a", 1, 's', 2000, 0 }, true },
		{ { "a", 1, 'e', 0x10, 0 }, { "a", 1, 'r', 0, 0 }, true },
		{ { "a", 1, 'r', 0, 0 }, { "a", 1, 'r', 0, 0 }, false },
		{ { "a", 1, 'r', 0, 0 }, { "a", 2, 'r', 0, 0 }, true },
		{ { "a", 1, 's', 2000, 0 }, { "a", 1, 's', 2000, 0 }, false },
		{ { "a", 1, 's', 2000, 0 }, { "a", 1, 's', 2001, 0 }, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		tear_down(NULL);
		set_up(NULL);
		coroutine = "run";
		snapshot_destroy(take_in(look(&rows[i].before, 1)));
		snapshot_destroy(take_in(look(&rows[i].after, 1)));
		assert_int_equal(track_of(0)->steps, rows[i].moved);
		assert_true(track_of(0)->since_s == (rows[i].moved ? 1001 : 1000));
		assert_int_equal(track_of(0)->moved_look, rows[i].moved ? 2 : 0);
	}
}

static void test_another_waiter_is_progress(void **state)
{
	(void)state;
	for (uint64_t waiter = 1; waiter <= 3; waiter++) {
		struct snapshot *snapshot = LOOK({ "a", 1, 'e', 0x10, 0 });
		snapshot->tasks.items[0]->waiter = waiter / 2; /* 0, 1, 1 */
		snapshot_destroy(take_in(snapshot));
	}
	assert_int_equal(track_of(0)->steps, 0); /* of 0 nothing was known */
	struct snapshot *snapshot = LOOK({ "a", 1, 'e', 0x10, 0 });
	snapshot->tasks.items[0]->waiter = 2;
	snapshot_destroy(take_in(snapshot));
	assert_int_equal(track_of(0)->steps, 1);
}

/* The future that a queue makes for the next item is often where the last one was. */
static void test_a_turn_is_a_step_though_all_is_as_before(void **state)
{
	(void)state;
	SEE({ "a", 1, 'e', 0x10, 0 });
	SEE({ "a", 1, '.', 0, 0 });
	SEE({ "a", 1, '.', 0, 0 });
	assert_int_equal(track_of(0)->steps, 0);
	SEE({ "a", 1, 'e', 0x10, 0 });
	SEE({ "a", 1, 'e', 0x10, 0 });
	assert_int_equal(track_of(0)->steps, 1);
	assert_int_equal(track_of(0)->moved_look, 4);
}

static void test_an_address_that_is_used_again_is_another_task(void **state)
{
	struct snapshot *snapshot;

	(void)state;
	SEE({ "a", 1, 'e', 0x10, 0 });
	snapshot = LOOK({ "b", 1, 'e', 0x10, 0 });
	snapshot->tasks.items[0]->id = address_of("a");
	snapshot_destroy(take_in(snapshot));
	assert_int_equal(track_of(0)->born_look, 2);
	assert_false(track_of(0)->from_the_first);
	assert_int_equal(history.ended_total, 1);
	assert_string_equal(history.ended[0].name, "a");
	assert_string_equal(history.ended[0].where, "f1  f.py:1");
}

static void test_like_ones_that_ended_together_are_one(void **state)
{
	(void)state;
	SEE({ "main", 9, 'e', 1, 0 }, { "a", 1, 'e', 0x10, 1 }, { "b", 1, 'e', 0x10, 1 },
			{ "c", 2, 'e', 0x10, 1 });
	SEE({ "main", 9, 'e', 1, 0 });
	assert_int_equal(history.ended_total, 3);
	assert_int_equal(history.ended_count, 2);
	assert_int_equal(history.ended[0].count, 2);
	assert_true(history.ended[0].parent == track_of(0)->key);
}

static void test_what_ended_is_forgotten(void **state)
{
	char name[16];

	(void)state;
	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "t%d", i);
		SEE({ name, i % 7, 'e', 0x10, 0 });
	}
	assert_int_equal(history.last.items.count, 1);
	assert_true(history.last.items.capacity <= 64 && history.next.items.capacity <= 64);
	assert_true(history.growth.last.groups.capacity <= 64);
	assert_int_equal(history.ended_count, ENDED_MAX);
	assert_int_equal(history.ended_total, 2999);
}

static void test_what_a_torn_snapshot_lacks_has_not_ended(void **state)
{
	(void)state;
	SEE({ "a", 1, 'e', 0x10, 0 }, { "b", 1, 'e', 0x10, 0 });
	for (int i = 0; i < 3; i++) {
		struct snapshot *snapshot = LOOK({ "b", 1, 'e', 0x10, 0 });
		snapshot->consistent = i == 1;
		snapshot->dropped = i == 1;
		snapshot_destroy(take_in(snapshot));
		assert_int_equal(history.ended_total, 0);
	}
	SEE({ "a", 1, 'e', 0x10, 0 }, { "b", 1, 'e', 0x10, 0 });
	assert_int_equal(track_of(0)->born_look, 1);
	assert_int_equal(track_of(0)->missed, 0);
	for (int i = 0; i < 4; i++) {
		struct snapshot *snapshot = LOOK({ "b", 1, 'e', 0x10, 0 });
		snapshot->consistent = false;
		snapshot_destroy(take_in(snapshot));
		assert_int_equal(history.ended_total, i == 3);
	}
	assert_int_equal(history.last.items.count, 1);
}

/* ---- growth ---- */

enum { GROUP = 3 };

/* A look at `count` like tasks, of which the first is called `first`. */
static size_t look_at_group(size_t count, const char *first, struct buffer *message)
{
	struct spell spells[128];
	char names[128][24];
	size_t findings = 0;

	for (size_t i = 0; i < count; i++) {
		snprintf(names[i], sizeof(names[i]), "g%zu", i);
		spells[i] = (struct spell){ i ? names[i] : first, GROUP, 'e', 0x10, 0 };
	}
	struct snapshot *snapshot = take_in(look(spells, count));
	for (size_t i = 0; i < snapshot->findings.count; i++) {
		assert_int_equal(snapshot->findings.items[i].kind, FINDING_GROWTH);
		assert_int_equal(snapshot->findings.items[i].tasks.count, count);
		if (message)
			buffer_puts(message, snapshot->findings.items[i].message);
		findings++;
	}
	snapshot_destroy(snapshot);
	return findings;
}

/* A look each second in which it grows by one up to `most`, and then stays. */
static size_t watch_group(size_t begin, size_t most, int seconds, struct buffer *message)
{
	size_t found = 0;

	for (int i = 0; i <= seconds; i++) {
		size_t count = begin + (size_t)i < most ? begin + (size_t)i : most;
		found = look_at_group(count, "first", message);
		assert_true(!found || i >= GROWTH_SECONDS);
	}
	return found;
}

static void test_a_group_that_only_grows(void **state)
{
	struct buffer message = { 0 };

	(void)state;
	assert_int_equal(watch_group(5, 5 + GROWTH_TASKS, GROWTH_SECONDS, &message), 1);
	assert_string_equal(buffer_text(&message), "15 in f3 f.py:3 waiting for an event " WORDS_DOT
						   " grew by 10 in 60 s, none has moved on");
	buffer_deinit(&message);
}

static void test_just_below_it_is_silent(void **state)
{
	(void)state;
	assert_int_equal(watch_group(5, 5 + GROWTH_TASKS - 1, 2 * GROWTH_SECONDS, NULL), 0);
	tear_down(NULL);
	set_up(NULL);
	assert_int_equal(watch_group(5, 50, GROWTH_SECONDS - 1, NULL), 0);
}

static void test_one_that_jumped_and_stays_is_silent(void **state)
{
	(void)state;
	look_at_group(5, "first", NULL);
	for (int i = 0; i < 2 * GROWTH_LOOKS_ALONE; i++)
		assert_int_equal(look_at_group(50, "first", NULL), 0);
}

static void test_a_member_that_ends_or_moves_on_starts_it_again(void **state)
{
	(void)state;
	watch_group(5, 60, GROWTH_SECONDS - 2, NULL);
	for (int i = 0; i < 10; i++) /* the first one is another */
		assert_int_equal(look_at_group(64 + (size_t)i, "other", NULL), 0);
}

static void test_growth_that_stopped_long_ago_is_silent(void **state)
{
	(void)state;
	assert_int_equal(watch_group(5, 16, 11 + GROWTH_SECONDS, NULL), 1);
	assert_int_equal(look_at_group(16, "first", NULL), 0);
}

static void test_many_looks_are_enough_without_the_time(void **state)
{
	size_t found = 0;

	(void)state;
	for (int i = 0; i <= GROWTH_LOOKS_ALONE; i++) {
		assert_int_equal(found, 0);
		found = look_at_group(5 + (size_t)i / 8, "first", NULL);
		now -= 0.9;
	}
	assert_int_equal(found, 1);
}

/* ---- rows ---- */

/* The names of the rows in their order; "..." before what stands below, "|" before a
 * frame, or "\\" where nothing stands below its task. */
static char *spelled(void)
{
	static struct buffer out;

	buffer_clear(&out);
	for (size_t i = 0; i < browse.rows.items.count; i++) {
		const struct row *row = &browse.rows.items.items[i];
		struct task_span span = row_tasks(browse.picture, row);
		buffer_puts(&out, i ? " " : "");
		for (unsigned k = 0; k < row->depth; k++)
			buffer_putc(&out, '.');
		if (row->kind == ROW_SECTION)
			buffer_puts(&out, "#");
		if (row->kind == ROW_BLOCK)
			buffer_puts(&out, "@");
		if (row->kind == ROW_ENDED)
			buffer_printf(&out, "-%u*%s", row->count,
					browse.picture->ended[row->index].name);
		if (row->kind == ROW_COROUTINE)
			buffer_printf(&out, "%u*%s:", row->count, span.tasks[0]->coroutine);
		else if (span.count > 1)
			buffer_printf(&out, "%u*", span.count);
		if (row->kind == ROW_FRAME)
			buffer_printf(&out, "%c%s", row->last ? '\\' : '|',
					span.tasks[0]->stack->frames[row->count]->function);
		else if (span.count == 1 && row->kind != ROW_COROUTINE)
			buffer_puts(&out, span.tasks[0]->name);
		if (row->folds && !row->open)
			buffer_putc(&out, '+');
		if (i == browse.cursor)
			buffer_putc(&out, '<');
	}
	return (char *)(uintptr_t)buffer_text(&out);
}

#define ASSERT_ROWS(expected) assert_string_equal(spelled(), expected)

#define SERVICE                                                                                    \
	{ "main", 1, 'e', 1, 0 }, { "pool", 2, 'e', 1, 1 }, { "a", 3, 'e', 5, 2 },                 \
			{ "b", 3, 'e', 5, 2 }, { "c", 3, 'e', 5, 2 },                              \
	{                                                                                          \
		"log", 4, 's', 9000, 1                                                             \
	}

static void act(enum action action, int times)
{
	while (times--)
		assert_true(browse_act(&browse, action));
}

static void test_rows_fold_and_unfold(void **state)
{
	(void)state;
	browse_set_picture(&browse, PICTURE(SERVICE));
	ASSERT_ROWS("main< .pool ..3*+ .log");
	act(ACTION_DOWN, 2);
	act(ACTION_TOGGLE, 1);
	ASSERT_ROWS("main .pool ..3*< ...a ...b ...c .log");
	act(ACTION_DOWN, 2);
	act(ACTION_FOLD, 1); /* from within */
	ASSERT_ROWS("main .pool ..3*+< .log");
	act(ACTION_FOLD, 1); /* what is above it */
	ASSERT_ROWS("main .pool+< .log");
	act(ACTION_UNFOLD, 1);
	act(ACTION_ALL, 1);
	ASSERT_ROWS("main .pool< ..3* ...a ...b ...c .log");
	act(ACTION_ALL, 1);
	ASSERT_ROWS("main .pool< ..3*+ .log");
}

static void test_what_is_folded_and_the_cursor_outlive_a_picture(void **state)
{
	(void)state;
	browse_set_picture(&browse, PICTURE(SERVICE));
	act(ACTION_DOWN, 1);
	act(ACTION_FOLD, 1);
	act(ACTION_DOWN, 1);
	ASSERT_ROWS("main .pool+ .log<");
	now++;
	browse_set_picture(&browse, PICTURE({ "main", 1, 'e', 1, 0 }, { "new", 7, 'e', 1, 1 },
						    { "pool", 2, 'e', 1, 1 }, { "a", 3, 'e', 5, 3 },
						    { "log", 4, 's', 9000, 1 }));
	ASSERT_ROWS("main .new .pool+ .log<");
}

static void test_ended_ones_stand_where_they_were_for_a_moment(void **state)
{
	(void)state;
	browse_set_picture(&browse, PICTURE(SERVICE));
	for (int i = 0; i < 2; i++) {
		now++;
		browse_set_picture(
				&browse, PICTURE({ "main", 1, 'e', 1, 0 }, { "pool", 2, 'e', 1, 1 },
							 { "log", 4, 's', 9000, 1 }));
		ASSERT_ROWS("main< .pool ..-3*a .log");
	}
	now += MARKED_SECONDS;
	browse_set_picture(&browse, PICTURE({ "main", 1, 'e', 1, 0 }, { "pool", 2, 'e', 1, 1 },
						    { "log", 4, 's', 9000, 1 }));
	ASSERT_ROWS("main< .pool .log");
	act(ACTION_DIFF, 1);
	ASSERT_ROWS("main< .pool ..-3*a");
}

static void test_the_filter_keeps_what_stands_above(void **state)
{
	(void)state;
	browse_set_picture(&browse, PICTURE(SERVICE));
	browse_set_filter(&browse, "f3");
	ASSERT_ROWS("main< .pool ..3*+ .log"); /* as long as nothing was looked at */
	browse_settle(&browse);
	ASSERT_ROWS("main< .pool ..3*+");
	browse_set_filter(&browse, "b"); /* one of a group */
	browse_settle(&browse);
	ASSERT_ROWS("main< .pool ..3* ...b");
	act(ACTION_SHAPE, 1);
	ASSERT_ROWS("b<");
}

/* So many tasks that they are not looked at in one go. */
static struct picture *crowd(void)
{
	static struct spell spells[CROWD];
	static char names[CROWD][8];

	for (int i = 0; i < CROWD; i++) {
		snprintf(names[i], sizeof(names[i]), "n%d", i);
		spells[i] = (struct spell){ names[i], 1, 'e', 1, 0 };
	}
	return picture_create(look(spells, CROWD), &history, LEVELS, now);
}

static void test_a_filter_is_worked_on_bit_by_bit(void **state)
{
	(void)state;
	browse_set_picture(&browse, crowd());
	assert_false(browse_is_busy(&browse));
	browse_set_filter(&browse, "n");
	assert_true(browse_work(&browse));
	browse_set_filter(&browse, "n2999"); /* typed on */
	assert_true(browse_work(&browse));
	assert_true(browse_work(&browse));
	ASSERT_ROWS("3000*+<");
	assert_false(browse_work(&browse));
	ASSERT_ROWS("3000*< .n2999");
	assert_false(browse_work(&browse));
	browse_set_filter(&browse, "");
	assert_false(browse_is_busy(&browse));
	ASSERT_ROWS("3000*+<");
}

static void test_the_next_picture_comes_when_it_is_filtered(void **state)
{
	(void)state;
	browse_set_picture(&browse, PICTURE(SERVICE));
	browse_set_filter(&browse, "n2999");
	browse_settle(&browse);
	ASSERT_ROWS("");
	now++;
	browse_set_picture(&browse, crowd());
	browse_settle(&browse); /* no key asked for it */
	assert_true(browse_work(&browse));
	ASSERT_ROWS("");
	browse_drop_next(&browse);
	assert_false(browse_is_busy(&browse));
	browse_set_picture(&browse, crowd());
	while (browse_work(&browse))
		;
	ASSERT_ROWS("3000*< .n2999");
}

static void test_shapes_and_orders(void **state)
{
	(void)state;
	browse_set_picture(&browse, PICTURE(SERVICE));
	now++;
	browse_set_picture(&browse,
			PICTURE({ "main", 1, 'e', 1, 0 }, { "pool", 2, 'e', 1, 1 },
					{ "a", 3, 'e', 6, 2 }, { "b", 3, 'e', 5, 2 },
					{ "c", 3, 'e', 5, 2 }, { "log", 4, 's', 9000, 1 }));
	act(ACTION_STUCK, 1);
	ASSERT_ROWS("main< pool b c log a");
	act(ACTION_SORT, 1); /* steps */
	ASSERT_ROWS("a< main pool b c log");
	act(ACTION_SORT, 2); /* name */
	ASSERT_ROWS("a< b c log main pool");
	act(ACTION_SHAPE, 1);
	assert_int_equal(browse.shape, SHAPE_COROUTINES);
	act(ACTION_SORT, 2); /* age again */
	ASSERT_ROWS("1*f1:+< 1*f2:+ 3*f3:+ 1*f4:+");
	act(ACTION_DOWN, 2);
	act(ACTION_UNFOLD, 1);
	ASSERT_ROWS("1*f1:+ 1*f2:+ 3*f3:< a b c 1*f4:+");
}

/* Takes in main, and another of the name that is current. */
static void see_current(const char *name, bool current)
{
	struct snapshot *snapshot = LOOK({ "main", 1, 'e', 1, 0 }, { name, 2, 'r', 0, 0 });

	snapshot->tasks.items[0]->current = !current;
	snapshot->tasks.items[1]->current = current;
	browse_set_picture(&browse, picture_create(snapshot, &history, LEVELS, now++));
}

static void test_the_share_is_sorted_as_it_is_shown(void **state)
{
	(void)state;
	see_current("old", false);
	see_current("old", false);
	see_current("late", true); /* in all looks since it is there, but in fewer */
	act(ACTION_STUCK, 1);
	act(ACTION_SORT, 2);
	ASSERT_ROWS("main< late");
}

static void test_places_are_sorted_by_line_too(void **state)
{
	(void)state;
	browse_set_picture(&browse, PICTURE({ "c", 30, 'e', 1, 0 }, { "b", 4, 'e', 1, 0 },
						    { "a", 4, 's', 9000, 0 }));
	act(ACTION_STUCK, 1);
	act(ACTION_SORT, 4);
	assert_int_equal(browse.order, ORDER_PLACE);
	ASSERT_ROWS("b< a c");
}

/* Whether it is found, with the rows then. */
static bool finds(const char *text, bool forward)
{
	if (text)
		browse_set_search(&browse, text);
	return find_next(&browse, forward, text);
}

static void test_search_goes_around_and_into_groups(void **state)
{
	(void)state;
	browse_set_picture(&browse, PICTURE(SERVICE));
	assert_true(finds("c", true));
	ASSERT_ROWS("main .pool ..3* ...a ...b ...c< .log");
	assert_true(finds("o", true)); /* pool, log */
	ASSERT_ROWS("main .pool ..3* ...a ...b ...c .log<");
	assert_true(finds(NULL, true));
	ASSERT_ROWS("main .pool< ..3* ...a ...b ...c .log");
	assert_true(finds(NULL, false));
	ASSERT_ROWS("main .pool ..3* ...a ...b ...c .log<");
	assert_false(finds("nothing", true));
	assert_false(finds(NULL, true));
	assert_false(finds("", true));
}

static void test_a_folded_group_is_one_find(void **state)
{
	(void)state;
	browse_set_picture(&browse, PICTURE(SERVICE));
	assert_true(finds("f3", true));
	ASSERT_ROWS("main .pool ..3*+< .log");
	assert_true(finds(NULL, true));
	ASSERT_ROWS("main .pool ..3*+< .log");
	act(ACTION_UNFOLD, 1);
	assert_true(finds(NULL, true));
	ASSERT_ROWS("main .pool ..3* ...a< ...b ...c .log");
	assert_true(finds(NULL, false));
	ASSERT_ROWS("main .pool ..3* ...a ...b ...c< .log");
}

static void test_search_unfolds_the_way(void **state)
{
	(void)state;
	browse_set_picture(&browse, PICTURE(SERVICE));
	act(ACTION_DOWN, 1);
	act(ACTION_FOLD, 2);
	ASSERT_ROWS("main+<");
	assert_false(finds("nothing", true));
	ASSERT_ROWS("main+<");
	assert_true(finds("log", true)); /* what is not on the way stays */
	ASSERT_ROWS("main .pool+ .log<");
	assert_true(finds("b", true));
	ASSERT_ROWS("main .pool ..3* ...a ...b< ...c .log");
	act(ACTION_FOLD, 2);
	ASSERT_ROWS("main .pool+< .log");
	assert_true(finds("f3", true));
	ASSERT_ROWS("main .pool ..3*+< .log");
	act(ACTION_SHAPE, 2);
	ASSERT_ROWS("1*f1:+ 1*f2:+ 3*f3:+< 1*f4:+");
	assert_true(finds("b", true));
	ASSERT_ROWS("1*f1:+ 1*f2:+ 3*f3: a b< c 1*f4:+");
}

static void test_frames_have_rows(void **state)
{
	(void)state;
	browse.stacks = true;
	browse_set_picture(&browse, PICTURE(SERVICE));
	ASSERT_ROWS("main< .|f1 .pool ..|f2 ..3*+ ...\\f3 .log ..\\f4");
	act(ACTION_DOWN, 1);
	assert_string_equal(browse_task(&browse)->name, "main");
	assert_true(finds("b", true));
	ASSERT_ROWS("main .|f1 .pool ..|f2 ..3* ...|f3 ...a ...b< ...c .log ..\\f4");
	act(ACTION_STUCK, 1);
	browse_set_filter(&browse, "log");
	browse_settle(&browse);
	ASSERT_ROWS("log< \\f4");
}

static void test_a_deep_tree_goes_on_in_sections(void **state)
{
	struct spell spells[LEVELS + 3];
	static const char *const chain[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j",
		"k" };

	(void)state;
	for (int i = 0; i < LEVELS + 3; i++)
		spells[i] = (struct spell){ chain[i], i + 1, 'e', (uint64_t)i + 1, i };
	browse_set_picture(
			&browse, picture_create(look(spells, LEVELS + 3), &history, LEVELS, now));
	ASSERT_ROWS("a< .b ..c ...d ....e .....f ......g .......h # i .j ..k");
	act(ACTION_DOWN, 1);
	act(ACTION_FOLD, 1);
	ASSERT_ROWS("a .b+<");
	assert_true(finds("k", true));
	ASSERT_ROWS("a .b ..c ...d ....e .....f ......g .......h # i .j ..k<");
}

static void test_no_tasks_no_rows(void **state)
{
	(void)state;
	browse_set_picture(&browse, picture_create(look(NULL, 0), &history, LEVELS, now));
	ASSERT_ROWS("");
	for (enum action action = ACTION_NONE; action < ACTIONS; action++)
		browse_act(&browse, action);
	assert_null(browse_task(&browse));
}

/* ---- keys, search, sheets ---- */

static void test_keys(void **state)
{
	struct sheet sheet = { .text = { 0 } };
	struct pen pen = { .sheet = &sheet };

	(void)state;
	assert_int_equal(keys_action('j'), ACTION_DOWN);
	assert_int_equal(keys_action(KEY_OF_DOWN), ACTION_DOWN);
	assert_int_equal(keys_action('\\'), ACTION_FILTER);
	assert_int_equal(keys_action(KEY_OF_F0 + 10), ACTION_QUIT);
	assert_int_equal(keys_action('Z'), ACTION_NONE);
	assert_int_equal(keys_action(0), ACTION_NONE);
	assert_int_equal(keys_action(KEY_OF_NONE), ACTION_NONE);
	keys_draw_bar(&pen, 24);
	assert_string_equal(buffer_text(&pen.line), "? Help  q Quit  / Search");
	assert_int_equal(keys_bar_action(0, 24), ACTION_HELP);
	assert_int_equal(keys_bar_action(7, 24), ACTION_NONE);
	assert_int_equal(keys_bar_action(8, 24), ACTION_QUIT);
	assert_int_equal(keys_bar_action(23, 24), ACTION_SEARCH);
	assert_int_equal(keys_bar_action(23, 23), ACTION_NONE);
	pen_deinit(&pen);
	sheet_deinit(&sheet);
}

static void test_what_matches(void **state)
{
	static const struct {
		const char *text, *found;
	} rows[] = {
		{ "main", "m" },
		{ "MAIN", "" },
		{ "F3", "" },
		{ "f3", "abc" },
		{ "f.py", "mpabcl" },
		{ "sleep", "l" },
		{ "event", "mpabc" },
		{ "waiting", "mpabcl" },
		{ "x", "" },
	};
	struct snapshot *snapshot = LOOK(SERVICE);

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char letters[8] = "";
		bool *found = match_tasks(snapshot, rows[i].text);
		for (uint32_t k = 0; k < snapshot->tasks.count; k++)
			if (found[k])
				strncat(letters, snapshot->tasks.items[k]->name, 1);
		free(found);
		assert_string_equal(letters, rows[i].found);
	}
	snapshot_destroy(snapshot);
}

static void test_a_sheet_forgets_the_styles_of_what_was_taken_back(void **state)
{
	struct sheet sheet = { .text = { 0 } };
	struct pen pen = { .sheet = &sheet };

	(void)state;
	pen_puts(&pen, STYLE_NAME, "name");
	size_t length = pen.line.length, column = pen.column;
	pen_spaces(&pen, 1);
	pen_puts(&pen, STYLE_ALARM, "too much");
	pen.line.length = length;
	pen.column = column;
	pen_puts(&pen, STYLE_PLAIN, " is less than it");
	pen_text(&pen, STYLE_PLACE, "\033[m");
	pen_end_line(&pen);
	pen_puts(&pen, STYLE_READY, "b");
	pen_end_line(&pen);
	assert_string_equal(buffer_text(&sheet.text), "name is less than it\\x1b[mb");
	assert_int_equal(sheet.lines.count, 2);
	assert_int_equal(sheet.ranges.count, 3);
	assert_int_equal(sheet.ranges.items[0].to, 4);
	assert_int_equal(sheet.ranges.items[1].from, 20);
	assert_int_equal(sheet.ranges.items[1].style, STYLE_PLACE);
	assert_int_equal(sheet.lines.items[1].first_range, 2);
	assert_int_equal(sheet.ranges.items[2].from, 0);
	pen_deinit(&pen);
	sheet_deinit(&sheet);
}

/* ---- the thread that takes ---- */

static struct error *take_made_up(void *context, bool pauses, struct snapshot **snapshot)
{
	(void)context;
	(void)pauses;
	*snapshot = LOOK(SERVICE);
	return NULL;
}

static struct error *check_made_up(void *context)
{
	(void)context;
	return NULL;
}

/* Or the next one would push out what was not fetched. */
static void test_the_taker_is_busy_until_the_picture_is_fetched(void **state)
{
	const struct live_source source = { .take = take_made_up, .check = check_made_up };
	struct taker *taker = taker_create(&source);
	struct picture *picture;
	struct error *error;

	(void)state;
	assert_non_null(taker);
	assert_false(taker_is_busy(taker));
	taker_ask(taker, true, LEVELS);
	taker_wait(taker, 60 * 1000);
	assert_true(taker_is_busy(taker));
	assert_true(taker_result(taker, &picture, &error));
	assert_false(taker_is_busy(taker));
	assert_null(error);
	assert_int_equal(picture->snapshot->tasks.count, 6);
	picture_destroy(picture);
	taker_check(taker);
	taker_wait(taker, 60 * 1000);
	assert_true(taker_is_busy(taker));
	assert_false(taker_result(taker, &picture, &error));
	assert_false(taker_is_busy(taker));
	taker_ask(taker, true, LEVELS);
	taker_wait(taker, 60 * 1000);
	taker_end(taker);
}

int main(void)
{
#define UNIT(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		UNIT(test_a_task_that_stays_is_known_again),
		UNIT(test_what_is_progress),
		UNIT(test_another_waiter_is_progress),
		UNIT(test_a_turn_is_a_step_though_all_is_as_before),
		UNIT(test_an_address_that_is_used_again_is_another_task),
		UNIT(test_like_ones_that_ended_together_are_one),
		UNIT(test_what_ended_is_forgotten),
		UNIT(test_what_a_torn_snapshot_lacks_has_not_ended),
		UNIT(test_a_group_that_only_grows),
		UNIT(test_just_below_it_is_silent),
		UNIT(test_one_that_jumped_and_stays_is_silent),
		UNIT(test_a_member_that_ends_or_moves_on_starts_it_again),
		UNIT(test_growth_that_stopped_long_ago_is_silent),
		UNIT(test_many_looks_are_enough_without_the_time),
		UNIT(test_rows_fold_and_unfold),
		UNIT(test_what_is_folded_and_the_cursor_outlive_a_picture),
		UNIT(test_ended_ones_stand_where_they_were_for_a_moment),
		UNIT(test_the_filter_keeps_what_stands_above),
		UNIT(test_shapes_and_orders),
		UNIT(test_the_share_is_sorted_as_it_is_shown),
		UNIT(test_places_are_sorted_by_line_too),
		UNIT(test_a_filter_is_worked_on_bit_by_bit),
		UNIT(test_the_next_picture_comes_when_it_is_filtered),
		UNIT(test_search_goes_around_and_into_groups),
		UNIT(test_a_folded_group_is_one_find),
		UNIT(test_search_unfolds_the_way),
		UNIT(test_frames_have_rows),
		UNIT(test_a_deep_tree_goes_on_in_sections),
		UNIT(test_no_tasks_no_rows),
		UNIT(test_keys),
		UNIT(test_what_matches),
		UNIT(test_the_taker_is_busy_until_the_picture_is_fetched),
		UNIT(test_a_sheet_forgets_the_styles_of_what_was_taken_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
