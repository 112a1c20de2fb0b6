/* Executors, their workers and jobs: see pools.h. */
#include "cpython/pools.h"

#include <string.h>

#include "cpython/callables.h"
#include "cpython/objects.h"
#include "cpython/tasks.h"
#include "cpython/types.h"

enum { ITEM_BYTES = 64 }; /* of a _WorkItem, with its attributes */

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
	*place = pools->jobs.count;
	*array_push(&pools->jobs) = job;
}

static void add_queued(
		struct reader *reader, size_t pool, const struct addresses *items, size_t first)
{
	mem_prefetch(reader->python->mem, items->items, items->count, ITEM_BYTES);
	for (size_t i = first; i < items->count; i++)
		add_job(reader, (struct job){ .item = items->items[i], .pool = pool });
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

/* The pool whose jobs are in `queue`, which is new if `*added`. */
static size_t add_pool(struct reader *reader, remote_addr queue, remote_addr executor, bool *added)
{
	struct pools *pools = &reader->pools;
	uint64_t *place = table_add(&pools->by_queue, queue, added);

	if (*added) {
		*place = pools->pools.count;
		*array_push(&pools->pools) = (struct pool){
			.id = executor ? executor : queue,
			.queue = queue,
			.size = size_of(reader->python, executor),
			.queued = -1,
		};
	}
	return (size_t)*place;
}

/* ---- of threads ---- */

static void read_thread_queue(struct reader *reader, size_t pool)
{
	struct addresses items = { 0 };
	remote_addr queue = reader->pools.pools.items[pool].queue;

	int64_t length = length_of(reader->python, queue);
	items_read(reader->python, queue, &items);
	add_queued(reader, pool, &items, 0);
	/* None wakes a worker, so that this sees that the executor was shut down. */
	for (size_t i = 0; i < items.count && length > 0; i++)
		length -= is_none(reader->python, items.items[i]);
	reader->pools.pools.items[pool].queued = length;
	array_free(&items);
}

/* A frame of _worker(); `item` is what its thread runs, or 0. */
static void add_worker(struct reader *reader, const struct frame_view *frame, size_t thread,
		remote_addr item)
{
	struct python *python = reader->python;
	remote_addr queue, reference;
	bool added;

	if (!frame_local(python, frame, "work_queue", &queue) ||
			!frame_local(python, frame, "executor_reference", &reference))
		return;
	remote_addr executor = referent_of(reader, reference, CLASS_THREAD_POOL,
			reader->threads.items[thread].interpreter);
	size_t pool = add_pool(reader, queue, executor, &added);
	if (added)
		read_thread_queue(reader, pool);
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
static void add_manager(struct reader *reader, const struct frame_view *frame, size_t thread)
{
	struct python *python = reader->python;
	remote_addr self, pending, processes, reference, executor = 0;
	struct addresses entries = { 0 }, items = { 0 };
	bool added;

	if (!frame_local(python, frame, "self", &self) ||
			!attribute_find(python, self, "pending_work_items", &pending) ||
			!attribute_find(python, self, "processes", &processes))
		return;
	if (attribute_find(python, self, "executor_reference", &reference))
		executor = referent_of(reader, reference, CLASS_PROCESS_POOL,
				reader->threads.items[thread].interpreter);
	size_t index = add_pool(reader, pending, executor, &added);
	struct pool *pool = &reader->pools.pools.items[index];
	dict_read(python, pending, &entries);
	for (size_t i = 0; i + 1 < entries.count; i += 2)
		*array_push(&items) = entries.items[i + 1];
	int64_t jobs = (int64_t)items.count;
	pool->workers = length_of(python, processes);
	pool->busy = jobs < pool->workers ? jobs : pool->workers;
	pool->busy = pool->busy < 0 ? 0 : pool->busy;
	pool->queued = jobs - pool->busy;
	size_t busy = (size_t)pool->busy;
	for (size_t i = 0; i < busy; i++)
		add_job(reader, (struct job){ .item = items.items[i],
						.pool = index,
						.running = true });
	add_queued(reader, index, &items, busy);
	array_free(&entries);
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

static void read_pools(struct reader *reader)
{
	if (reader->pools.read)
		return;
	reader->pools.read = true;
	for (size_t i = 0; i < reader->threads.count; i++)
		read_thread(reader, i);
}

const struct job *pools_find(struct reader *reader, remote_addr future)
{
	read_pools(reader);
	const uint64_t *place = table_find(&reader->pools.by_future, future);
	return place ? &reader->pools.jobs.items[*place] : NULL;
}

bool pools_find_executor(
		struct reader *reader, remote_addr executor, size_t interpreter, struct pool *pool)
{
	remote_addr queue;

	if (!is_instance(reader->python, &reader->interpreters.items[interpreter].asyncio, executor,
			    CLASS_THREAD_POOL) ||
			!attribute_find(reader->python, executor, "_work_queue", &queue))
		return false;
	read_pools(reader);
	const uint64_t *place = table_find(&reader->pools.by_queue, queue);
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

	read_pools(reader);
	for (size_t i = 0; i < pools->jobs.count && python_work(reader->python, 1); i++)
		if (pools->jobs.items[i].running &&
				pools->pools.items[pools->jobs.items[i].pool].id == executor)
			return &pools->jobs.items[i];
	return NULL;
}

const char *job_function(struct python *python, const struct job *job)
{
	remote_addr task, function;

	/* In one tuple from 3.14 on, and in an attribute each before, as in pools of
	 * processes. */
	if (attribute_find(python, job->item, "task", &task) && item_first(python, task, &function))
		return callable_name(python, function);
	return attribute_find(python, job->item, "fn", &function) ? callable_name(python, function)
								  : NULL;
}
