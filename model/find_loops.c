/* Findings about loops and threads.
 *
 * blocked: callbacks of a loop's iteration, or a signal handler while it waits, have been
 * running for BLOCKED_S at least.  What blocks it is said only where a second look found it in the same
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

static void tell_blocker(
		struct finder *finder, const struct loop *loop, const struct thread *thread)
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
		buffer_puts(text, loop->interrupted ? "a signal handler in " : "a callback in ");
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
		tell_blocker(finder, loop, thread);
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

static bool is_full(const struct executor *executor)
{
	return executor->workers > 0 && executor->busy >= executor->workers && executor->queued > 0;
}

/* What a worker does, and its place among them. */
struct placed {
	const struct work *work;
	size_t place;
};

static int compare_work(const struct work *x, const struct work *y)
{
	if (x->stack != y->stack)
		return (uintptr_t)x->stack < (uintptr_t)y->stack ? -1 : 1;
	if (x->function && y->function)
		return strcmp(x->function, y->function);
	return (x->function != NULL) - (y->function != NULL);
}

static int compare_placed(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;
	int order = compare_work(x->work, y->work);

	return order ? order : (x->place > y->place) - (x->place < y->place);
}

/* Workers of which nothing is known tell nothing. */
static size_t place_work(const struct executor *executor, struct placed *placed)
{
	size_t count = 0;

	for (size_t i = 0; i < executor->work.count; i++)
		if (executor->work.items[i].stack || executor->work.items[i].function)
			placed[count++] = (struct placed){ &executor->work.items[i], i };
	if (count)
		qsort(placed, count, sizeof(*placed), compare_placed);
	return count;
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

/* What most of the workers do. */
static void tell_workers(struct finder *finder, const struct executor *executor)
{
	struct placed *placed = alloc_zeroed(executor->work.count, sizeof(*placed));
	size_t count = place_work(executor, placed);
	size_t first = 0, most = 0;

	for (size_t from = 0, to; from < count; from = to) {
		for (to = from + 1;
				to < count && !compare_work(placed[to].work, placed[from].work);)
			to++;
		/* Which of them lies first in our memory says nothing. */
		if (to - from > most ||
				(to - from == most && placed[from].place < placed[first].place)) {
			most = to - from;
			first = from;
		}
	}
	if (count) {
		finder_part(finder);
		words_number(&finder->text, most);
		tell_work(finder, placed[first].work);
	}
	free(placed);
}

static void tell_full(struct finder *finder, const struct executor *executor)
{
	struct buffer *text = &finder->text;

	buffer_puts(text, "executor full: ");
	words_count(text, (uint64_t)executor->workers, "worker");
	buffer_puts(text, " busy, ");
	words_count(text, (uint64_t)executor->queued, "job");
	buffer_puts(text, " queued");
	tell_workers(finder, executor);
}

/* Those that wait for the jobs of executors. */
struct waiters {
	struct task_list tasks; /* those of each executor together */
	struct table first;     /* executor → place of its first one */
};

static bool waits_in_pool(const struct task *task)
{
	return task->waiting_on && task->waiting_on->kind == WAIT_EXECUTOR &&
	       task->waiting_on->executor.pool;
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

static void find_waiters(struct finder *finder, struct waiters *waiters)
{
	struct task_list *tasks = &waiters->tasks;
	bool added;

	if (!(finder->seen.waits & WAIT_BIT(EXECUTOR)))
		return;
	*tasks = finder_pick(finder, waits_in_pool);
	if (tasks->count)
		qsort(tasks->items, tasks->count, sizeof(*tasks->items), compare_pools);
	for (uint32_t i = tasks->count; i-- > 0;)
		*table_add(&waiters->first, tasks->items[i]->waiting_on->executor.pool, &added) = i;
}

static struct task_list waiters_of(const struct waiters *waiters, uint64_t executor)
{
	const uint64_t *first = table_find(&waiters->first, executor);
	uint32_t from = first ? (uint32_t)*first : 0, to = from;

	if (!first)
		return (struct task_list){ 0 };
	while (to < waiters->tasks.count &&
			waiters->tasks.items[to]->waiting_on->executor.pool == executor)
		to++;
	return (struct task_list){ to - from, waiters->tasks.items + from };
}

/* Whether those that waited at the first look had their jobs done by the second. */
static bool is_burst(const struct task_list *tasks)
{
	for (uint32_t i = 0; i < tasks->count; i++)
		if (!tasks->items[i]->moved)
			return false;
	return tasks->count;
}

void find_executors(struct finder *finder)
{
	const struct snapshot *snapshot = finder->snapshot;
	struct waiters waiters = { 0 };

	if (!snapshot->executors.count)
		return;
	find_waiters(finder, &waiters);
	for (size_t i = 0; i < snapshot->executors.count; i++) {
		const struct executor *executor = &snapshot->executors.items[i];
		if (!is_full(executor))
			continue;
		struct task_list tasks = waiters_of(&waiters, executor->id);
		if (is_burst(&tasks))
			continue;
		tell_full(finder, executor);
		finder_add(finder,
				(struct finding){
						.kind = FINDING_EXECUTOR,
						.count = tasks.count,
						.tasks = tasks,
				},
				executor->id);
	}
	table_deinit(&waiters.first);
}
