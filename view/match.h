/* Which tasks have a text in what is said of them. */
#ifndef VIEW_MATCH_H
#define VIEW_MATCH_H

#include <stdbool.h>

#include "model/snapshot.h"

/* Sets `found`, by the index of a task, where its name, a function or file of its
 * stack, its coroutine or what it waits for has the text in it.  Capital letters
 * matter where the text has one. */
void match_tasks(const struct snapshot *snapshot, const char *text, bool *found);

#endif
