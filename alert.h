/* Findings as text: the lines that begin with "!". */
#ifndef ALERT_H
#define ALERT_H

#include "model/snapshot.h"
#include "pen.h"

/* Draws the findings of the snapshot, which come before all else.  A long one
 * goes on in further lines where `width` is not 0.  Gives the number of lines, or
 * -1 where they could not be written. */
int alerts_draw(struct pen *pen, const struct snapshot *snapshot, int width);

#endif
