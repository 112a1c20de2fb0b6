/* The words for what a task waits for, and for numbers and long texts. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "model/words.h"
#include "tests/unit/waiting_tasks.h"

enum { OBJECT = 0x7f0000300000 };

static void the_place_of_who_holds(void **state)
{
	struct task *holder = add("holder", h), *none = add("none", build_stack(&b, 0));
	struct task *tasks[] = {
		add_locked("a", f, OBJECT, build_list(&b, holder, NULL)),
		add_locked("b", f, OBJECT + 1, build_list(&b, none, NULL)),
		add_waiting("c", f, WAIT_SEMAPHORE, OBJECT + 2),
		add_waiting("d", f, WAIT_SEMAPHORE, OBJECT + 3),
	};
	struct buffer text = { 0 };
	struct paths paths;

	(void)state;
	build_done(&b);
	paths_init(&paths, b.snapshot);
	wait_of(tasks[2])->lock.holders = build_list(&b, holder, none, NULL);
	for (int i = 0; i < 4; i++) {
		words_wait(&text, (const struct task *const *)&tasks[i], 1, &paths);
		buffer_putc(&text, '\n');
	}
	assert_string_equal(buffer_text(&text),
			"lock held by holder in h b.py:3\nlock held by none\n"
			"semaphore, 2 holders found\nsemaphore\n");
	paths_deinit(&paths);
	buffer_deinit(&text);
}

static void check_words(const char *expected, struct task *a, struct task *c)
{
	struct buffer text = { 0 };

	words_wait(&text, (const struct task *const[]){ a, c }, c ? 2 : 1, NULL);
	assert_string_equal(buffer_text(&text), expected);
	buffer_deinit(&text);
}

static void waits_in_words(void **state)
{
	struct task *a = add_waiting("a", f, WAIT_SLEEP, 1);
	struct task *c = add_waiting("c", f, WAIT_SLEEP, 2);

	(void)state;
	check_words("sleep", a, NULL);
	wait_of(a)->sleep.remaining_s = 41.2;
	wait_of(c)->sleep.remaining_s = 0.44;
	check_words("sleep, 41 s left", a, NULL);
	check_words("sleep, 0.4 s to 41 s left", a, c);
	wait_of(a)->timeout_s = 600;
	check_words("sleep, 41 s left, timeout in 10 min", a, NULL);
	check_words("sleep, 0.4 s to 41 s left", a, c);
	wait_of(c)->sleep.remaining_s = -3;
	check_words("sleep, 3.0 s overdue", c, NULL);
}

static void waits_for_groups_in_words(void **state)
{
	struct task *a = add_waiting("a", f, WAIT_TASKGROUP, 1);
	struct task *c = add_waiting("c", f, WAIT_TASKGROUP, 2);

	(void)state;
	check_words("taskgroup", a, NULL);
	wait_of(a)->group.pending = 1424;
	wait_of(c)->group.pending = 3;
	check_words("taskgroup, 1,424 pending", a, NULL);
	check_words("taskgroup, 3 to 1,424 pending", a, c);
	wait_of(c)->group.total = 3;
	check_words("taskgroup, 3 pending", c, NULL);
	wait_of(c)->group.total = 30;
	check_words("taskgroup, 3 of 30 pending", c, NULL);
}

static void waits_for_objects_in_words(void **state)
{
	struct task *a = add_waiting("Task-7", f, WAIT_LOCK, 1);
	struct task *c = add_waiting("c", f, WAIT_LOCK, 1);

	(void)state;
	check_words("lock", a, NULL);
	wait_of(c)->lock.holders = wait_of(a)->lock.holders = build_list(&b, a, NULL);
	check_words("lock held by Task-7", a, c);
	wait_of(c)->object = 2;
	check_words("lock", a, c);
	wait_of(a)->kind = WAIT_SEMAPHORE;
	check_words("semaphore held by Task-7", a, NULL);
	wait_of(a)->lock.holders = build_list(&b, a, c, NULL);
	check_words("semaphore", a, NULL);
	wait_of(c)->kind = WAIT_CONDITION; /* its holder is not who notifies */
	check_words("condition", c, NULL);
	a = add_waiting("a", f, WAIT_QUEUE_GET, 1);
	check_words("queue get", a, NULL);
	wait_of(a)->queue.size = 0;
	check_words("queue get, empty", a, NULL);
	wait_of(a)->kind = WAIT_QUEUE_PUT;
	wait_of(a)->queue.maxsize = 0;
	check_words("queue put", a, NULL);
	wait_of(a)->queue.size = wait_of(a)->queue.maxsize = 2;
	check_words("queue put, full", a, NULL);
	wait_of(a)->kind = WAIT_QUEUE_JOIN;
	check_words("queue join", a, NULL);
	a = add_waiting("a", f, WAIT_BARRIER, 1);
	c = add_waiting("c", f, WAIT_BARRIER, 1);
	wait_of(a)->lock.waiters = wait_of(c)->lock.waiters = 2;
	wait_of(a)->lock.parties = wait_of(c)->lock.parties = 3;
	check_words("barrier, 2 of 3 there", a, c);
	wait_of(a)->lock.parties = 2;
	check_words("barrier", a, NULL);
	wait_of(c)->object = 2;
	check_words("barrier", a, c);
}

