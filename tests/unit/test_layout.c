/* Published offsets: taken apart as they are, refused where they make no sense. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cpython/layout.h"
#include "tests/unit/layouts.h"
#include "tests/unit/memory.h"

/* The places of words, counted from the cookie, in both versions. */
enum {
	WORD_COOKIE,
	WORD_VERSION,
	WORD_FREE_THREADED,
	WORD_RUNTIME_SIZE,
	WORD_INTERPRETERS_HEAD = 5,
	WORD_INTERPRETER_SIZE,
};

static struct layout decode(const struct published *p)
{
	struct layout layout;
	/* Not one word behind those that the version has is touched. */
	uint64_t *words = tail_copy(p->words, p->word_count * sizeof(*words));
	struct error *error = layout_decode(words, p->words[WORD_RUNTIME_SIZE], &layout);

	if (error)
		fail_msg("%s: %s", p->name, error->message);
	if (!layout_decode_asyncio(tail_copy(p->asyncio, sizeof(p->asyncio)), &layout))
		fail_msg("%s: _AsyncioDebug is refused", p->name);
	return layout;
}

static void assert_refused(const uint64_t *words, uint64_t runtime_size)
{
	struct layout layout;
	struct error *error = layout_decode(words, runtime_size, &layout);

	assert_non_null(error);
	assert_int_equal(error->kind, ERROR_UNREADABLE);
	error_free(error);
}

static void every_published_layout_is_taken(void **state)
{
	(void)state;
	for (size_t i = 0; i < BUILDS; i++) {
		struct layout layout = decode(&published[i]);
		assert_int_equal(layout_words(published[i].words[WORD_VERSION] & UINT32_MAX),
				published[i].word_count);
		assert_int_equal(layout.free_threaded, published[i].free_threaded);
		assert_int_equal(layout.runtime.size, published[i].words[WORD_RUNTIME_SIZE]);
		/* The last word of all stands where it should. */
		assert_int_equal(layout.debugger.debugger_script_path_size, 512);
		assert_int_equal(layout.task.size, published[i].asyncio[0]);
	}
}

