/* The terminal, by ncurses: see screen.h. */
#include "view/screen.h"

#include <curses.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#include "pen.h"

/* term.h calls two of the terminal's numbers so, and our own things, too. */
#undef lines
#undef columns

enum {
	ESCAPE_MS = 25, /* the rest of a key's sequence comes in this time */
	SEQUENCE_MAX = 64,
	SEQUENCES_MAX = 6,
	RESCUE_MS = 100, /* it takes less */
};

/* How a style looks: with colours, and what it has in any case, so that no
 * meaning hangs on the colour alone. */
static const struct look {
	short color; /* of the foreground; -1: the terminal's */
	attr_t with_color, without;
} looks[STYLES] = {
	[STYLE_PLAIN] = { -1, A_NORMAL, A_NORMAL },
	[STYLE_TITLE] = { -1, A_BOLD, A_BOLD },
	[STYLE_NAME] = { -1, A_BOLD, A_BOLD },
	[STYLE_COUNT] = { -1, A_BOLD, A_BOLD },
	[STYLE_PLACE] = { COLOR_CYAN, A_NORMAL, A_NORMAL },
	[STYLE_FAINT] = { -1, A_DIM, A_NORMAL },
	[STYLE_RUNNING] = { COLOR_GREEN, A_BOLD, A_BOLD },
	[STYLE_READY] = { COLOR_YELLOW, A_NORMAL, A_NORMAL },
	[STYLE_ALARM] = { COLOR_RED, A_BOLD, A_BOLD },
	[STYLE_NEW] = { COLOR_GREEN, A_NORMAL, A_NORMAL },
	[STYLE_MOVED] = { COLOR_BLUE, A_NORMAL, A_NORMAL },
	[STYLE_ENDED] = { COLOR_MAGENTA, A_NORMAL, A_NORMAL },
	[STYLE_HEADING] = { -1, A_REVERSE, A_REVERSE },
	[STYLE_KEY] = { -1, A_BOLD, A_BOLD },
};

static struct {
	SCREEN *screen; /* NULL: none is open */
	bool color;
	bool left;
	attr_t attributes[STYLES];
	int click_row, click_column;
	mbstate_t part; /* of a character that has begun */
} terminal;

/* What gives the terminal back where no library may be called. */
enum { RESCUE_IDLE, RESCUE_ARMED, RESCUE_UNDER_WAY };

static struct {
	atomic_int state;
	struct termios modes;
	size_t length;
	char text[SEQUENCE_MAX * SEQUENCES_MAX];
} rescue;

/* Two threads may come here at once, and then end the program: none of them
 * before it is done.  What a third one draws goes nowhere. */
void screen_abandon(void)
{
	int state = RESCUE_ARMED;

	if (!atomic_compare_exchange_strong(&rescue.state, &state, RESCUE_UNDER_WAY)) {
		for (int i = 0; i < RESCUE_MS && rescue.state == RESCUE_UNDER_WAY; i++)
			poll(NULL, 0, 1);
		return;
	}
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	int ours = dup(STDOUT_FILENO);
	if (nowhere >= 0 && ours >= 0)
		dup2(nowhere, STDOUT_FILENO);
	ssize_t ignored = write(ours >= 0 ? ours : STDOUT_FILENO, rescue.text, rescue.length);
	(void)ignored;
	/* From the background it would stop us. */
	signal(SIGTTOU, SIG_IGN);
	tcsetattr(STDIN_FILENO, TCSANOW, &rescue.modes);
	rescue.state = RESCUE_IDLE;
}

static void crash(int number)
{
	screen_abandon();
	/* The action is the default again: it comes when we return. */
	raise(number);
}

/* The terminal's sequence, without the pauses that old ones need. */
static void keep_sequence(const char *text)
{
	size_t length = 0;

	if (!text || text == (const char *)-1)
		return;
	while (text[length] && text[length] != '$' && length < SEQUENCE_MAX)
		length++;
	memcpy(rescue.text + rescue.length, text, length);
	rescue.length += length;
}

