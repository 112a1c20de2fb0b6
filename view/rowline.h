/* The line of a row: what was seen over time, and the line of the tree. */
#ifndef VIEW_ROWLINE_H
#define VIEW_ROWLINE_H

#include "pen.h"
#include "view/picture.h"
#include "view/rows.h"

/* How rows are drawn just now. */
struct rowline {
	const struct picture *picture;
	const struct rows *rows;
	size_t width;
	double now_s;
	uint32_t mark_look; /* what is newer is marked; 0: what is new for a moment is */
	enum order order;
};

/* How long what is new, moved or ended is marked. */
enum { MARKED_SECONDS = 3 };

void rowline_draw(struct pen *pen, const struct rowline *how, uint32_t number);
/* The names of the columns. */
void rowline_draw_heading(struct pen *pen, const struct rowline *how);

#endif
