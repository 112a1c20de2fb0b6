/* Each kind of finding: where its condition holds, and that it is silent just below. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buffer.h"
#include "model/finding.h"
#include "tests/unit/waiting_tasks.h"

enum { OBJECT = 0x7f0000300000 };

/* The findings as "kind: message", a line each; likely ones are marked. */
static void check(const char *expected)
{
	struct buffer text = { 0 };

	build_done(&b);
	findings_find(b.snapshot);
	for (size_t i = 0; i < b.snapshot->findings.count; i++) {
		const struct finding *finding = &b.snapshot->findings.items[i];
		buffer_printf(&text, "%s%s%s: %s", i ? "\n" : "", finding_kind_name(finding->kind),
				finding->likely ? "?" : "", finding->message);
	}
	assert_string_equal(buffer_text(&text), expected);
	buffer_deinit(&text);
}

static const struct finding *the_finding(void)
{
	assert_int_equal(b.snapshot->findings.count, 1);
	return &b.snapshot->findings.items[0];
}

static void nothing_is_found_in_nothing(void **state)
{
	(void)state;
	check("");
}

/* ---- cycle ---- */

static void tasks_in_a_circle(void **state)
{
	struct task *left = add("left", f), *right = add("right", g);

	(void)state;
	build_await(&b, left, right);
	build_await(&b, right, left);
	check("cycle: 2 tasks wait for each other: left in f a.py:1 → right in g a.py:2 → left");
	assert_int_equal(the_finding()->count, 2);
	assert_ptr_equal(the_finding()->tasks.items[0], left);
	assert_ptr_equal(the_finding()->tasks.items[1], right);
}

static void a_chain_is_no_circle(void **state)
{
	struct task *left = add("left", f), *right = add("right", g);

	(void)state;
	build_await(&b, left, right);
	check("");
}

static void locks_in_a_circle(void **state)
{
	struct task *left = add_locked("left", f, OBJECT, (struct task_list){ 0 });
	struct task *right = add_locked("right", g, OBJECT + 1, build_list(&b, left, NULL));

	(void)state;
	wait_of(left)->lock.holders = build_list(&b, right, NULL);
	check("cycle: 2 tasks wait for each other: left in f a.py:1 → lock held by right in "
	      "g a.py:2 → lock held by left");
}

static void awaits_and_locks_in_a_circle(void **state)
{
	struct task *parent = add("parent", f);
	struct task *child = add_locked("child", g, OBJECT, build_list(&b, parent, NULL));

	(void)state;
	build_await(&b, parent, child);
	check("cycle: 2 tasks wait for each other: parent in f a.py:1 → child in g a.py:2 → "
	      "lock held by parent");
}

static void a_lock_that_is_held_by_who_waits(void **state)
{
	struct task *task = add_locked("t", f, OBJECT, (struct task_list){ 0 });

	(void)state;
	wait_of(task)->lock.holders = build_list(&b, task, NULL);
	check("cycle: 1 task waits for itself: t in f a.py:1 → lock held by t");
}

static void a_semaphore_of_several_is_in_no_circle(void **state)
{
	struct task *task = add_waiting("t", f, WAIT_SEMAPHORE, OBJECT);

	(void)state;
	wait_of(task)->lock.holders = build_list(&b, task, NULL);
	check("");
	wait_of(task)->lock.bound = 2;
	check("");
	wait_of(task)->lock.bound = 1;
	check(""); /* it is not known whether it is full */
	wait_of(task)->lock.value = 0;
	check("cycle: 1 task waits for itself: t in f a.py:1 → semaphore held by t");
}

static void a_semaphore_that_all_want_twice(void **state)
{
	struct task *left = add_waiting("left", f, WAIT_SEMAPHORE, OBJECT);
	struct task *right = add_waiting("right", g, WAIT_SEMAPHORE, OBJECT);
	const char *found = "cycle: 2 tasks wait for each other: left in f a.py:1 → semaphore "
			    "held by right in g a.py:2 → semaphore held by left";

	(void)state;
	wait_of(left)->lock.holders = wait_of(right)->lock.holders =
			build_list(&b, left, right, NULL);
	wait_of(left)->lock.bound = wait_of(right)->lock.bound = 2;
	wait_of(left)->lock.value = wait_of(right)->lock.value = 0;
	check(found);
	wait_of(right)->timeout_s = 5;
	check("");
	wait_of(right)->timeout_s = NAN;
	wait_of(left)->lock.bound = wait_of(right)->lock.bound = 3;
	check("");
	wait_of(left)->lock.bound = wait_of(right)->lock.bound = 2;
	wait_of(right)->object = OBJECT + 1;
	check("");
}

