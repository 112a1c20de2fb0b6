/* A thread that does one job at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <semaphore.h>
#include <unistd.h>

#include "base/worker.h"

enum { JOBS = 2000 };

struct job {
	sem_t begun, let_go;
	pthread_t by;
	unsigned done;
};

static void count(void *argument)
{
	struct job *job = argument;

	job->by = pthread_self();
	job->done++;
}

static void count_when_let_go(void *argument)
{
	struct job *job = argument;

	sem_post(&job->begun);
	sem_wait(&job->let_go);
	count(job);
}

/* Some come while it looks for them, and some when it sleeps. */
static void each_job_is_done_once(void **state)
{
	struct worker *worker = worker_create();
	struct job job = { 0 };

	(void)state;
	assert_non_null(worker);
	for (unsigned i = 0; i < JOBS; i++) {
		worker_post(worker, count, &job);
		if (i % 100 == 0)
			usleep(2000);
		worker_wait(worker);
		assert_false(worker_is_busy(worker));
		assert_int_equal(job.done, i + 1);
	}
	worker_destroy(worker);
	assert_int_equal(job.done, JOBS);
}

static void a_job_is_done_beside(void **state)
{
	struct worker *worker = worker_create();
	struct job job = { 0 };

	(void)state;
	sem_init(&job.begun, 0, 0);
	sem_init(&job.let_go, 0, 0);
	worker_post(worker, count_when_let_go, &job);
	sem_wait(&job.begun);
	assert_true(worker_is_busy(worker));
	/* It sleeps by now, who waits will too. */
	usleep(2000);
	sem_post(&job.let_go);
	worker_wait(worker);
	assert_int_equal(job.done, 1);
	assert_false(pthread_equal(job.by, pthread_self()));
	worker_destroy(worker);
}

static void a_job_is_done_before_the_end(void **state)
{
	(void)state;
	for (unsigned i = 0; i < JOBS / 20; i++) {
		struct worker *worker = worker_create();
		struct job job = { 0 };
		worker_post(worker, count, &job);
		worker_destroy(worker);
		assert_int_equal(job.done, 1);
	}
	worker_destroy(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_job_is_done_once),
		cmocka_unit_test(a_job_is_done_beside),
		cmocka_unit_test(a_job_is_done_before_the_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