static void waits_outside_in_words(void **state)
{
	struct task *a = add_waiting("a", f, WAIT_STREAM, 1);
	struct task *c = add_waiting("c", f, WAIT_STREAM, 2);

	(void)state;
	check_words("stream", a, NULL);
	wait_of(a)->io.op = wait_of(c)->io.op = "read";
	wait_of(a)->io.local = "127.0.0.1:999";
	check_words("stream read  127.0.0.1:999", a, NULL);
	wait_of(a)->io.peer = "10.0.0.5:5432";
	check_words("stream read  10.0.0.5:5432", a, NULL);
	check_words("stream read", a, c);
	a = add_waiting("a", f, WAIT_PROCESS, 1);
	check_words("process", a, NULL);
	wait_of(a)->process.pid = 4711;
	wait_of(a)->process.argv = (const char *[]){ "sleep", "1", NULL };
	check_words("process 4711 sleep 1", a, NULL);
	a = add_waiting("a", f, WAIT_EXECUTOR, 1);
	check_words("executor", a, NULL);
	wait_of(a)->executor.function = "parse";
	wait_of(a)->executor.state = "queued";
	check_words("executor parse queued", a, NULL);
}

static void long_text_loses_its_middle(void **state)
{
	struct buffer text = { 0 };

	(void)state;
	words_short(&text, "abcdefghij", 10);
	buffer_putc(&text, ' ');
	words_short(&text, "abcdefghij", 9);
	buffer_putc(&text, ' ');
	words_short(&text, "ääääääääää", 10);
	assert_string_equal(buffer_text(&text), "abcdefghij abc...hij ä...ää");
	buffer_deinit(&text);
}

static void numbers_in_words(void **state)
{
	static const uint64_t numbers[] = { 0, 999, 1000, 1000000, 18446744073709551615u };
	struct buffer text = { 0 };

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		words_number(&text, numbers[i]);
		buffer_putc(&text, ' ');
	}
	words_count(&text, 1, "task");
	buffer_putc(&text, ' ');
	words_count(&text, 2, "task");
	assert_string_equal(buffer_text(&text),
			"0 999 1,000 1,000,000 18,446,744,073,709,551,615 1 task 2 tasks");
	buffer_deinit(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(the_place_of_who_holds),
		TEST(waits_in_words),
		TEST(waits_for_groups_in_words),
		TEST(waits_for_objects_in_words),
		TEST(waits_outside_in_words),
		TEST(long_text_loses_its_middle),
		TEST(numbers_in_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
