/* What is said of a task besides where it stands and what it waits for. */
#ifndef CPYTHON_FACTS_H
#define CPYTHON_FACTS_H

#include "cpython/tasks.h"

/* origins.c: where a task was created, of the list that it keeps in debug mode;
 * NULL where it keeps none, or it cannot be read. */
const struct stack *creation_read(
		struct python *python, struct asyncio_names *names, remote_addr summaries);

/* cancels.c: how the task that was read last, and that waits though somebody has
 * cancelled it, goes on; sets the facts of the model. */
void cancel_read(struct reader *reader, size_t index);

/* orphans.c: adds to reader->orphans the task that was read last, and that has this
 * wait, where only what it keeps itself keeps it; and what goes with it. */
void orphans_look(struct reader *reader, size_t index, const struct wait_view *wait);

#endif