static void a_semaphore_of_an_unknown_number(void **state)
{
	struct task *parent = add_waiting("parent", f, WAIT_GATHER, OBJECT + 1);
	struct task *child = add_waiting("child", g, WAIT_SEMAPHORE, OBJECT);

	(void)state;
	build_await(&b, parent, child);
	wait_of(child)->lock.holders = build_list(&b, parent, NULL);
	check("");
	wait_of(child)->lock.value = 0;
	check("cycle?: 2 tasks likely wait for each other: parent in f a.py:1 → child in g "
	      "a.py:2 → semaphore held by parent");
	wait_of(parent)->timeout_s = 5;
	check("");
	wait_of(parent)->timeout_s = NAN;
	wait_of(parent)->kind = WAIT_WAIT;
	check("");
	wait_of(parent)->kind = WAIT_TASKGROUP;
	wait_of(child)->lock.holders = build_list(&b, parent, add("other", h), NULL);
	check("");
}

static void long_circles_are_told_in_part(void **state)
{
	struct task *tasks[9];

	(void)state;
	for (int i = 0; i < 9; i++) {
		tasks[i] = add((char[]){ (char)('a' + i), '\0' }, f);
		if (i)
			build_await(&b, tasks[i - 1], tasks[i]);
	}
	build_await(&b, tasks[8], tasks[0]);
	check("cycle: 9 tasks wait for each other: a in f a.py:1 → b in f a.py:1 → "
	      "c in f a.py:1 → 6 more → a");
}

static void like_findings_are_one(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++) {
		struct task *task = add("t", f);
		build_await(&b, task, task);
	}
	check("cycle: 1 task waits for itself: t in f a.py:1 → t · 4 more like it");
	assert_int_equal(the_finding()->count, 5);
	assert_int_equal(the_finding()->tasks.count, 5);
}

/* ---- contention ---- */

/* Tasks that wait for what `holder` holds. */
static void add_waiters(int count, enum wait_kind kind, struct task_list holders)
{
	for (int i = 0; i < count; i++)
		wait_of(add_waiting("w", g, kind, OBJECT))->lock.holders = holders;
}

static void ten_that_wait_for_who_waits(void **state)
{
	struct task *holder = add_waiting("holder", f, WAIT_STREAM, 0);

	(void)state;
	wait_of(holder)->io.op = "read";
	wait_of(holder)->io.peer = "10.0.0.5:5432";
	add_waiters(10, WAIT_LOCK, build_list(&b, holder, NULL));
	check("contention: 10 wait for a lock · held by holder in f a.py:1 reading "
	      "10.0.0.5:5432");
	assert_int_equal(the_finding()->count, 10);
	assert_int_equal(the_finding()->tasks.count, 11);
	assert_ptr_equal(the_finding()->tasks.items[0], holder);
}

static void nine_are_no_crowd(void **state)
{
	struct task *holder = add_waiting("holder", f, WAIT_FUTURE, 0);

	(void)state;
	add_waiters(9, WAIT_LOCK, build_list(&b, holder, NULL));
	check("");
}

static void who_holds_must_be_known(void **state)
{
	(void)state;
	add_waiters(10, WAIT_SEMAPHORE, (struct task_list){ 0 });
	check("");
}

