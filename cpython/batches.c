/* Reads all tasks, some at a time: few system calls for many tasks, and what was
 * fetched for them is still near, and may be given up soon. */
#include <stdlib.h>

#include "cpython/tasks.h"

enum {
	/* How the first ones lie in memory tells how to fetch the others. */
	TASKS_FIRST = 256,
	TASKS_TOGETHER = 1024,
};

/* The task that awaits this one, where it is a single one that was found. */
static uint32_t awaiter_of(struct reader *reader, const struct task_view *task)
{
	struct task_views *tasks = &reader->tasks;
	remote_addr awaiter = task->raw ? task->raw->awaited_by : 0;

	if (!awaiter)
		return NOBODY;
	/* Siblings name the same one after the other. */
	if (tasks->items[tasks->last].address != awaiter) {
		const uint64_t *place = table_find(&tasks->index, awaiter);
		if (!place)
			return NOBODY;
		tasks->last = *place;
	}
	return (uint32_t)tasks->last;
}

/* What an awaiter waits with was made when it ran, shortly before what it awaits,
 * and lies there: so it is read then, even where it is older. */
void tasks_order(struct reader *reader)
{
	uint32_t count = (uint32_t)reader->tasks.count;
	uint32_t *awaited = alloc_bytes(count * sizeof(*awaited)); /* the first one */

	for (uint32_t i = 0; i < count; i++)
		awaited[i] = NOBODY;
	for (uint32_t i = 0; i < count; i++) {
		struct task_view *task = &reader->tasks.items[i];
		uint32_t awaiter = task->awaiter = awaiter_of(reader, task);
		if (awaiter != NOBODY && awaited[awaiter] == NOBODY)
			awaited[awaiter] = i;
	}
	for (uint32_t i = 0; i < count; i++) {
		uint32_t awaiter = reader->tasks.items[i].awaiter;
		if (awaiter < i && awaited[awaiter] == i)
			*array_push(&reader->order) = awaiter;
		if (awaited[i] == NOBODY || awaited[i] <= i)
			*array_push(&reader->order) = i;
	}
	free(awaited);
}

void tasks_read(struct reader *reader)
{
	size_t count = TASKS_FIRST, next = 0;

	for (size_t i = 0; i < reader->tasks.count; i++) {
		/* Tasks lead to others, which no list has. */
		if (i == reader->order.count)
			*array_push(&reader->order) = (uint32_t)i;
		if (i == next) {
			if (reader->still)
				mem_recycle(reader->python->mem);
			tasks_prefetch(reader, i, count);
			next += count;
			count = TASKS_TOGETHER;
		}
		task_read(reader, reader->order.items[i]);
	}
}
