/* The arena, arrays, tables, buffers, checked sums and errors. */
#include <setjmp.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/array.h"
#include "base/buffer.h"
#include "base/checked.h"
#include "base/error.h"
#include "base/table.h"

static bool all_zero(const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i])
			return false;
	return true;
}

/* Pieces of many sizes, filled to the last byte: the sanitizers see an overlap
 * that the comparison would not. */
static void arena_pieces_are_zeroed_aligned_and_apart(void **state)
{
	enum { PIECES = 2000 };
	static unsigned char *pieces[PIECES];
	static size_t sizes[PIECES];
	struct arena arena;

	(void)state;
	arena_init(&arena);
	for (size_t i = 0; i < PIECES; i++) {
		sizes[i] = 1 + i * 37 % 50000;
		pieces[i] = arena_alloc(&arena, 1, sizes[i]);
		assert_int_equal((uintptr_t)pieces[i] % alignof(uint64_t), 0);
		assert_true(all_zero((char *)pieces[i], sizes[i]));
		memset(pieces[i], (int)(i % 251) + 1, sizes[i]);
	}
	for (size_t i = 0; i < PIECES; i++)
		for (size_t at = 0; at < sizes[i]; at += 997)
			assert_int_equal(pieces[i][at], i % 251 + 1);
	arena_deinit(&arena);
	assert_null(arena.blocks);
}

static void arena_copies_text(void **state)
{
	struct arena arena;

	(void)state;
	arena_init(&arena);
	assert_string_equal(arena_string(&arena, "abcdef", 3), "abc");
	assert_string_equal(arena_string(&arena, NULL, 0), "");
	assert_string_equal(arena_printf(&arena, "%s-%d", "Task", 7), "Task-7");
	assert_memory_equal(arena_copy(&arena, "\0x\0", 3), "\0x\0", 3);
	arena_deinit(&arena);
}

static jmp_buf out_of_memory;

static void leave(void)
{
	longjmp(out_of_memory, 1);
}

static void a_size_that_overflows_ends_by_the_handler(void **state)
{
	volatile size_t too_many = SIZE_MAX / 4; /* the compiler would know, and warn */
	struct arena arena;

	(void)state;
	arena_init(&arena);
	alloc_on_failure(leave);
	if (!setjmp(out_of_memory)) {
		alloc_resize(NULL, SIZE_MAX / 4, 8);
		fail_msg("alloc_resize() took a size that overflows");
	}
	if (!setjmp(out_of_memory)) {
		arena_alloc(&arena, too_many, 8);
		fail_msg("arena_alloc() took a size that overflows");
	}
	alloc_on_failure(NULL);
	arena_deinit(&arena);
}

static void an_array_keeps_its_items_as_it_grows(void **state)
{
	ARRAY(size_t) numbers = { 0 };

	(void)state;
	for (size_t i = 0; i < 10000; i++)
		*array_push(&numbers) = i * i;
	assert_int_equal(numbers.count, 10000);
	for (size_t i = 0; i < numbers.count; i++)
		assert_int_equal(numbers.items[i], i * i);
	array_free(&numbers);
	assert_int_equal(numbers.count, 0);
	assert_null(numbers.items);
}

/* Keys as a target has them: addresses, 16 apart, and the two extremes. */
static void a_table_finds_what_was_added_and_nothing_else(void **state)
{
	struct table table = { 0 };
	bool added;

	(void)state;
	assert_null(table_find(&table, 0));
	*table_add(&table, 0, &added) = 1;
	*table_add(&table, UINT64_MAX, &added) = 2;
	for (uint64_t i = 1; i < 50000; i++) {
		*table_add(&table, i * 16, &added) = i;
		assert_true(added);
	}
	assert_int_equal(table.count, 50001);
	for (uint64_t i = 1; i < 50000; i++) {
		assert_int_equal(*table_find(&table, i * 16), i);
		assert_null(table_find(&table, i * 16 + 8));
	}
	assert_int_equal(*table_find(&table, 0), 1);
	assert_int_equal(*table_find(&table, UINT64_MAX), 2);
	assert_int_equal(*table_add(&table, 16, &added), 1);
	assert_false(added);
	table_deinit(&table);
}

/* Keys are made of where an object is and where a name is. */
static void what_two_values_make_is_not_their_sum(void **state)
{
	enum { STEP = 8, STEPS = 4096 };
	const uint64_t object = 0x7f3a5c001000, name = 0x55d0c8a02000;

	(void)state;
	for (uint64_t by = STEP; by < STEP * STEPS; by += STEP)
		assert_true(hash_mix(object, name) != hash_mix(object + by, name - by));
}

static void a_buffer_grows_and_stays_a_string(void **state)
{
	struct buffer buffer = { 0 };

	(void)state;
	assert_string_equal(buffer_text(&buffer), "");
	for (int i = 0; i < 1000; i++)
		buffer_printf(&buffer, "%d,", i % 10);
	assert_int_equal(buffer.length, 2000);
	assert_int_equal(strlen(buffer_text(&buffer)), 2000);
	buffer_clear(&buffer);
	assert_string_equal(buffer_text(&buffer), "");
	buffer_puts(&buffer, "ab");
	buffer_putc(&buffer, 'c');
	buffer_add(&buffer, "de", 1);
	assert_string_equal(buffer_text(&buffer), "abcd");
	buffer_deinit(&buffer);
}

static void sums_that_overflow_are_refused(void **state)
{
	uint64_t result;

	(void)state;
	assert_true(checked_add(UINT64_MAX - 1, 1, &result));
	assert_true(result == UINT64_MAX);
	assert_false(checked_add(UINT64_MAX, 1, &result));
	assert_true(checked_mul(UINT32_MAX, UINT32_MAX, &result));
	assert_false(checked_mul(UINT64_MAX / 2, 3, &result));
}

static void an_error_carries_what_a_user_must_hear(void **state)
{
	struct error *error = error_create(ERROR_DENIED, 13, "cannot read process %d", 7);

	(void)state;
	assert_string_equal(error->message, "cannot read process 7");
	assert_string_equal(error_kind_name(error->kind), "denied");
	assert_int_equal(error->number, 13);
	error_free(error);
	error_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_pieces_are_zeroed_aligned_and_apart),
		cmocka_unit_test(arena_copies_text),
		cmocka_unit_test(a_size_that_overflows_ends_by_the_handler),
		cmocka_unit_test(an_array_keeps_its_items_as_it_grows),
		cmocka_unit_test(a_table_finds_what_was_added_and_nothing_else),
		cmocka_unit_test(what_two_values_make_is_not_their_sum),
		cmocka_unit_test(a_buffer_grows_and_stays_a_string),
		cmocka_unit_test(sums_that_overflow_are_refused),
		cmocka_unit_test(an_error_carries_what_a_user_must_hear),
	};
	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
