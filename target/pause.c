/* Holds all threads of a process still: see pause.h. */
#include "target/pause.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/array.h"
#include "base/table.h"
#include "base/thread.h"
#include "target/procfile.h"

enum {
	SMALL_FILE_MAX = 4096,
	TRACER_STACK = 256 * 1024,
	SPINS = 10,      /* of waiting, before it sleeps */
	FREE_ROUNDS = 2, /* through the list of threads, before it sleeps */
	NAP_NS = 50 * 1000,
	STUCK_US = 100 * 1000, /* in one call: it will never end */
	MICRO = 1000 * 1000,
	NANO = 1000 * 1000 * 1000,
};

enum tracee_state {
	TRACEE_ASKED, /* to stop; it has not yet */
	TRACEE_STOPPED,
	TRACEE_ENDED,
	TRACEE_REFUSED,
};

struct tracee {
	pid_t tid;
	enum tracee_state state;
};

struct pause {
	pid_t pid, owner;
	double limit_us;
	pthread_t keeper;
	pid_t tracer;
	sem_t settled; /* the target is stopped, or the tracer has ended */
	sem_t release; /* the reader is done */
	/* The tracer's own until it has settled, or ended: */
	bool stopped, in_time;
	const char *why;
	struct timespec begun, deadline, ended;
	ARRAY(struct tracee) tracees;
	struct table index; /* tid → place */
	alignas(16) unsigned char stack[TRACER_STACK];
};

static struct timespec now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return time;
}

static struct timespec after(struct timespec time, double microseconds)
{
	double seconds = microseconds / MICRO;

	time.tv_sec += (time_t)seconds;
	time.tv_nsec += (long)((seconds - (double)(time_t)seconds) * NANO);
	if (time.tv_nsec >= NANO) {
		time.tv_nsec -= NANO;
		time.tv_sec++;
	}
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

/* False where the deadline came first. */
static bool wait_for(sem_t *semaphore, const struct timespec *deadline)
{
	int failed;

	do
		failed = sem_clockwait(semaphore, CLOCK_MONOTONIC, deadline);
	while (failed && errno == EINTR);
	return !failed;
}

/* ---- the tracer: a process of its own in our memory ---- */

struct thread_stat {
	char state;        /* 0: it is gone */
	unsigned siblings; /* how many threads its process has */
};

static struct thread_stat read_stat(pid_t pid, pid_t tid)
{
	struct thread_stat stat = { 0 };
	char name[64], *text;

	snprintf(name, sizeof(name), "task/%d/stat", (int)tid);
	if (procfile_read(pid, name, SMALL_FILE_MAX, &text, NULL))
		return stat;
	/* The name before them may hold anything. */
	char *at = strrchr(text, ')');
	/* NOLINTNEXTLINE(cert-err34-c): the kernel's numbers fit */
	if (!at || sscanf(at + 1,
				   " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d "
				   "%*d %*d %u",
				   &stat.state, &stat.siblings) != 2)
		stat = (struct thread_stat){ 0 };
	free(text);
	return stat;
}

static bool is_ended(char state)
{
	return !state || state == 'Z' || state == 'X';
}

/* The process ends if what it does next takes so long; 0: it may. */
static void end_after(suseconds_t microseconds)
{
	const struct itimerval time = { .it_value.tv_usec = microseconds };

	setitimer(ITIMER_REAL, &time, NULL);
}

/* Seizes a thread and asks it to stop; gives what it is then.  A target that
 * calls exec waits for the threads that we trace, and the kernel lets nobody
 * trace another of its threads until then: only our end helps both. */
static enum tracee_state seize(const struct pause *pause, pid_t tid)
{
	end_after(STUCK_US);
	bool failed = ptrace(PTRACE_SEIZE, tid, NULL, NULL);
	int error = errno;
	end_after(0);
	if (!failed && !ptrace(PTRACE_INTERRUPT, tid, NULL, NULL))
		return TRACEE_ASKED;
	if (!failed)
		error = errno;
	return error == ESRCH || is_ended(read_stat(pause->pid, tid).state) ? TRACEE_ENDED
									    : TRACEE_REFUSED;
}

/* Asks one thread to stop, unless we have it; `*is_new` says that we had not. */
static enum tracee_state ask(struct pause *pause, pid_t tid, bool *is_new)
{
	uint64_t *place = table_add(&pause->index, (uint64_t)tid, is_new);

