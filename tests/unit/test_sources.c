/* The source lines of a process, which a thread of their own reads. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "view/sources.h"

static char *read_made_up(void *context, const char *file, size_t *length)
{
	struct buffer text = { 0 };

	(void)context;
	if (strcmp(file, "none.py") == 0)
		return NULL;
	buffer_printf(&text, "first\n\tsecond of %s\n", file);
	*length = text.length;
	return text.text;
}

static const struct live_source made_up = { .read_source = read_made_up };

/* Waits for the file that is being read; false where there is none. */
static bool await_source(const struct sources *sources)
{
	struct pollfd file = { .fd = sources_fd(sources), .events = POLLIN };

	if (file.fd < 0)
		return false;
	assert_int_equal(poll(&file, 1, -1), 1);
	return true;
}

static bool take_source(struct sources *sources)
{
	bool there = await_source(sources);

	if (there)
		sources_take(sources);
	return there;
}

static void test_source_lines_come_later(void **state)
{
	struct sources sources = { .source = &made_up };
	struct buffer line = { 0 };

	(void)state;
	sources_begin(&sources);
	assert_false(sources_line(&sources, "a.py", 2, &line));
	assert_false(sources_line(&sources, "none.py", 1, &line));
	assert_true(take_source(&sources));
	assert_true(sources_line(&sources, "a.py", 2, &line));
	assert_string_equal(buffer_text(&line), "        second of a.py");
	assert_false(sources_line(&sources, "a.py", 3, &line));
	assert_false(sources_line(&sources, "a.py", 0, &line));
	assert_false(sources_line(&sources, "none.py", 1, &line));
	assert_true(take_source(&sources));
	assert_false(sources_line(&sources, "none.py", 1, &line));
	assert_false(take_source(&sources));
	/* One that was read and not taken goes with the rest; one that is still being read
	 * is left to its thread. */
	sources_line(&sources, "b.py", 1, &line);
	assert_true(await_source(&sources));
	buffer_deinit(&line);
	sources_deinit(&sources);
}

static void test_too_many_source_files_do_not_push_out_each_other(void **state)
{
	struct sources sources = { .source = &made_up };
	struct buffer line = { 0 };
	int there = 0, uses = 0;
	char file[16];

	(void)state;
	/* Backwards at first: what is known then is not what comes first later. */
	for (int i = 3 * SOURCES_MAX; i-- > 0;) {
		snprintf(file, sizeof(file), "%d.py", i);
		sources_begin(&sources);
		sources_line(&sources, file, 1, &line);
		take_source(&sources);
	}
	do {
		assert_true(uses++ < 3 * SOURCES_MAX);
		sources_begin(&sources);
		there = 0;
		for (int i = 0; i < 2 * SOURCES_MAX; i++) {
			snprintf(file, sizeof(file), "%d.py", i);
			buffer_clear(&line);
			there += sources_line(&sources, file, 1, &line);
		}
	} while (take_source(&sources));
	assert_int_equal(there, SOURCES_MAX);
	buffer_deinit(&line);
	sources_deinit(&sources);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_source_lines_come_later),
		cmocka_unit_test(test_too_many_source_files_do_not_push_out_each_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