static void arm_rescue(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS };
	struct sigaction action = { .sa_handler = crash, .sa_flags = (int)SA_RESETHAND };

	rescue.length = 0;
	/* Of the mouse, whose sequence terminfo does not have: what ncurses sends. */
	if (key_mouse && strcmp(key_mouse, "\033[") > 0)
		keep_sequence("\033[?1006;1000l");
	keep_sequence(exit_attribute_mode);
	keep_sequence(cursor_normal);
	keep_sequence(keypad_local);
	keep_sequence(exit_ca_mode);
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaction(signals[i], &action, NULL);
	rescue.state = RESCUE_ARMED;
}

static void choose_attributes(bool color)
{
	terminal.color = color && has_colors();
	if (terminal.color) {
		start_color();
		use_default_colors();
	}
	for (int style = 0; style < STYLES; style++) {
		const struct look *look = &looks[style];
		terminal.attributes[style] = terminal.color ? look->with_color : look->without;
		if (!terminal.color || look->color < 0)
			continue;
		/* Pairs count from 1. */
		init_pair((short)(style + 1), look->color, -1);
		terminal.attributes[style] |= (attr_t)COLOR_PAIR(style + 1);
	}
}

static void do_nothing(int number)
{
	(void)number;
}

/* Without a way to move the cursor ncurses would draw all the same, one thing after the
 * other. */
static bool moves_cursor(void)
{
	int status;

	if (setupterm(NULL, STDOUT_FILENO, &status) != OK)
		return false;
	bool moves = cursor_address && *cursor_address;
	del_curterm(cur_term);
	return moves;
}

enum screen_failure screen_open(bool color)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) ||
			tcgetattr(STDIN_FILENO, &rescue.modes))
		return SCREEN_NO_TERMINAL;
	if (!moves_cursor())
		return SCREEN_UNKNOWN_TERMINAL;
	set_escdelay(ESCAPE_MS);
	/* Where ncurses finds a handler, it leaves the signal alone; else it ignores it in
	 * each update, by which the kernel forgets one that is pending. */
	signal(SIGTSTP, do_nothing);
	terminal.screen = newterm(NULL, stdout, stdin);
	if (!terminal.screen)
		return SCREEN_UNKNOWN_TERMINAL;
	set_term(terminal.screen);
	/* Signals come another way than by the handlers that ncurses has set. */
	signal(SIGINT, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	signal(SIGTSTP, SIG_DFL);
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	leaveok(stdscr, FALSE);
	curs_set(0);
	mousemask(BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED, NULL);
	mouseinterval(0);
	choose_attributes(color);
	arm_rescue();
	return SCREEN_OPEN;
}

void screen_close(void)
{
	if (!terminal.screen)
		return;
	if (!terminal.left)
		endwin();
	rescue.state = RESCUE_IDLE;
	delscreen(terminal.screen);
	terminal.screen = NULL;
}

void screen_leave(void)
{
	endwin();
	terminal.left = true;
	rescue.state = RESCUE_IDLE;
}

void screen_return(void)
{
	terminal.left = false;
	rescue.state = RESCUE_ARMED;
	screen_resize();
	clearok(curscr, TRUE);
	refresh();
}

bool screen_has_unicode(void)
{
	return strncmp(termname(), "vt", 2) != 0;
}

int screen_rows(void)
{
	return LINES;
}

int screen_columns(void)
{
	return COLS;
}

void screen_resize(void)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0 && size.ws_col > 0 &&
			(size.ws_row != LINES || size.ws_col != COLS))
		resizeterm(size.ws_row, size.ws_col);
}

/* The bytes of the text that there is room for, in columns; takes off what they use. */
static int fitting(const char *text, size_t length, int *room)
{
	mbstate_t state = { 0 };
	size_t used = 0;

	while (used < length) {
		wchar_t c;
		size_t bytes = mbrtowc(&c, text + used, length - used, &state);
		if (bytes == 0 || bytes > length - used)
			break;
		int width = wcwidth(c);
		if (width < 0 || width > *room)
			break;
		*room -= width;
		used += bytes;
	}
	return (int)used;
}

static void put(attr_t attributes, const char *text, size_t length, int *room)
{
	int bytes = fitting(text, length, room);

	if (!bytes)
		return;
	attrset((int)attributes);
	addnstr(text, bytes);
}

/* A marked row is all of one colour, so that nothing in it is hard to read. */
static attr_t attributes_of(int style, bool marked)
{
	return marked ? (terminal.attributes[style] & ~A_COLOR) | A_REVERSE
		      : terminal.attributes[style];
}

