/* Which tasks each task awaits: see awaited.h. */
#include "cpython/awaited.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "cpython/tasks.h"

/* The task that awaits this one, where it is a single one that was found. */
static uint32_t awaiter_of(struct reader *reader, const struct task_view *task)
{
	struct task_views *tasks = &reader->tasks;
	remote_addr awaiter = task->raw && !task->raw->shared ? task->raw->awaited_by : 0;

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

void awaited_read(struct reader *reader)
{
	struct awaited *awaited = &reader->awaited;
	size_t count = reader->tasks.count;
	uint32_t before = 0;

	awaited_deinit(awaited);
	awaited->task_count = count;
	awaited->items = alloc_zeroed(count, sizeof(*awaited->items));
	awaited->ends = alloc_zeroed(count, sizeof(*awaited->ends));
	for (size_t i = 0; i < count; i++) {
		struct task_view *task = &reader->tasks.items[i];
		task->awaiter = awaiter_of(reader, task);
		awaited->any_shared |= task->raw && task->raw->shared;
		if (task->awaiter != NOBODY)
			awaited->ends[task->awaiter]++;
	}
	/* From how many to where they begin, which moves on to where they end. */
	for (size_t i = 0; i < count; i++) {
		uint32_t own = awaited->ends[i];
		awaited->ends[i] = before;
		before += own;
	}
	for (uint32_t i = 0; i < count; i++) {
		uint32_t awaiter = reader->tasks.items[i].awaiter;
		if (awaiter != NOBODY)
			awaited->items[awaited->ends[awaiter]++] = i;
	}
}

void awaited_deinit(struct awaited *awaited)
{
	free(awaited->items);
	free(awaited->ends);
	*awaited = (struct awaited){ 0 };
}

size_t awaited_of(const struct awaited *awaited, size_t task, const uint32_t **items)
{
	if (task >= awaited->task_count)
		return 0;
	uint32_t start = task ? awaited->ends[task - 1] : 0;
	*items = awaited->items + start;
	return awaited->ends[task] - start;
}
