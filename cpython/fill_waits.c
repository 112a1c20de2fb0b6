/* Makes the waits of the model of what was read: see waits.h. */
#include <stdlib.h>

#include "cpython/fill.h"
#include "cpython/waits.h"

static struct task_list find_tasks(
		struct reader *reader, const remote_addr *addresses, size_t count)
{
	struct task_list list = { 0 };

	list.items = arena_alloc(&reader->python->snapshot->arena, count, sizeof(*list.items));
	for (size_t i = 0; i < count; i++) {
		struct task *task = fill_find_task(reader, addresses[i]);
		if (task)
			list.items[list.count++] = task;
	}
	return list;
}

/* ---- holders ---- */

static int by_object_and_task(const void *left, const void *right)
{
	const struct holding *a = left, *b = right;

	if (a->object != b->object)
		return a->object < b->object ? -1 : 1;
	return (a->task > b->task) - (a->task < b->task);
}

/* The task of a holding, NULL where it is not shown or was read again since. */
static struct task *holder(const struct reader *reader, const struct holding *holding)
{
	const struct task_view *view = &reader->tasks.items[holding->task];

	return view->read == TASK_PENDING && view->round == holding->round ? view->task : NULL;
}

/* The holders of one object; it may be held several times. */
static struct task_list holders_of(struct reader *reader, const struct holding *first, size_t count)
{
	struct task_list list = { 0 };

	list.items = arena_alloc(&reader->python->snapshot->arena, count, sizeof(*list.items));
	for (size_t i = 0; i < count; i++) {
		struct task *task = holder(reader, &first[i]);
		if (task && (!list.count || list.items[list.count - 1] != task))
			list.items[list.count++] = task;
	}
	return list;
}

/* Fills `holders`: object → struct task_list *. */
static void find_holders(struct reader *reader, struct table *holders)
{
	const struct holding *items = reader->holdings.items;
	size_t count = reader->holdings.count, end;
	bool added;

	if (count)
		qsort(reader->holdings.items, count, sizeof(*items), by_object_and_task);
	for (size_t start = 0; start < count; start = end) {
		for (end = start + 1; end < count && items[end].object == items[start].object;)
			end++;
		struct task_list list = holders_of(reader, &items[start], end - start);
		*table_add(holders, items[start].object, &added) = (uintptr_t)arena_copy(
				&reader->python->snapshot->arena, &list, sizeof(list));
	}
}

static void fill_wait(struct reader *reader, struct wait_view *view, const struct table *holders)
{
	const struct snapshot *snapshot = reader->python->snapshot;
	const uint64_t *list = view->held ? table_find(holders, view->held) : NULL;

	if (list)
		view->wait.lock.holders = *(const struct task_list *)(uintptr_t)*list;
	if (view->task_count)
		view->wait.tasks = find_tasks(reader, view->tasks, view->task_count);
	if (view->counts_tasks)
		view->wait.group.pending += view->wait.tasks.count;
	if (view->worker) { /* CPython lists the newest thread first */
		const struct thread *thread =
				&snapshot->threads.items[snapshot->threads.count - view->worker];
		view->wait.executor.tid = thread->tid;
		view->wait.executor.stack = thread->stack;
	}
}

void fill_waits(struct reader *reader)
{
	struct table holders = { 0 };

	find_holders(reader, &holders);
	for (size_t i = 0; i < reader->tasks.count; i++) {
		struct task_view *view = &reader->tasks.items[i];
		if (view->read != TASK_PENDING || !view->wait)
			continue;
		fill_wait(reader, view->wait, &holders);
		view->task->waiting_on = &view->wait->wait;
	}
	table_deinit(&holders);
}
