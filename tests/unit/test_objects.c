/* Containers, attributes and numbers, in fabricated memory of every build. */
#include <string.h>

#include "cpython/objects.h"
#include "cpython/referents.h"
#include "tests/unit/fabricate.h"

typedef bool reading(struct python *, remote_addr, struct addresses *);

static void assert_read(struct world *w, reading *read, remote_addr object, size_t count,
		const uint64_t *expected)
{
	struct addresses found = { 0 };

	assert_true(read(&w->python, object, &found));
	assert_int_equal(found.count, count);
	if (count)
		assert_memory_equal(found.items, expected, count * sizeof(*expected));
	array_free(&found);
}

static void assert_not_read(struct world *w, reading *read, remote_addr object)
{
	struct addresses found = { 0 };

	assert_false(read(&w->python, object, &found));
	array_free(&found);
}

/* Objects that only stand for themselves. */
static remote_addr some(struct world *w)
{
	return make_object(w, w->builtin[T_OBJECT], 16);
}

static const uint64_t absurd[] = { UINT64_MAX, INT64_MAX, UINT64_C(1) << 40, 64 * 1024 * 1024 + 1 };

/* ---- tuple, list, set ---- */

static void tuples_and_lists(void **state)
{
	struct world *w = *state;
	const remote_addr items[] = { some(w), some(w), some(w) };

	assert_read(w, items_read, make_tuple(w, 3, items), 3, items);
	assert_read(w, items_read, make_tuple(w, 0, NULL), 0, NULL);
	assert_read(w, items_read, make_list(w, 3, items), 3, items);
	assert_read(w, items_read, make_list(w, 0, NULL), 0, NULL);
}

static void an_item_at_a_place(void **state)
{
	struct world *w = *state;
	const remote_addr items[] = { some(w), some(w), some(w) };
	const remote_addr of[] = { make_tuple(w, 3, items), make_list(w, 3, items) };
	remote_addr item;

	for (size_t i = 0; i < sizeof(of) / sizeof(*of); i++) {
		assert_true(item_at(&w->python, of[i], 2, &item));
		assert_int_equal(item, items[2]);
		assert_true(item_first(&w->python, of[i], &item));
		assert_int_equal(item, items[0]);
		assert_false(item_at(&w->python, of[i], 3, &item));
		assert_false(item_at(&w->python, of[i], UINT64_MAX, &item));
	}
	assert_false(item_first(&w->python, make_list(w, 0, NULL), &item));
	assert_false(item_first(&w->python, some(w), &item));
}

static void a_long_list_is_whole(void **state)
{
	enum { COUNT = 5000 };
	struct world *w = *state;
	static remote_addr items[COUNT];

	for (size_t i = 0; i < COUNT; i++)
		items[i] = 0x1000 + i * 16;
	assert_read(w, items_read, make_list(w, COUNT, items), COUNT, items);
}

static void absurd_lengths_are_refused(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(absurd) / sizeof(*absurd); i++) {
		const remote_addr item = some(w);
		remote_addr list = make_list(w, 1, &item), tuple = make_tuple(w, 1, &item);
		memory_put_u64(&w->memory, list + w->layout.list.length, absurd[i]);
		memory_put_u64(&w->memory, tuple + w->layout.tuple.length, absurd[i]);
		assert_not_read(w, items_read, list);
		assert_not_read(w, items_read, tuple);
	}
}

static void items_that_are_not_there_are_refused(void **state)
{
	struct world *w = *state;
	const remote_addr item = some(w);
	remote_addr list = make_list(w, 1, &item), at = make_tail_block(w, 16);

	memory_put_u64(&w->memory, list + w->layout.list.items, at);
	memory_put_u64(&w->memory, list + w->layout.list.length, 2);
	assert_read(w, items_read, list, 2, (uint64_t[]){ 0, 0 });
	remote_addr longer = make_list(w, 1, &item);
	memory_put_u64(&w->memory, longer + w->layout.list.items, at);
	memory_put_u64(&w->memory, longer + w->layout.list.length, 3);
	assert_not_read(w, items_read, longer);
	remote_addr wild = make_list(w, 1, &item);
	memory_put_u64(&w->memory, wild + w->layout.list.items, UINT64_MAX - 7);
	assert_not_read(w, items_read, wild);
}

