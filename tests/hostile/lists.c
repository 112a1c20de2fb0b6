/* Lists and chains that run in circles, lead nowhere, or contradict themselves. */
#include "tests/hostile/evils.h"

enum { FEW = 20 };

static void few_tasks(struct world *w, address tasks[FEW])
{
	for (int i = 0; i < FEW; i++)
		tasks[i] = task(w, "listed");
	link_tasks(w, w->task_list, FEW, tasks);
}

static address node(struct world *w, address task)
{
	return task + w->layout.task.node;
}

static void next_is(struct world *w, address from, address to)
{
	put(from + w->layout.llist.next, to);
}

static void previous_is(struct world *w, address from, address to)
{
	put(from + w->layout.llist.prev, to);
}

static void list_of_itself(struct world *w)
{
	address tasks[FEW];

	few_tasks(w, tasks);
	next_is(w, node(w, tasks[FEW / 2]), node(w, tasks[FEW / 2]));
	previous_is(w, node(w, tasks[FEW / 2]), node(w, tasks[FEW / 2]));
}

static void list_that_leaves_its_head(struct world *w)
{
	address tasks[FEW];

	few_tasks(w, tasks);
	next_is(w, node(w, tasks[FEW - 1]), node(w, tasks[FEW / 2]));
	previous_is(w, node(w, tasks[FEW / 2]), node(w, tasks[FEW - 1]));
}

/* A ring of its own, which the head leads into and nothing leads out of. */
static void list_with_another_ring(struct world *w)
{
	address tasks[FEW];

	few_tasks(w, tasks);
	next_is(w, node(w, tasks[FEW - 1]), node(w, tasks[0]));
	previous_is(w, node(w, tasks[0]), node(w, tasks[FEW - 1]));
}

static void list_to_nowhere(struct world *w)
{
	address tasks[FEW];

	few_tasks(w, tasks);
	next_is(w, node(w, tasks[FEW / 2]), nowhere());
	previous_is(w, node(w, tasks[FEW / 2 + 4]), UINT64_MAX - 7);
}

static void list_to_odd_places(struct world *w)
{
	address tasks[FEW];

	few_tasks(w, tasks);
	next_is(w, node(w, tasks[3]), node(w, tasks[4]) + 1);
	previous_is(w, node(w, tasks[9]), UINT64_C(0xffff888000000000));
	next_is(w, w->other_thread + w->layout.asyncio_thread.tasks_head, 1);
}

/* Two threads, and the interpreter, have the same list. */
static void list_of_others(struct world *w)
{
	const struct layout *l = &w->layout;
	address tasks[FEW];
	address heads[] = { w->other_thread + l->asyncio_thread.tasks_head,
		w->interpreter + l->asyncio_interpreter.tasks_head };

	few_tasks(w, tasks);
	for (int i = 0; i < 2; i++) {
		next_is(w, heads[i], node(w, tasks[0]));
		previous_is(w, heads[i], node(w, tasks[FEW - 1]));
	}
}

static void threads_in_a_ring(struct world *w)
{
	put(w->other_thread + w->layout.thread.next, w->thread);
}

static void thread_after_itself(struct world *w)
{
	put(w->other_thread + w->layout.thread.next, w->other_thread);
}

static void threads_in_a_late_ring(struct world *w)
{
	address last = w->other_thread, first = 0;

	for (int i = 0; i < 1000; i++) {
		address one = thread(w, 1 + (uint64_t)i);
		if (i == 300)
			first = one;
		put(last + w->layout.thread.next, one);
		last = one;
	}
	put(last + w->layout.thread.next, first);
}

static void interpreters_in_a_ring(struct world *w)
{
	put(w->interpreter + w->layout.interpreter.next, w->interpreter);
}

static void coroutine_that_awaits_itself(struct world *w)
{
	address one = task(w, "awaits itself");
	address its = *word_at(one + w->layout.task.coro);

	coroutine_await(w, its, its);
	link_tasks(w, w->task_list, 1, &one);
}

