/* A thread that does one job at a time beside the one that has it.
 *
 * Jobs are of some ten microseconds: both sides look for a moment before they sleep, and
 * who needs the result of a job that is not begun yet does it. */
#ifndef BASE_WORKER_H
#define BASE_WORKER_H

#include <stdbool.h>

struct worker;

/* NULL where there is no thread to be had, or one processor alone. */
struct worker *worker_create(void);

/* Waits for its job.  NULL is none. */
void worker_destroy(struct worker *worker);

/* Gives it a job, which may begin at once.  It must have none. */
void worker_post(struct worker *worker, void (*job)(void *argument), void *argument);

/* Whether it has one that is not done. */
bool worker_is_busy(struct worker *worker);

/* Returns when it has none. */
void worker_wait(struct worker *worker);

#endif