static void a_set_has_holes(void **state)
{
	struct world *w = *state;
	remote_addr a = some(w), b = some(w), dummy = some(w);
	const uint64_t slots[] = { 0, 0, a, 5, dummy, UINT64_MAX, 0, 77, b, 0, 0, 0, 0, 0, 0, 0 };

	assert_read(w, items_read, make_set(w, 8, slots), 2, (uint64_t[]){ a, b });
	/* What was added before stays in front. */
	struct addresses found = { 0 };
	*array_push(&found) = 42;
	assert_true(items_read(&w->python, make_set(w, 8, slots), &found));
	assert_int_equal(found.count, 3);
	assert_int_equal(found.items[0], 42);
	assert_int_equal(found.items[2], b);
	array_free(&found);
}

static void a_mask_that_is_none_is_refused(void **state)
{
	static const uint64_t masks[] = { 6, 8, UINT64_MAX, (UINT64_C(1) << 40) - 1 };
	struct world *w = *state;
	const uint64_t slots[16] = { 0 };

	for (size_t i = 0; i < sizeof(masks) / sizeof(*masks); i++) {
		remote_addr set = make_set(w, 8, slots);
		memory_put_u64(&w->memory, set + w->layout.set.mask, masks[i]);
		assert_not_read(w, items_read, set);
	}
}

static void a_set_tells_how_many_it_had(void **state)
{
	static const struct {
		uint64_t fill, used;
		bool fine;
	} cases[] = { { 5, 2, true }, { 7, 7, true }, { 1, 2, false }, { 8, 2, false } };
	struct world *w = *state;
	const uint64_t slots[16] = { 0 };
	int64_t left, added;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		remote_addr set = make_set(w, 8, slots);
		memory_put_u64(&w->memory, set + w->layout.set.used - 8, cases[i].fill);
		memory_put_u64(&w->memory, set + w->layout.set.used, cases[i].used);
		assert_int_equal(set_counts(&w->python, set, &left, &added), cases[i].fine);
		if (!cases[i].fine)
			continue;
		assert_int_equal(left, cases[i].used);
		assert_int_equal(added, cases[i].fill);
	}
	assert_false(set_counts(&w->python, make_tuple(w, 0, NULL), &left, &added));
}

static void what_is_no_container_is_refused(void **state)
{
	struct world *w = *state;

	assert_not_read(w, items_read, 0);
	assert_not_read(w, items_read, make_int(w, 1));
	assert_not_read(w, items_read, make_dict(w, make_keys(w, KEYS_GENERAL, 0, NULL), 0));
	assert_not_read(w, dict_read, make_tuple(w, 0, NULL));
	assert_not_read(w, weakset_read, make_tuple(w, 0, NULL));
	/* A class of a user that is called "set". */
	assert_not_read(w, items_read, make_object(w, make_class(w, "set", 0), 256));
}

/* ---- dict ---- */

static void dicts_of_each_kind(void **state)
{
	struct world *w = *state;
	const uint64_t entries[] = { some(w), some(w), some(w), some(w), some(w), some(w) };

	assert_read(w, dict_read, make_dict(w, make_keys(w, KEYS_GENERAL, 3, entries), 0), 6,
			entries);
	assert_read(w, dict_read, make_dict(w, make_keys(w, KEYS_UNICODE, 3, entries), 0), 6,
			entries);
	assert_read(w, dict_read, make_dict(w, make_keys(w, KEYS_UNICODE, 0, NULL), 0), 0, NULL);
}

static void deleted_entries_are_left_out(void **state)
{
	struct world *w = *state;
	uint64_t a = some(w), b = some(w), x = some(w), y = some(w);
	const uint64_t entries[] = { 0, 0, a, x, b, 0, b, y };

	assert_read(w, dict_read, make_dict(w, make_keys(w, KEYS_GENERAL, 4, entries), 0), 4,
			(uint64_t[]){ a, x, b, y });
	assert_read(w, dict_read, make_dict(w, make_keys(w, KEYS_UNICODE, 4, entries), 0), 4,
			(uint64_t[]){ a, x, b, y });
}

