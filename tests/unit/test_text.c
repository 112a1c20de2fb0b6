/* Python's str, in fabricated memory of every build. */
#include <string.h>

#include "cpython/text.h"
#include "tests/unit/fabricate.h"

static void assert_text(struct world *w, remote_addr object, const char *expected, size_t length)
{
	struct buffer out = { 0 };

	assert_true(text_read(&w->python, object, &out));
	assert_int_equal(out.length, length);
	assert_memory_equal(buffer_text(&out), expected, length);
	buffer_deinit(&out);
	const char *text = text_intern(&w->python, object);
	assert_non_null(text);
	assert_int_equal(strlen(text), length);
	assert_ptr_equal(text, text_intern(&w->python, object));
}

static void assert_no_text(struct world *w, remote_addr object)
{
	struct buffer out = { 0 };

	assert_false(text_read(&w->python, object, &out));
	assert_null(text_intern(&w->python, object));
	assert_false(text_is(&w->python, object, "a"));
	buffer_deinit(&out);
}

static remote_addr text_of(struct world *w, unsigned width, uint64_t length, const void *data)
{
	struct text_spec spec = {
		.width = width,
		.length = length,
		.data = data,
		.size = length * width,
	};
	return make_text(w, &spec);
}

static void ascii(void **state)
{
	struct world *w = *state;
	remote_addr text = make_str(w, "Task-1"), empty = make_str(w, "");

	assert_text(w, text, "Task-1", 6);
	assert_text(w, empty, "", 0);
	assert_true(text_is(&w->python, text, "Task-1"));
	assert_false(text_is(&w->python, text, "Task-2"));
	assert_false(text_is(&w->python, text, "Task-"));
	assert_false(text_is(&w->python, text, "Task-12"));
	assert_true(text_is(&w->python, empty, ""));
}

static void wider_characters(void **state)
{
	struct world *w = *state;
	static const uint8_t latin[] = { 'c', 'a', 'f', 0xe9, 0xff, 0x80 };
	static const uint16_t two[] = { 0x416, 'x', 0x4e2d, 0xffff, 0x301 };
	static const uint32_t four[] = { 0x1f40d, 'y', 0x10ffff, 0x20000 };

	assert_text(w, text_of(w, 1, 6, latin), "caf\xc3\xa9\xc3\xbf\xc2\x80", 9);
	assert_text(w, text_of(w, 2, 5, two), "\xd0\x96x\xe4\xb8\xad\xef\xbf\xbf\xcc\x81", 11);
	assert_text(w, text_of(w, 4, 4, four), "\xf0\x9f\x90\x8dy\xf4\x8f\xbf\xbf\xf0\xa0\x80\x80",
			13);
	/* Latin-1 that happens to be ASCII is not taken for it. */
	assert_false(text_is(&w->python, text_of(w, 1, 1, "a"), "a"));
}

/* Nothing is lost: as base/utf8.h says. */
static void surrogates_and_nul(void **state)
{
	struct world *w = *state;
	static const uint16_t two[] = { 0xd83d, 'x', 0xdcff, 0 };
	struct text_spec nul = {
		.width = 1, .ascii = true, .length = 3, .data = "a\0b", .size = 3
	};
	remote_addr text = make_text(w, &nul);

	assert_text(w, text_of(w, 2, 4, two), "\xed\xa0\xbdx\xed\xb3\xbf\xc0\x80", 9);
	assert_text(w, text,
			"a\xc0\x80"
			"b",
			4);
	assert_false(text_is(&w->python, text, "a"));
}

static void a_code_point_beyond_unicode_is_replaced(void **state)
{
	struct world *w = *state;
	static const uint32_t four[] = { 0x110000, UINT32_MAX, 'z' };

	assert_text(w, text_of(w, 4, 3, four), "\xef\xbf\xbd\xef\xbf\xbdz", 7);
}

static void a_subclass_keeps_its_characters_elsewhere(void **state)
{
	struct world *w = *state;
	static const uint16_t two[] = { 0x416, 'x' };
	struct type_spec type = {
		.name = "Name", .flags = TYPE_HEAP | TYPE_TEXT, .base = w->builtin[T_STR]
	};
	struct text_spec spec = { .width = 1,
		.ascii = true,
		.not_compact = true,
		.length = 5,
		.data = "hello",
		.size = 5,
		.type = make_type(w, &type),
		.at_end = true };

	assert_text(w, make_text(w, &spec), "hello", 5);
	spec.ascii = false;
	spec.width = 2;
	spec.length = 2;
	spec.data = two;
	spec.size = sizeof(two);
	assert_text(w, make_text(w, &spec), "\xd0\x96x", 3);
}

