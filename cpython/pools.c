/* Executors, their workers and jobs: see pools.h. */
#include "cpython/pools.h"

#include <string.h>

#include "cpython/behind.h"
#include "cpython/callables.h"
#include "cpython/objects.h"
#include "cpython/tasks.h"
#include "cpython/types.h"

enum {
	ITEM_BYTES = 64, /* of a _WorkItem, with its attributes */
	TOLD_BY_MAX = 8, /* jobs that tell whether a pool works for asyncio */
};

void pools_deinit(struct pools *pools)
{
	array_free(&pools->pools);
	array_free(&pools->jobs);
	table_deinit(&pools->by_queue);
	table_deinit(&pools->by_future);
	*pools = (struct pools){ 0 };
}

static void add_job(struct reader *reader, struct job job)
{
	struct pools *pools = &reader->pools;
	remote_addr future;
	bool added;

	if (!python_work(reader->python, OBJECT_WORK) ||
			!attribute_find(reader->python, job.item, "future", &future))
		return;
	uint64_t *place = table_add(&pools->by_future, future, &added);
	if (!added)
		return;
	if (job.running)
		job.function = job_function(reader->python, &job);
	*place = pools->jobs.count;
	*array_push(&pools->jobs) = job;
}

static void fetch_items(struct reader *reader, const struct addresses *items, size_t count)
{
	mem_prefetch(reader->python->mem, items->items, count < items->count ? count : items->count,
			ITEM_BYTES);
}

/* What a weak reference leads to: None once that is gone. */
static remote_addr referent_of(
		struct reader *reader, remote_addr reference, enum class class, size_t interpreter)
{
	struct python *python = reader->python;
	const struct type *type = type_of(python, reference);
	remote_addr object;

	return type && type->kind == KIND_WEAKREF &&
					       mem_read_u64(python->mem,
							       reference + python->layout->weakref
											       .object,
							       &object) &&
					       is_instance(python,
							       &reader->interpreters
										.items[interpreter]
										.asyncio,
							       object, class)
			       ? object
			       : 0;
}

static int64_t size_of(struct python *python, remote_addr executor)
{
	remote_addr value;
	int64_t size;

	return executor && attribute_find(python, executor, "_max_workers", &value) &&
					       integer_read(python, value, &size)
			       ? size
			       : -1;
}

/* The pool whose jobs are in `queue`. */
static size_t add_pool(
		struct reader *reader, remote_addr queue, remote_addr executor, size_t thread)
{
	struct pools *pools = &reader->pools;
	bool added;
	uint64_t *place = table_add(&pools->by_queue, queue, &added);

	if (added) {
		*place = pools->pools.count;
		*array_push(&pools->pools) = (struct pool){
			.id = executor ? executor : queue,
			.queue = queue,
			.size = size_of(reader->python, executor),
			.queued = -1,
			.interpreter = reader->threads.items[thread].interpreter,
		};
	}
	return (size_t)*place;
}

/* ---- of threads ---- */

static void count_queue(struct reader *reader, struct pool *pool, const struct addresses *items)
{
	pool->queued = length_of(reader->python, pool->queue);
	/* None wakes a worker, so that this sees that the executor was shut down. */
	for (size_t i = 0; i < items->count && pool->queued > 0; i++)
		pool->queued -= is_none(reader->python, items->items[i]);
}

/* A frame of _worker(); `item` is what its thread runs, or 0. */
static void add_worker(struct reader *reader, const struct frame_view *frame, size_t thread,
		remote_addr item)
{
	struct python *python = reader->python;
	remote_addr queue, reference;

	if (!frame_local(python, frame, "work_queue", &queue) ||
			!frame_local(python, frame, "executor_reference", &reference))
		return;
	remote_addr executor = referent_of(reader, reference, CLASS_THREAD_POOL,
			reader->threads.items[thread].interpreter);
	size_t pool = add_pool(reader, queue, executor, thread);
	reader->pools.pools.items[pool].workers++;
	if (!item)
		return;
	reader->pools.pools.items[pool].busy++;
	add_job(reader, (struct job){ .item = item,
					.pool = pool,
					.worker = thread + 1,
					.running = true });
}