static void a_split_dict_has_its_values_apart(void **state)
{
	struct world *w = *state;
	uint64_t a = some(w), b = some(w), c = some(w), x = some(w), z = some(w);
	const uint64_t entries[] = { a, 0xdead, b, 0, c, 0 };
	remote_addr values = make_block(w, 64);

	put_values(w, values, true, 3, (uint64_t[]){ x, 0, z });
	assert_read(w, dict_read, make_dict(w, make_keys(w, KEYS_SPLIT, 3, entries), values), 4,
			(uint64_t[]){ a, x, c, z });
}

static void absurd_dicts_are_refused(void **state)
{
	struct world *w = *state;
	const uint64_t entries[] = { some(w), some(w) };

	for (size_t i = 0; i < sizeof(absurd) / sizeof(*absurd); i++) {
		remote_addr keys = make_keys(w, KEYS_GENERAL, 1, entries);
		memory_put_u64(&w->memory, keys + 24, absurd[i]);
		assert_not_read(w, dict_read, make_dict(w, keys, 0));
	}
	remote_addr keys = make_keys(w, KEYS_GENERAL, 1, entries);
	memory_put_u8(&w->memory, keys + 9, 63);
	assert_not_read(w, dict_read, make_dict(w, keys, 0));
	assert_not_read(w, dict_read, make_dict(w, 0, 0));
	assert_not_read(w, dict_read, make_dict(w, UINT64_MAX - 15, 0));
	/* Values that are not there. */
	assert_not_read(w, dict_read, make_dict(w, make_keys(w, KEYS_SPLIT, 1, entries), 64));
}

static void a_name_is_found_in_a_dict(void **state)
{
	struct world *w = *state;
	const char *const names[] = { "one", "two", "three" };
	const remote_addr values[] = { some(w), some(w), some(w) };
	remote_addr dict = make_dict_of(w, 3, names, values), value;

	assert_true(dict_find(&w->python, dict, "two", &value));
	assert_int_equal(value, values[1]);
	assert_false(dict_find(&w->python, dict, "four", &value));
	assert_false(dict_find(&w->python, dict, "", &value));
	/* Keys may be of any type. */
	const uint64_t mixed[] = { make_int(w, 2), some(w), make_str(w, "k"), values[0] };
	dict = make_dict(w, make_keys(w, KEYS_GENERAL, 2, mixed), 0);
	assert_true(dict_find(&w->python, dict, "k", &value));
	assert_int_equal(value, values[0]);
}

static void keys_that_are_names_are_left_out(void **state)
{
	struct world *w = *state;
	const remote_addr key = some(w), value = some(w), name = make_str(w, "name");
	const uint64_t general[] = { key, value }, named[] = { name, value };

	assert_read(w, attributes_read, make_dict(w, make_keys(w, KEYS_GENERAL, 1, general), 0), 2,
			(uint64_t[]){ key, value });
	assert_read(w, attributes_read, make_dict(w, make_keys(w, KEYS_UNICODE, 1, named), 0), 1,
			&value);
}

static void prefetched_dicts_are_read_without_a_call(void **state)
{
	struct world *w = *state;
	const char *const names[] = { "a", "b" };
	const uint64_t values[] = { some(w), some(w) };
	remote_addr dicts[] = { make_dict_of(w, 2, names, values), 0, some(w),
		make_dict(w, UINT64_MAX - 15, 0) };
	struct addresses entries = { 0 };

	dicts_prefetch(&w->python, &(struct addresses){ dicts, 4, 0 });
	uint64_t calls = mem_fetches(w->python.mem);
	assert_true(dict_read(&w->python, dicts[0], &entries));
	assert_int_equal(mem_fetches(w->python.mem), calls);
	array_free(&entries);
}

