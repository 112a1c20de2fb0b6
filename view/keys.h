/* What the keys do: one table, of which the help and the bar are made, too. */
#ifndef VIEW_KEYS_H
#define VIEW_KEYS_H

#include "pen.h"

enum action {
	ACTION_NONE,
	ACTION_UP,
	ACTION_DOWN,
	ACTION_PAGE_UP,
	ACTION_PAGE_DOWN,
	ACTION_HOME,
	ACTION_END,
	ACTION_TOGGLE,
	ACTION_UNFOLD,
	ACTION_FOLD,
	ACTION_ALL,
	ACTION_SEARCH,
	ACTION_NEXT,
	ACTION_PREVIOUS,
	ACTION_FILTER,
	ACTION_SORT,
	ACTION_STUCK,
	ACTION_SHAPE,
	ACTION_FREEZE,
	ACTION_DIFF,
	ACTION_MARK,
	ACTION_PAUSE,
	ACTION_DETAIL,
	ACTION_WRITE,
	ACTION_HELP,
	ACTION_CANCEL,
	ACTION_REDRAW,
	ACTION_QUIT,
	ACTIONS
};

/* The action of a key of screen.h. */
enum action keys_action(int key);

/* The line at the bottom, as much of it as `width` has room for. */
void keys_draw_bar(struct pen *pen, size_t width);
/* The action of what stands in that line at the column. */
enum action keys_bar_action(size_t column, size_t width);

/* All keys and what they do, one action a line. */
void keys_draw_help(struct pen *pen, size_t width);

#endif
