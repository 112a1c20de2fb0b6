/* Location tables: the line of each unit as CPython gives it, and damaged ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cpython/code.h"
#include "tests/unit/memory.h"

struct golden {
	const char *name;
	int first_line;
	const uint8_t *table;
	size_t size;
	const int (*lines)[2];
	size_t runs;
};

#define GOLDEN(id, name, first_line)                                                               \
	{                                                                                          \
		name, first_line, table_##id, sizeof(table_##id), lines_##id,                      \
				sizeof(lines_##id) / sizeof(*lines_##id)                           \
	}

#include "tests/unit/golden_lines.h"

static void check(const struct golden *golden)
{
	/* Nothing past its end may be looked at. */
	const uint8_t *table = tail_copy(golden->table, golden->size);
	uint64_t unit = 0;

	for (size_t run = 0; run < golden->runs; run++)
		for (int i = 0; i < golden->lines[run][1]; i++, unit++) {
			int line = line_of_unit(table, golden->size, golden->first_line, unit);
			if (line != golden->lines[run][0])
				fail_msg("%s: unit %d is on line %d, not %d", golden->name,
						(int)unit, golden->lines[run][0], line);
		}
	/* Behind the last instruction there is no line. */
	assert_int_equal(line_of_unit(table, golden->size, golden->first_line, unit), 0);
	assert_int_equal(line_of_unit(table, golden->size, golden->first_line, UINT64_MAX), 0);
}

static void lines_are_those_of_3_14(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(golden_3_14) / sizeof(*golden_3_14); i++)
		check(&golden_3_14[i]);
}

static void lines_are_those_of_3_15(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(golden_3_15) / sizeof(*golden_3_15); i++)
		check(&golden_3_15[i]);
}

/* That the golden tables have entries of every form. */
static void every_form_is_covered(void **state)
{
	unsigned forms = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(golden_3_14) / sizeof(*golden_3_14); i++)
		for (size_t at = 0; at < golden_3_14[i].size; at++)
			if (golden_3_14[i].table[at] & 0x80)
				forms |= 1u << (golden_3_14[i].table[at] >> 3 & 15);
	for (unsigned form = 10; form < 16; form++)
		assert_true(forms >> form & 1);
	assert_true(forms & 0x3ff);
}

static void cut_tables_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(golden_3_15) / sizeof(*golden_3_15); i++) {
		const struct golden *golden = &golden_3_15[i];
		for (size_t size = 0; size < golden->size; size += 1 + size / 16) {
			const uint8_t *cut = tail_copy(golden->table, size);
			for (uint64_t unit = 0; unit < 200; unit += 7)
				assert_true(line_of_unit(cut, size, golden->first_line, unit) >= 0);
			assert_int_equal(line_of_unit(cut, size, 1, UINT64_MAX), 0);
		}
	}
	assert_int_equal(line_of_unit(NULL, 0, 1, 0), 0);
}

/* One entry each, of a length of 1; the table ends in the middle of it. */
static void a_varint_may_be_cut_or_endless(void **state)
{
	static const uint8_t cut[] = { 0x80 | 13 << 3, 0x7f, 0x7f };
	uint8_t endless[100];

	(void)state;
	assert_true(line_of_unit(tail_copy(cut, 1), 1, 5, 0) >= 0);
	assert_true(line_of_unit(tail_copy(cut, 2), 2, 5, 0) >= 0);
	assert_true(line_of_unit(tail_copy(cut, 3), 3, 5, 0) >= 0);
	memset(endless, 0x7f, sizeof(endless));
	endless[0] = 0x80 | 14 << 3;
	assert_true(line_of_unit(tail_copy(endless, sizeof(endless)), sizeof(endless), 5, 0) >= 0);
}

/* Lines that leave what an int holds, in both directions. */
static void lines_that_overflow_are_none(void **state)
{
	static const uint8_t down[] = { 0x80 | 13 << 3, 0x47, 0x40, 0x40, 0x40, 0x40, 0x02 };
	uint8_t up[7 * 64];

	(void)state;
	for (size_t i = 0; i < 64; i++)
		memcpy(up + 7 * i, (uint8_t[]){ 0x80 | 13 << 3, 0x7e, 0x7f, 0x7f, 0x7f, 0x7f, 3 },
				7);
	assert_int_equal(line_of_unit(down, sizeof(down), 1, 0), 0);
	for (uint64_t unit = 0; unit < 64; unit++)
		assert_true(line_of_unit(up, sizeof(up), 2147483647, unit) >= 0);
}

/* Any bytes at all; the sanitizers and the page behind them are the judges. */
static void garbage_ends(void **state)
{
	enum { SIZE = 300, TRIES = 300 };
	uint8_t bytes[SIZE];
	uint32_t random = 12345;

	(void)state;
	for (size_t t = 0; t < TRIES; t++) {
		for (size_t i = 0; i < SIZE; i++) {
			random = random * 1664525 + 1013904223;
			bytes[i] = (uint8_t)(random >> 24);
		}
		uint8_t *exact = malloc(1 + t % SIZE);
		memcpy(exact, bytes, 1 + t % SIZE);
		for (uint64_t unit = 0; unit < 300; unit += 11)
			assert_true(line_of_unit(exact, 1 + t % SIZE, (int)t, unit) >= 0);
		free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_those_of_3_14),
		cmocka_unit_test(lines_are_those_of_3_15),
		cmocka_unit_test(every_form_is_covered),
		cmocka_unit_test(cut_tables_end),
		cmocka_unit_test(a_varint_may_be_cut_or_endless),
		cmocka_unit_test(lines_that_overflow_are_none),
		cmocka_unit_test(garbage_ends),
	};
	return cmocka_run_group_tests_name("lines", tests, NULL, NULL);
}
