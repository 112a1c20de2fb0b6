/* Waits for what an executor does: see waits.h. */
#include "cpython/behind.h"
#include "cpython/callables.h"
#include "cpython/objects.h"
#include "cpython/pools.h"
#include "cpython/types.h"
#include "cpython/waits.h"

static void take_pool(struct wait *wait, const struct pool *pool)
{
	wait->executor.pool_size = pool ? pool->size : -1;
	wait->executor.pool_queue = pool ? pool->queued : -1;
	wait->executor.pool = pool ? pool->id : 0;
}

static void take_job(struct waiting *w, const struct job *job)
{
	struct wait *wait = &w->wait->wait;

	wait->kind = WAIT_EXECUTOR;
	wait->executor.function = job_function(w->python, job);
	wait->executor.state = job->running ? "running" : "queued";
	wait->executor.tid = -1;
	w->wait->worker = (uint32_t)job->worker;
	take_pool(wait, &w->reader->pools.pools.items[job->pool]);
}

bool wait_job(struct waiting *w, remote_addr future)
{
	const struct job *job = is_instance(w->python, w->names, future, CLASS_CONCURRENT_FUTURE)
						? pools_find(w->reader, future)
						: NULL;

	if (job)
		take_job(w, job);
	return job;
}

/* asyncio itself gave the function in `variable` to the default executor.  The job
 * may be done, and its result on the way. */
static bool wait_default_executor(struct waiting *w, const char *variable)
{
	struct wait *wait = &w->wait->wait;
	remote_addr source, function, executor;
	struct pool pool;

	if (behind_future(w->python, w->names, w->view->waiter, &source) != TIE_CHAIN)
		return false;
	wait->object = w->view->waiter;
	if (wait_job(w, source))
		return true;
	wait->kind = WAIT_EXECUTOR;
	wait->executor.function = wait_variable(w, variable, &function)
						  ? callable_name(w->python, function)
						  : NULL;
	wait->executor.state = NULL;
	wait->executor.tid = -1;
	take_pool(wait, attribute_find(w->python, w->view->loop, "_default_executor", &executor) &&
							pools_find_executor(w->reader, executor,
									w->view->interpreter, &pool)
					? &pool
					: NULL);
	return true;
}

bool wait_to_thread(struct waiting *w)
{
	return wait_default_executor(w, "func");
}

bool wait_resolver(struct waiting *w)
{
	return wait_default_executor(w, "getaddr_func");
}

/* A thread waits for all workers, and then sets the future: it is one of them that
 * is told of. */
bool wait_executor_ends(struct waiting *w)
{
	remote_addr future, executor;
	struct pool pool;

	if (!wait_variable(w, "future", &future) || future != w->view->waiter ||
			!attribute_find(w->python, w->self, "_default_executor", &executor) ||
			!pools_find_executor(w->reader, executor, w->view->interpreter, &pool))
		return false;
	const struct job *job = pools_find_running(w->reader, executor);
	if (job) {
		take_job(w, job);
	} else {
		w->wait->wait.kind = WAIT_EXECUTOR;
		w->wait->wait.executor.tid = -1;
		take_pool(&w->wait->wait, &pool);
	}
	w->wait->wait.object = future;
	return true;
}
