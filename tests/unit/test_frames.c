/* Frames of threads, generators, and the chain of awaits, in every build. */
#include <string.h>
#include <time.h>

#include "cpython/chain.h"
#include "tests/unit/fabricate.h"

enum { FIRST_LINE = 10, LINE_OF_UNIT_2 = 12 };

/* ---- the chain of awaits ---- */

static struct chain walk(struct world *w, remote_addr coroutine)
{
	struct chain chain = { 0 };

	chain_walk(&w->python, coroutine, &chain);
	return chain;
}

/* Walks, and checks how it ends and over which functions it goes. */
static void assert_chain(struct world *w, remote_addr coroutine, enum chain_end end,
		remote_addr leaf, const char *functions)
{
	struct chain chain = walk(w, coroutine);
	char found[256] = "";

	for (size_t i = 0; i < chain.frames.count; i++) {
		strcat(found, i ? " " : "");
		strcat(found, chain.frames.items[i].place->function);
	}
	assert_string_equal(found, functions);
	assert_int_equal(chain.end, end);
	assert_int_equal(chain.leaf, leaf);
	chain_deinit(&chain);
}

static remote_addr awaiting(
		struct world *w, enum builtin type, const char *function, remote_addr awaited)
{
	return make_awaiting(w, type, make_plain_code(w, function), awaited);
}

static remote_addr in_step(struct world *w, enum builtin type, const char *function, enum step step)
{
	struct frame_spec spec = { .code = make_plain_code(w, function), .unit = 2 };
	return make_generator(w, type, step, &spec);
}

static void coroutines_down_to_a_future(void **state)
{
	struct world *w = *state;
	remote_addr future = make_future(w, 0);
	remote_addr inner =
			awaiting(w, T_COROUTINE, "inner", make_passing(w, T_FUTURE_ITER, future));
	remote_addr outer = awaiting(w, T_COROUTINE, "outer", inner);

	assert_chain(w, outer, CHAIN_LEAF, future, "outer inner");
	struct chain chain = walk(w, outer);
	assert_int_equal(chain.frames.items[0].place->line, LINE_OF_UNIT_2);
	assert_string_equal(chain.frames.items[0].place->file, "/srv/shop.py");
	assert_int_equal(chain.frames.items[1].generator, inner);
	chain_deinit(&chain);
}

static void every_kind_of_awaitable(void **state)
{
	struct world *w = *state;
	remote_addr future = make_future(w, 0), iter = make_passing(w, T_FUTURE_ITER, future);
	remote_addr generator = awaiting(w, T_GENERATOR, "by_types", iter);
	static const enum builtin passing[] = { T_ASEND, T_ATHROW, T_ANEXT, T_COROUTINE_WRAPPER };

	assert_chain(w, awaiting(w, T_COROUTINE, "main", generator), CHAIN_LEAF, future,
			"main by_types");
	for (size_t i = 0; i < sizeof(passing) / sizeof(*passing); i++) {
		remote_addr items = awaiting(w, T_ASYNC_GENERATOR, "items", iter);
		remote_addr next = make_passing(w, passing[i], items);
		assert_chain(w, awaiting(w, T_COROUTINE, "main", next), CHAIN_LEAF, future,
				"main items");
		/* anext() with a default, around that. */
		remote_addr around = make_passing(w, T_ANEXT, next);
		assert_chain(w, awaiting(w, T_COROUTINE, "main", around), CHAIN_LEAF, future,
				"main items");
	}
	/* asyncio takes a generator as a coroutine too. */
	assert_chain(w, generator, CHAIN_LEAF, future, "by_types");
}

