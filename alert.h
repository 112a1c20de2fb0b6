/* Findings as text: the lines that begin with "!". */
#ifndef ALERT_H
#define ALERT_H

#include "model/snapshot.h"
#include "pen.h"

/* Draws the findings of the snapshot, which come before all else; with `rows` as
 * many as these have room for, and one at least.  A long one goes on in further
 * lines where `width` is not 0.  Gives the number of rows that they take, or -1
 * where they could not be written. */
int alerts_draw(struct pen *pen, const struct snapshot *snapshot, size_t width, int rows);

/* The same of one message after a mark. */
int alert_draw(struct pen *pen, const char *mark, const char *message, size_t width);

#endif