/* ---- attributes ---- */

enum { BASICSIZE = 64 };

/* An instance with the inline values a, b and c, of which b is not set. */
static remote_addr make_inline(struct world *w, bool valid, const uint64_t *values)
{
	const uint64_t keys[] = { make_str(w, "a"), 0, make_str(w, "b"), 0, make_str(w, "c"), 0 };
	struct type_spec spec = {
		.name = "Loop",
		.flags = TYPE_HEAP | TYPE_MANAGED_DICT | TYPE_INLINE_VALUES,
		.basicsize = BASICSIZE,
		.cached_keys = make_keys(w, KEYS_SPLIT, 3, keys),
	};
	remote_addr at = make_object(w, make_type(w, &spec), BASICSIZE + 64);

	put_values(w, at + BASICSIZE, valid, 3, values);
	return at;
}

static remote_addr managed_dict_at(struct world *w, remote_addr object)
{
	return object + (uint64_t)(w->published->free_threaded ? -8 : -24);
}

static void attributes_in_inline_values(void **state)
{
	struct world *w = *state;
	const uint64_t values[] = { some(w), 0, some(w) };
	remote_addr object = make_inline(w, true, values), value;

	assert_true(attribute_find(&w->python, object, "a", &value));
	assert_int_equal(value, values[0]);
	assert_true(attribute_find(&w->python, object, "c", &value));
	assert_int_equal(value, values[2]);
	assert_false(attribute_find(&w->python, object, "b", &value));
	assert_false(attribute_find(&w->python, object, "d", &value));
	assert_false(attribute_find(&w->python, make_inline(w, false, values), "a", &value));
}

static void attributes_in_a_dict_that_was_made_of_inline_values(void **state)
{
	struct world *w = *state;
	const uint64_t values[] = { some(w), 0, some(w) };
	remote_addr object = make_inline(w, true, values), value;
	const uint64_t keys[] = { make_str(w, "a"), 0, make_str(w, "b"), 0, make_str(w, "c"), 0 };

	memory_put_u64(&w->memory, managed_dict_at(w, object),
			make_dict(w, make_keys(w, KEYS_SPLIT, 3, keys), object + BASICSIZE));
	assert_true(attribute_find(&w->python, object, "c", &value));
	assert_int_equal(value, values[2]);
	/* A dict of its own is what counts, whatever the old values are. */
	object = make_inline(w, true, values);
	const char *const names[] = { "z" };
	memory_put_u64(&w->memory, managed_dict_at(w, object), make_dict_of(w, 1, names, values));
	assert_true(attribute_find(&w->python, object, "z", &value));
	assert_false(attribute_find(&w->python, object, "a", &value));
}

static void attributes_in_a_plain_dict(void **state)
{
	struct world *w = *state;
	struct type_spec spec = {
		.name = "Plain", .flags = TYPE_HEAP, .basicsize = 64, .dictoffset = 48
	};
	remote_addr type = make_type(w, &spec), value;
	remote_addr object = make_object(w, type, 64), empty = make_object(w, type, 64);
	const char *const names[] = { "x" };
	const remote_addr x = some(w);

	memory_put_u64(&w->memory, object + 48, make_dict_of(w, 1, names, &x));
	assert_true(attribute_find(&w->python, object, "x", &value));
	assert_int_equal(value, x);
	assert_false(attribute_find(&w->python, empty, "x", &value));
	assert_false(attribute_find(&w->python, 0, "x", &value));
	assert_false(attribute_find(&w->python, some(w), "x", &value));
}

static void a_dictoffset_beyond_the_object_is_not_used(void **state)
{
	static const uint64_t offsets[] = { 64, 1 << 20, INT64_MAX, UINT64_MAX, UINT64_C(1) << 63 };
	struct world *w = *state;
	remote_addr value;

	for (size_t i = 0; i < sizeof(offsets) / sizeof(*offsets); i++) {
		struct type_spec spec = {
			.name = "Odd", .flags = TYPE_HEAP, .basicsize = 64, .dictoffset = offsets[i]
		};
		assert_false(attribute_find(
				&w->python, make_object(w, make_type(w, &spec), 64), "x", &value));
	}
}

