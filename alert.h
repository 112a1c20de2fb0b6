/* Findings and warnings as text: the lines that come before the tasks. */
#ifndef ALERT_H
#define ALERT_H

#include "model/snapshot.h"
#include "pen.h"

/* Draws the findings of the snapshot, which come before all else; with `rows` as
 * many as these have room for, and one at least.  A long one goes on in further
 * lines where `width` is not 0.  Gives the number of rows that they take, or -1
 * where they could not be written. */
int alerts_draw(struct pen *pen, const struct snapshot *snapshot, size_t width, int rows);

/* The same of what is not as it should be with the snapshot itself: the tasks that
 * could not be read, and its warnings. */
int warnings_draw(struct pen *pen, const struct snapshot *snapshot, size_t width);

#endif