static void ends_without_a_future(void **state)
{
	struct world *w = *state;
	remote_addr own = make_object(w, make_class(w, "Awaitable", 0), 32);

	assert_chain(w, in_step(w, T_COROUTINE, "f", CREATED), CHAIN_CREATED, 0, "f");
	assert_chain(w, in_step(w, T_COROUTINE, "f", EXECUTING), CHAIN_EXECUTING, 0, "f");
	assert_chain(w, in_step(w, T_COROUTINE, "f", FINISHED), CHAIN_FINISHED, 0, "");
	assert_chain(w, in_step(w, T_GENERATOR, "f", SUSPENDED), CHAIN_SUSPENDED, 0, "f");
	assert_chain(w, awaiting(w, T_COROUTINE, "f", in_step(w, T_GENERATOR, "g", SUSPENDED)),
			CHAIN_SUSPENDED, 0, "f g");
	assert_chain(w, awaiting(w, T_COROUTINE, "f", own), CHAIN_LEAF, own, "f");
	assert_chain(w, own, CHAIN_OPAQUE, own, "");
	/* A future whose wait is over. */
	assert_chain(w, awaiting(w, T_COROUTINE, "f", make_passing(w, T_FUTURE_ITER, 0)),
			CHAIN_LEAF, 0, "f");
	/* Read too late, as it is resumed from the outside in; or driven by hand. */
	assert_chain(w, awaiting(w, T_COROUTINE, "f", in_step(w, T_COROUTINE, "g", EXECUTING)),
			CHAIN_DRIVEN, 0, "f g");
}

/* How the last chain ended says nothing of one that is not there. */
static void no_coroutine_is_no_chain(void **state)
{
	struct world *w = *state;
	struct chain chain = { 0 };

	chain_walk(&w->python, in_step(w, T_COROUTINE, "f", EXECUTING), &chain);
	assert_int_equal(chain.end, CHAIN_EXECUTING);
	chain_walk(&w->python, 0, &chain);
	assert_int_equal(chain.end, CHAIN_OPAQUE);
	assert_int_equal(chain.frames.count, 0);
	assert_int_equal(chain.leaf, 0);
	chain_deinit(&chain);
}

static void one_that_has_not_started_stands_at_its_definition(void **state)
{
	struct world *w = *state;
	struct chain chain = walk(w, in_step(w, T_COROUTINE, "f", CREATED));

	assert_int_equal(chain.frames.items[0].place->line, FIRST_LINE);
	chain_deinit(&chain);
}

/* A class that is only called "coroutine" is not stepped into. */
static void a_false_coroutine_is_a_leaf(void **state)
{
	struct world *w = *state;
	remote_addr object = make_object(w, make_class(w, "coroutine", 0), 256);

	assert_chain(w, awaiting(w, T_COROUTINE, "f", object), CHAIN_LEAF, object, "f");
}

static void torn_objects_are_said_to_be(void **state)
{
	struct world *w = *state;
	const uint64_t words[] = { 0x7000, 1 };
	struct frame_spec spec = { .code = make_plain_code(w, "f"), .unit = 2 };

	/* Awaits something that is not there, or nothing. */
	assert_chain(w, awaiting(w, T_COROUTINE, "f", 0x123450), CHAIN_TORN, 0, "f");
	assert_chain(w, awaiting(w, T_COROUTINE, "f", 0), CHAIN_TORN, 0, "f");
	assert_chain(w, 0x123450, CHAIN_TORN, 0, "");
	/* An empty stack, and one that is deeper than its code allows. */
	assert_chain(w, make_generator(w, T_COROUTINE, AWAITING, &spec), CHAIN_TORN, 0, "f");
	spec.stack = 2;
	spec.stack_words = words;
	remote_addr deep = make_generator(w, T_COROUTINE, AWAITING, &spec);
	remote_addr pointer = deep + w->layout.generator.iframe + w->layout.frame.stackpointer;
	memory_put_u64(&w->memory, pointer, memory_get_u64(&w->memory, pointer) + 3 * 8);
	assert_chain(w, deep, CHAIN_TORN, 0, "f");
	/* A pointer between two words, and one before the stack. */
	remote_addr odd = make_generator(w, T_COROUTINE, AWAITING, &spec);
	pointer = odd + w->layout.generator.iframe + w->layout.frame.stackpointer;
	memory_put_u64(&w->memory, pointer, memory_get_u64(&w->memory, pointer) - 1);
	assert_chain(w, odd, CHAIN_TORN, 0, "f");
	remote_addr before = make_generator(w, T_COROUTINE, AWAITING, &spec);
	pointer = before + w->layout.generator.iframe + w->layout.frame.stackpointer;
	memory_put_u64(&w->memory, pointer, before);
	assert_chain(w, before, CHAIN_TORN, 0, "f");
}