static void holders_that_move(void **state)
{
	struct task *still = add_waiting("still", f, WAIT_FUTURE, 0);
	struct task *other = add_waiting("other", f, WAIT_SLEEP, 0);
	struct wait *wait = wait_of(other);

	(void)state;
	add_waiters(10, WAIT_SEMAPHORE, build_list(&b, still, other, NULL));
	check("");
	wait->kind = WAIT_FUTURE;
	wait->timeout_s = 4;
	check("");
	wait->timeout_s = NAN;
	other->state = TASK_READY;
	other->waiting_on = NULL;
	check("");
	other->state = TASK_WAITING;
	other->waiting_on = wait;
	wait->kind = WAIT_UNKNOWN;
	check("");
	wait->kind = WAIT_FUTURE;
	other->moved = true;
	check("");
	other->moved = false;
	check("contention: 10 wait for a semaphore · 2 holders found, all in f a.py:1 "
	      "waiting for a future");
}

static void what_holders_wait_for_may_move(void **state)
{
	struct task *holder = add_waiting("holder", f, WAIT_TASK, 0);
	struct task *child = add_waiting("child", h, WAIT_SLEEP, 0);

	(void)state;
	build_await(&b, holder, child);
	add_waiters(10, WAIT_LOCK, build_list(&b, holder, NULL));
	check("");
	wait_of(child)->kind = WAIT_EVENT;
	check("contention: 10 wait for a lock · held by holder in f a.py:1 waiting for a task"
	      " · it comes down to child in h b.py:3 waiting for an event");
}

static void a_lock_behind_a_lock_may_move(void **state)
{
	struct task *last = add_waiting("last", h, WAIT_SLEEP, 0);
	struct task *holder = add_locked("holder", f, OBJECT + 1, build_list(&b, last, NULL));

	(void)state;
	add_waiters(10, WAIT_LOCK, build_list(&b, holder, NULL));
	check("");
	wait_of(last)->kind = WAIT_FUTURE;
	check("contention: 10 wait for a lock · held by holder in f a.py:1 waiting for a lock"
	      " · it comes down to last in h b.py:3 waiting for a future");
}

static void holders_stand_where_most_do(void **state)
{
	struct task *a = add_waiting("a", h, WAIT_PROCESS, 0);
	struct task *c = add_waiting("c", f, WAIT_PROCESS, 0);
	struct task *d = add_waiting("d", f, WAIT_PROCESS, 0);

	(void)state;
	wait_of(c)->process.pid = 4711;
	wait_of(c)->process.argv = (const char *[]){ "convert", "x", NULL };
	wait_of(d)->process.argv = wait_of(c)->process.argv;
	add_waiters(10, WAIT_CONDITION, build_list(&b, a, c, d, NULL));
	check("contention: 10 wait for a condition · 3 holders found, 2 in f a.py:1 "
	      "waiting for process convert x");
}

/* ---- queue ---- */

static struct wait *add_to_queue(enum wait_kind kind)
{
	struct wait *wait = wait_of(add_waiting("q", f, kind, OBJECT));

	wait->queue.size = wait->queue.maxsize = kind == WAIT_QUEUE_PUT ? 5 : 0;
	wait->queue.getters = kind == WAIT_QUEUE_GET;
	wait->queue.putters = kind == WAIT_QUEUE_PUT;
	wait->queue.deserted = true;
	return wait;
}

static void nobody_gets(void **state)
{
	struct wait *wait = add_to_queue(WAIT_QUEUE_PUT);

	(void)state;
	check("queue?: 1 task waits to put into a full queue (5) that likely nobody gets from · "
	      "q in f a.py:1 putting into a queue");
	wait->queue.size = 4;
	check("");
	wait->queue.size = 5;
	wait->queue.getters = 1;
	check("");
	wait->queue.getters = 0;
	b.tasks.items[0]->moved = true;
	check("");
	b.tasks.items[0]->moved = false;
	wait->queue.deserted = false;
	check("");
}

static void nobody_puts(void **state)
{
	struct wait *wait = add_to_queue(WAIT_QUEUE_GET);

	(void)state;
	check("queue?: 1 task waits to get from an empty queue that likely nobody puts into · "
	      "q in f a.py:1 getting from a queue");
	wait->queue.size = 1;
	check("");
	wait->queue.size = 0;
	wait->queue.putters = 1;
	check("");
	wait->queue.putters = 0;
	wait->queue.deserted = false;
	check("");
}

/* ---- holdup ---- */

static struct task *add_group(int64_t pending, int64_t total, enum wait_kind of_last)
{
	struct task *group = add_waiting("group", f, WAIT_GATHER, 0);
	struct task *last = add_waiting("last", h, of_last, 0);

