/* Reads all tasks, some at a time: few system calls for many tasks, and what was
 * fetched for them is still near, and may be given up soon. */
#include "cpython/tasks.h"

enum {
	/* How the first ones lie in memory tells how to fetch the others. */
	TASKS_FIRST = 64,
	TASKS_TOGETHER = 1024,
	/* After so many it is looked what has come of the next ones. */
	TASKS_A_STEP = 32,
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

/* What the next ones need comes while these are read. */
static void go_ahead(struct reader *reader, struct batches *batches)
{
	struct procmem *mem = reader->python->mem;

	if (mem_is_fetching(mem))
		return;
	if (!batches->ahead)
		batches->ahead = ahead_begin(reader, batches->next, TASKS_TOGETHER);
	while (ahead_want(reader, batches->ahead) && !mem_fetch_async(mem))
		;
}

static void reach_next(struct reader *reader, struct batches *batches)
{
	size_t count = batches->next ? TASKS_TOGETHER : TASKS_FIRST;

	if (reader->still)
		mem_recycle(reader->python->mem);
	if (!batches->ahead)
		batches->ahead = ahead_begin(reader, batches->next, count);
	ahead_finish(reader, batches->ahead);
	batches->ahead = NULL;
	batches->next += count;
}

void batches_reach(struct reader *reader, struct batches *batches, size_t place)
{
	if (place == batches->next)
		reach_next(reader, batches);
	/* Few tasks are not worth a thread. */
	if (reader->still && place >= TASKS_FIRST && place % TASKS_A_STEP == 0 &&
			batches->next < reader->order.count)
		go_ahead(reader, batches);
}

void tasks_read(struct reader *reader)
{
	struct batches batches = { 0 };

	for (size_t i = 0; i < reader->tasks.count; i++) {
		/* Tasks lead to others, which no list has. */
		if (i == reader->order.count)
			*array_push(&reader->order) = (uint32_t)i;
		batches_reach(reader, &batches, i);
		task_read(reader, reader->order.items[i]);
	}
}
