/* A thread for one job at a time: see worker.h. */
#include "base/worker.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/thread.h"

/* About 0.1 ms: the next job, or the end of this one, mostly comes before. */
enum { SPINS = 10 * 1000 };

struct worker {
	pthread_t thread;
	sem_t posted; /* a job that is not begun: who takes this does it */
	sem_t done;
	void (*job)(void *argument); /* NULL: the thread ends */
	void *argument;
	bool busy; /* the owner has not taken `done` yet */
};

static void relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

/* Looks for a moment, and then sleeps. */
static void take(sem_t *semaphore)
{
	for (unsigned i = 0; i < SPINS; i++) {
		if (!sem_trywait(semaphore))
			return;
		relax();
	}
	while (sem_wait(semaphore))
		; /* a signal */
}

static void *run(void *argument)
{
	struct worker *worker = argument;

	while (take(&worker->posted), worker->job) {
		worker->job(worker->argument);
		sem_post(&worker->done);
	}
	return NULL;
}

/* Looking for each other on a single one they would take it from each other. */
static bool has_processors(void)
{
	cpu_set_t set;

	return sched_getaffinity(0, sizeof(set), &set) || CPU_COUNT(&set) > 1;
}

struct worker *worker_create(void)
{
	if (!has_processors())
		return NULL;
	struct worker *worker = alloc_zeroed(1, sizeof(*worker));
	sem_init(&worker->posted, 0, 0);
	sem_init(&worker->done, 0, 0);
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
	worker_post(worker, NULL, NULL);
	pthread_join(worker->thread, NULL);
	sem_destroy(&worker->posted);
	sem_destroy(&worker->done);
	free(worker);
}

void worker_post(struct worker *worker, void (*job)(void *argument), void *argument)
{
	worker->job = job;
	worker->argument = argument;
	worker->busy = true;
	sem_post(&worker->posted);
}

bool worker_is_busy(struct worker *worker)
{
	if (worker->busy && !sem_trywait(&worker->done))
		worker->busy = false;
	return worker->busy;
}

void worker_wait(struct worker *worker)
{
	if (!worker_is_busy(worker))
		return;
	if (!sem_trywait(&worker->posted))
		worker->job(worker->argument);
	else
		take(&worker->done);
	worker->busy = false;
}