	wait_of(group)->group.pending = pending;
	wait_of(group)->group.total = total;
	wait_of(group)->tasks = build_list(&b, last, NULL);
	build_await(&b, group, last);
	return group;
}

static void the_last_of_ten(void **state)
{
	(void)state;
	add_group(1, 10, WAIT_FUTURE);
	check("holdup: group waits for the last one of 10: last in h b.py:3 waiting for a "
	      "future");
	assert_int_equal(the_finding()->count, 1);
	assert_int_equal(the_finding()->tasks.count, 2);
}

static void the_last_of_few_or_unknown(void **state)
{
	(void)state;
	add_group(1, 9, WAIT_FUTURE);
	add_group(1, -1, WAIT_FUTURE);
	check("");
}

static void the_last_of_at_least_ten(void **state)
{
	struct task *group = add_group(1, -1, WAIT_FUTURE);

	(void)state;
	wait_of(group)->group.least = 9;
	check("");
	wait_of(group)->group.least = 1000;
	check("holdup: group waits for the last one of at least 1,000: last in h b.py:3 waiting "
	      "for a future");
	wait_of(group)->group.total = 9;
	check("");
}

static void more_than_a_tenth(void **state)
{
	struct task *group = add_group(2, 19, WAIT_FUTURE);
	struct task *other = add_waiting("other", h, WAIT_FUTURE, 0);

	(void)state;
	build_await(&b, group, other);
	wait_of(group)->tasks = build_list(&b, wait_of(group)->tasks.items[0], other, NULL);
	check("");
	wait_of(group)->group.total = 20;
	check("holdup: group waits for the last 2 of 20: all in h b.py:3 waiting for a "
	      "future");
}

static void a_last_one_that_moves(void **state)
{
	(void)state;
	add_group(1, 10, WAIT_SLEEP);
	check("");
}

/* ---- loops ---- */

static void a_blocked_loop(void **state)
{
	struct task *task = add("Task-9", f);
	struct thread *thread = build_thread(&b, "MainThread", 100, loop);

	(void)state;
	task->state = TASK_RUNNING;
	thread->current_task = task;
	loop->blocked_s = 2.31;
	loop->blocked_confirmed = true;
	loop->ready = 3;
	loop->timers = 1;
	loop->next_timer_s = -2.2;
	check("blocked: loop blocked ≥ 2.3 s: Task-9 in f a.py:1 · 3 ready, "
	      "1 timer 2.2 s overdue");
	assert_ptr_equal(the_finding()->tasks.items[0], task);
	loop->timers = 7;
	loop->ready = 0;
	check("blocked: loop blocked ≥ 2.3 s: Task-9 in f a.py:1 · 7 timers, the next 2.2 s "
	      "overdue");
	loop->blocked_s = 0.1;
	loop->timers = -1;
	check("blocked: loop blocked ≥ 0.1 s: Task-9 in f a.py:1");
	loop->blocked_s = 0.0999;
	check("");
	loop->blocked_s = NAN;
	check("");
}

static void a_loop_that_a_callback_blocks(void **state)
{
	struct thread *thread = build_thread(&b, "MainThread", 100, loop);
	const struct frame *main = build_frame(&b, "main", "/srv/main.py", 9);
	const struct frame *once = build_frame_of(&b, "BaseEventLoop._run_once",
			"/usr/lib/python3.14/asyncio/base_events.py", 2000, ORIGIN_STDLIB);
	const struct frame *run = build_frame_of(&b, "Handle._run",
			"/usr/lib/python3.14/asyncio/events.py", 90, ORIGIN_STDLIB);

	(void)state;
	loop->blocked_s = 1;
	loop->blocked_confirmed = true;
	thread->stack = build_stack(&b, 4, main, once, run,
			build_frame(&b, "P.data_received", "/srv/proto.py", 7));
	check("blocked: loop blocked ≥ 1.0 s: a callback in P.data_received proto.py:7");
	thread->stack = build_stack(&b, 3, main, once, run);
	check("blocked: loop blocked ≥ 1.0 s: a callback in Handle._run events.py:90");
}