void screen_draw(int row, const struct sheet *sheet, size_t number, bool marked)
{
	const attr_t also = marked ? A_REVERSE : 0;
	int left = COLS;

	move(row, 0);
	if (number < sheet->lines.count) {
		const struct sheet_line *line = &sheet->lines.items[number];
		const char *text = buffer_text(&sheet->text) + line->from;
		size_t length = line->to - line->from, at = 0;

		for (size_t i = line->first_range; i < line->end_range; i++) {
			const struct sheet_range *range = &sheet->ranges.items[i];
			put(also, text + at, range->from - at, &left);
			put(attributes_of(range->style, marked), text + range->from,
					range->to - range->from, &left);
			at = range->to;
		}
		put(also, text + at, length - at, &left);
	}
	attrset((int)also);
	for (; left > 0; left--)
		addch(' ');
	attrset(A_NORMAL);
}

void screen_cursor(int row, int column)
{
	curs_set(column >= 0);
	move(row, column < 0 ? 0 : column < COLS ? column : COLS - 1);
}

void screen_redraw(void)
{
	clearok(curscr, TRUE);
}

void screen_show(void)
{
	refresh();
}

static int mouse_key(void)
{
	MEVENT event;

	if (getmouse(&event) != OK)
		return KEY_OF_NONE;
	terminal.click_row = event.y;
	terminal.click_column = event.x;
	if (event.bstate & BUTTON4_PRESSED)
		return KEY_OF_WHEEL_UP;
	if (event.bstate & BUTTON5_PRESSED)
		return KEY_OF_WHEEL_DOWN;
	return event.bstate & BUTTON1_PRESSED ? KEY_OF_CLICK : KEY_OF_NONE;
}

static int function_key(wint_t code)
{
	static const struct {
		wint_t code;
		int key;
	} keys[] = {
		{ KEY_LEFT, KEY_OF_LEFT },
		{ KEY_RIGHT, KEY_OF_RIGHT },
		{ KEY_UP, KEY_OF_UP },
		{ KEY_DOWN, KEY_OF_DOWN },
		{ KEY_PPAGE, KEY_OF_PAGE_UP },
		{ KEY_NPAGE, KEY_OF_PAGE_DOWN },
		{ KEY_HOME, KEY_OF_HOME },
		{ KEY_FIND, KEY_OF_HOME },
		{ KEY_END, KEY_OF_END },
		{ KEY_SELECT, KEY_OF_END },
		{ KEY_BACKSPACE, KEY_OF_BACKSPACE },
		{ KEY_DC, KEY_OF_BACKSPACE },
		{ KEY_ENTER, '\n' },
	};

	if (code == KEY_MOUSE)
		return mouse_key();
	if (code > KEY_F0 && code <= KEY_F(12))
		return KEY_OF_F0 + (int)(code - KEY_F0);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (keys[i].code == code)
			return keys[i].key;
	return 0; /* one without a meaning, but others may follow */
}

static size_t add_byte(char byte, wchar_t *c)
{
	size_t used = mbrtowc(c, &byte, 1, &terminal.part);

	if (used == (size_t)-1) {
		terminal.part = (mbstate_t){ 0 };
		*c = 0;
	}
	return used;
}

/* One byte more: true where `c` is a character, or 0 for what is none in this locale. */
static bool is_complete(char byte, wchar_t *c)
{
	bool begun = !mbsinit(&terminal.part);
	size_t used = add_byte(byte, c);

	/* What ends the part of another may be a character itself. */
	if (used == (size_t)-1 && begun)
		used = add_byte(byte, c);
	return used != (size_t)-2;
}

/* ncurses puts characters together as well, but takes what follows an invalid byte with
 * it. */
int screen_key(void)
{
	wchar_t c;
	int code;

	do {
		code = getch();
		if (code == ERR)
			return KEY_OF_NONE;
		if (code > UCHAR_MAX)
			return function_key((wint_t)code);
	} while (!is_complete((char)code, &c));
	if (c == '\r')
		return '\n';
	return c == 0x7f || c == '\b' ? KEY_OF_BACKSPACE : (int)c;
}

void screen_click(int *row, int *column)
{
	*row = terminal.click_row;
	*column = terminal.click_column;
}
