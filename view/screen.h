/* The terminal: lines, keys, the mouse and the size, by ncurses, which is known
 * only here.  There is one screen at a time.
 *
 * What is drawn shows up with screen_show(), which sends the terminal only what
 * is different from what it has. */
#ifndef VIEW_SCREEN_H
#define VIEW_SCREEN_H

#include <stdbool.h>
#include <stddef.h>

#include "sheet.h"

/* Keys beside characters, which are their code points. */
enum {
	KEY_OF_NONE = -1,
	KEY_OF_LEFT = 0x110000,
	KEY_OF_RIGHT,
	KEY_OF_UP,
	KEY_OF_DOWN,
	KEY_OF_PAGE_UP,
	KEY_OF_PAGE_DOWN,
	KEY_OF_HOME,
	KEY_OF_END,
	KEY_OF_BACKSPACE,
	KEY_OF_CLICK, /* at screen_click() */
	KEY_OF_WHEEL_UP,
	KEY_OF_WHEEL_DOWN,
	KEY_OF_F0, /* F1 is one more, and so on */
	KEY_OF_F12 = KEY_OF_F0 + 12,
};

/* Why there is no screen. */
enum screen_failure { SCREEN_OPEN, SCREEN_NO_TERMINAL, SCREEN_UNKNOWN_TERMINAL };

/* Takes the terminal over; where the program crashes it gives it back. */
enum screen_failure screen_open(bool color);
void screen_close(void);

/* Gives the terminal back in one of the ways that a signal handler may; also
 * where there is no screen. */
void screen_abandon(void);

/* Gives the terminal to others for a while, and takes it again. */
void screen_leave(void);
void screen_return(void);

/* Whether it may show more than ASCII: a VT100 has no such characters. */
bool screen_has_unicode(void);
int screen_rows(void);
int screen_columns(void);
/* Asks the terminal for its size. */
void screen_resize(void);

/* Draws the line of that number of the sheet, and what is left of the row blank; past the end
 * of the sheet all of it.  In a row that is `marked` all is set off. */
void screen_draw(int row, const struct sheet *sheet, size_t number, bool marked);
/* Where the cursor stands; it is hidden where `column` is negative. */
void screen_cursor(int row, int column);
/* All is drawn anew, in case something else wrote to the terminal. */
void screen_redraw(void);
void screen_show(void);

/* The next key that was typed, KEY_OF_NONE where there is none. */
int screen_key(void);
void screen_click(int *row, int *column);

#endif