static void a_loop_that_a_signal_handler_blocks(void **state)
{
	struct thread *thread = build_thread(&b, "MainThread", 100, loop);

	(void)state;
	loop->blocked_s = 0.1;
	loop->blocked_confirmed = loop->interrupted = true;
	thread->stack = build_stack(&b, 3,
			build_frame_of(&b, "BaseEventLoop._run_once",
					"/usr/lib/python3.14/asyncio/base_events.py", 2000,
					ORIGIN_STDLIB),
			build_frame_of(&b, "EpollSelector.select",
					"/usr/lib/python3.14/selectors.py", 452, ORIGIN_STDLIB),
			build_frame(&b, "on_signal", "/srv/main.py", 9));
	check("blocked: loop blocked ≥ 0.1 s: a signal handler in on_signal main.py:9");
	loop->blocked_s = 0;
	loop->blocked_confirmed = false;
	check("");
}

static void an_iteration_that_was_not_seen_twice(void **state)
{
	(void)state;
	loop->blocked_s = 0.5;
	loop->callbacks = 12;
	check("blocked?: loop likely blocked ≥ 0.5 s: an iteration of 12 callbacks");
}

static struct executor *add_executor(uint64_t id, size_t count, const struct stack *stack)
{
	struct snapshot *snapshot = b.snapshot;
	struct executor *executors = arena_alloc(&snapshot->arena, 2, sizeof(*executors));
	struct work *work = arena_alloc(&snapshot->arena, count, sizeof(*work));

	if (!snapshot->executors.items)
		snapshot->executors.items = executors;
	for (size_t i = 0; i < count; i++)
		work[i] = (struct work){ .stack = stack };
	struct executor *executor = &snapshot->executors.items[snapshot->executors.count++];
	executor->id = id;
	executor->workers = executor->busy = (int64_t)count;
	executor->queued = 1;
	executor->work.items = work;
	executor->work.count = count;
	build_thread(&b, "worker", 0, NULL)->stack = stack;
	return executor;
}

/* Of places where as many are the first is said, not one by where it lies in memory. */
static void an_executor_whose_workers_do_different_things(void **state)
{
	struct executor *executor = add_executor(OBJECT, 2, h);

	(void)state;
	build_thread(&b, "worker", 0, NULL)->stack = f;
	executor->work.items[1].stack = f;
	check("executor: executor full: 2 workers busy, 1 job queued · 1 in h b.py:3");
	executor->work.items[0].stack = f;
	executor->work.items[1].stack = h;
	check("executor: executor full: 2 workers busy, 1 job queued · 1 in f a.py:1");
}

static void a_full_executor(void **state)
{
	struct executor *executor = add_executor(OBJECT, 2, h);

	(void)state;
	check("executor: executor full: 2 workers busy, 1 job queued · 2 in h b.py:3");
	assert_int_equal(the_finding()->count, 0);
	/* A function in C has no frame, and one in another process is not seen. */
	for (int i = 0; i < 2; i++)
		executor->work.items[i] = (struct work){ .function = "sleep" };
	check("executor: executor full: 2 workers busy, 1 job queued · 2 run sleep");
	for (int i = 0; i < 2; i++)
		executor->work.items[i].stack = h;
	check("executor: executor full: 2 workers busy, 1 job queued · 2 in h b.py:3");
	executor->work.count = 0;
	check("executor: executor full: 2 workers busy, 1 job queued");
	executor->queued = 0;
	check("");
	executor->queued = 1;
	executor->workers = 3;
	check("");
	executor->workers = -1;
	check("");
}

/* Those of findings that may pass, and whom they wait for, each once. */
static void who_is_looked_at_again(void **state)
{
	struct task *holder = add_waiting("holder", f, WAIT_TASK, 0);
	struct task *child = add_waiting("child", h, WAIT_EVENT, 0);
	struct task *last = add_waiting("last", h, WAIT_FUTURE, 0);

	(void)state;
	add_waiting("another", f, WAIT_FUTURE, 0)->orphan = true;
	build_await(&b, holder, child);
	wait_of(child)->kind = WAIT_LOCK;
	wait_of(child)->lock.holders = build_list(&b, last, NULL);
	build_done(&b);
	findings_find(b.snapshot);
	assert_int_equal(findings_suspects(b.snapshot).count, 0);
	add_waiters(10, WAIT_LOCK, build_list(&b, holder, NULL));
	build_done(&b);
	findings_find(b.snapshot);
	struct task_list suspects = findings_suspects(b.snapshot);
	assert_int_equal(suspects.count, 13);
	assert_ptr_equal(suspects.items[0], holder);
	assert_ptr_equal(suspects.items[11], child);
	assert_ptr_equal(suspects.items[12], last);
}

