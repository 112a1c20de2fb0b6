/* The line that a loop's tasks stand under. */
#ifndef TITLE_H
#define TITLE_H

#include "model/forest.h"
#include "pen.h"

/* Draws the thread, its loop and what that does.  Where the line is wider than
 * `width` (0: no limit), names are shortened; then what the
 * loop has to do is left out, and then the executor. */
void title_draw(struct pen *pen, const struct snapshot *snapshot, const struct block *block,
		size_t width);

#endif