/* ---- ints ---- */

static void ints_that_fit(void **state)
{
	static const int64_t numbers[] = { 0, 1, -1, 255, (1 << 30) - 1, 1 << 30, -(1 << 30),
		INT64_C(140737488355328), INT64_MAX / 2, -INT64_MAX / 2, INT64_MAX, -INT64_MAX };
	struct world *w = *state;
	int64_t value;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		assert_true(integer_read(&w->python, make_int(w, numbers[i]), &value));
		assert_true(value == numbers[i]);
	}
}

static void ints_that_do_not_fit_are_refused(void **state)
{
	struct world *w = *state;
	int64_t value;
	remote_addr large = make_int(w, INT64_MAX), huge = make_int(w, 1), wild = make_int(w, 1);

	memory_put_u32(&w->memory, large + w->layout.integer.digits + 8, 8); /* 2^63 */
	memory_put_u64(&w->memory, huge + w->layout.integer.tag, 4 << 3);
	memory_put_u64(&w->memory, wild + w->layout.integer.tag, UINT64_MAX);
	assert_false(integer_read(&w->python, large, &value));
	assert_false(integer_read(&w->python, huge, &value));
	assert_false(integer_read(&w->python, wild, &value));
	assert_false(integer_read(&w->python, make_str(w, "1"), &value));
	/* Digits larger than any digit is must not overflow. */
	remote_addr damaged = make_int(w, INT64_MAX);
	for (uint64_t i = 0; i < 3; i++)
		memory_put_u32(&w->memory, damaged + w->layout.integer.digits + 4 * i, UINT32_MAX);
	integer_read(&w->python, damaged, &value);
}

/* ---- weak sets ---- */

static remote_addr make_weakref(struct world *w, remote_addr to)
{
	remote_addr at = make_object(w, w->builtin[T_WEAKREF], 64);

	memory_put_u64(&w->memory, at + w->layout.weakref.object, to);
	return at;
}

static remote_addr make_weakset(struct world *w, size_t count, const remote_addr *references)
{
	struct type_spec spec = {
		.name = "WeakSet", .flags = TYPE_HEAP, .basicsize = 64, .dictoffset = 48
	};
	remote_addr at = make_object(w, make_type(w, &spec), 64);
	const char *const names[] = { "data" };
	const remote_addr data = make_set_of(w, count, references);

	memory_put_u64(&w->memory, at + 48, make_dict_of(w, 1, names, &data));
	return at;
}

static void a_weak_set_leaves_out_the_dead(void **state)
{
	struct world *w = *state;
	remote_addr a = some(w), b = some(w);
	const remote_addr references[] = { make_weakref(w, a), make_weakref(w, w->none),
		make_weakref(w, b) };

	assert_read(w, weakset_read, make_weakset(w, 3, references), 2, (uint64_t[]){ a, b });
	assert_read(w, weakset_read, make_weakset(w, 0, NULL), 0, NULL);
}

static void a_weak_set_of_something_else_is_refused(void **state)
{
	struct world *w = *state;
	const remote_addr references[] = { some(w) };

	assert_not_read(w, weakset_read, make_weakset(w, 1, references));
	assert_not_read(w, weakset_read, some(w));
}

/* ---- references of the evaluation stack ---- */

static void tags_are_taken_off(void **state)
{
	(void)state;
	assert_int_equal(stackref_object(0x7f0012345670), 0x7f0012345670);
	assert_int_equal(stackref_object(0x7f0012345671), 0x7f0012345670);
	assert_int_equal(stackref_object(0), 0);
	assert_int_equal(stackref_object(1), 0); /* null */
	assert_int_equal(stackref_object(2), 0);
	assert_int_equal(stackref_object(3), 0); /* the integer 0 */
	assert_int_equal(stackref_object(7), 0); /* the integer 1 */
	assert_int_equal(stackref_object(0x7f0012345673), 0);
}

