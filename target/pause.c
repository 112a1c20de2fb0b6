/* Holds all threads of a process still: see pause.h. */
#include "target/pause.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>

#include "base/alloc.h"
#include "base/array.h"
#include "base/table.h"
#include "target/procfile.h"

enum {
	SMALL_FILE_MAX = 4096,
	SPINS = 200,            /* of waiting, before it sleeps */
	NAP_NS = 50 * 1000,
	MICRO = 1000 * 1000,
	NANO = 1000 * 1000 * 1000,
};

enum tracee_state {
	TRACEE_ASKED,   /* to stop; it has not yet */
	TRACEE_STOPPED,
	TRACEE_ENDED,
};

struct tracee {
	pid_t tid;
	enum tracee_state state;
};

enum phase { PHASE_STOPPING, PHASE_STOPPED, PHASE_RELEASED };

struct pause {
	pid_t pid;
	pthread_t tracer;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* Under the lock: */
	enum phase phase;
	bool release; /* the reader is done */
	bool expired; /* the limit came first */
	const char *why;
	struct timespec deadline, begun, ended;
	/* The tracer's own: */
	ARRAY(struct tracee) tracees;
	struct table index; /* tid → place */
};

static struct timespec now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time;
}

static bool is_past(const struct timespec *deadline)
{
	struct timespec time = now();
	return time.tv_sec > deadline->tv_sec ||
	       (time.tv_sec == deadline->tv_sec && time.tv_nsec >= deadline->tv_nsec);
}

static double microseconds_between(const struct timespec *from, const struct timespec *to)
{
	return (double)(to->tv_sec - from->tv_sec) * MICRO +
	       (double)(to->tv_nsec - from->tv_nsec) / 1000;
}

/* The state letter of a thread, 0 where it is gone. */
static char thread_state(pid_t pid, pid_t tid)
{
	char name[64], *text, state = 0;

	snprintf(name, sizeof(name), "task/%d/stat", (int)tid);
	if (procfile_read(pid, name, SMALL_FILE_MAX, &text, NULL))
		return 0;
	char *after = strrchr(text, ')');
	if (after && after[1] == ' ')
		state = after[2];
	free(text);
	return state;
}

/* Seizes a thread and asks it to stop.  False where that is refused. */
static bool ask(struct pause *pause, pid_t tid)
{
	bool added;
	uint64_t *place = table_add(&pause->index, (uint64_t)tid, &added);

	if (!added)
		return true;
	*place = pause->tracees.count;
	struct tracee *tracee = array_push(&pause->tracees);
	*tracee = (struct tracee){ tid, TRACEE_ASKED };
	if (!ptrace(PTRACE_SEIZE, tid, NULL, NULL) && !ptrace(PTRACE_INTERRUPT, tid, NULL, NULL))
		return true;
	/* Gone, or a leader that has ended before its threads: nothing runs there. */
	char state = thread_state(pause->pid, tid);
	tracee->state = TRACEE_ENDED;
	return errno == ESRCH || !state || state == 'Z' || state == 'X';
}

/* Asks all threads that were not asked yet; `*added` tells of any. */
static bool ask_all(struct pause *pause, bool *added)
{
	char path[64];
	size_t before = pause->tracees.count;
	bool ok = true;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pause->pid);
	DIR *directory = opendir(path);
	if (!directory)
		return false;
	for (struct dirent *entry; ok && (entry = readdir(directory));)
		if (entry->d_name[0] != '.')
			ok = ask(pause, (pid_t)strtol(entry->d_name, NULL, 10));
	closedir(directory);
	*added = pause->tracees.count > before;
	return ok;
}

/* Takes one report of a thread. */
static void note(struct pause *pause, pid_t tid, int status)
{
	uint64_t *place = table_find(&pause->index, (uint64_t)tid);

	if (!place)
		return;
	struct tracee *tracee = &pause->tracees.items[*place];
	if (!WIFSTOPPED(status))
		tracee->state = TRACEE_ENDED;
	else if (status >> 16 == PTRACE_EVENT_STOP)
		tracee->state = TRACEE_STOPPED;
	else
		/* On its way to a signal: it gets that, and then stops. */
		ptrace(PTRACE_CONT, tid, NULL, (void *)(intptr_t)WSTOPSIG(status));
}

/* Takes what reports there are; false where there was none. */
static bool note_all(struct pause *pause)
{
	bool any = false;
	int status;
	pid_t tid;

	while ((tid = waitpid(-1, &status, __WALL | __WNOTHREAD | WNOHANG)) > 0) {
		note(pause, tid, status);
		any = true;
	}
	return any;
}

/* A thread that sleeps uninterruptibly (as in vfork) is still already: it
 * stops before it comes back to its program. */
static bool is_still(const struct pause *pause, const struct tracee *tracee)
{
	char state;

	if (tracee->state != TRACEE_ASKED)
		return true;
	state = thread_state(pause->pid, tracee->tid);
	return !state || strchr("DZX", state);
}

static bool all_still(const struct pause *pause)
{
	for (size_t i = 0; i < pause->tracees.count; i++)
		if (!is_still(pause, &pause->tracees.items[i]))
			return false;
	return true;
}

