/* What is looked at of a picture, and from where: the order, the filter, what is
 * folded, the row with the cursor.  It stays from picture to picture. */
#ifndef VIEW_BROWSE_H
#define VIEW_BROWSE_H

#include "base/buffer.h"
#include "view/keys.h"
#include "view/match.h"
#include "view/rows.h"

struct browse {
	struct picture *picture; /* its own */
	struct picture *next;    /* comes once it is filtered, or NULL */
	struct rows rows;
	struct folding folding;
	enum shape shape;
	enum order order;
	bool stacks;          /* frames have rows */
	uint32_t cursor, top; /* rows; `top` is the first on the screen */
	uint32_t height;      /* rows on the screen */
	struct buffer filter, search;
	struct match filtering; /* of the next picture, or else of this one */
	bool filter_is_new;     /* since the rows were made */
	/* By the index of a task; NULL where all, or none. */
	bool *matching; /* the filter */
	bool *shown;    /* that and, where `diff`, what changed */
	bool *found;    /* by the search */
	bool diff;      /* only what changed since the mark is shown */
	uint32_t mark_look;
	double mark_s;
	uint64_t mark_ended;
};

void browse_deinit(struct browse *browse);

/* The next picture; the cursor stays on its task.  Where there is a filter it
 * comes when browse_work() has been through it, and until then the old one stays. */
void browse_set_picture(struct browse *browse, struct picture *picture);
/* The old one stays for good. */
void browse_drop_next(struct browse *browse);

void browse_set_filter(struct browse *browse, const char *text);
bool browse_is_busy(const struct browse *browse);
/* Does a part of what is still to do: what takes long must not keep a key waiting.
 * False where nothing is. */
bool browse_work(struct browse *browse);
/* Does all that was asked for by a key. */
void browse_settle(struct browse *browse);

/* A screen that has room for another depth. */
void browse_set_levels(struct browse *browse, uint32_t levels);

/* Makes the rows anew; the cursor stays on its task. */
void browse_refresh(struct browse *browse);
void browse_make_rows(
		const struct browse *browse, const struct folding *folding, struct rows *rows);

void browse_set_search(struct browse *browse, const char *text);
void browse_set_height(struct browse *browse, uint32_t height);
void browse_go(struct browse *browse, int64_t row);

/* What an action of the list does; false where it is none. */
bool browse_act(struct browse *browse, enum action action);

/* The row with the cursor, NULL where there is none, and its task. */
const struct row *browse_row(const struct browse *browse);
const struct task *browse_task(const struct browse *browse);

/* What is left out, in words; false where nothing is. */
bool browse_note(const struct browse *browse, struct buffer *note);

#endif