static void an_instruction_outside_of_its_code_is_torn(void **state)
{
	struct world *w = *state;
	struct frame_spec spec = { .code = make_plain_code(w, "f"), .unit = LINES_UNITS };

	assert_chain(w, make_generator(w, T_COROUTINE, SUSPENDED, &spec), CHAIN_TORN, 0, "");
	spec.unit = UINT64_MAX; /* one before its first */
	assert_chain(w, make_generator(w, T_COROUTINE, SUSPENDED, &spec), CHAIN_TORN, 0, "");
	spec.unit = LINES_UNITS - 1;
	assert_chain(w, make_generator(w, T_COROUTINE, SUSPENDED, &spec), CHAIN_SUSPENDED, 0, "f");
}

static void a_frame_of_something_else_than_code_is_torn(void **state)
{
	struct world *w = *state;
	struct frame_spec spec = { .code = make_str(w, "no code at all") };

	assert_chain(w, make_generator(w, T_COROUTINE, SUSPENDED, &spec), CHAIN_TORN, 0, "");
	assert_chain(w, make_generator(w, T_COROUTINE, CREATED, &spec), CHAIN_TORN, 0, "");
	spec.code = 0x123450;
	assert_chain(w, make_generator(w, T_COROUTINE, SUSPENDED, &spec), CHAIN_TORN, 0, "");
	/* All zeros, as places that are not known yet. */
	remote_addr cleared = make_generator(w, T_COROUTINE, SUSPENDED, &spec);
	remote_addr frame = cleared + w->layout.generator.iframe;
	memory_put_u64(&w->memory, frame + w->layout.frame.executable, 0);
	memory_put_u64(&w->memory, frame + w->layout.frame.instr_ptr, 0);
	assert_chain(w, cleared, CHAIN_TORN, 0, "");
}

/* 3.15 keeps an index above what is awaited: only there the slot below counts. */
static void the_slot_of_what_is_awaited(void **state)
{
	struct world *w = *state;
	remote_addr below = make_object(w, make_class(w, "Below", 0), 32);
	remote_addr top = make_object(w, make_class(w, "Top", 0), 32);
	const uint64_t words[] = { below, top };
	struct frame_spec spec = {
		.code = make_plain_code(w, "f"), .unit = 2, .stack = 2, .stack_words = words
	};
	bool is_3_15 = w->published->sentinel_above_awaited;

	assert_chain(w, make_generator(w, T_COROUTINE, AWAITING, &spec), CHAIN_LEAF,
			is_3_15 ? below : top, "f");
}

static void a_borrowed_reference_is_one_too(void **state)
{
	struct world *w = *state;
	remote_addr future = make_future(w, 0);
	remote_addr inner =
			awaiting(w, T_COROUTINE, "inner", make_passing(w, T_FUTURE_ITER, future));

	assert_chain(w, awaiting(w, T_COROUTINE, "outer", inner | 1), CHAIN_LEAF, future,
			"outer inner");
}

/* While another thread takes the chain (3.15, free-threaded). */
static void a_locked_state_is_awaiting_too(void **state)
{
	struct world *w = *state;
	remote_addr future = make_future(w, 0);
	remote_addr f = awaiting(w, T_COROUTINE, "f", make_passing(w, T_FUTURE_ITER, future));

	memory_put_u8(&w->memory, f + w->layout.generator.frame_state, 3);
	assert_chain(w, f, CHAIN_LEAF, future, "f");
}