static bool all_reported(const struct pause *pause)
{
	for (size_t i = 0; i < pause->tracees.count; i++)
		if (pause->tracees.items[i].state == TRACEE_ASKED)
			return false;
	return true;
}

/* Waits until all threads that were asked are still. */
static bool wait_for_all(struct pause *pause)
{
	const struct timespec nap = { .tv_nsec = NAP_NS };

	for (unsigned i = 0; !all_reported(pause); i++) {
		if (note_all(pause))
			continue;
		if (is_past(&pause->deadline))
			return false;
		if (i < SPINS) {
			sched_yield();
			continue;
		}
		if (all_still(pause))
			return true;
		nanosleep(&nap, NULL);
	}
	return true;
}

/* Threads that are born while the first are stopped are found by listing
 * them again, until none is new. */
static const char *stop_all(struct pause *pause)
{
	for (bool added = true; added;) {
		if (!ask_all(pause, &added))
			return errno == EPERM || errno == EACCES
					       ? "another debugger may trace it, or ptrace is not "
						 "allowed"
					       : "its threads cannot be stopped";
		if (added && !wait_for_all(pause))
			return "its threads did not stop within the limit of the pause";
	}
	return pause->tracees.count ? NULL : "it has no threads any more";
}

static void release_all(struct pause *pause)
{
	note_all(pause);
	for (size_t i = 0; i < pause->tracees.count; i++)
		if (pause->tracees.items[i].state == TRACEE_STOPPED)
			ptrace(PTRACE_DETACH, pause->tracees.items[i].tid, NULL, NULL);
	/* Those that have not stopped are released by the end of this thread. */
}

static void set_phase(struct pause *pause, enum phase phase, const char *why)
{
	pthread_mutex_lock(&pause->lock);
	pause->phase = phase;
	pause->why = why;
	pthread_cond_broadcast(&pause->changed);
	pthread_mutex_unlock(&pause->lock);
}

static void wait_for_reader(struct pause *pause)
{
	pthread_mutex_lock(&pause->lock);
	while (!pause->release && !pause->expired)
		if (pthread_cond_timedwait(&pause->changed, &pause->lock, &pause->deadline) ==
				ETIMEDOUT)
			pause->expired = true;
	pthread_mutex_unlock(&pause->lock);
}

static void *trace(void *argument)
{
	struct pause *pause = argument;

	pause->begun = now();
	const char *why = stop_all(pause);
	if (!why) {
		set_phase(pause, PHASE_STOPPED, NULL);
		wait_for_reader(pause);
	}
	release_all(pause);
	pause->ended = now();
	set_phase(pause, PHASE_RELEASED, why);
	return NULL;
}

/* Signals are for the other threads: their default action ends all of us. */
static bool start_tracer(struct pause *pause)
{
	sigset_t all, before;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	bool ok = !pthread_create(&pause->tracer, NULL, trace, pause);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ok;
}

static void pause_free(struct pause *pause)
{
	array_free(&pause->tracees);
	table_deinit(&pause->index);
	pthread_cond_destroy(&pause->changed);
	pthread_mutex_destroy(&pause->lock);
	free(pause);
}

static struct timespec after(double microseconds)
{
	struct timespec time = now();
	double seconds = microseconds / MICRO;

	time.tv_sec += (time_t)seconds;
	time.tv_nsec += (long)((seconds - (double)(time_t)seconds) * NANO);
	if (time.tv_nsec >= NANO) {
		time.tv_nsec -= NANO;
		time.tv_sec++;
	}
	return time;
}

static struct pause *pause_create(pid_t pid, double limit_us)
{
	struct pause *pause = alloc_zeroed(1, sizeof(*pause));
	pthread_condattr_t attributes;

	pause->pid = pid;
	pause->deadline = after(limit_us);
	pthread_mutex_init(&pause->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&pause->changed, &attributes);
	pthread_condattr_destroy(&attributes);
	return pause;
}

struct pause *pause_begin(pid_t pid, double limit_us, const char **why)
{
	struct pause *pause = pause_create(pid, limit_us);

	if (!start_tracer(pause)) {
		*why = "no thread could be made that stops it";
		pause_free(pause);
		return NULL;
	}
	pthread_mutex_lock(&pause->lock);
	while (pause->phase == PHASE_STOPPING)
		pthread_cond_wait(&pause->changed, &pause->lock);
	*why = pause->why;
	pthread_mutex_unlock(&pause->lock);
	if (!*why)
		return pause;
	pthread_join(pause->tracer, NULL);
	pause_free(pause);
	return NULL;
}

double pause_end(struct pause *pause, bool *in_time)
{
	pthread_mutex_lock(&pause->lock);
	pause->release = true;
	pthread_cond_broadcast(&pause->changed);
	pthread_mutex_unlock(&pause->lock);
	pthread_join(pause->tracer, NULL);
	double length = microseconds_between(&pause->begun, &pause->ended);
	*in_time = !pause->expired;
	pause_free(pause);
	return length;
}