static void coroutines_that_await_each_other(struct world *w)
{
	address tasks[3];
	address a = coroutine(w, 0), b = coroutine(w, a), c = coroutine(w, b);
	address wrapper = object(w, T_ASEND, w->layout.object.size + 16);

	coroutine_await(w, a, wrapper);
	put(wrapper + w->layout.object.size, c);
	for (int i = 0; i < 3; i++)
		tasks[i] = task(w, "each other");
	put(tasks[0] + w->layout.task.coro, a);
	put(tasks[1] + w->layout.task.coro, b);
	put(tasks[2] + w->layout.task.coro, wrapper);
	link_tasks(w, w->task_list, 3, tasks);
}

static void wrapper_of_itself(struct world *w)
{
	address one = task(w, "wrapper"), wrapper = object(w, T_ASEND, 64);

	put(wrapper + w->layout.object.size, wrapper);
	put(one + w->layout.task.coro, wrapper);
	link_tasks(w, w->task_list, 1, &one);
}

static void frames_in_a_ring(struct world *w)
{
	address a = frame(w, w->code, 0), b = frame(w, w->code, a), c = frame(w, w->code, b);

	put(a + w->layout.frame.previous, b);
	put(w->thread + w->layout.thread.current_frame, c);
}

static void frame_before_itself(struct world *w)
{
	address a = frame(w, w->code, 0);

	put(a + w->layout.frame.previous, a);
	put(w->thread + w->layout.thread.current_frame, a);
}

/* Every thread runs the same frames, which are the coroutine of a task. */
static void frames_of_several(struct world *w)
{
	address one = task(w, "runs twice"), its = *word_at(one + w->layout.task.coro);
	address inner = frame(w, w->code, its + w->layout.generator.iframe);

	put8(its + w->layout.generator.frame_state, (uint8_t)w->layout.states.executing);
	put(w->thread + w->layout.thread.current_frame, inner);
	put(w->other_thread + w->layout.thread.current_frame, inner);
	link_tasks(w, w->task_list, 1, &one);
}

static void awaited_by_itself(struct world *w)
{
	address tasks[3];

	for (int i = 0; i < 3; i++)
		tasks[i] = task(w, "circle");
	for (int i = 0; i < 3; i++)
		put(tasks[i] + w->layout.task.awaited_by, tasks[(i + 1) % 2]);
	put(tasks[2] + w->layout.task.fut_waiter, tasks[2]);
	link_tasks(w, w->task_list, 3, tasks);
}

/* The set that keeps who waits for a task holds itself. */
static void awaited_by_a_set_of_itself(struct world *w)
{
	address one = task(w, "set");
	const address items[] = { one, w->healthy_task };
	address waiters = set_of(w, 2, items);

	set_put(w, waiters, 5, waiters);
	put(one + w->layout.task.awaited_by, waiters);
	put8(one + w->layout.task.awaited_by_is_set, 1);
	link_tasks(w, w->task_list, 1, &one);
}

static void futures_in_a_ring(struct world *w)
{
	address one = task(w, "futures"), a = future(w), b = future(w);

	put(one + w->layout.task.awaited_by, a);
	put(a + w->layout.task.awaited_by, b);
	put(b + w->layout.task.awaited_by, a);
	link_tasks(w, w->task_list, 1, &one);
}

const struct evil evil_lists[] = {
	{ "list-of-itself", list_of_itself },
	{ "list-that-leaves-its-head", list_that_leaves_its_head },
	{ "list-with-another-ring", list_with_another_ring },
	{ "list-to-nowhere", list_to_nowhere },
	{ "list-to-odd-places", list_to_odd_places },
	{ "list-of-others", list_of_others },
	{ "threads-in-a-ring", threads_in_a_ring },
	{ "thread-after-itself", thread_after_itself },
	{ "threads-in-a-late-ring", threads_in_a_late_ring },
	{ "interpreters-in-a-ring", interpreters_in_a_ring },
	{ "coroutine-that-awaits-itself", coroutine_that_awaits_itself },
	{ "coroutines-that-await-each-other", coroutines_that_await_each_other },
	{ "wrapper-of-itself", wrapper_of_itself },
	{ "frames-in-a-ring", frames_in_a_ring },
	{ "frame-before-itself", frame_before_itself },
	{ "frames-of-several", frames_of_several },
	{ "awaited-by-itself", awaited_by_itself },
	{ "awaited-by-a-set-of-itself", awaited_by_a_set_of_itself },
	{ "futures-in-a-ring", futures_in_a_ring },
	{ 0 },
};
