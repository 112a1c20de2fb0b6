/* What stands above the rows: the process, its loops, what was found. */
#ifndef VIEW_HEADER_H
#define VIEW_HEADER_H

#include "pen.h"
#include "view/picture.h"

struct header {
	const struct picture *picture;
	size_t width;
	size_t lines;        /* that it may have, 1 at least */
	double rate;         /* snapshots a second; 0: not known yet */
	const char *mode;    /* "FROZEN", or what else is out of the ordinary; or NULL */
	const char *failure; /* why there is no newer picture, or NULL */
	const char *note;    /* what is seen of it: a filter, a mark; or NULL */
};

void header_draw(struct pen *pen, const struct header *header);

#endif
