/* What of a target's text reaches a terminal, and how wide it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "base/utf8.h"
#include "safe.h"

static int set_up(void **state)
{
	(void)state;
	return setlocale(LC_ALL, "C.UTF-8") ? 0 : -1;
}

static void check(const char *text, bool ascii, const char *expected, size_t width)
{
	struct buffer out = { 0 };

	assert_int_equal(safe_add(&out, text, ascii), width);
	assert_string_equal(buffer_text(&out), expected);
	assert_int_equal(safe_width(text, ascii), width);
	buffer_deinit(&out);
}

static void plain_text_stays(void **state)
{
	(void)state;
	check("", false, "", 0);
	check("Task-1 ~!", false, "Task-1 ~!", 9);
	check("Büro", false, "Büro", 4);
	check("Büro", true, "B\\xfcro", 7);
}

static void controls_are_escaped(void **state)
{
	(void)state;
	check("\033[2J", false, "\\x1b[2J", 7);
	check("a\nb\tc\rd", false, "a\\nb\\tc\\rd", 10);
	check("\a\b\v\f\x7f\x01", false, "\\a\\b\\v\\f\\x7f\\x01", 16);
	check("\xc2\x80\xc2\x9b", false, "\\x80\\x9b", 8);
	check("a\xc0\x80z", false, "a\\x00z", 6);
}

static void backslashes_are_doubled(void **state)
{
	(void)state;
	check("\\x1b", false, "\\\\x1b", 5);
	check("\\", true, "\\\\", 2);
}

static void wide_characters_take_two_columns(void **state)
{
	(void)state;
	check("配管", false, "配管", 4);
	check("🚀", false, "🚀", 2);
	check("🚀", true, "\\U0001f680", 10);
}

static void marks_take_no_column(void **state)
{
	(void)state;
	check("e\u0301t", false, "e\u0301t", 2);
	check("配\u0301", false, "配\u0301", 2);
	/* Without a letter, or after an escape, they would stand on another's. */
	check("\u0301a", false, "\\u0301a", 7);
	check("\n\u0301", false, "\\n\\u0301", 8);
	/* A pile of them would reach into other lines. */
	check("a\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301", false,
			"a\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\\u0301", 7);
}

/* Every character of a class is escaped, the ones beside it need not be. */
static void check_escaped(uint32_t first, uint32_t last)
{
	for (uint32_t c = first; c <= last; c++) {
		char text[UTF8_MAX + 2] = "a", expected[16];
		size_t length = utf8_encode(c, text + 1);

		text[1 + length] = '\0';
		snprintf(expected, sizeof(expected), c < 0x10000 ? "a\\u%04x" : "a\\U%08x", c);
		check(text, false, expected, strlen(expected));
	}
}

static void what_is_invisible_or_reorders_is_escaped(void **state)
{
	(void)state;
	check_escaped(0x202a, 0x202e); /* bidi overrides */
	check_escaped(0x2066, 0x2069); /* bidi isolates */
	check_escaped(0x200b, 0x200f); /* zero width, directional marks */
	check_escaped(0x061c, 0x061c);
	check_escaped(0x2028, 0x2029); /* separators */
	check_escaped(0x2060, 0x2064);
	check_escaped(0x206a, 0x206f);
	check_escaped(0xfeff, 0xfeff);
	check_escaped(0xfff9, 0xfffb);
	check_escaped(0x034f, 0x034f);
	check_escaped(0x115f, 0x1160);
	check_escaped(0x3164, 0x3164);
	check_escaped(0xfe00, 0xfe0f);
	check_escaped(0xe0001, 0xe007f); /* tags */
	check_escaped(0xe0100, 0xe01ef);
	check_escaped(0x1d173, 0x1d17a);
	check("\u00ad", false, "\\xad", 4);
}

static void what_is_no_character_is_escaped(void **state)
{
	(void)state;
	check_escaped(0xd800, 0xdfff); /* lone surrogates */
	check_escaped(0xfffe, 0xffff);
	check_escaped(0xfdd0, 0xfdef);
	check_escaped(0x1fffe, 0x1ffff);
	check_escaped(0x10fffe, 0x10ffff);
	check_escaped(0xe000, 0xe010); /* private use */
	check_escaped(0x0378, 0x0379); /* unassigned */
	check("\xff", false, "\\ufffd", 6);
	check("a\xe2\x80", false, "a\\ufffd\\ufffd", 13);
}

