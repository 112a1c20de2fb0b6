/* What the keys do: see keys.h. */
#include "view/keys.h"

#include <string.h>

#include "view/screen.h"

enum { KEYS_MAX = 4, HELP_COLUMN = 18, BAR_GAP = 2 };

#define CONTROL(letter) ((letter)&0x1f)

static const struct key_row {
	enum action action;
	int keys[KEYS_MAX];
	const char *names; /* in the help */
	const char *help;
	const char *in_bar; /* the key there, or NULL: it is not in the bar */
	const char *bar;
} rows[] = {
	{ ACTION_UP, { KEY_OF_UP, 'k', CONTROL('p') }, "Up k", "the task above", NULL, NULL },
	{ ACTION_DOWN, { KEY_OF_DOWN, 'j', CONTROL('n') }, "Down j", "the task below", NULL, NULL },
	{ ACTION_PAGE_UP, { KEY_OF_PAGE_UP, CONTROL('b') }, "PgUp", "a screen up", NULL, NULL },
	{ ACTION_PAGE_DOWN, { KEY_OF_PAGE_DOWN, CONTROL('f') }, "PgDn", "a screen down", NULL,
			NULL },
	{ ACTION_HOME, { KEY_OF_HOME, 'g' }, "Home g", "the first", NULL, NULL },
	{ ACTION_END, { KEY_OF_END, 'G' }, "End G", "the last", NULL, NULL },
	{ ACTION_TOGGLE, { '\n' }, "Enter", "fold or unfold", NULL, NULL },
	{ ACTION_UNFOLD, { '+', KEY_OF_RIGHT, '=' }, "+ Right", "unfold", NULL, NULL },
	{ ACTION_FOLD, { '-', KEY_OF_LEFT }, "- Left", "fold", NULL, NULL },
	{ ACTION_ALL, { '*' }, "*", "unfold all, or fold all groups again", NULL, NULL },
	{ ACTION_HELP, { '?', 'h', KEY_OF_F0 + 1 }, "? h F1", "this help", "?", "Help" },
	{ ACTION_QUIT, { 'q', KEY_OF_F0 + 10 }, "q F10", "quit", "q", "Quit" },
	{ ACTION_SEARCH, { '/', KEY_OF_F0 + 3 }, "/ F3", "search names, functions, files and waits",
			"/", "Search" },
	{ ACTION_NEXT, { 'n' }, "n", "the next that was searched for", NULL, NULL },
	{ ACTION_PREVIOUS, { 'N' }, "N", "the one before", NULL, NULL },
	{ ACTION_FILTER, { '\\', '&', KEY_OF_F0 + 4 }, "\\ & F4",
			"show only what matches, as you type", "&", "Filter" },
	{ ACTION_SORT, { 's', KEY_OF_F0 + 6 }, "s F6", "sort by the next column", "s", "Sort" },
	{ ACTION_STUCK, { 'S' }, "S", "sort by who is stuck longest", "S", "Stuck" },
	{ ACTION_SHAPE, { 't', KEY_OF_F0 + 5 }, "t F5", "tree, flat, or grouped by coroutine", "t",
			"Tree" },
	{ ACTION_DETAIL, { '\t' }, "Tab",
			"all about the task: to its pane, and back; Esc closes it", "Tab",
			"Detail" },
	{ ACTION_FREEZE, { ' ' }, "Space", "freeze: look around in one snapshot", "Spc", "Freeze" },
	{ ACTION_DIFF, { 'd' }, "d", "only what changed since the mark, or all", "d", "Diff" },
	{ ACTION_MARK, { 'm' }, "m", "set the mark here; at first it is the start", NULL, NULL },
	{ ACTION_PAUSE, { 'p' }, "p", "stop the process while it is read, or not", "p", "Pause" },
	{ ACTION_WRITE, { 'w' }, "w", "write the snapshot into a file, JSON or text", "w",
			"Write" },
	{ ACTION_CANCEL, { '\033' }, "Esc", "close, leave a search or filter", NULL, NULL },
	{ ACTION_REDRAW, { CONTROL('l') }, "Ctrl-L", "draw the screen anew", NULL, NULL },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

enum action keys_action(int key)
{
	for (int i = 0; i < ROWS && key > 0; i++)
		for (int k = 0; k < KEYS_MAX; k++)
			if (rows[i].keys[k] == key)
				return rows[i].action;
	return ACTION_NONE;
}

static size_t width_in_bar(const struct key_row *row)
{
	return strlen(row->in_bar) + 1 + strlen(row->bar);
}

void keys_draw_bar(struct pen *pen, size_t width)
{
	for (int i = 0; i < ROWS; i++) {
		if (!rows[i].in_bar)
			continue;
		size_t gap = pen->column ? BAR_GAP : 0;
		if (pen->column + gap + width_in_bar(&rows[i]) > width)
			break;
		pen_spaces(pen, gap);
		pen_puts(pen, STYLE_KEY, rows[i].in_bar);
		pen_puts(pen, STYLE_PLAIN, " ");
		pen_puts(pen, STYLE_PLAIN, rows[i].bar);
	}
}

enum action keys_bar_action(size_t column, size_t width)
{
	size_t at = 0;

	for (int i = 0; i < ROWS; i++) {
		if (!rows[i].in_bar)
			continue;
		size_t end = at + width_in_bar(&rows[i]);
		if (end > width)
			break;
		if (column >= at && column < end)
			return rows[i].action;
		at = end + BAR_GAP;
	}
	return ACTION_NONE;
}

void keys_draw_help(struct pen *pen, size_t width)
{
	size_t least = width < 60 ? 8 : HELP_COLUMN;

	for (int i = 0; i < ROWS; i++) {
		pen_puts(pen, STYLE_KEY, rows[i].names);
		pen_spaces(pen, pen->column < least ? least - pen->column : 1);
		pen_puts(pen, STYLE_PLAIN, rows[i].help);
		pen_end_line(pen);
	}
}
