/* The executors of concurrent.futures, as far as this process knows them: their
 * workers, and their jobs (Lib/concurrent/futures/thread.py, process.py).
 *
 * They are found by the threads that work for them, whose frames have been read. */
#ifndef CPYTHON_POOLS_H
#define CPYTHON_POOLS_H

#include "cpython/python.h"

struct reader;

struct pool {
	/* The executor; its queue where it is gone, and its threads work off what is
	 * left. */
	remote_addr id;
	remote_addr queue; /* or, of processes, the dict of the jobs that are not done */
	int64_t size;      /* how many workers it may have, -1: unknown */
	int64_t workers;   /* how many it has */
	int64_t busy;
	int64_t queued;     /* -1: unknown */
	size_t interpreter; /* index */
	bool of_processes;
	bool of_asyncio; /* a loop's default one, or one that has or had a job for a loop */
};

struct job {
	remote_addr item;     /* the _WorkItem */
	size_t pool;          /* index */
	size_t worker;        /* index + 1 of the thread that runs it; 0: a process, or none */
	const char *function; /* that it calls, of one that runs; or NULL */
	bool running;
};

struct pools {
	bool read;
	bool queues_read; /* the jobs that are queued are there too */
	struct {
		struct pool *items;
		size_t count;
		size_t capacity;
	} pools;
	struct {
		struct job *items;
		size_t count;
		size_t capacity;
	} jobs;
	struct table by_queue;  /* → index of the pool */
	struct table by_future; /* its concurrent.futures.Future → index of the job */
};

void pools_deinit(struct pools *pools);

/* Finds all of them, and what their workers run, unless that was done. */
void pools_read(struct reader *reader);

/* The job that a concurrent.futures.Future stands for, or NULL. */
const struct job *pools_find(struct reader *reader, remote_addr future);

/* What an executor of threads does, also where no thread works for it yet; false where
 * it is none. */
bool pools_find_executor(
		struct reader *reader, remote_addr executor, size_t interpreter, struct pool *pool);

/* A job that a thread of this executor runs, or NULL. */
const struct job *pools_find_running(struct reader *reader, remote_addr executor);

/* The function that a job calls, or NULL. */
const char *job_function(struct python *python, const struct job *job);

#endif
