/* Reads all tasks, some at a time: few system calls for many tasks, and what was
 * fetched for them is still near, and may be given up soon. */
#include "cpython/tasks.h"

enum {
	/* How the first ones lie in memory tells how to fetch the others. */
	TASKS_FIRST = 64,
	TASKS_TOGETHER = 1024,
};

/* What an awaiter waits with was made when it ran, shortly before what it awaits,
 * and lies there: so it is read then, even where it is older. */
void tasks_order(struct reader *reader)
{
	awaited_read(reader);
	array_reserve(&reader->order, reader->tasks.count);
	array_reserve(&reader->links, reader->tasks.count);
	for (uint32_t i = 0; i < reader->tasks.count; i++) {
		uint32_t awaiter = reader->tasks.items[i].awaiter;
		const uint32_t *first;
		if (awaiter < i && awaited_of(&reader->awaited, awaiter, &first) && *first == i)
			*array_push(&reader->order) = awaiter;
		if (!awaited_of(&reader->awaited, i, &first) || *first <= i)
			*array_push(&reader->order) = i;
	}
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
