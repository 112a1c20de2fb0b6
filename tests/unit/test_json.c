/* JSON: the writer, and a whole snapshot against tests/golden/snapshot.json, which
 * GOLDEN_WRITE=1 in the environment writes anew. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <math.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "model/finding.h"
#include "tests/unit/build.h"
#include "view/json.h"

/* A stream into memory. */
struct capture {
	FILE *file;
	char *text;
	size_t size;
};

static void capture_begin(struct capture *capture)
{
	capture->text = NULL;
	capture->file = open_memstream(&capture->text, &capture->size);
	assert_non_null(capture->file);
}

static void capture_check(struct capture *capture, const char *expected)
{
	fclose(capture->file);
	assert_string_equal(capture->text, expected);
	free(capture->text);
}

static void check_string(const char *text, const char *expected)
{
	struct capture capture;
	struct json_writer json;

	capture_begin(&capture);
	json_init(&json, capture.file);
	json_string(&json, text);
	capture_check(&capture, expected);
}

static void strings_are_safe_and_valid(void **state)
{
	(void)state;
	check_string("plain", "\"plain\"");
	check_string("", "\"\"");
	check_string(NULL, "null");
	check_string("a\"b\\c", "\"a\\\"b\\\\c\"");
	check_string("\x1b[31m\n\t\x7f", "\"\\u001b[31m\\u000a\\u0009\\u007f\"");
	check_string("a\xc0\x80z", "\"a\\u0000z\"");
	check_string("\xc2\x9b", "\"\\u009b\"");
	check_string("\xed\xa0\x80|\xed\xbf\xbf", "\"\xef\xbf\xbd|\xef\xbf\xbd\"");
	check_string("\xff", "\"\xef\xbf\xbd\"");
	check_string("\xe2\x80\xa8\xe2\x80\xae\xe2\x81\xa6", "\"\\u2028\\u202e\\u2066\"");
	check_string("\xf3\xa0\x81\x81", "\"\\udb40\\udc41\"");
	check_string("\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x90\x8d",
			"\"\xc3\xa9\xe6\xbc\xa2\xf0\x9f\x90\x8d\"");
}

static void check_decimal(double value, const char *expected)
{
	struct capture capture;
	struct json_writer json;

	capture_begin(&capture);
	json_init(&json, capture.file);
	json_decimal(&json, value);
	capture_check(&capture, expected);
}

static void decimals_are_json(void **state)
{
	(void)state;
	check_decimal(0, "0.000");
	check_decimal(1.5, "1.500");
	check_decimal(-2.25, "-2.250");
	check_decimal(-0.25, "-0.250");
	check_decimal(0.9996, "1.000");
	check_decimal(1e300, "9000000000000000.000");
	check_decimal(NAN, "null");
	check_decimal(INFINITY, "null");
	check_decimal(-INFINITY, "null");
}

static void commas_stand_between(void **state)
{
	struct capture capture;
	struct json_writer json;

	(void)state;
	capture_begin(&capture);
	json_init(&json, capture.file);
	for (int i = 0; i < 2; i++) {
		json_object(&json);
		json_key(&json, "a");
		json_array(&json);
		json_int(&json, INT64_MIN);
		json_unsigned(&json, UINT64_MAX);
		json_array(&json);
		json_end(&json);
		json_address(&json, 0x7f6a6410cb90);
		json_end(&json);
		json_key(&json, "b");
		json_bool(&json, false);
		json_key(&json, "c");
		json_object(&json);
		json_end(&json);
		json_end(&json);
	}
	capture_check(&capture, "{\"a\":[-9223372036854775808,18446744073709551615,[],"
				"\"0x7f6a6410cb90\"],\"b\":false,\"c\":{}}\n"
				"{\"a\":[-9223372036854775808,18446744073709551615,[],"
				"\"0x7f6a6410cb90\"],\"b\":false,\"c\":{}}\n");
}

