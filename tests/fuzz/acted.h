/* take.c, for a target that does not exist: what it asks the kernel for while it
 * takes a snapshot is acted here.  What lies between a known location and a
 * snapshot is private to it, so it is included whole. */
#ifndef TESTS_FUZZ_ACTED_H
#define TESTS_FUZZ_ACTED_H

#include <time.h>

int acted_clock(clockid_t clock, struct timespec *now);
int acted_sleep(const struct timespec *time, struct timespec *left);

#define clock_gettime acted_clock
#define nanosleep acted_sleep
#define pause_begin acted_begin
#define pause_end acted_end
#define process_resident acted_resident
#define process_read_threads acted_read_threads
#include "cpython/take.c" /* NOLINT(bugprone-suspicious-include) */
#undef clock_gettime
#undef nanosleep
#undef pause_begin
#undef pause_end
#undef process_resident
#undef process_read_threads

enum { ACTED_PAUSE_US = 1 };

static bool acted_in_time = true;

/* Later than any recording: what is timed is overdue, and what runs is late. */
int acted_clock(clockid_t clock, struct timespec *now)
{
	enum { SECONDS = 1000 * 1000 * 1000 };

	(void)clock;
	*now = (struct timespec){ .tv_sec = SECONDS };
	return 0;
}

int acted_sleep(const struct timespec *time, struct timespec *left)
{
	(void)time;
	(void)left;
	return 0;
}

struct pause *acted_begin(pid_t pid, double limit_us, const char **why)
{
	static char nothing;

	(void)pid;
	(void)limit_us;
	*why = NULL;
	return (struct pause *)(void *)&nothing;
}

double acted_end(struct pause *pause, bool *in_time)
{
	(void)pause;
	*in_time = acted_in_time;
	return ACTED_PAUSE_US;
}

size_t acted_resident(const struct process *process)
{
	enum { RESIDENT = 16 * 1024 * 1024 }; /* a small Python */

	(void)process;
	return RESIDENT;
}

void acted_read_threads(struct process *process)
{
	(void)process;
}

#endif
