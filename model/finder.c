/* Who stands where, in the words of a finding: finder_tell() of finder.h. */
#include "model/finder.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "model/graph.h"
#include "model/words.h"

enum { HOPS = 1000 }; /* from who waits to what all of it comes down to */

static int compare_places(const void *a, const void *b)
{
	const struct task *x = *(const struct task *const *)a;
	const struct task *y = *(const struct task *const *)b;

	if (x->stack != y->stack)
		return (uintptr_t)x->stack < (uintptr_t)y->stack ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

/* The most that stand at the same place, in the order of their creation. */
static struct task_list most_at_one_place(struct task **sorted, uint32_t count)
{
	struct task_list most = { 0 };

	qsort(sorted, count, sizeof(struct task *), compare_places);
	for (uint32_t from = 0, to; from < count; from = to) {
		for (to = from + 1; to < count && sorted[to]->stack == sorted[from]->stack;)
			to++;
		uint32_t size = to - from;
		if (size > most.count ||
				(size == most.count && sorted[from]->index < most.items[0]->index))
			most = (struct task_list){ size, sorted + from };
	}
	return most;
}

/* The task at the end of what a task waits for: one that awaits no other. */
static struct task *last_of(struct task *task)
{
	for (int i = 0; i < HOPS; i++) {
		struct task *next =
				task->awaits.count ? task->awaits.items[0] : graph_blocker(task);
		if (!next)
			return task;
		task = next;
	}
	return task;
}

static bool same_end(const struct task_list *tasks)
{
	const struct wait *first = tasks->items[0]->waiting_on;

	for (uint32_t i = 1; i < tasks->count; i++) {
		const struct wait *wait = tasks->items[i]->waiting_on;
		if (!wait || wait->kind != first->kind)
			return false;
		const char *a = first->io.peer, *b = wait->io.peer;
		if (a != b && (!a || !b || strcmp(a, b) != 0))
			return false;
	}
	return true;
}

static void tell_state(struct buffer *text, const struct task_list *tasks)
{
	const struct task *task = tasks->items[0];
	const struct wait *wait = task->waiting_on;

	if (task->state == TASK_RUNNING || task->state == TASK_READY) {
		buffer_printf(text, ", %s", task_state_name(task->state));
	} else if (wait) {
		struct wait shown = *wait;
		if (wait_is_io(wait->kind) && !same_end(tasks))
			shown.io.peer = shown.io.local = NULL;
		if (wait->kind == WAIT_PROCESS && tasks->count > 1)
			shown.process.pid = -1;
		buffer_putc(text, ' ');
		words_waiting(text, &shown);
	}
}

/* Those of the tasks that stand where most of them do; gives one of these. */
static struct task *tell_most(struct finder *finder, const struct task_list *tasks)
{
	struct buffer *text = &finder->text;
	struct task **sorted = alloc_zeroed((size_t)tasks->count + 1, sizeof(*sorted));

	memcpy(sorted, tasks->items, tasks->count * sizeof(*sorted));
	struct task_list most = most_at_one_place(sorted, tasks->count);
	struct task *task = most.items[0];
	if (tasks->count == 1)
		words_name(text, task);
	else if (most.count == tasks->count)
		buffer_puts(text, "all");
	else
		words_number(text, most.count);
	buffer_puts(text, " in ");
	words_place(text, task->stack, &finder->paths);
	tell_state(text, &most);
	free(sorted);
	return task;
}

static bool is_of_library(const struct task *task)
{
	return task->stack && task->stack->depth &&
	       task->stack->frames[task->stack->location]->origin == ORIGIN_STDLIB;
}

void finder_tell(struct finder *finder, const struct task_list *tasks)
{
	struct task *task = tell_most(finder, tasks);
	struct task *last = last_of(task);

	/* What is no user's code is what the task itself was told to wait for. */
	if (last == task || is_of_library(last))
		return;
	finder_part(finder);
	buffer_puts(&finder->text, "it comes down to ");
	tell_most(finder, &(struct task_list){ 1, &last });
}
