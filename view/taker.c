/* Takes snapshots in a thread of its own: see taker.h. */
#include "view/taker.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/thread.h"

/* Of what was asked for: under way, or there and not fetched. */
enum state { STATE_IDLE, STATE_BUSY, STATE_GIVEN };

struct taker {
	struct live_source source;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t asked, given;
	int event;
	/* The thread's own: */
	struct history history;
	/* Under the lock: */
	enum state state;
	bool ends, checks, pauses;
	uint32_t levels;
	struct picture *picture;
	struct error *error;
};

static double seconds_of(const struct timespec *time)
{
	return (double)time->tv_sec + (double)time->tv_nsec / 1e9;
}

static double clock_seconds(clockid_t clock)
{
	struct timespec time;

	clock_gettime(clock, &time);
	return seconds_of(&time);
}

double taker_now(void)
{
	return clock_seconds(CLOCK_MONOTONIC);
}

static void give(struct taker *taker, struct picture *picture, struct error *error)
{
	pthread_mutex_lock(&taker->lock);
	taker->picture = picture;
	taker->error = error;
	taker->state = STATE_GIVEN;
	pthread_cond_signal(&taker->given);
	pthread_mutex_unlock(&taker->lock);
	eventfd_write(taker->event, 1);
}

static void take(struct taker *taker, bool pauses, uint32_t levels)
{
	struct snapshot *snapshot = NULL;
	struct picture *picture = NULL;
	/* By the other clock, which may be set meanwhile, the snapshot was taken. */
	double ahead_s = clock_seconds(CLOCK_REALTIME) - taker_now();

	struct error *error = taker->source.take(taker->source.context, pauses, &snapshot);
	if (!error)
		picture = picture_create(snapshot, &taker->history, levels,
				seconds_of(&snapshot->taken_at) - ahead_s);
	give(taker, picture, error);
}

static void *run(void *argument)
{
	struct taker *taker = argument;

	for (;;) {
		pthread_mutex_lock(&taker->lock);
		while (taker->state != STATE_BUSY && !taker->ends)
			pthread_cond_wait(&taker->asked, &taker->lock);
		bool ends = taker->ends, checks = taker->checks, pauses = taker->pauses;
		uint32_t levels = taker->levels;
		pthread_mutex_unlock(&taker->lock);
		if (ends)
			return NULL;
		if (checks)
			give(taker, NULL, taker->source.check(taker->source.context));
		else
			take(taker, pauses, levels);
	}
}

struct taker *taker_create(const struct live_source *source)
{
	struct taker *taker = alloc_zeroed(1, sizeof(*taker));

	taker->source = *source;
	taker->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&taker->lock, NULL);
	pthread_cond_init(&taker->asked, NULL);
	pthread_cond_init(&taker->given, NULL);
	bool begun = thread_begin(&taker->thread, run, taker);
	if (begun && taker->event >= 0)
		return taker;
	if (begun)
		taker_end(taker);
	return NULL;
}

void taker_end(struct taker *taker)
{
	pthread_mutex_lock(&taker->lock);
	bool busy = taker->state == STATE_BUSY;
	taker->ends = true;
	pthread_cond_signal(&taker->asked);
	pthread_mutex_unlock(&taker->lock);
	if (busy)
		return;
	pthread_join(taker->thread, NULL);
	close(taker->event);
	history_deinit(&taker->history);
	picture_destroy(taker->picture);
	error_free(taker->error);
	pthread_cond_destroy(&taker->asked);
	pthread_cond_destroy(&taker->given);
	pthread_mutex_destroy(&taker->lock);
	free(taker);
}

int taker_fd(const struct taker *taker)
{
	return taker->event;
}

void taker_ask(struct taker *taker, bool pauses, uint32_t levels)
{
	pthread_mutex_lock(&taker->lock);
	taker->state = STATE_BUSY;
	taker->checks = false;
	taker->pauses = pauses;
	taker->levels = levels;
	pthread_cond_signal(&taker->asked);
	pthread_mutex_unlock(&taker->lock);
}

void taker_check(struct taker *taker)
{
	pthread_mutex_lock(&taker->lock);
	taker->state = STATE_BUSY;
	taker->checks = true;
	pthread_cond_signal(&taker->asked);
	pthread_mutex_unlock(&taker->lock);
}

bool taker_is_busy(struct taker *taker)
{
	pthread_mutex_lock(&taker->lock);
	bool busy = taker->state != STATE_IDLE;
	pthread_mutex_unlock(&taker->lock);
	return busy;
}

void taker_wait(struct taker *taker, int milliseconds)
{
	struct timespec end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += milliseconds / 1000;
	end.tv_nsec += milliseconds % 1000 * 1000000L;
	end.tv_sec += end.tv_nsec / 1000000000L;
	end.tv_nsec %= 1000000000L;
	pthread_mutex_lock(&taker->lock);
	int failed = 0;
	while (taker->state == STATE_BUSY && !failed)
		failed = pthread_cond_clockwait(&taker->given, &taker->lock, CLOCK_MONOTONIC, &end);
	pthread_mutex_unlock(&taker->lock);
}

bool taker_result(struct taker *taker, struct picture **picture, struct error **error)
{
	eventfd_t count;

	eventfd_read(taker->event, &count);
	pthread_mutex_lock(&taker->lock);
	*picture = taker->picture;
	*error = taker->error;
	taker->picture = NULL;
	taker->error = NULL;
	if (taker->state == STATE_GIVEN)
		taker->state = STATE_IDLE;
	pthread_mutex_unlock(&taker->lock);
	return *picture || *error;
}
