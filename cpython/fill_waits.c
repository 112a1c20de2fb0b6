/* Makes the waits of the model of what was read: see waits.h. */
#include "cpython/fill.h"
#include "cpython/waits.h"

static struct task_list find_tasks(struct reader *reader, const remote_addr *addresses,
		size_t count)
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

static void fill_wait(struct reader *reader, struct wait_view *view)
{
	if (view->task_count)
		view->wait.tasks = find_tasks(reader, view->tasks, view->task_count);
	view->filled = true;
}

void fill_waits(struct reader *reader)
{
	for (size_t i = 0; i < reader->tasks.count; i++) {
		struct task_view *view = &reader->tasks.items[i];
		if (view->read != TASK_PENDING || !view->wait)
			continue;
		if (!view->wait->filled)
			fill_wait(reader, view->wait);
		view->task->waiting_on = &view->wait->wait;
	}
}