/* ---- of processes ---- */

/* Which process does what, only they know.  But they take the jobs in the order in
 * which the dict has them, each one at a time. */
static void share_out(struct reader *reader, size_t index, const struct addresses *items)
{
	struct pool *pool = &reader->pools.pools.items[index];
	int64_t jobs = (int64_t)items->count;

	pool->busy = jobs < pool->workers ? jobs : pool->workers;
	pool->busy = pool->busy < 0 ? 0 : pool->busy;
	pool->queued = jobs - pool->busy;
	size_t busy = (size_t)pool->busy;
	fetch_items(reader, items, busy);
	for (size_t i = 0; i < busy; i++)
		add_job(reader, (struct job){ .item = items->items[i],
						.pool = index,
						.running = true });
}

static void add_manager(struct reader *reader, const struct frame_view *frame, size_t thread)
{
	struct python *python = reader->python;
	remote_addr self, pending, processes, reference, executor = 0;

	if (!frame_local(python, frame, "self", &self) ||
			!attribute_find(python, self, "pending_work_items", &pending) ||
			!attribute_find(python, self, "processes", &processes))
		return;
	if (attribute_find(python, self, "executor_reference", &reference))
		executor = referent_of(reader, reference, CLASS_PROCESS_POOL,
				reader->threads.items[thread].interpreter);
	size_t index = add_pool(reader, pending, executor, thread);
	struct pool *pool = &reader->pools.pools.items[index];
	pool->of_processes = true;
	pool->workers = length_of(python, processes);
}

/* ---- their jobs ---- */

/* Of processes also those that run, which come first. */
static void read_items(struct reader *reader, const struct pool *pool, struct addresses *items)
{
	struct addresses entries = { 0 };

	if (!pool->of_processes) {
		items_read(reader->python, pool->queue, items);
		return;
	}
	dict_read(reader->python, pool->queue, &entries);
	for (size_t i = 0; i + 1 < entries.count; i += 2)
		*array_push(items) = entries.items[i + 1];
	array_free(&entries);
}

/* Whether a loop is to be told of the end of some of the jobs.  Of a pool that is not full
 * nobody asks. */
static bool tells_a_loop(
		struct reader *reader, const struct pool *pool, const struct addresses *items)
{
	struct asyncio_names *names = &reader->interpreters.items[pool->interpreter].asyncio;
	remote_addr future;

	if (pool->queued <= 0 || pool->busy < pool->size)
		return false;
	fetch_items(reader, items, TOLD_BY_MAX);
	for (size_t i = 0; i < items->count && i < TOLD_BY_MAX; i++)
		if (attribute_find(reader->python, items->items[i], "future", &future) &&
				behind_is_wrapped(reader->python, names, future))
			return true;
	return false;
}

static void read_jobs(struct reader *reader, size_t index)
{
	struct pool *pool = &reader->pools.pools.items[index];
	struct addresses items = { 0 };

	read_items(reader, pool, &items);
	if (pool->of_processes)
		share_out(reader, index, &items);
	else
		count_queue(reader, pool, &items);
	pool->of_asyncio = tells_a_loop(reader, pool, &items);
	array_free(&items);
}

/* There may be many: only for a task that waits for one are they looked up. */
static void read_queues(struct reader *reader)
{
	struct pools *pools = &reader->pools;
	struct addresses items = { 0 };

	if (pools->queues_read)
		return;
	pools->queues_read = true;
	for (size_t i = 0; i < pools->pools.count; i++) {
		const struct pool *pool = &pools->pools.items[i];
		items.count = 0;
		read_items(reader, pool, &items);
		fetch_items(reader, &items, items.count);
		for (size_t k = pool->of_processes ? (size_t)pool->busy : 0; k < items.count; k++)
			add_job(reader, (struct job){ .item = items.items[k], .pool = i });
	}
	array_free(&items);
}

