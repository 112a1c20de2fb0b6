/* What is said of a branch of the tree in its line. */
#ifndef LABEL_H
#define LABEL_H

#include "model/crop.h"
#include "model/forest.h"
#include "model/paths.h"
#include "pen.h"

/* The line of tasks that stand here: what they are called, what they run and
 * what they wait for.  Where it is wider than `width` (0: no limit) it leaves
 * out what matters least, but never the place nor the wait; `after` columns of
 * it are kept free. */
void label_draw(struct pen *pen, const struct branch *branch, const struct paths *paths,
		size_t width, size_t after);

/* A mention of tasks that stand elsewhere: "↑ Task-7". */
void label_draw_mention(struct pen *pen, const struct branch *branch, size_t width);

/* A frame's line in a stack. */
void label_draw_frame(struct pen *pen, const struct frame *frame, const struct paths *paths,
		size_t width);

#endif
