/* Findings about single tasks; those that stand at one place are one finding.
 *
 * cancelled: a task was cancelled, has caught that, and waits again: inside the
 * handler of the exception, or after it.
 * orphan: a pending task that nothing but weak references keeps from outside.
 * exception: a done task has an exception that nobody has fetched. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/table.h"
#include "model/finder.h"
#include "model/words.h"

/* The same of tasks that end as one finding. */
static uint64_t likeness(const struct task *task)
{
	uint64_t hash = (uint64_t)(uintptr_t)task->stack;

	if (task->exception)
		hash = hash_mix(hash, hash_bytes(task->exception, strlen(task->exception)));
	if (!task->stack && task->coroutine)
		hash = hash_mix(hash, hash_bytes(task->coroutine, strlen(task->coroutine)));
	return hash;
}

/* A task, to be sorted to those that are like it. */
struct found {
	uint64_t like;
	uint32_t place, first; /* in the list, its own and that of the first like it */
	struct task *task;
};

static int compare_likeness(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	if (x->like != y->like)
		return x->like < y->like ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

/* How like they are is different each time: it gives no order to be seen. */
static int compare_places(const void *a, const void *b)
{
	const struct found *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

static void sort_found(struct found *found, uint32_t count)
{
	qsort(found, count, sizeof(*found), compare_likeness);
	for (uint32_t i = 0; i < count; i++)
		found[i].first = i && found[i - 1].like == found[i].like ? found[i - 1].first
									 : found[i].place;
	qsort(found, count, sizeof(*found), compare_places);
}

/* Adds a finding for each set of the tasks that are alike: what `tell` says of it.
 * The list is left sorted. */
static void add_groups(struct finder *finder, enum finding_kind kind, const struct task_list *tasks,
		void (*tell)(struct finder *, const struct task_list *))
{
	struct found *found = alloc_zeroed((size_t)tasks->count + 1, sizeof(*found));

	for (uint32_t i = 0; i < tasks->count; i++)
		found[i] = (struct found){
			.like = likeness(tasks->items[i]),
			.place = i,
			.task = tasks->items[i],
		};
	sort_found(found, tasks->count);
	for (uint32_t i = 0; i < tasks->count; i++)
		tasks->items[i] = found[i].task;
	for (uint32_t from = 0, to; from < tasks->count; from = to) {
		for (to = from + 1; to < tasks->count && found[to].like == found[from].like;)
			to++;
		const struct task_list group = { to - from, tasks->items + from };
		tell(finder, &group);
		finder_add(finder,
				(struct finding){
						.kind = kind,
						.count = group.count,
						.tasks = group,
				},
				found[from].like);
	}
	free(found);
}

/* "412 tasks", or nothing for one: its name comes with its place. */
static void tell_many(struct finder *finder, const struct task_list *tasks, const char *one,
		const char *several)
{
	if (tasks->count > 1) {
		words_count(&finder->text, tasks->count, "task");
		buffer_putc(&finder->text, ' ');
	}
	buffer_puts(&finder->text, tasks->count > 1 ? several : one);
	buffer_puts(&finder->text, ": ");
	finder_tell(finder, tasks);
}

static void tell_cancelled(struct finder *finder, const struct task_list *tasks)
{
	tell_many(finder, tasks, "goes on waiting although it was cancelled",
			"go on waiting although they were cancelled");
}

static void tell_cleanups(struct finder *finder, const struct task_list *tasks)
{
	tell_many(finder, tasks, "was cancelled, and waits in its clean-up",
			"were cancelled, and wait in their clean-up");
}

static void tell_orphans(struct finder *finder, const struct task_list *tasks)
{
	tell_many(finder, tasks, "nothing can wake this task, nothing keeps it",
			"that nothing can wake and nothing keeps");
}

static bool is_cancelled(const struct task *task)
{
	return task->cancelled_yet_waiting && task->state == TASK_WAITING &&
	       !task->handles_cancel && !task->gone;
}

static bool is_cleaning_up(const struct task *task)
{
	return task->cancelled_yet_waiting && task->state == TASK_WAITING && task->handles_cancel &&
	       !task->moved;
}

static bool is_orphan(const struct task *task)
{
	return task->orphan;
}

void find_cancelled(struct finder *finder)
{
	if (!finder->seen.cancelled)
		return;
	struct task_list found = finder_pick(finder, is_cancelled);
	add_groups(finder, FINDING_CANCELLED, &found, tell_cancelled);
	found = finder_pick(finder, is_cleaning_up);
	add_groups(finder, FINDING_CANCELLED, &found, tell_cleanups);
}

void find_orphans(struct finder *finder)
{
	if (!finder->seen.orphan)
		return;
	struct task_list found = finder_pick(finder, is_orphan);
	add_groups(finder, FINDING_ORPHAN, &found, tell_orphans);
}

/* ---- exceptions ---- */

enum { EXCEPTION_BYTES = 60 };

static void tell_exceptions(struct finder *finder, const struct task_list *tasks)
{
	struct buffer *text = &finder->text;
	const struct task *task = tasks->items[0];

	if (tasks->count == 1) {
		words_name(text, task);
		buffer_puts(text, " has ended with an exception that nobody fetched: ");
	} else {
		words_count(text, tasks->count, "task");
		buffer_puts(text, " have ended with an exception that nobody fetched: ");
	}
	words_short(text, task->exception ? task->exception : "?", EXCEPTION_BYTES);
	if (!task->stack || !task->stack->depth)
		return;
	buffer_puts(text, " in ");
	words_place(text, task->stack, &finder->paths);
}

void find_exceptions(struct finder *finder)
{
	add_groups(finder, FINDING_EXCEPTION, &finder->snapshot->unfetched, tell_exceptions);
}