/* Whatever there is in Unicode, ASCII is all that comes out. */
static void ascii_is_ascii(void **state)
{
	struct buffer out = { 0 };
	char text[UTF8_MAX + 1];

	(void)state;
	for (uint32_t c = 0; c < 0x110000; c++) {
		text[utf8_encode(c, text)] = '\0';
		buffer_clear(&out);
		size_t width = safe_add(&out, text, true);
		assert_int_equal(width, out.length);
		for (size_t i = 0; i < out.length; i++)
			assert_in_range(out.text[i], ' ', '~');
	}
	buffer_deinit(&out);
}

static void check_short(
		const char *text, size_t width, bool ascii, const char *expected, size_t taken)
{
	struct buffer out = { 0 };

	assert_int_equal(safe_add_short(&out, text, width, ascii), taken);
	assert_string_equal(buffer_text(&out), expected);
	buffer_deinit(&out);
}

static void names_lose_their_middle(void **state)
{
	(void)state;
	check_short("abcdefgh", 8, false, "abcdefgh", 8);
	check_short("abcdefgh", 7, false, "abc…fgh", 7);
	check_short("abcdefgh", 6, false, "abc…gh", 6);
	check_short("abcdefgh", 6, true, "ab...h", 6);
	check_short("abcdefgh", 0, false, "a…", 2);
	check_short("ab", 0, false, "ab", 2);
}

static void marks_and_escapes_are_not_divided(void **state)
{
	(void)state;
	check_short("a\u0301b\u0301c\u0301d\u0301e\u0301", 3, false, "a\u0301…e\u0301", 3);
	check_short("配管配管", 5, false, "配…管", 5);
	check_short("配管配管", 6, false, "配…管", 5);
	check_short("ab\033\033\033\033yz", 6, false, "ab…yz", 5);
}

static void add_random(struct buffer *text, int pieces)
{
	static const char *const kinds[] = { "a", "é", "管", "o\u0301", "\033", "\\", "😀",
		"\u0301" };

	for (int i = 0; i < pieces; i++)
		buffer_puts(text, kinds[(unsigned)rand() % (sizeof(kinds) / sizeof(*kinds))]);
}

/* Of what is long only the ends are gone through; that makes no difference. */
static void what_is_lost_makes_no_difference(void **state)
{
	enum { PIECES = 60, MIDDLE = 5000, WIDTHS = 30, TRIES = 100 };

	(void)state;
	for (int i = 0; i < TRIES; i++) {
		struct buffer small = { 0 }, large = { 0 }, tail = { 0 }, expected = { 0 };
		add_random(&small, PIECES);
		add_random(&tail, PIECES);
		buffer_puts(&large, buffer_text(&small));
		add_random(&large, MIDDLE);
		buffer_puts(&small, buffer_text(&tail));
		buffer_puts(&large, buffer_text(&tail));
		for (size_t width = 0; width < WIDTHS; width++) {
			buffer_clear(&expected);
			size_t taken = safe_add_short(&expected, buffer_text(&small), width, i % 2);
			check_short(buffer_text(&large), width, i % 2, buffer_text(&expected),
					taken);
		}
		buffer_deinit(&small);
		buffer_deinit(&large);
		buffer_deinit(&tail);
		buffer_deinit(&expected);
	}
}

static void a_name_of_a_megabyte_takes_no_time(void **state)
{
	enum { SIZE = 1 << 20 };
	char *text = malloc(SIZE + 1);
	clock_t begin = clock();

	(void)state;
	assert_non_null(text);
	memset(text, '\033', SIZE);
	text[SIZE] = '\0';
	assert_int_equal(safe_width(text, false), 4 * (size_t)SIZE);
	/* Nor does a thousand times what mentions it. */
	for (int i = 0; i < 1000; i++)
		check_short(text, 9, false, "\\x1b…\\x1b", 9);
	assert_true((double)(clock() - begin) / CLOCKS_PER_SEC < 5);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_text_stays),
		cmocka_unit_test(controls_are_escaped),
		cmocka_unit_test(backslashes_are_doubled),
		cmocka_unit_test(wide_characters_take_two_columns),
		cmocka_unit_test(marks_take_no_column),
		cmocka_unit_test(what_is_invisible_or_reorders_is_escaped),
		cmocka_unit_test(what_is_no_character_is_escaped),
		cmocka_unit_test(ascii_is_ascii),
		cmocka_unit_test(names_lose_their_middle),
		cmocka_unit_test(marks_and_escapes_are_not_divided),
		cmocka_unit_test(what_is_lost_makes_no_difference),
		cmocka_unit_test(a_name_of_a_megabyte_takes_no_time),
	};
	return cmocka_run_group_tests(tests, set_up, NULL);
}
