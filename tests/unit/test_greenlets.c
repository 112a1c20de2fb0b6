/* Frames below a greenlet: found by the task that runs, or said not to be. */
#include <string.h>

#include "cpython/greenlets.h"
#include "tests/unit/fabricate.h"

enum { ENTRY_OWNER = 3, FIRST_SLOT = 3, SLOTS = 4, SLOT_BYTES = 8 };

/* A thread in a greenlet, which "spawn" runs, which the coroutine of the task awaits. */
struct scene {
	struct world *w;
	struct thread_view thread;
	remote_addr module, entry, coroutine, spawn;
};

static remote_addr frame_of(struct world *w, remote_addr generator)
{
	return generator + w->layout.generator.iframe;
}

static remote_addr plain(struct world *w, const char *function, remote_addr previous)
{
	struct frame_spec spec = {
		.code = make_plain_code(w, function), .unit = 2, .previous = previous
	};
	return make_frame(w, &spec);
}

static remote_addr executing(struct world *w, const char *function, remote_addr previous)
{
	struct frame_spec spec = {
		.code = make_plain_code(w, function), .unit = 2, .previous = previous
	};
	return make_generator(w, T_COROUTINE, EXECUTING, &spec);
}

/* Puts an object on the evaluation stack of a coroutine, at any depth. */
static void push(struct world *w, remote_addr generator, int depth, remote_addr object)
{
	memory_put_u64(&w->memory,
			frame_of(w, generator) + w->layout.frame.localsplus +
					(uint64_t)(FIRST_SLOT + depth) * SLOT_BYTES,
			object);
}

static void setup(struct world *w, struct scene *s)
{
	struct frame_spec entry = { .code = w->none, .owner = ENTRY_OWNER };

	*s = (struct scene){ .w = w };
	s->module = plain(w, "<module>", 0);
	s->coroutine = executing(w, "handler", plain(w, "_run_once", s->module));
	entry.previous = frame_of(w, s->coroutine);
	s->entry = make_frame(w, &entry);
	s->spawn = executing(w, "spawn", s->entry);
	push(w, s->coroutine, 0, 0x123456788); /* what lay there before */
	push(w, s->coroutine, 1, executing(w, "elsewhere", s->module));
	push(w, s->coroutine, 2, make_passing(w, T_COROUTINE_WRAPPER, s->spawn));
	struct task_spec task = { .coroutine = s->coroutine };
	s->thread.running_task = make_task(w, &task);
	s->thread.current_frame = plain(w, "busy", plain(w, "greenlet", 0));
}

static void check(struct scene *s, bool whole, const char *functions)
{
	char found[256] = "";

	assert_true(frames_of_thread(&s->w->python, s->thread.current_frame, &s->thread.frames));
	assert_int_equal(greenlets_add_frames(&s->w->python, &s->thread), whole);
	for (size_t i = 0; i < s->thread.frames.count; i++) {
		strcat(found, i ? " " : "");
		strcat(found, s->thread.frames.items[i].place->function);
	}
	assert_string_equal(found, functions);
	array_free(&s->thread.frames);
}

static void what_waits_for_a_greenlet_is_below_it(void **state)
{
	struct scene s;

	setup(*state, &s);
	check(&s, true, "busy greenlet spawn handler _run_once <module>");
}

static void what_was_not_called_by_the_frame_is_left_out(void **state)
{
	struct scene s;

	setup(*state, &s);
	memory_put_u64(&s.w->memory, s.entry + s.w->layout.frame.previous, s.module);
	check(&s, true, "busy greenlet handler _run_once <module>");
}

static void a_thread_without_a_greenlet_stays_as_it_is(void **state)
{
	struct world *w = *state;
	struct scene s;

	setup(w, &s);
	/* The coroutine is among its frames. */
	s.thread.current_frame = plain(w, "busy", frame_of(w, s.coroutine));
	check(&s, true, "busy handler _run_once <module>");
	/* The task does not run, is none, or is not known. */
	struct task_spec waiting = { .coroutine = make_awaiting(w, T_COROUTINE,
						     make_plain_code(w, "waits"),
						     make_future(w, 0)) };
	const remote_addr tasks[] = { make_task(w, &waiting), make_str(w, "task"), 0x123450, 0 };
	for (size_t i = 0; i < sizeof(tasks) / sizeof(*tasks); i++) {
		s.thread.running_task = tasks[i];
		s.thread.current_frame = plain(w, "busy", 0);
		check(&s, true, "busy");
	}
}

/* What ran on while it was read, and what makes no sense. */
static void frames_that_are_not_below_a_greenlet_are_not_added(void **state)
{
	struct world *w = *state;
	struct scene s;

	setup(w, &s);
	s.thread.current_frame = plain(w, "busy", s.module);
	check(&s, false, "busy <module>");
	setup(w, &s);
	memory_put_u64(&w->memory, s.module + w->layout.frame.previous, 0x123450);
	check(&s, false, "busy greenlet");
	setup(w, &s);
	memory_put_u64(&w->memory, s.module + w->layout.frame.previous, frame_of(w, s.spawn));
	check(&s, false, "busy greenlet");
}

static void coroutines_in_a_circle_end(void **state)
{
	struct world *w = *state;
	struct scene s;

	setup(w, &s);
	memory_put_u64(&w->memory, frame_of(w, s.coroutine) + w->layout.frame.previous,
			frame_of(w, s.spawn));
	push(w, s.spawn, 0, s.coroutine);
	check(&s, false, "busy greenlet");
	/* Each calls itself. */
	setup(w, &s);
	memory_put_u64(&w->memory, frame_of(w, s.coroutine) + w->layout.frame.previous,
			frame_of(w, s.coroutine));
	for (int i = 0; i < SLOTS; i++)
		push(w, s.coroutine, i, s.coroutine);
	check(&s, false, "busy greenlet");
}

static void work_is_bounded(void **state)
{
	struct scene s;

	for (uint64_t work = 0; work < 4000; work += 50) {
		setup(*state, &s);
		assert_true(frames_of_thread(
				&s.w->python, s.thread.current_frame, &s.thread.frames));
		s.w->python.work_left = work;
		/* All of them, or none. */
		if (!greenlets_add_frames(&s.w->python, &s.thread))
			assert_int_equal(s.thread.frames.count, 2);
		array_free(&s.thread.frames);
		s.w->python.work_left = UINT64_MAX;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_EVERY_BUILD(what_waits_for_a_greenlet_is_below_it),
		IN_EVERY_BUILD(what_was_not_called_by_the_frame_is_left_out),
		IN_EVERY_BUILD(a_thread_without_a_greenlet_stays_as_it_is),
		IN_EVERY_BUILD(frames_that_are_not_below_a_greenlet_are_not_added),
		IN_EVERY_BUILD(coroutines_in_a_circle_end),
		IN_EVERY_BUILD(work_is_bounded),
	};
	return cmocka_run_group_tests_name("greenlets", tests, NULL, NULL);
}
