/* Findings about loops and threads.
 *
 * blocked: callbacks of a loop's iteration have been running for BLOCKED_S at
 * least.  What blocks it is said only where a second look found it in the same
 * callback.
 * executor: all workers of an executor are busy, and jobs are queued. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/table.h"
#include "model/finder.h"
#include "model/location.h"
#include "model/words.h"

static const double BLOCKED_S = 0.1;

/* ---- blocked ---- */

/* The thread that runs each loop, by the place of the loop; NULL where none does. */
static const struct thread **find_threads(const struct snapshot *snapshot)
{
	const struct thread **threads = alloc_zeroed(snapshot->loops.count, sizeof(*threads));

	for (size_t i = snapshot->threads.count; i-- > 0;) {
		const struct thread *thread = &snapshot->threads.items[i];
		if (thread->loop)
			threads[thread->loop - snapshot->loops.items] = thread;
	}
	return threads;
}

static void tell_blocker(struct finder *finder, const struct thread *thread)
{
	struct buffer *text = &finder->text;

	if (!thread)
		return;
	const struct task *task = thread->current_task;
	if (task && task->state == TASK_RUNNING && task_depth(task)) {
		words_name(text, task);
		buffer_puts(text, " in ");
		words_place(text, task->stack, &finder->paths);
	} else {
		struct stack stack = stack_above_loop(thread->stack);
		buffer_puts(text, "a callback in ");
		words_place(text, &stack, &finder->paths);
	}
}

static void tell_next_timer(struct buffer *text, const struct loop *loop)
{
	if (isnan(loop->next_timer_s) || loop->next_timer_s >= 0)
		return;
	buffer_puts(text, loop->timers == 1 ? " " : ", the next ");
	words_seconds(text, -loop->next_timer_s);
	buffer_puts(text, " overdue");
}

/* What cannot go on meanwhile. */
static void tell_delayed(struct finder *finder, const struct loop *loop)
{
	struct buffer *text = &finder->text;

	if (loop->ready > 0) {
		finder_part(finder);
		words_number(text, (uint64_t)loop->ready);
		buffer_puts(text, " ready");
	}
	if (loop->timers > 0) {
		if (loop->ready > 0)
			buffer_puts(text, ", ");
		else
			finder_part(finder);
		words_count(text, (uint64_t)loop->timers, "timer");
		tell_next_timer(text, loop);
	}
}

static void tell_blocked(
		struct finder *finder, const struct loop *loop, const struct thread *thread)
{
	struct buffer *text = &finder->text;

	buffer_puts(text, loop->blocked_confirmed ? "loop blocked " WORDS_AT_LEAST " "
						  : "loop likely blocked " WORDS_AT_LEAST " ");
	words_seconds(text, loop->blocked_s);
	buffer_puts(text, ": ");
	if (loop->blocked_confirmed) {
		tell_blocker(finder, thread);
	} else {
		buffer_puts(text, "an iteration of ");
		if (loop->callbacks >= 0)
			words_count(text, (uint64_t)loop->callbacks, "callback");
		else
			buffer_puts(text, "its callbacks");
	}
	tell_delayed(finder, loop);
}

/* The task that its thread runs. */
static struct task_list blocker_of(
		struct finder *finder, const struct loop *loop, const struct thread *thread)
{
	const struct task *task = thread ? thread->current_task : NULL;

	if (!task || !loop->blocked_confirmed)
		return (struct task_list){ 0 };
	struct task **items = arena_alloc(&finder->snapshot->arena, 1, sizeof(*items));
	*items = finder->snapshot->tasks.items[task->index];
	return (struct task_list){ 1, items };
}

bool finding_is_blocked(const struct loop *loop)
{
	return !isnan(loop->blocked_s) && loop->blocked_s >= BLOCKED_S;
}

void find_blocked(struct finder *finder)
{
	const struct snapshot *snapshot = finder->snapshot;
	const struct thread **threads = find_threads(snapshot);

	for (size_t i = 0; i < snapshot->loops.count; i++) {
		const struct loop *loop = &snapshot->loops.items[i];
		if (!finding_is_blocked(loop))
			continue;
		struct task_list tasks = blocker_of(finder, loop, threads[i]);
		tell_blocked(finder, loop, threads[i]);
		finder_add(finder,
				(struct finding){
						.kind = FINDING_BLOCKED,
						.likely = !loop->blocked_confirmed,
						.count = tasks.count,
						.tasks = tasks,
				},
				loop->id);
	}
	free(threads);
}

/* ---- executor ---- */

/* Those that wait for the jobs of one executor. */
struct pool {
	const struct wait *wait; /* of the first */
	struct task_list tasks;
	int64_t running; /* of the jobs that are waited for */
};

static bool is_running(const struct wait *wait)
{
	return wait->executor.state && strcmp(wait->executor.state, "running") == 0;
}

