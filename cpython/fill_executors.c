/* Executors that work for asyncio, for the model: see fill.h. */
#include <stdlib.h>

#include "cpython/fill.h"

/* The executor of each pool, by index, NULL where it does not work for asyncio. */
static struct executor **fill_pools(struct reader *reader)
{
	struct snapshot *snapshot = reader->python->snapshot;
	size_t count = reader->pools.pools.count;
	struct executor **executors = alloc_zeroed(count, sizeof(struct executor *));

	snapshot->executors.items =
			arena_alloc(&snapshot->arena, count, sizeof(*snapshot->executors.items));
	for (size_t i = 0; i < count; i++) {
		const struct pool *pool = &reader->pools.pools.items[i];
		if (!pool->of_asyncio)
			continue;
		executors[i] = &snapshot->executors.items[snapshot->executors.count++];
		*executors[i] = (struct executor){
			.id = pool->id,
			.workers = pool->size,
			.busy = pool->busy,
			.queued = pool->queued,
			.work.items = arena_alloc(
					&snapshot->arena, (size_t)pool->busy, sizeof(struct work)),
		};
	}
	return executors;
}

void fill_executors(struct reader *reader)
{
	const struct snapshot *snapshot = reader->python->snapshot;
	struct executor **executors = fill_pools(reader);

	for (size_t i = 0; i < reader->pools.jobs.count; i++) {
		const struct job *job = &reader->pools.jobs.items[i];
		struct executor *executor = executors[job->pool];
		if (!executor || !job->running)
			continue;
		struct work *work = &executor->work.items[executor->work.count++];
		work->function = job->function;
		if (job->worker) /* CPython lists the newest thread first */
			work->stack = snapshot->threads.items[snapshot->threads.count - job->worker]
						      .stack;
	}
	free(executors);
}
