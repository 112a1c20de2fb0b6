/* Source files of the process: the last few that were looked at.
 *
 * A thread reads them, since a disk may be slow, and a file system of the process may
 * never answer: a file is not there before it comes. */
#ifndef VIEW_SOURCES_H
#define VIEW_SOURCES_H

#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "view/live.h"

enum { SOURCES_MAX = 16 };

struct source_file {
	char *file;
	char *text; /* NULL: it cannot be read, or is not there yet */
	size_t length;
	uint64_t used; /* in which use of them all */
};

struct sources {
	const struct live_source *source;
	struct source_file files[SOURCES_MAX];
	uint64_t use;
	struct source_reading *reading; /* one at a time, or NULL */
};

/* One that is still being read is left to the end of the process. */
void sources_deinit(struct sources *sources);

/* The files that are asked for from here on are used together. */
void sources_begin(struct sources *sources);

/* One line, from 1, into `line`, which is empty before; false where there is none, or
 * not yet. */
bool sources_line(struct sources *sources, const char *file, int number, struct buffer *line);

/* Is readable when a file is there, -1 where none is being read. */
int sources_fd(const struct sources *sources);
/* Takes it. */
void sources_take(struct sources *sources);

#endif
