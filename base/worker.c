/* A thread for one job at a time: see worker.h. */
#include "base/worker.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/thread.h"

/* About 0.1 ms: the next job, or the end of this one, mostly comes before. */
enum { SPINS = 10 * 1000 };

enum state {
	IDLE = 1,
	POSTED = 2,
	TAKEN = 4,
	ENDING = 8,
};

struct worker {
	pthread_t thread;
	_Atomic unsigned state;
	/* For who has looked long enough: */
	atomic_int sleepers;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	void (*job)(void *argument);
	void *argument;
};

static bool is_one_of(const struct worker *worker, unsigned states)
{
	return atomic_load(&worker->state) & states;
}

/* Changes it where it is `from`.  Who is about to sleep has either said so before, or
 * sees the new one: neither access is moved past the other. */
static bool change(struct worker *worker, unsigned from, unsigned to)
{
	if (!atomic_compare_exchange_strong(&worker->state, &from, to))
		return false;
	if (atomic_load(&worker->sleepers)) {
		pthread_mutex_lock(&worker->lock);
		pthread_cond_broadcast(&worker->changed);
		pthread_mutex_unlock(&worker->lock);
	}
	return true;
}

static void relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

static void sleep_until(struct worker *worker, unsigned states)
{
	pthread_mutex_lock(&worker->lock);
	atomic_fetch_add(&worker->sleepers, 1);
	while (!is_one_of(worker, states))
		pthread_cond_wait(&worker->changed, &worker->lock);
	atomic_fetch_sub(&worker->sleepers, 1);
	pthread_mutex_unlock(&worker->lock);
}

static void await(struct worker *worker, unsigned states)
{
	for (unsigned i = 0; i < SPINS && !is_one_of(worker, states); i++)
		relax();
	if (!is_one_of(worker, states))
		sleep_until(worker, states);
}

/* Does the job, unless the other side does. */
static void take_job(struct worker *worker)
{
	if (!change(worker, POSTED, TAKEN))
		return;
	worker->job(worker->argument);
	change(worker, TAKEN, IDLE);
}

static void *run(void *argument)
{
	struct worker *worker = argument;

	while (await(worker, POSTED | ENDING), !is_one_of(worker, ENDING))
		take_job(worker);
	return NULL;
}

struct worker *worker_create(void)
{
	struct worker *worker = alloc_zeroed(1, sizeof(*worker));

	pthread_mutex_init(&worker->lock, NULL);
	pthread_cond_init(&worker->changed, NULL);
	atomic_init(&worker->state, IDLE);
	if (thread_begin(&worker->thread, run, worker))
		return worker;
	free(worker);
	return NULL;
}

void worker_destroy(struct worker *worker)
{
	if (!worker)
		return;
	worker_wait(worker);
	change(worker, IDLE, ENDING);
	pthread_join(worker->thread, NULL);
	pthread_cond_destroy(&worker->changed);
	pthread_mutex_destroy(&worker->lock);
	free(worker);
}

void worker_post(struct worker *worker, void (*job)(void *argument), void *argument)
{
	worker->job = job;
	worker->argument = argument;
	change(worker, IDLE, POSTED);
}

bool worker_is_busy(const struct worker *worker)
{
	return !is_one_of(worker, IDLE);
}

void worker_wait(struct worker *worker)
{
	take_job(worker);
	await(worker, IDLE);
}