static void work_is_bounded(void **state)
{
	struct world *w = *state;
	const remote_addr items[] = { some(w), some(w), some(w) };
	remote_addr list = make_list(w, 3, items);

	assert_read(w, items_read, list, 3, items); /* its type is known from here on */
	w->python.work_left = 3;
	assert_read(w, items_read, list, 3, items);
	w->python.work_left = 2;
	assert_not_read(w, items_read, list);
	assert_int_equal(w->python.work_left, 0);
}

/* ---- references ---- */

static void references_are_counted(void **state)
{
	static const struct {
		uint32_t count, expected;
	} rows[] = { { 1, 1 }, { 77, 77 }, { 3U << 30, 0 }, { 0, 0 } };
	struct world *w = *state;

	if (w->layout.free_threaded)
		return;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		remote_addr object = some(w);
		memory_put_u32(&w->memory, object, rows[i].count);
		assert_int_equal(reference_count(&w->python, object), rows[i].expected);
	}
}

/* The second part in words of the object: (count << 2) + state. */
static void references_of_two_parts_are_added(void **state)
{
	static const struct {
		uint32_t local;
		int64_t shared;
		uint32_t expected;
	} rows[] = {
		{ 1, 0, 1 }, { 0, 2 * 4 + 3, 2 }, { 5, 2 * 4 + 1, 7 },
		{ 3, -1 * 4 + 2, 2 },    /* taken over, and given up by another thread */
		{ 0, -1 * 4 + 1, 0 },    /* changes */
		{ UINT32_MAX, 4, 0 },    /* immortal */
		{ 2, INT64_MAX / 8, 0 }, /* not counted one by one */
	};
	struct world *w = *state;

	if (!w->layout.free_threaded)
		return;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		remote_addr object = some(w);
		memory_put_u32(&w->memory, object + 12, rows[i].local);
		memory_put_u64(&w->memory, object + 16, (uint64_t)rows[i].shared);
		assert_int_equal(reference_count(&w->python, object), rows[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_EVERY_BUILD(tuples_and_lists),
		IN_EVERY_BUILD(an_item_at_a_place),
		IN_EVERY_BUILD(a_long_list_is_whole),
		IN_EVERY_BUILD(absurd_lengths_are_refused),
		IN_EVERY_BUILD(items_that_are_not_there_are_refused),
		IN_EVERY_BUILD(a_set_has_holes),
		IN_EVERY_BUILD(a_mask_that_is_none_is_refused),
		IN_EVERY_BUILD(a_set_tells_how_many_it_had),
		IN_EVERY_BUILD(what_is_no_container_is_refused),
		IN_EVERY_BUILD(dicts_of_each_kind),
		IN_EVERY_BUILD(deleted_entries_are_left_out),
		IN_EVERY_BUILD(a_split_dict_has_its_values_apart),
		IN_EVERY_BUILD(absurd_dicts_are_refused),
		IN_EVERY_BUILD(a_name_is_found_in_a_dict),
		IN_EVERY_BUILD(keys_that_are_names_are_left_out),
		IN_EVERY_BUILD(prefetched_dicts_are_read_without_a_call),
		IN_EVERY_BUILD(attributes_in_inline_values),
		IN_EVERY_BUILD(attributes_in_a_dict_that_was_made_of_inline_values),
		IN_EVERY_BUILD(attributes_in_a_plain_dict),
		IN_EVERY_BUILD(a_dictoffset_beyond_the_object_is_not_used),
		IN_EVERY_BUILD(ints_that_fit),
		IN_EVERY_BUILD(ints_that_do_not_fit_are_refused),
		IN_EVERY_BUILD(a_weak_set_leaves_out_the_dead),
		IN_EVERY_BUILD(a_weak_set_of_something_else_is_refused),
		cmocka_unit_test(tags_are_taken_off),
		IN_EVERY_BUILD(work_is_bounded),
		IN_EVERY_BUILD(references_are_counted),
		IN_EVERY_BUILD(references_of_two_parts_are_added),
	};
	return cmocka_run_group_tests_name("objects", tests, NULL, NULL);
}