static int compare_pools(const void *a, const void *b)
{
	const struct task *x = *(const struct task *const *)a;
	const struct task *y = *(const struct task *const *)b;
	uint64_t p = x->waiting_on->executor.pool, q = y->waiting_on->executor.pool;

	if (p != q)
		return p < q ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static bool waits_in_pool(const struct task *task)
{
	return task->waiting_on && task->waiting_on->kind == WAIT_EXECUTOR &&
	       task->waiting_on->executor.pool;
}

/* All tasks that wait for jobs of known executors, those of each together. */
static struct task_list find_jobs(struct finder *finder)
{
	struct task_list jobs = finder_pick(finder, waits_in_pool);

	if (jobs.count)
		qsort(jobs.items, jobs.count, sizeof(*jobs.items), compare_pools);
	return jobs;
}

static bool is_full(const struct pool *pool)
{
	int64_t busy = pool->wait->executor.pool_busy;

	if (busy < 0)
		busy = pool->running;
	return pool->wait->executor.pool_size > 0 && busy >= pool->wait->executor.pool_size &&
	       pool->wait->executor.pool_queue > 0;
}

/* What a worker does. */
struct work {
	const struct stack *stack; /* of its thread; NULL of a process */
	const char *function;      /* that it was given, or NULL */
	size_t place;              /* of who waits for that, among those who do */
};

/* What the workers do that run its jobs. */
static size_t find_work(const struct snapshot *snapshot, const struct pool *pool, struct work *work)
{
	struct table by_tid = { 0 };
	size_t count = 0;
	bool added;

	for (size_t i = 0; i < snapshot->threads.count; i++)
		*table_add(&by_tid, (uint64_t)snapshot->threads.items[i].tid, &added) = i;
	for (size_t i = 0; i < pool->tasks.count; i++) {
		const struct wait *wait = pool->tasks.items[i]->waiting_on;
		const uint64_t *thread =
				wait->executor.tid > 0
						? table_find(&by_tid, (uint64_t)wait->executor.tid)
						: NULL;
		if (!is_running(wait) || (!thread && !wait->executor.function))
			continue;
		work[count++] = (struct work){
			.stack = thread ? snapshot->threads.items[*thread].stack : NULL,
			.function = wait->executor.function,
			.place = i,
		};
	}
	table_deinit(&by_tid);
	return count;
}

static int compare_work(const void *a, const void *b)
{
	const struct work *x = a, *y = b;

	if (x->stack != y->stack)
		return (uintptr_t)x->stack < (uintptr_t)y->stack ? -1 : 1;
	if (x->function && y->function)
		return strcmp(x->function, y->function);
	return (x->function != NULL) - (y->function != NULL);
}

static int compare_places(const void *a, const void *b)
{
	const struct work *x = a, *y = b;
	int order = compare_work(a, b);

	return order ? order : (x->place > y->place) - (x->place < y->place);
}

/* A function in C has no frame, and one in another process is not seen. */
static void tell_work(struct finder *finder, const struct work *work)
{
	const struct stack *stack = work->stack;

	if (stack && stack->depth &&
			(stack->frames[stack->location]->origin != ORIGIN_STDLIB ||
					!work->function)) {
		buffer_puts(&finder->text, " in ");
		words_place(&finder->text, stack, &finder->paths);
	} else {
		buffer_puts(&finder->text, " run ");
		words_function(&finder->text, work->function);
	}
}

/* What most of the workers do, of those whose job somebody waits for. */
static void tell_workers(struct finder *finder, const struct pool *pool)
{
	struct work *work = alloc_zeroed(pool->tasks.count, sizeof(*work));
	size_t count = find_work(finder->snapshot, pool, work);
	size_t first = 0, most = 0;

	if (count)
		qsort(work, count, sizeof(*work), compare_places);
	for (size_t from = 0, to; from < count; from = to) {
		for (to = from + 1; to < count && !compare_work(&work[to], &work[from]);)
			to++;
		/* Which of them lies first in our memory says nothing. */
		if (to - from > most ||
				(to - from == most && work[from].place < work[first].place)) {
			most = to - from;
			first = from;
		}
	}
	if (count) {
		finder_part(finder);
		words_number(&finder->text, most);
		tell_work(finder, &work[first]);
	}
	free(work);
}

static void tell_full(struct finder *finder, const struct pool *pool)
{
	struct buffer *text = &finder->text;

	buffer_puts(text, "executor full: ");
	words_count(text, (uint64_t)pool->wait->executor.pool_size, "worker");
	buffer_puts(text, " busy, ");
	words_count(text, (uint64_t)pool->wait->executor.pool_queue, "job");
	buffer_puts(text, " queued");
	tell_workers(finder, pool);
}

void find_executors(struct finder *finder)
{
	if (!(finder->seen.waits & WAIT_BIT(EXECUTOR)))
		return;
	struct task_list jobs = find_jobs(finder);
	for (uint32_t from = 0, to; from < jobs.count; from = to) {
		const struct wait *wait = jobs.items[from]->waiting_on;
		struct pool pool = { .wait = wait };
		for (to = from; to < jobs.count; to++) {
			if (jobs.items[to]->waiting_on->executor.pool != wait->executor.pool)
				break;
			pool.running += is_running(jobs.items[to]->waiting_on);
		}
		pool.tasks = (struct task_list){ to - from, jobs.items + from };
		if (!is_full(&pool))
			continue;
		tell_full(finder, &pool);
		finder_add(finder,
				(struct finding){
						.kind = FINDING_EXECUTOR,
						.count = pool.tasks.count,
						.tasks = pool.tasks,
				},
				wait->executor.pool);
	}
}
