/* Which tasks have a text in what is said of them. */
#ifndef VIEW_MATCH_H
#define VIEW_MATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/table.h"
#include "model/snapshot.h"

/* A search that is under way. */
struct match {
	const struct snapshot *snapshot; /* NULL: none is under way */
	char *text;
	bool *found;   /* by the index of a task */
	uint32_t next; /* to be looked at */
	char *(*find)(const char *in, const char *text);
	struct table stacks; /* what is known of them */
	struct buffer words;
};

/* Looks for tasks whose name, a function or file of its stack, its coroutine or
 * what it waits for has the text in it.  Capital letters matter where the text
 * has one. */
void match_begin(struct match *match, const struct snapshot *snapshot, const char *text);
/* Looks at so many more; false where there are no more after these. */
bool match_go_on(struct match *match, uint32_t tasks);
/* Ends it, and gives what was found, which is the caller's, or NULL where none is
 * under way. */
bool *match_end(struct match *match);

/* All of it at once. */
bool *match_tasks(const struct snapshot *snapshot, const char *text);

#endif