/* Whether `misuse` ends the program, tried in a child. */
static bool ends_the_program(void (*misuse)(struct json_writer *))
{
	const struct rlimit no_core = { 0, 0 };
	int status;
	pid_t child = fork();

	if (child == 0) {
		struct json_writer json;
		setrlimit(RLIMIT_CORE, &no_core);
		signal(SIGABRT, SIG_DFL);
		if (!freopen("/dev/null", "w", stderr))
			_exit(1);
		json_init(&json, fopen("/dev/null", "w"));
		misuse(&json);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT;
}

static void fit(struct json_writer *json)
{
	json_object(json);
	json_key(json, "key");
	json_null(json);
	json_end(json);
}

static void value_without_key(struct json_writer *json)
{
	json_object(json);
	json_null(json);
}

static void key_in_array(struct json_writer *json)
{
	json_array(json);
	json_key(json, "key");
}

static void key_without_value(struct json_writer *json)
{
	json_object(json);
	json_key(json, "key");
	json_end(json);
}

static void end_of_nothing(struct json_writer *json)
{
	json_end(json);
}

static void too_deep(struct json_writer *json)
{
	for (int i = 0; i <= JSON_MAX_DEPTH; i++)
		json_array(json);
}

static void what_does_not_fit_is_a_bug(void **state)
{
	(void)state;
	assert_false(ends_the_program(fit));
	assert_true(ends_the_program(value_without_key));
	assert_true(ends_the_program(key_in_array));
	assert_true(ends_the_program(key_without_value));
	assert_true(ends_the_program(end_of_nothing));
	assert_true(ends_the_program(too_deep));
}

static void write_golden(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void check_golden(struct capture *capture, const char *path)
{
	char *expected = NULL;
	size_t size = 0;

	fflush(capture->file);
	if (getenv("GOLDEN_WRITE"))
		write_golden(path, capture->text);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	assert_true(getdelim(&expected, &size, '\0', file) > 0);
	fclose(file);
	capture_check(capture, expected);
	free(expected);
}

/* It is in no list but that of the JSON output. */
static void add_unfetched(struct build *b)
{
	struct task *ended = arena_alloc(&b->snapshot->arena, 1, sizeof(*ended));

	*ended = (struct task){
		.id = 0x7f0000300000,
		.name = "ended",
		.type = "Task",
		.state = TASK_ENDED,
		.coroutine = "fail",
		.stack = build_at(b, "fail", "f.py", 5),
		.exception = "ValueError: \x1b",
	};
	b->snapshot->unfetched = build_list(b, ended, NULL);
}

static void fill_snapshot(struct build *b)
{
	struct loop *loop = build_loop(b, "_UnixSelectorEventLoop", 100);
	struct loop *idle = build_loop(b, "Loop", 0);
	struct thread *thread = build_thread(b, "MainThread", 100, loop);
	const struct stack *stack = build_stack(b, 2, build_frame(b, "main", "/srv/shop.py", 61),
			build_frame_of(b, "TaskGroup.__aexit__", "/usr/lib/tg.py", 0,
					ORIGIN_STDLIB));
	struct task *outer = build_task(b, "Task-1", stack, TASK_WAITING, loop);
	struct task *now = build_task(b, "\xed\xa0\x80\x1b[2J", build_at(b, "work", "w.py", 3),
			TASK_RUNNING, loop);
	struct task *a = build_task(b, "a", build_stack(b, 0), TASK_WAITING, idle);
	struct task *z = build_task(b, "z", build_stack(b, 0), TASK_READY, NULL);

	loop->has_executor = true;
	loop->executor.workers = 8;
	loop->executor.busy = 2;
	loop->executor.queued = -1;
	thread->holds_gil = true;
	thread->current_task = now;
	thread->stack = now->stack;
	build_thread(b, NULL, 0, NULL)->interpreter = 3;
	a->cancel_requests = 2;
	a->must_cancel = true;
	z->stack = NULL;
	build_await(b, outer, now);
	build_await(b, a, z);
	build_await(b, z, a);
	build_command(b, "python3.14", "shop.py", "caf\xc3\xa9 \xff", NULL);
	b->snapshot->taken_at.tv_nsec = 40506789;
	b->snapshot->read_us = 1834.5;
	b->snapshot->bytes_read = 1u << 20;
	b->snapshot->dropped = 1;
	snapshot_warn(b->snapshot, "%s", "1 task could not be read");
	build_done(b);
	add_unfetched(b);
	findings_find(b->snapshot);
}

static void a_snapshot_is_written_whole(void **state)
{
	struct capture capture;
	struct json_output output;
	struct build b;

	(void)state;
	build_init(&b);
	fill_snapshot(&b);
	capture_begin(&capture);
	struct error *error = error_create(ERROR_GONE, 3, "process %d ended", 77);
	json_output_begin(&output, capture.file);
	json_output_snapshot(&output, b.snapshot);
	json_output_error(&output, 77, error);
	json_output_end(&output);
	check_golden(&capture, "tests/golden/snapshot.json");
	error_free(error);
	build_deinit(&b);
}

/* 2,000 wait for what 2,000 hold. */
static void holders_are_no_product(void **state)
{
	struct capture capture;
	struct json_output output;
	struct build b;
	struct task_list holders = { 0 };

	(void)state;
	build_init(&b);
	holders.items = arena_alloc(&b.snapshot->arena, 2000, sizeof(*holders.items));
	for (int i = 0; i < 4000; i++) {
		struct task *task = build_task(&b, "t", build_stack(&b, 0), TASK_WAITING, NULL);
		if (i < 2000)
			holders.items[holders.count++] = task;
		else
			build_wait(&b, task, WAIT_SEMAPHORE, 1)->lock.holders = holders;
	}
	build_done(&b);
	capture_begin(&capture);
	json_output_begin(&output, capture.file);
	json_output_snapshot(&output, b.snapshot);
	json_output_end(&output);
	fclose(capture.file);
	assert_in_range(capture.size, 17 * 1000000, 20 * 1000000);
	free(capture.text);
	build_deinit(&b);
}

static void what_is_not_known_is_null_or_empty(void **state)
{
	struct snapshot *snapshot = snapshot_create();
	struct capture capture;
	struct json_output output;

	(void)state;
	snapshot->pid = 5;
	snapshot->python_version = "3.15.0b1";
	snapshot->mode = SNAPSHOT_RUNNING;
	snapshot->taken_at.tv_sec = 951827696; /* a leap day */
	capture_begin(&capture);
	json_output_begin(&output, capture.file);
	json_output_snapshot(&output, snapshot);
	json_output_end(&output);
	capture_check(&capture,
			"{\"schema\":\"asynctree-1\",\"tool\":\"asynctree 0.1.0\","
			"\"taken_at\":\"2000-02-29T12:34:56.000000Z\",\"processes\":[{\"pid\":5,"
			"\"command\":null,\"executable\":null,\"python\":{\"version\":\"3.15.0b1\","
			"\"free_threaded\":false,\"debug\":false},\"snapshot\":{"
			"\"mode\":\"running\",\"consistent\":false,\"attempts\":0,"
			"\"pause_us\":null,\"read_us\":0.000,\"bytes_read\":0,\"dropped\":0,"
			"\"warnings\":[]},\"interpreters\":[],\"threads\":[],\"loops\":[],"
			"\"tasks\":[],\"cycles\":[],\"findings\":[]}]}\n");
	snapshot_destroy(snapshot);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_are_safe_and_valid),
		cmocka_unit_test(decimals_are_json),
		cmocka_unit_test(commas_stand_between),
		cmocka_unit_test(what_does_not_fit_is_a_bug),
		cmocka_unit_test(a_snapshot_is_written_whole),
		cmocka_unit_test(holders_are_no_product),
		cmocka_unit_test(what_is_not_known_is_null_or_empty),
	};
	return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}