static void a_burst_of_jobs(void **state)
{
	struct task *first, *last;

	(void)state;
	add_executor(OBJECT, 1, f);
	first = add_waiting("first", f, WAIT_EXECUTOR, 0);
	last = add_waiting("last", f, WAIT_EXECUTOR, 0);
	wait_of(first)->executor.pool = wait_of(last)->executor.pool = OBJECT;
	first->moved = true;
	check("executor: executor full: 1 worker busy, 1 job queued · 1 in f a.py:1");
	last->moved = true;
	check("");
}

static void who_waits_for_full_executors(void **state)
{
	(void)state;
	add_executor(OBJECT, 2, h);
	add_executor(OBJECT + 0x100, 1, f);
	for (int i = 0; i < 5; i++)
		wait_of(add_waiting("t", f, WAIT_EXECUTOR, 0))->executor.pool =
				OBJECT + (i % 2) * 0x100;
	check("executor: executor full: 2 workers busy, 1 job queued · 2 in h b.py:3\n"
	      "executor: executor full: 1 worker busy, 1 job queued · 1 in f a.py:1");
	for (size_t i = 0; i < 2; i++) {
		const struct finding *finding = &b.snapshot->findings.items[i];
		assert_int_equal(finding->count, 3 - i);
		assert_int_equal(finding->tasks.count, 3 - i);
		assert_ptr_equal(finding->tasks.items[0], b.tasks.items[i]);
	}
}

/* ---- single tasks ---- */

static void cancelled_ones_that_wait(void **state)
{
	struct task *task = add_waiting("t", f, WAIT_SLEEP, 0);

	(void)state;
	task->cancel_requests = 1;
	check("");
	task->cancelled_yet_waiting = true;
	check("cancelled: goes on waiting although it was cancelled: t in f a.py:1 asleep");
	add_waiting("u", f, WAIT_SLEEP, 0)->cancelled_yet_waiting = true;
	check("cancelled: 2 tasks go on waiting although they were cancelled: all in f "
	      "a.py:1 asleep");
	task->state = TASK_READY;
	check("cancelled: goes on waiting although it was cancelled: u in f a.py:1 asleep");
	task->state = TASK_WAITING;
	task->handles_cancel = true;
	b.tasks.items[1]->cancelled_yet_waiting = false;
	check("cancelled: was cancelled, and waits in its clean-up: t in f a.py:1 asleep");
	task->moved = true;
	check("");
	/* One that obeys soon is none, and one that goes on with its work is. */
	task->handles_cancel = false;
	check("cancelled: goes on waiting although it was cancelled: t in f a.py:1 asleep");
	task->gone = true;
	check("");
}

static void orphans(void **state)
{
	struct task *task = add_waiting("t", f, WAIT_FUTURE, 0);

	(void)state;
	check("");
	task->orphan = true;
	check("orphan: nothing can wake this task, nothing keeps it: t in f a.py:1 waiting "
	      "for a future");
}

static void exceptions(void **state)
{
	struct task *ended = arena_alloc(&b.snapshot->arena, 1, sizeof(*ended));

	(void)state;
	*ended = (struct task){ .id = 0x99,
		.name = "gone",
		.state = TASK_ENDED,
		.stack = h,
		.exception = "ValueError: no such row" };
	check("");
	b.snapshot->unfetched = build_list(&b, ended, NULL);
	check("exception: gone has ended with an exception that nobody fetched: "
	      "ValueError: no such row in h b.py:3");
}

/* ---- order ---- */

