/* The model's text: encoding, decoding, and bytes that are neither. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"

static void every_code_point_comes_back(void **state)
{
	(void)state;
	for (uint32_t c = 0; c < 0x110000; c++) {
		char bytes[UTF8_MAX];
		const char *text = bytes;
		size_t length = utf8_encode(c, bytes);
		if (utf8_decode(&text, bytes + length) != c || text != bytes + length)
			fail_msg("U+%04X does not come back", (unsigned)c);
	}
}

static void check_bytes(uint32_t c, const char *bytes, size_t length)
{
	char out[UTF8_MAX];

	assert_int_equal(utf8_encode(c, out), length);
	assert_memory_equal(out, bytes, length);
}

static void encodings_are_those_of_the_standard(void **state)
{
	(void)state;
	check_bytes('A', "A", 1);
	check_bytes(0x7f, "\x7f", 1);
	check_bytes(0x80, "\xc2\x80", 2);
	check_bytes(0x7ff, "\xdf\xbf", 2);
	check_bytes(0x800, "\xe0\xa0\x80", 3);
	check_bytes(0xffff, "\xef\xbf\xbf", 3);
	check_bytes(0x10000, "\xf0\x90\x80\x80", 4);
	check_bytes(0x10ffff, "\xf4\x8f\xbf\xbf", 4);
	check_bytes(0, "\xc0\x80", 2);
	check_bytes(0xd800, "\xed\xa0\x80", 3);
}

/* Decodes all of `bytes` and expects U+FFFD for each of them. */
static void check_invalid(const char *bytes, size_t length)
{
	const char *text = bytes;

	for (size_t i = 0; i < length; i++)
		assert_int_equal(utf8_decode(&text, bytes + length), 0xfffd);
	assert_ptr_equal(text, bytes + length);
}

static void wrong_bytes_are_replaced_one_by_one(void **state)
{
	(void)state;
	check_invalid("\x80", 1);
	check_invalid("\xff\xfe", 2);
	check_invalid("\xc0\xaf", 2);         /* overlong */
	check_invalid("\xc1\xbf", 2);         /* overlong */
	check_invalid("\xe0\x80\xaf", 3);     /* overlong */
	check_invalid("\xf0\x80\x80\xaf", 4); /* overlong */
	check_invalid("\xe0\x80\x80", 3);     /* U+0000, but not as the model writes it */
	check_invalid("\xf4\x90\x80\x80", 4); /* above U+10FFFF */
	check_invalid("\xf8\x88\x80\x80", 4);
	check_invalid("\xe2\x82", 2); /* cut off */
	check_invalid("\xf0\x9f\x98", 3);
}

static void a_wrong_byte_does_not_take_the_next_along(void **state)
{
	const char bytes[] = "\xe2(\xc3\xa4";
	const char *text = bytes, *end = bytes + strlen(bytes);

	(void)state;
	assert_int_equal(utf8_decode(&text, end), 0xfffd);
	assert_int_equal(utf8_decode(&text, end), '(');
	assert_int_equal(utf8_decode(&text, end), 0xe4);
	assert_ptr_equal(text, end);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_code_point_comes_back),
		cmocka_unit_test(encodings_are_those_of_the_standard),
		cmocka_unit_test(wrong_bytes_are_replaced_one_by_one),
		cmocka_unit_test(a_wrong_byte_does_not_take_the_next_along),
	};
	return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
