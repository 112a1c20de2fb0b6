/* Source files of the process: the last few that were looked at. */
#ifndef VIEW_SOURCES_H
#define VIEW_SOURCES_H

#include <stddef.h>

#include "base/buffer.h"
#include "view/live.h"

enum { SOURCES_MAX = 16 };

struct source_file {
	char *file;
	char *text; /* NULL: it cannot be read */
	size_t length;
};

struct sources {
	const struct live_source *source;
	struct source_file files[SOURCES_MAX];
	size_t next;
};

void sources_deinit(struct sources *sources);

/* One line, from 1, into `line`, which is empty before; false where there is none. */
bool sources_line(struct sources *sources, const char *file, int number, struct buffer *line);

#endif