/* Not by where their stacks lie in memory. */
static void findings_of_a_kind_are_in_the_order_of_their_tasks(void **state)
{
	enum { COUNT = 10 };
	struct task_list *list = &b.snapshot->unfetched;
	struct buffer expected = { 0 };

	(void)state;
	list->items = arena_alloc(&b.snapshot->arena, COUNT, sizeof(*list->items));
	for (int line = 1; line <= COUNT; line++) {
		struct task *ended = arena_alloc(&b.snapshot->arena, 1, sizeof(*ended));
		*ended = (struct task){ .name = "t",
			.state = TASK_ENDED,
			.exception = "Error",
			.stack = build_at(&b, "f", "/srv/a.py", line) };
		list->items[list->count++] = ended;
		buffer_printf(&expected,
				"%sexception: t has ended with an exception that nobody "
				"fetched: Error in f a.py:%d",
				line > 1 ? "\n" : "", line);
	}
	check(buffer_text(&expected));
	buffer_deinit(&expected);
}

static void findings_are_ranked(void **state)
{
	struct task *still = add_waiting("still", h, WAIT_FUTURE, 0);
	struct task *self = add("self", g);

	(void)state;
	add_group(1, 10, WAIT_FUTURE);
	add_to_queue(WAIT_QUEUE_PUT);
	wait_of(b.tasks.items[b.tasks.count - 1])->object = OBJECT + 8;
	add_waiters(10, WAIT_LOCK, build_list(&b, still, NULL));
	build_await(&b, self, self);
	check("cycle: 1 task waits for itself: self in g a.py:2 → self\n"
	      "contention: 10 wait for a lock · held by still in h b.py:3 waiting for a "
	      "future\n"
	      "holdup: group waits for the last one of 10: last in h b.py:3 waiting for a "
	      "future\n"
	      "queue?: 1 task waits to put into a full queue (5) that likely nobody gets from · "
	      "q in f a.py:1 putting into a queue");
}

static void many_tasks_take_no_more_than_linear_time(void **state)
{
	struct task_list holders = { 0 };

	(void)state;
	holders.items = arena_alloc(&b.snapshot->arena, 50000, sizeof(*holders.items));
	for (int i = 0; i < 50000; i++)
		holders.items[holders.count++] = add_waiting("h", f, WAIT_FUTURE, 0);
	add_waiters(50000, WAIT_SEMAPHORE, holders);
	check("contention: 50,000 wait for a semaphore · 50,000 holders found, all in f a.py:1"
	      " waiting for a future");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(nothing_is_found_in_nothing),
		TEST(tasks_in_a_circle),
		TEST(a_chain_is_no_circle),
		TEST(locks_in_a_circle),
		TEST(awaits_and_locks_in_a_circle),
		TEST(a_lock_that_is_held_by_who_waits),
		TEST(a_semaphore_of_several_is_in_no_circle),
		TEST(a_semaphore_that_all_want_twice),
		TEST(a_semaphore_of_an_unknown_number),
		TEST(long_circles_are_told_in_part),
		TEST(like_findings_are_one),
		TEST(ten_that_wait_for_who_waits),
		TEST(nine_are_no_crowd),
		TEST(who_holds_must_be_known),
		TEST(holders_that_move),
		TEST(what_holders_wait_for_may_move),
		TEST(a_lock_behind_a_lock_may_move),
		TEST(holders_stand_where_most_do),
		TEST(nobody_gets),
		TEST(nobody_puts),
		TEST(the_last_of_ten),
		TEST(the_last_of_few_or_unknown),
		TEST(the_last_of_at_least_ten),
		TEST(more_than_a_tenth),
		TEST(a_last_one_that_moves),
		TEST(a_blocked_loop),
		TEST(a_loop_that_a_callback_blocks),
		TEST(a_loop_that_a_signal_handler_blocks),
		TEST(an_iteration_that_was_not_seen_twice),
		TEST(a_full_executor),
		TEST(an_executor_whose_workers_do_different_things),
		TEST(who_is_looked_at_again),
		TEST(who_waits_for_full_executors),
		TEST(a_burst_of_jobs),
		TEST(cancelled_ones_that_wait),
		TEST(orphans),
		TEST(exceptions),
		TEST(findings_of_a_kind_are_in_the_order_of_their_tasks),
		TEST(findings_are_ranked),
		TEST(many_tasks_take_no_more_than_linear_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