/* Members of each group, against what offsetof() says of that build. */
static void members_are_those_of_the_build(void **state)
{
	static const struct {
		enum build build;
		uint64_t threads_head, native_thread_id, owner, qualname, tuple_items, state_word,
				iframe, tp_flags, ma_values, tlbc_index, co_tlbc;
	} rows[] = {
		{ BUILD_3_14, 7344, 160, 74, 128, 32, 32, 72, 168, 40, 0, 0 },
		{ BUILD_3_14D, 7344, 160, 74, 128, 32, 32, 72, 168, 40, 0, 0 },
		{ BUILD_3_14T, 7344, 160, 78, 144, 48, 48, 88, 184, 56, 72, 224 },
		{ BUILD_3_15, 7336, 184, 74, 128, 32, 32, 72, 168, 40, 0, 0 },
		{ BUILD_3_15T, 7336, 184, 78, 144, 48, 48, 88, 184, 56, 72, 224 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct layout layout = decode(&published[rows[i].build]);
		assert_int_equal(layout.interpreter.threads_head, rows[i].threads_head);
		assert_int_equal(layout.thread.native_thread_id, rows[i].native_thread_id);
		assert_int_equal(layout.frame.owner, rows[i].owner);
		assert_int_equal(layout.code.qualname, rows[i].qualname);
		assert_int_equal(layout.tuple.items, rows[i].tuple_items);
		assert_int_equal(layout.text.state, rows[i].state_word);
		assert_int_equal(layout.generator.iframe, rows[i].iframe);
		assert_int_equal(layout.type.flags, rows[i].tp_flags);
		assert_int_equal(layout.dict.values, rows[i].ma_values);
		assert_int_equal(layout.frame.tlbc_index, rows[i].tlbc_index);
		assert_int_equal(layout.code.tlbc, rows[i].co_tlbc);
	}
}

static void unpublished_members_are_those_of_the_build(void **state)
{
	static const struct {
		enum build build;
		uint64_t basicsize, dictoffset, mro, type_dict, cached_keys, nlocalsplus, stacksize,
				qualname, module_dict, module_state, compact_size, weakref, closure;
		int64_t managed_dict;
	} rows[] = {
		{ BUILD_3_14, 32, 288, 344, 264, 880, 72, 64, 32, 16, 32, 56, 16, 72, -24 },
		{ BUILD_3_14D, 32, 288, 344, 264, 880, 72, 64, 32, 16, 32, 56, 16, 72, -24 },
		{ BUILD_3_14T, 48, 304, 360, 280, 896, 88, 80, 48, 32, 48, 72, 32, 88, -8 },
		{ BUILD_3_15, 32, 288, 344, 264, 888, 72, 64, 32, 16, 24, 56, 16, 72, -24 },
		{ BUILD_3_15T, 48, 304, 360, 280, 904, 88, 80, 48, 32, 40, 72, 32, 88, -8 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct layout layout = decode(&published[rows[i].build]);
		assert_int_equal(layout.type.basicsize, rows[i].basicsize);
		assert_int_equal(layout.type.dictoffset, rows[i].dictoffset);
		assert_int_equal(layout.type.mro, rows[i].mro);
		assert_int_equal(layout.type.dict, rows[i].type_dict);
		assert_int_equal(layout.heap_type.cached_keys, rows[i].cached_keys);
		assert_int_equal(layout.code.nlocalsplus, rows[i].nlocalsplus);
		assert_int_equal(layout.code.stacksize, rows[i].stacksize);
		assert_int_equal(layout.generator.qualname, rows[i].qualname);
		assert_int_equal(layout.module.dict, rows[i].module_dict);
		assert_int_equal(layout.module.state, rows[i].module_state);
		assert_int_equal(layout.text.compact_size, rows[i].compact_size);
		assert_int_equal(layout.weakref.object, rows[i].weakref);
		assert_int_equal(layout.function.closure, rows[i].closure);
		assert_int_equal(layout.managed_dict, rows[i].managed_dict);
		/* Not in an object: the same in all builds. */
		assert_int_equal(layout.frame.globals, 24);
		assert_int_equal(layout.thread.holds_gil, 36);
	}
}

static void task_members_are_derived(void **state)
{
	(void)state;
	for (size_t i = 0; i < BUILDS; i++) {
		struct layout layout = decode(&published[i]);
		uint64_t shift = published[i].free_threaded ? 16 : 0;
		assert_int_equal(layout.task.loop, 16 + shift);
		assert_int_equal(layout.task.callback0, 24 + shift);
		assert_int_equal(layout.task.state, 104 + shift);
		assert_int_equal(layout.task.flags, 110 + shift);
		assert_int_equal(layout.task.num_cancels, 112 + shift);
		assert_int_equal(layout.task.fut_waiter, 120 + shift);
	}
}

/* 3.13 publishes less; before, nothing is, and the row is taken by the version alone. */
static struct layout take(uint32_t hex)
{
	struct layout layout;
	struct error *error = hex == 0x030d12f0
					      ? layout_decode(published_3_13.words, 283408, &layout)
					      : layout_take(hex, 0, &layout);

	if (error)
		fail_msg("%x: %s", hex, error->message);
	assert_int_equal(layout.version, hex);
	return layout;
}

static void older_rows_are_those_of_the_version(void **state)
{
	static const struct {
		uint32_t hex;
		uint64_t threads_head, current_frame, native_thread_id, code, instr, owner, locals,
				linetable, code_adaptive, text_length, ascii, keys, iframe, state,
				task_state, coro, name, must_cancel;
		int64_t values;
	} rows[] = {
		{ 0x030b02f0, 16, 56, 160, 32, 56, 69, 72, 136, 184, 16, 48, 872, 80, 75, 88, 136,
				144, 1, -32 },
		{ 0x030c01f0, 72, 56, 144, 0, 56, 70, 72, 136, 192, 16, 40, 880, 72, 67, 88, 136,
				144, 1, -24 },
		{ 0x030d12f0, 7344, 72, 160, 0, 56, 70, 72, 136, 200, 16, 40, 880, 72, 67, 96, 120,
				128, 4, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct layout layout = take(rows[i].hex);
		assert_int_equal(layout.interpreter.threads_head, rows[i].threads_head);
		assert_int_equal(layout.thread.current_frame, rows[i].current_frame);
		assert_int_equal(layout.thread.native_thread_id, rows[i].native_thread_id);
		assert_int_equal(layout.frame.executable, rows[i].code);
		assert_int_equal(layout.frame.instr_ptr, rows[i].instr);
		assert_int_equal(layout.frame.owner, rows[i].owner);
		assert_int_equal(layout.frame.localsplus, rows[i].locals);
		assert_int_equal(layout.code.linetable, rows[i].linetable);
		assert_int_equal(layout.code.code_adaptive, rows[i].code_adaptive);
		assert_int_equal(layout.text.length, rows[i].text_length);
		assert_int_equal(layout.text.ascii_size, rows[i].ascii);
		assert_int_equal(layout.heap_type.cached_keys, rows[i].keys);
		assert_int_equal(layout.generator.iframe, rows[i].iframe);
		assert_int_equal(layout.generator.frame_state, rows[i].state);
		assert_int_equal(layout.task.state, rows[i].task_state);
		assert_int_equal(layout.task.coro, rows[i].coro);
		assert_int_equal(layout.task.name, rows[i].name);
		assert_int_equal(layout.task.must_cancel, rows[i].must_cancel);
		assert_int_equal(layout.managed_values, rows[i].values);
		/* What began with 3.14. */
		assert_false(layout.keeps_awaiters);
		assert_true(layout.bound_exits);
		assert_int_equal(layout.task.awaited_by, 0);
		assert_int_equal(layout.task.node, 0);
		assert_int_equal(layout.frame.stackpointer, 0);
		assert_int_equal(layout.frame.stacktop, 64);
		assert_int_equal(layout.managed_dict, -24);
	}
	assert_true(take(0x030b02f0).integer.by_length);
	assert_false(take(0x030c01f0).integer.by_length);
	assert_int_equal(take(0x030c01f0).simple_queue.list, 32);
	assert_int_equal(take(0x030d12f0).simple_queue.list, 0);
	assert_int_equal(take(0x030d12f0).simple_queue.length, 56);
}

static void older_rows_are_taken_for_their_version_only(void **state)
{
	static const uint32_t others[] = { 0x030a0cf0, 0x030d00f0, 0x030e0af0, 0x030b00b1,
		0x020b00f0, 0x031000f0, 0, UINT32_MAX };
	uint64_t words[DEBUG_OFFSETS_WORDS] = { DEBUG_OFFSETS_COOKIE, 0x030c01f0 };
	struct layout layout;

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
		struct error *error = layout_take(others[i], 0, &layout);
		assert_non_null(error);
		assert_int_equal(error->kind, ERROR_UNREADABLE);
		error_free(error);
	}
	assert_int_equal(layout_words(0x030b02f0), 0);
	assert_int_equal(layout_words(0x030c01f0), 0);
	assert_int_equal(layout_words(0x030d12f0), published_3_13.word_count);
	/* One that publishes nothing has no words to take apart. */
	assert_refused(words, 0);
	for (size_t i = WORD_RUNTIME_SIZE; i < published_3_13.word_count; i++) {
		memcpy(words, published_3_13.words, sizeof(words));
		words[i] = UINT64_MAX;
		assert_refused(words, 0);
	}
}

static void frame_states_are_those_of_the_version(void **state)
{
	struct layout old = decode(&published[BUILD_3_14]), new = decode(&published[BUILD_3_15]);

	(void)state;
	/* 0 was "executing" and became "created". */
	assert_int_equal(old.states.executing, 0);
	assert_int_equal(new.states.created, 0);
	assert_int_equal(old.states.yield_from, -1);
	assert_int_equal(new.states.yield_from, 2);
	assert_int_equal(new.states.yield_from_locked, 3);
	assert_int_equal(old.awaited_slot, -1);
	assert_int_equal(new.awaited_slot, -2);
}

static void a_wrong_header_is_refused(void **state)
{
	uint64_t words[DEBUG_OFFSETS_WORDS];

	(void)state;
	memcpy(words, published[BUILD_3_14].words, sizeof(words));
	words[WORD_COOKIE]++;
	assert_refused(words, 0);
	memcpy(words, published[BUILD_3_14].words, sizeof(words));
	words[WORD_FREE_THREADED] = 2;
	assert_refused(words, 0);
	words[WORD_FREE_THREADED] = 1; /* but its objects have no room for it */
	assert_refused(words, 0);
	memcpy(words, published[BUILD_3_14].words, sizeof(words));
	words[WORD_VERSION] |= UINT64_C(1) << 32;
	assert_refused(words, 0);
}

static void unknown_versions_are_refused(void **state)
{
	static const uint32_t unknown[] = {
		0x030a0cf0, /* 3.10.12 */
		0x030e00a7, /* 3.14.0a7 */
		0x030f00a5, /* 3.15.0a5 */
		0x030f00b1, /* 3.15.0b1 */
		0x040e00f0, /* 4.14.0 */
		0x020e00f0,
		0,
		UINT32_MAX,
	};
	uint64_t words[DEBUG_OFFSETS_WORDS];

	(void)state;
	memcpy(words, published[BUILD_3_14].words, sizeof(words));
	for (size_t i = 0; i < sizeof(unknown) / sizeof(*unknown); i++) {
		assert_false(layout_is_supported(unknown[i]));
		assert_int_equal(layout_words(unknown[i]), 0);
		words[WORD_VERSION] = unknown[i];
		/* No more than the header may be looked at. */
		assert_refused(tail_copy(words, 3 * sizeof(*words)), 0);
	}
	assert_true(layout_is_supported(0x030e0af0));
	assert_true(layout_is_supported(0x030f00c1)); /* a release candidate */
}

/* What a later version would publish that did as this build does. */
static void publish_later(const struct published *p, uint64_t words[DEBUG_OFFSETS_WORDS + 1])
{
	memcpy(words, p->words, sizeof(p->words));
	words[DEBUG_OFFSETS_WORDS] = 0;
	words[WORD_VERSION] = 0x031100a2; /* 3.17.0a2 */
}

static void a_later_version_is_read_as_the_newest(void **state)
{
	static const uint32_t later[] = { 0x031000a1, 0x031000b2, 0x031000f0, 0x031100f0,
		0x03ff00f0 };
	static const uint32_t others[] = { 0x030f02f0, 0x030b02f0, 0x030f00a5, 0x041000f0,
		0x021000f0 };
	static const enum build newest[] = { BUILD_3_15, BUILD_3_15T };
	uint64_t words[DEBUG_OFFSETS_WORDS + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		assert_int_equal(layout_read_as(others[i]), 0);
	for (size_t b = 0; b < 2; b++) {
		struct layout expected = decode(&published[newest[b]]), layout;
		for (size_t i = 0; i < sizeof(later) / sizeof(*later); i++) {
			assert_true(layout_is_supported(later[i]));
			assert_int_equal(layout_read_as(later[i]), 15);
			assert_int_equal(layout_words(later[i]), published[newest[b]].word_count);
			publish_later(&published[newest[b]], words);
			words[WORD_VERSION] = later[i];
			assert_null(layout_decode(words, words[WORD_RUNTIME_SIZE], &layout));
			assert_int_equal(layout.version, later[i]);
			assert_true(layout_decode_asyncio(published[newest[b]].asyncio, &layout));
			layout.version = expected.version;
			assert_memory_equal(&layout, &expected, sizeof(layout));
		}
	}
}

/* Each version so far has published more than the one before, between what was there. */
static void a_later_version_of_another_structure_is_refused(void **state)
{
	enum { UNUSED = 7 }; /* debugger_support, and where a word may be the next one's double */
	static const uint64_t more[] = { 0, 8, 16, 24, 40, 56, 72, 88, 200, 4096 };
	uint64_t words[DEBUG_OFFSETS_WORDS + 1], changed[DEBUG_OFFSETS_WORDS + 1];

	(void)state;
	for (size_t b = BUILD_3_14; b < BUILDS; b++) {
		bool is_newest = published[b].word_count == DEBUG_OFFSETS_WORDS;
		publish_later(&published[b], words);
		if (!is_newest) {
			assert_refused(words, words[WORD_RUNTIME_SIZE]);
			continue;
		}
		for (size_t at = WORD_RUNTIME_SIZE; at < DEBUG_OFFSETS_WORDS - UNUSED; at++) {
			size_t behind = DEBUG_OFFSETS_WORDS - at;
			for (size_t i = 0; i < sizeof(more) / sizeof(*more); i++) {
				memcpy(changed, words, sizeof(words));
				memcpy(changed + at + 1, words + at, behind * sizeof(*words));
				changed[at] = more[i];
				assert_refused(changed, 0);
			}
			memcpy(changed, words, sizeof(words));
			memcpy(changed + at, words + at + 1, behind * sizeof(*words));
			assert_refused(changed, 0);
		}
		assert_refused(words, words[WORD_RUNTIME_SIZE] + 8);
	}
}

static bool is_taken(const uint64_t *words, uint32_t hex)
{
	uint64_t copy[DEBUG_OFFSETS_WORDS];
	struct layout layout;

	memcpy(copy, words, sizeof(copy));
	copy[WORD_VERSION] = hex;
	struct error *error = layout_decode(copy, 0, &layout);
	error_free(error);
	return !error;
}

/* Members that may be elsewhere in a build of a version that is known, but between which
 * stand some that are not published: a later version has those where the newest has. */
static void a_later_version_with_members_moved_is_refused(void **state)
{
	struct layout layout = decode(&published[BUILD_3_15]);
	const uint64_t moved[] = { layout.frame.instr_ptr, layout.code.firstlineno,
		layout.type.flags, layout.text.compact_size };
	uint64_t words[DEBUG_OFFSETS_WORDS + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(moved) / sizeof(*moved); i++) {
		size_t refused = 0;
		for (size_t at = WORD_RUNTIME_SIZE; at < DEBUG_OFFSETS_WORDS; at++) {
			publish_later(&published[BUILD_3_15], words);
			if (words[at] != moved[i])
				continue;
			words[at] -= 8;
			bool as_known = is_taken(words, 0x030f02f0);
			bool as_later = is_taken(words, 0x031000f0);
			assert_true(as_known || !as_later);
			refused += as_known && !as_later;
		}
		assert_true(refused > 0);
	}
}

static void a_runtime_of_another_size_is_refused(void **state)
{
	const struct published *p = &published[BUILD_3_15];

	(void)state;
	assert_refused(p->words, p->words[WORD_RUNTIME_SIZE] - 8);
	assert_refused(p->words, p->words[WORD_RUNTIME_SIZE] + 8);
}

/* Any word beyond all bounds, or an offset that is as large as its structure. */
static void offsets_out_of_bounds_are_refused(void **state)
{
	uint64_t words[DEBUG_OFFSETS_WORDS];

	(void)state;
	for (size_t b = 0; b < BUILDS; b++) {
		for (size_t i = WORD_RUNTIME_SIZE; i < published[b].word_count; i++) {
			memcpy(words, published[b].words, sizeof(words));
			words[i] = UINT64_MAX;
			assert_refused(words, 0);
		}
		memcpy(words, published[b].words, sizeof(words));
		words[WORD_INTERPRETERS_HEAD] = words[WORD_RUNTIME_SIZE];
		assert_refused(words, 0);
		memcpy(words, published[b].words, sizeof(words));
		words[WORD_INTERPRETER_SIZE] = 64; /* all its members are beyond */
		assert_refused(words, 0);
	}
}

/* The offsets that lead into buffers of ours: past its end, and where a word
 * would begin inside and end outside of what is read. */
static void offsets_into_our_buffers_are_refused(void **state)
{
	struct layout good = decode(&published[BUILD_3_14T]);
	uint64_t words[DEBUG_OFFSETS_WORDS];
	enum { FRAME = 3 + 3 + 16 + 9 }; /* where interpreter_frame begins in 3.14 */
	enum { GENERATOR = 95 - 6 - 2 - 4 };

	(void)state;
	assert_int_equal(published[BUILD_3_14T].words[FRAME], good.frame.size);
	assert_int_equal(published[BUILD_3_14T].words[GENERATOR], good.generator.size);
	/* previous, executable, instr_ptr, stackpointer, tlbc_index */
	static const size_t members[] = { 1, 2, 3, 6, 7 };
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
		memcpy(words, published[BUILD_3_14T].words, sizeof(words));
		words[FRAME + members[i]] = good.frame.size - 1;
		assert_refused(words, 0);
		words[FRAME + members[i]] = 4096;
		assert_refused(words, 0);
	}
	/* The state of a generator is read with its frame. */
	memcpy(words, published[BUILD_3_14T].words, sizeof(words));
	words[GENERATOR] = 4096;
	words[GENERATOR + 3] = 4000;
	assert_refused(words, 0);
}

static void every_number_is_decoded_or_refused(void **state)
{
	static const uint64_t tries[] = { 0, 1, 7, 8, 80, 255, 256, 4095, 4096, 4194304 };
	uint64_t words[DEBUG_OFFSETS_WORDS];

	(void)state;
	for (size_t i = WORD_RUNTIME_SIZE; i < published[BUILD_3_15T].word_count; i++) {
		for (size_t t = 0; t < sizeof(tries) / sizeof(*tries); t++) {
			struct layout layout;
			memcpy(words, published[BUILD_3_15T].words, sizeof(words));
			words[i] = tries[t];
			struct error *error = layout_decode(words, 0, &layout);
			/* What is accepted keeps to what its readers rely on. */
			if (!error) {
				assert_true(layout.frame.size <= 256);
				assert_true(layout.frame.tlbc_index < layout.frame.size);
				assert_true(layout.frame.owner < layout.frame.size);
				assert_true(layout.generator.size <= 4096);
			}
			error_free(error);
		}
	}
}

static void assert_asyncio_refused(const struct published *p, size_t word, uint64_t value)
{
	struct layout layout, before;
	uint64_t words[ASYNCIO_DEBUG_WORDS];

	assert_null(layout_decode(p->words, 0, &layout));
	before = layout;
	memcpy(words, p->asyncio, sizeof(words));
	words[word] = value;
	assert_false(layout_decode_asyncio(words, &layout));
	/* What was known before is left as it was. */
	assert_memory_equal(&layout, &before, sizeof(layout));
	assert_int_equal(layout.task.size, 0);
}

static void a_damaged_asyncio_structure_is_refused(void **state)
{
	(void)state;
	for (size_t b = 0; b < BUILDS; b++) {
		/* Each word, but the running loop's and task's, is bound to others. */
		for (size_t i = 0; i < 9; i++)
			assert_asyncio_refused(&published[b], i,
					published[b].asyncio[i] + (i == 8 ? 4 << 20 : 1));
		for (size_t i = 0; i < ASYNCIO_DEBUG_WORDS; i++)
			assert_asyncio_refused(&published[b], i, UINT64_MAX);
		for (size_t i = 10; i < ASYNCIO_DEBUG_WORDS; i++)
			assert_asyncio_refused(&published[b], i, published[b].asyncio[9]);
	}
}

static void the_asyncio_structure_of_another_build_is_refused(void **state)
{
	struct layout layout;

	(void)state;
	for (size_t b = 0; b < BUILDS; b++) {
		for (size_t other = 0; other < BUILDS; other++) {
			assert_null(layout_decode(published[b].words, 0, &layout));
			assert_int_equal(layout_decode_asyncio(published[other].asyncio, &layout),
					b == other);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_published_layout_is_taken),
		cmocka_unit_test(members_are_those_of_the_build),
		cmocka_unit_test(unpublished_members_are_those_of_the_build),
		cmocka_unit_test(task_members_are_derived),
		cmocka_unit_test(older_rows_are_those_of_the_version),
		cmocka_unit_test(older_rows_are_taken_for_their_version_only),
		cmocka_unit_test(frame_states_are_those_of_the_version),
		cmocka_unit_test(a_wrong_header_is_refused),
		cmocka_unit_test(unknown_versions_are_refused),
		cmocka_unit_test(a_later_version_is_read_as_the_newest),
		cmocka_unit_test(a_later_version_of_another_structure_is_refused),
		cmocka_unit_test(a_later_version_with_members_moved_is_refused),
		cmocka_unit_test(a_runtime_of_another_size_is_refused),
		cmocka_unit_test(offsets_out_of_bounds_are_refused),
		cmocka_unit_test(offsets_into_our_buffers_are_refused),
		cmocka_unit_test(every_number_is_decoded_or_refused),
		cmocka_unit_test(a_damaged_asyncio_structure_is_refused),
		cmocka_unit_test(the_asyncio_structure_of_another_build_is_refused),
	};
	return cmocka_run_group_tests_name("layout", tests, NULL, NULL);
}
