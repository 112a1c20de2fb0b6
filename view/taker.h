/* Takes snapshots in a thread of its own, one at a time, when it is asked: the
 * keys never wait for one. */
#ifndef VIEW_TAKER_H
#define VIEW_TAKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "view/live.h"
#include "view/picture.h"

struct taker;

/* NULL where there is no thread to be had. */
struct taker *taker_create(const struct live_source *source);
/* Ends it where it is idle.  One that is in the middle of a snapshot is left to
 * the end of the process: that may take long. */
void taker_end(struct taker *taker);

/* Is readable when a snapshot, or an error, is there. */
int taker_fd(const struct taker *taker);

/* Asks for the next one; must not be asked while one is under way. */
void taker_ask(struct taker *taker, bool pauses, uint32_t levels);
/* The same where it need only be known whether the process is still there: what
 * comes is an error, or nothing. */
void taker_check(struct taker *taker);
/* Until what was asked for is fetched: another one would push it out. */
bool taker_is_busy(struct taker *taker);
/* Waits until none is under way, but no longer than that. */
void taker_wait(struct taker *taker, int milliseconds);

/* Gives what is there, one of the two, which is the caller's then; false where
 * there is nothing. */
bool taker_result(struct taker *taker, struct picture **picture, struct error **error);

/* Seconds of the clock that pictures go by. */
double taker_now(void);

#endif