static void a_state_that_is_none_is_torn(void **state)
{
	struct world *w = *state;
	remote_addr f = in_step(w, T_COROUTINE, "f", SUSPENDED);

	memory_put_u8(&w->memory, f + w->layout.generator.frame_state, (uint8_t)-100);
	assert_chain(w, f, CHAIN_TORN, 0, "");
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void set_awaited(struct world *w, remote_addr generator, remote_addr awaited)
{
	memory_put_u64(&w->memory,
			generator + w->layout.generator.iframe + w->layout.frame.localsplus + 3 * 8,
			awaited);
}

static void a_circle_of_coroutines_ends(void **state)
{
	struct world *w = *state;
	remote_addr a = awaiting(w, T_COROUTINE, "a", 0), b = awaiting(w, T_COROUTINE, "b", a);
	remote_addr self = awaiting(w, T_COROUTINE, "self", 0);
	remote_addr passing = make_passing(w, T_ANEXT, 0);

	set_awaited(w, a, b);
	set_awaited(w, self, self);
	memory_put_u64(&w->memory, passing + w->layout.object.size, passing);
	const remote_addr circles[] = { a, self, passing };
	for (size_t i = 0; i < 3; i++) {
		double start = seconds();
		struct chain chain = walk(w, circles[i]);
		assert_int_equal(chain.end, CHAIN_TORN);
		assert_true(chain.frames.count < 16);
		assert_true(seconds() - start < 1);
		chain_deinit(&chain);
	}
}

static void a_deep_chain_is_whole(void **state)
{
	enum { DEPTH = 20000 };
	struct world *w = *state;
	remote_addr code = make_plain_code(w, "f"), future = make_future(w, 0);
	remote_addr next = make_passing(w, T_FUTURE_ITER, future);

	for (size_t i = 0; i < DEPTH; i++)
		next = make_awaiting(w, T_COROUTINE, code, next);
	struct chain chain = walk(w, next);
	assert_int_equal(chain.end, CHAIN_LEAF);
	assert_int_equal(chain.leaf, future);
	assert_int_equal(chain.frames.count, DEPTH);
	chain_deinit(&chain);
}

static void work_is_bounded(void **state)
{
	struct world *w = *state;
	remote_addr inner = in_step(w, T_COROUTINE, "inner", CREATED);
	remote_addr outer = awaiting(w, T_COROUTINE, "outer", inner);
	struct chain chain = walk(w, outer); /* now its types and code are known */

	w->python.work_left = 1;
	chain_walk(&w->python, outer, &chain);
	assert_int_equal(chain.end, CHAIN_TORN);
	chain_deinit(&chain);
}

/* ---- frames of threads ---- */

/* Reading it once is not all: it is shown with each frame. */
static void a_long_name_costs_work_each_time(void **state)
{
	enum { LENGTH = 64 * 1024 };
	struct world *w = *state;
	char *name = calloc(1, LENGTH + 1);

	memset(name, 'f', LENGTH);
	remote_addr coroutine = awaiting(w, T_COROUTINE, name, w->none);
	free(name);
	struct chain chain = walk(w, coroutine);
	uint64_t work = w->python.work_left;
	chain_walk(&w->python, coroutine, &chain);
	assert_int_equal(chain.end, CHAIN_LEAF);
	assert_true(work - w->python.work_left > LENGTH / 2);
	w->python.work_left = LENGTH / 2;
	chain_walk(&w->python, coroutine, &chain);
	assert_int_equal(chain.end, CHAIN_TORN);
	chain_deinit(&chain);
}

static void assert_frames(struct world *w, remote_addr current, bool whole, const char *functions)
{
	struct frame_views frames = { 0 };
	char found[256] = "";

	assert_int_equal(frames_of_thread(&w->python, current, &frames), whole);
	for (size_t i = 0; i < frames.count; i++) {
		strcat(found, i ? " " : "");
		strcat(found, frames.items[i].place->function);
	}
	assert_string_equal(found, functions);
	array_free(&frames);
}

static remote_addr frame_over(struct world *w, const char *function, remote_addr previous)
{
	struct frame_spec spec = {
		.code = make_plain_code(w, function), .unit = 2, .previous = previous
	};
	return make_frame(w, &spec);
}

static void frames_of_a_thread(void **state)
{
	struct world *w = *state;
	remote_addr module = frame_over(w, "<module>", 0);
	/* Of the interpreter's own, whose code is None, of two kinds. */
	struct frame_spec own = { .code = w->none, .previous = module, .owner = 3 };
	remote_addr entry = make_frame(w, &own);
	own.owner = 4;
	own.previous = frame_over(w, "run", entry);
	remote_addr top = frame_over(w, "parse", make_frame(w, &own));

	assert_frames(w, top, true, "parse run <module>");
	assert_frames(w, entry, true, "<module>");
	assert_frames(w, 0, true, "");
}

static void a_frame_inside_of_a_coroutine(void **state)
{
	struct world *w = *state;
	remote_addr run = frame_over(w, "run", 0);
	struct frame_spec spec = { .code = make_plain_code(w, "work"), .unit = 2, .previous = run };
	remote_addr coroutine = make_generator(w, T_COROUTINE, EXECUTING, &spec);
	remote_addr top = frame_over(w, "parse", coroutine + w->layout.generator.iframe);
	struct frame_views frames = { 0 };

	assert_true(frames_of_thread(&w->python, top, &frames));
	assert_int_equal(frames.count, 3);
	assert_int_equal(frames.items[0].generator, 0);
	assert_int_equal(frames.items[1].generator, coroutine);
	assert_int_equal(frames.items[1].place->line, LINE_OF_UNIT_2);
	array_free(&frames);
}

static void what_can_be_read_of_damaged_frames_is_kept(void **state)
{
	struct world *w = *state;
	struct frame_spec bad = { .code = make_str(w, "no code") };

	assert_frames(w, frame_over(w, "f", 0x123450), false, "f");
	assert_frames(w, frame_over(w, "f", make_frame(w, &bad)), false, "f");
	assert_frames(w, 0x123450, false, "");
	assert_frames(w, UINT64_MAX - 15, false, "");
}

static void frames_in_a_circle_end(void **state)
{
	struct world *w = *state;
	remote_addr a = frame_over(w, "a", 0), b = frame_over(w, "b", a);
	struct frame_views frames = { 0 };
	double start = seconds();

	memory_put_u64(&w->memory, a + w->layout.frame.previous, b);
	assert_false(frames_of_thread(&w->python, b, &frames));
	assert_true(frames.count < 16);
	assert_true(seconds() - start < 1);
	array_free(&frames);
	/* And where none of them is shown. */
	struct frame_spec own = { .code = w->none, .owner = 3 };
	remote_addr hidden = make_frame(w, &own);
	memory_put_u64(&w->memory, hidden + w->layout.frame.previous, hidden);
	assert_false(frames_of_thread(&w->python, hidden, &frames));
	assert_int_equal(frames.count, 0);
	array_free(&frames);
}

/* A free-threaded build has a copy of the bytecode for each thread. */
static void the_line_is_of_the_bytecode_that_runs(void **state)
{
	struct world *w = *state;
	remote_addr code = make_plain_code(w, "f"), copy = make_block(w, 2 * LINES_UNITS);
	remote_addr array = make_block(w, 4 * 8);
	struct frame_spec spec = { .code = code, .unit = 5, .start = copy, .thread_copy = 2 };
	struct frame_views frames = { 0 };

	memory_put_u64(&w->memory, array, 3);
	memory_put_u64(&w->memory, array + 8, code + w->layout.code.code_adaptive);
	memory_put_u64(&w->memory, array + 3 * 8, copy);
	memory_put_u64(&w->memory, code + w->layout.code.tlbc, array);
	remote_addr frame = make_frame(w, &spec);
	assert_true(frames_of_thread(&w->python, frame, &frames));
	assert_int_equal(frames.items[0].place->line, FIRST_LINE + 5);
	frames.count = 0;
	/* The first copy is the code's own. */
	spec = (struct frame_spec){ .code = code, .unit = 7 };
	assert_true(frames_of_thread(&w->python, make_frame(w, &spec), &frames));
	assert_int_equal(frames.items[0].place->line, FIRST_LINE + 7);
	frames.count = 0;
	/* An index that is not in the array does not lead out of it. */
	spec = (struct frame_spec){ .code = code, .unit = 7, .thread_copy = 3 };
	assert_true(frames_of_thread(&w->python, make_frame(w, &spec), &frames));
	spec = (struct frame_spec){ .code = code, .unit = 7, .thread_copy = UINT32_MAX };
	assert_true(frames_of_thread(&w->python, make_frame(w, &spec), &frames));
	array_free(&frames);
}

/* ---- what a frame holds ---- */

static void variables_and_stack(void **state)
{
	struct world *w = *state;
	remote_addr x = make_object(w, w->builtin[T_OBJECT], 16), value;
	const remote_addr names[] = { make_str(w, "self"), make_str(w, "fs"), make_str(w, "gone") };
	struct code_spec code = { .function = "f",
		.file = "f.py",
		.first_line = 10,
		.locals = 3,
		.stack_size = 4,
		.names = make_tuple(w, 3, names) };
	/* On the stack: an object, null, a small integer, a borrowed object. */
	const uint64_t words[] = { x, 1, 7, w->none | 1 };
	struct frame_spec spec = {
		.code = make_code(w, &code), .unit = 2, .stack = 4, .stack_words = words
	};
	remote_addr coroutine = make_generator(w, T_COROUTINE, AWAITING, &spec);
	remote_addr locals = coroutine + w->layout.generator.iframe + w->layout.frame.localsplus;
	enum generator_state step;
	struct frame_view frame;
	struct addresses found = { 0 };

	memory_put_u64(&w->memory, locals + 8, x | 1);
	memory_put_u64(&w->memory, locals + 16, 1);
	assert_true(generator_read(&w->python, coroutine, &step, &frame));
	assert_int_equal(step, GENERATOR_AWAITING);
	assert_true(frame_local(&w->python, &frame, "fs", &value));
	assert_int_equal(value, x);
	assert_false(frame_local(&w->python, &frame, "self", &value)); /* not set */
	assert_false(frame_local(&w->python, &frame, "gone", &value));
	assert_false(frame_local(&w->python, &frame, "other", &value));
	assert_true(frame_stack(&w->python, &frame, &found));
	assert_int_equal(found.count, 2);
	assert_int_equal(found.items[0], x);
	assert_int_equal(found.items[1], w->none);
	array_free(&found);
}

static void damaged_code_is_refused(void **state)
{
	struct world *w = *state;
	const struct layout *layout = &w->layout;
	const struct {
		uint64_t offset;
		uint64_t value;
	} damages[] = {
		{ layout->code.qualname, 0 },
		{ layout->code.filename, w->none },
		{ layout->code.linetable, 0 },
		{ layout->code.linetable, w->none },
		{ layout->object.size, UINT64_MAX },
		{ layout->object.size, 1 << 27 },
		{ layout->code.nlocalsplus, UINT64_MAX },
		{ layout->code.stacksize, UINT64_MAX },
	};

	assert_non_null(code_at(&w->python, make_plain_code(w, "f")));
	for (size_t i = 0; i < sizeof(damages) / sizeof(*damages); i++) {
		remote_addr code = make_plain_code(w, "f");
		memory_put_u64(&w->memory, code + damages[i].offset, damages[i].value);
		assert_null(code_at(&w->python, code));
	}
	/* A line table that is longer than memory. */
	remote_addr code = make_plain_code(w, "f");
	remote_addr lines = memory_get_u64(&w->memory, code + layout->code.linetable);
	memory_put_u64(&w->memory, lines + layout->bytes.length, 1 << 20);
	assert_null(code_at(&w->python, code));
	assert_null(code_at(&w->python, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_EVERY_BUILD(coroutines_down_to_a_future),
		IN_EVERY_BUILD(every_kind_of_awaitable),
		IN_EVERY_BUILD(ends_without_a_future),
		IN_EVERY_BUILD(no_coroutine_is_no_chain),
		IN_EVERY_BUILD(one_that_has_not_started_stands_at_its_definition),
		IN_EVERY_BUILD(a_false_coroutine_is_a_leaf),
		IN_EVERY_BUILD(torn_objects_are_said_to_be),
		IN_EVERY_BUILD(an_instruction_outside_of_its_code_is_torn),
		IN_EVERY_BUILD(a_frame_of_something_else_than_code_is_torn),
		IN_EVERY_BUILD(the_slot_of_what_is_awaited),
		IN_EVERY_BUILD(a_borrowed_reference_is_one_too),
		IN_BUILD(a_locked_state_is_awaiting_too, BUILD_3_15),
		IN_BUILD(a_locked_state_is_awaiting_too, BUILD_3_15T),
		IN_EVERY_BUILD(a_state_that_is_none_is_torn),
		IN_EVERY_BUILD(a_circle_of_coroutines_ends),
		IN_EVERY_BUILD(a_deep_chain_is_whole),
		IN_EVERY_BUILD(work_is_bounded),
		IN_EVERY_BUILD(a_long_name_costs_work_each_time),
		IN_EVERY_BUILD(frames_of_a_thread),
		IN_EVERY_BUILD(a_frame_inside_of_a_coroutine),
		IN_EVERY_BUILD(what_can_be_read_of_damaged_frames_is_kept),
		IN_EVERY_BUILD(frames_in_a_circle_end),
		IN_BUILD(the_line_is_of_the_bytecode_that_runs, BUILD_3_14T),
		IN_BUILD(the_line_is_of_the_bytecode_that_runs, BUILD_3_15T),
		IN_EVERY_BUILD(variables_and_stack),
		IN_EVERY_BUILD(damaged_code_is_refused),
	};
	return cmocka_run_group_tests_name("frames", tests, NULL, NULL);
}