	if (*is_new) {
		*place = pause->tracees.count;
		array_push(&pause->tracees)->tid = tid;
	} else if (pause->tracees.items[*place].state != TRACEE_ENDED) {
		return TRACEE_ASKED;
	}
	enum tracee_state state = seize(pause, tid);
	/* It may have ended in between, and one that calls exec got its number. */
	if (state == TRACEE_REFUSED)
		state = seize(pause, tid);
	pause->tracees.items[*place].state = state;
	/* A leader that ends before the other threads stays listed. */
	*is_new |= state != TRACEE_ENDED || tid != pause->pid;
	return state;
}

/* Asks all threads that are listed; gives why that failed.  `*are_all` says that
 * there are no others: a list stops short where it comes to a thread that ends,
 * but those that we have stay in it, and then the kernel counts no more. */
static const char *ask_all(struct pause *pause, bool *are_all)
{
	char path[64];
	unsigned listed = 0;
	enum tracee_state state = TRACEE_ASKED;

	*are_all = true;
	snprintf(path, sizeof(path), "/proc/%d/task", (int)pause->pid);
	DIR *directory = opendir(path);
	if (!directory)
		return "its threads cannot be listed";
	for (struct dirent *entry; state != TRACEE_REFUSED && !is_past(&pause->deadline) &&
				   (entry = readdir(directory));) {
		bool is_new;
		if (entry->d_name[0] == '.')
			continue;
		state = ask(pause, (pid_t)strtol(entry->d_name, NULL, 10), &is_new);
		*are_all &= !is_new;
		listed++;
	}
	closedir(directory);
	*are_all &= read_stat(pause->pid, pause->pid).siblings == listed;
	return state == TRACEE_REFUSED ? "another debugger may trace it, or ptrace is not allowed"
				       : NULL;
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

	while ((tid = waitpid(-1, &status, __WALL | WNOHANG)) > 0) {
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
	state = read_stat(pause->pid, tracee->tid).state;
	return !state || strchr("DIZX", state);
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

/* Those that end, or come to their stop, may want this processor. */
static void nap(void)
{
	const struct timespec time = { .tv_nsec = NAP_NS };

	nanosleep(&time, NULL);
}

/* Waits until all threads that were asked are still. */
static bool wait_for_all(struct pause *pause)
{
	for (unsigned i = 0; note_all(pause) || !all_reported(pause); i++) {
		if (is_past(&pause->deadline))
			return false;
		if (i < SPINS)
			sched_yield();
		else if (all_still(pause))
			return true;
		else
			nap();
	}
	return !is_past(&pause->deadline);
}

/* Threads that are born while the first are stopped are found by listing
 * them again, until we have all. */
static const char *stop_all(struct pause *pause)
{
	const char *why = NULL;
	bool have_all = false;

	for (unsigned round = 0; !why && !have_all; round++) {
		if (round >= FREE_ROUNDS)
			nap();
		why = ask_all(pause, &have_all);
		if (!why && !wait_for_all(pause))
			why = "its threads did not stop within the limit of the pause";
	}
	return why;
}

/* Those that have not stopped are released by the end of the tracer. */
static void release_all(struct pause *pause)
{
	note_all(pause);
	for (size_t i = 0; i < pause->tracees.count; i++)
		if (pause->tracees.items[i].state == TRACEE_STOPPED)
			ptrace(PTRACE_DETACH, pause->tracees.items[i].tid, NULL, NULL);
}

static void let_alarm_end_us(void)
{
	sigset_t alarm;

	signal(SIGALRM, SIG_DFL);
	sigemptyset(&alarm);
	sigaddset(&alarm, SIGALRM);
	sigprocmask(SIG_UNBLOCK, &alarm, NULL);
}

static int trace(void *argument)
{
	struct pause *pause = argument;
	const struct sched_param urgent = { .sched_priority = 1 };

	/* Where that is allowed: while this waits for a processor, so does the target. */
	sched_setscheduler(0, SCHED_FIFO, &urgent);
	/* What stops a job must not stop this; what kills it does. */
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != pause->owner)
		return 0;
	let_alarm_end_us();
	pause->why = "it is becoming another program"; /* if we do not come back */
	pause->begun = now();
	pause->deadline = after(pause->begun, pause->limit_us);
	pause->why = stop_all(pause);
	if (!pause->why) {
		pause->stopped = true;
		sem_post(&pause->settled);
		pause->in_time = wait_for(&pause->release, &pause->deadline);
	}
	release_all(pause);
	pause->ended = now();
	return 0;
}

/* ---- our side ---- */

/* The tracer runs on the errno and the malloc of this thread, which sleeps
 * until it ends. */
static void *keep_tracer(void *argument)
{
	struct pause *pause = argument;
	siginfo_t end;

	clone(trace, pause->stack + sizeof(pause->stack),
			CLONE_VM | CLONE_VFORK | CLONE_PARENT_SETTID, pause, &pause->tracer);
	/* Once its end can be waited for, it holds nothing any more. */
	if (pause->tracer > 0)
		waitid(P_PID, (id_t)pause->tracer, &end, WEXITED | WNOWAIT | __WALL);
	if (!pause->ended.tv_sec)
		pause->ended = now(); /* something has killed it */
	sem_post(&pause->settled);
	return NULL;
}

static struct pause *pause_create(pid_t pid, double limit_us)
{
	struct pause *pause = alloc_zeroed(1, sizeof(*pause));

	pause->pid = pid;
	pause->owner = getpid();
	pause->limit_us = limit_us;
	pause->why = "no process could be made that stops it";
	sem_init(&pause->settled, 0, 0);
	sem_init(&pause->release, 0, 0);
	return pause;
}

static void pause_free(struct pause *pause)
{
	array_free(&pause->tracees);
	table_deinit(&pause->index);
	sem_destroy(&pause->settled);
	sem_destroy(&pause->release);
	free(pause);
}

static void wait_until_settled(struct pause *pause)
{
	while (sem_wait(&pause->settled) && errno == EINTR)
		;
}

static void end_tracer(struct pause *pause)
{
	pthread_join(pause->keeper, NULL);
	if (pause->tracer > 0)
		waitpid(pause->tracer, NULL, __WALL);
}

struct pause *pause_begin(pid_t pid, double limit_us, const char **why)
{
	struct pause *pause = pause_create(pid, limit_us);

	if (thread_begin(&pause->keeper, keep_tracer, pause)) {
		wait_until_settled(pause);
		if (pause->stopped)
			return pause;
		end_tracer(pause);
	}
	*why = pause->why;
	pause_free(pause);
	return NULL;
}

double pause_end(struct pause *pause, bool *in_time)
{
	sem_post(&pause->release);
	end_tracer(pause);
	double length = microseconds_between(&pause->begun, &pause->ended);
	*in_time = pause->in_time;
	pause_free(pause);
	return length;
}