/* ---- all ---- */

static bool is_frame_of(const struct frame_view *frame, remote_addr module, const char *function)
{
	return frame->code && frame->globals == module && !strcmp(frame->code->function, function);
}

static void read_thread(struct reader *reader, size_t index)
{
	const struct thread_view *thread = &reader->threads.items[index];
	const struct asyncio_names *names =
			&reader->interpreters.items[thread->interpreter].asyncio;
	remote_addr threads = names->modules[MODULE_CONCURRENT_THREAD];
	remote_addr processes = names->modules[MODULE_CONCURRENT_PROCESS];
	remote_addr item = 0;

	/* Innermost first: a job may start a pool of its own, but in other threads. */
	for (size_t i = 0; i < thread->frames.count; i++) {
		const struct frame_view *frame = &thread->frames.items[i];
		if (threads && is_frame_of(frame, threads, "_WorkItem.run")) {
			if (!frame_local(reader->python, frame, "self", &item))
				item = 0;
		} else if (threads && is_frame_of(frame, threads, "_worker")) {
			add_worker(reader, frame, index, item);
		} else if (processes &&
				is_frame_of(frame, processes, "_ExecutorManagerThread.run")) {
			add_manager(reader, frame, index);
		}
	}
}

void pools_read(struct reader *reader)
{
	struct pools *pools = &reader->pools;

	if (pools->read)
		return;
	pools->read = true;
	/* The newest thread is the first. */
	for (size_t i = reader->threads.count; i-- > 0;)
		read_thread(reader, i);
	for (size_t i = 0; i < pools->pools.count; i++)
		read_jobs(reader, i);
}

const struct job *pools_find(struct reader *reader, remote_addr future)
{
	struct pools *pools = &reader->pools;

	pools_read(reader);
	read_queues(reader);
	const uint64_t *place = table_find(&pools->by_future, future);
	if (!place)
		return NULL;
	pools->pools.items[pools->jobs.items[*place].pool].of_asyncio = true;
	return &pools->jobs.items[*place];
}

bool pools_find_executor(
		struct reader *reader, remote_addr executor, size_t interpreter, struct pool *pool)
{
	remote_addr queue;

	if (!is_instance(reader->python, &reader->interpreters.items[interpreter].asyncio, executor,
			    CLASS_THREAD_POOL) ||
			!attribute_find(reader->python, executor, "_work_queue", &queue))
		return false;
	pools_read(reader);
	const uint64_t *place = table_find(&reader->pools.by_queue, queue);
	if (place)
		reader->pools.pools.items[*place].of_asyncio = true;
	*pool = place ? reader->pools.pools.items[*place]
		      : (struct pool){
				.id = executor,
				.queue = queue,
				.size = size_of(reader->python, executor),
				.queued = length_of(reader->python, queue),
			};
	return true;
}

const struct job *pools_find_running(struct reader *reader, remote_addr executor)
{
	const struct pools *pools = &reader->pools;

	pools_read(reader);
	for (size_t i = 0; i < pools->jobs.count && python_work(reader->python, 1); i++)
		if (pools->jobs.items[i].running &&
				pools->pools.items[pools->jobs.items[i].pool].id == executor)
			return &pools->jobs.items[i];
	return NULL;
}

const char *job_function(struct python *python, const struct job *job)
{
	remote_addr task, function;

	if (job->function)
		return job->function;
	/* In one tuple from 3.14 on, and in an attribute each before, as in pools of
	 * processes. */
	if (attribute_find(python, job->item, "task", &task) && item_first(python, task, &function))
		return callable_name(python, function);
	return attribute_find(python, job->item, "fn", &function) ? callable_name(python, function)
								  : NULL;
}
