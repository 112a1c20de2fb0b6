/* What is looked at of a picture, and from where: the order, the filter, what is
 * folded, the row with the cursor.  It stays from picture to picture. */
#ifndef VIEW_BROWSE_H
#define VIEW_BROWSE_H

#include "base/buffer.h"
#include "view/keys.h"
#include "view/rows.h"

struct browse {
	struct picture *picture; /* its own */
	struct rows rows;
	struct folding folding;
	enum shape shape;
	enum order order;
	uint32_t cursor, top; /* rows; `top` is the first on the screen */
	uint32_t height;      /* rows on the screen */
	struct buffer filter, search;
	bool *shown, *found; /* by the index of a task; NULL where all, or none */
	bool diff;           /* only what changed since the mark is shown */
	uint32_t mark_look;
	double mark_s;
	uint64_t mark_ended;
};

void browse_deinit(struct browse *browse);

/* The next picture; the cursor stays on its task. */
void browse_set_picture(struct browse *browse, struct picture *picture);
/* After the filter, or how the rows are made, has changed. */
void browse_refresh(struct browse *browse);
/* After the search has changed. */
void browse_set_search(struct browse *browse);
void browse_set_height(struct browse *browse, uint32_t height);
void browse_go(struct browse *browse, int64_t row);

/* Goes to the next that was found, also inside folded groups; false where there
 * is none.  `from_here`: the row with the cursor may be it. */
bool browse_find(struct browse *browse, bool forward, bool from_here);

/* What an action of the list does; false where it is none. */
bool browse_act(struct browse *browse, enum action action);

/* The row with the cursor, NULL where there is none, and its task. */
const struct row *browse_row(const struct browse *browse);
const struct task *browse_task(const struct browse *browse);

/* What is left out, in words; false where nothing is. */
bool browse_note(const struct browse *browse, struct buffer *note);

#endif