static void what_is_no_str_is_refused(void **state)
{
	struct world *w = *state;

	assert_no_text(w, 0);
	assert_no_text(w, 8);
	assert_no_text(w, make_str(w, "odd") + 1);
	assert_no_text(w, make_int(w, 5));
	assert_no_text(w, make_bytes(w, "a", 1));
	assert_no_text(w, w->none);
	assert_no_text(w, UINT64_MAX - 7);
	/* A class that is only called so. */
	struct text_spec spec = { .width = 1,
		.ascii = true,
		.length = 1,
		.data = "a",
		.size = 1,
		.type = make_class(w, "str", 0) };
	assert_no_text(w, make_text(w, &spec));
}

static void wrong_widths_are_refused(void **state)
{
	struct world *w = *state;
	static const unsigned widths[] = { 0, 3, 5, 6, 7 };

	for (size_t i = 0; i < sizeof(widths) / sizeof(*widths); i++) {
		struct text_spec spec = { .width = widths[i],
			.ascii = true,
			.length = 1,
			.data = "a\0\0\0\0\0\0",
			.size = 8 };
		assert_no_text(w, make_text(w, &spec));
	}
}

static void absurd_lengths_are_refused(void **state)
{
	struct world *w = *state;
	static const uint64_t lengths[] = { UINT64_MAX, INT64_MAX, UINT64_C(1) << 32,
		16 * 1024 * 1024 + 1 };

	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		struct text_spec spec = {
			.width = 4, .length = lengths[i], .data = "a\0\0", .size = 4
		};
		assert_no_text(w, make_text(w, &spec));
	}
	/* A length that may be, but is not there. */
	struct text_spec spec = { .width = 1,
		.ascii = true,
		.length = 1 << 20,
		.data = "abcdefgh",
		.size = 8,
		.at_end = true };
	assert_no_text(w, make_text(w, &spec));
}

static void text_that_ends_where_memory_ends(void **state)
{
	struct world *w = *state;
	static const uint32_t four[] = { 'a', 0x1f40d };
	struct text_spec spec = { .width = 1,
		.ascii = true,
		.length = 8,
		.data = "12345678",
		.size = 8,
		.at_end = true };

	assert_text(w, make_text(w, &spec), "12345678", 8);
	spec = (struct text_spec){
		.width = 4, .length = 2, .data = four, .size = 8, .at_end = true
	};
	assert_text(w, make_text(w, &spec), "a\xf0\x9f\x90\x8d", 5);
	/* One character more is not there. */
	spec.length = 3;
	assert_no_text(w, make_text(w, &spec));
}

static void long_text_is_whole(void **state)
{
	enum { LENGTH = 70000 };
	struct world *w = *state;
	static uint16_t data[LENGTH];
	struct buffer out = { 0 };

	for (size_t i = 0; i < LENGTH; i++)
		data[i] = (uint16_t)('A' + i % 26);
	data[LENGTH - 1] = 0x416;
	assert_true(text_read(&w->python, text_of(w, 2, LENGTH, data), &out));
	assert_int_equal(out.length, LENGTH + 1);
	for (size_t i = 0; i + 1 < LENGTH; i++)
		assert_int_equal(out.text[i], 'A' + i % 26);
	buffer_deinit(&out);
}

static void reading_costs_work(void **state)
{
	struct world *w = *state;
	remote_addr text = make_str(w, "Task-1");

	w->python.work_left = 0;
	assert_no_text(w, text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_EVERY_BUILD(ascii),
		IN_EVERY_BUILD(wider_characters),
		IN_EVERY_BUILD(surrogates_and_nul),
		IN_EVERY_BUILD(a_code_point_beyond_unicode_is_replaced),
		IN_EVERY_BUILD(a_subclass_keeps_its_characters_elsewhere),
		IN_EVERY_BUILD(what_is_no_str_is_refused),
		IN_EVERY_BUILD(wrong_widths_are_refused),
		IN_EVERY_BUILD(absurd_lengths_are_refused),
		IN_EVERY_BUILD(text_that_ends_where_memory_ends),
		IN_EVERY_BUILD(long_text_is_whole),
		IN_EVERY_BUILD(reading_costs_work),
	};
	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
