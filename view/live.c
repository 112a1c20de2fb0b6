/* The live view: see live.h.
 *
 * One loop waits for keys, signals and snapshots; each of them changes what is
 * looked at, and then all is drawn. */
#include "view/live.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/array.h"
#include "base/buffer.h"
#include "base/utf8.h"
#include "model/words.h"
#include "view/browse.h"
#include "view/detail.h"
#include "view/find.h"
#include "view/header.h"
#include "view/keys.h"
#include "view/rowline.h"
#include "view/save.h"
#include "view/screen.h"
#include "view/sources.h"
#include "view/taker.h"

enum {
	TICK_MS = 1000, /* a process that is not read is looked after so often */
	RATE_TIMES = 8, /* of the last snapshots, for their rate */
	WHEEL_ROWS = 3,
	SUSPEND_WAIT_MS = 1000,
	END_WAIT_MS = 500, /* for a snapshot that is under way */
	LEVELS_MAX = 50,
	PROMPT_MAX = 200, /* bytes */
	HEADER_PART = 3,  /* of the screen's lines, at most ... */
	FAILURE_PART = 2, /* ... and where there is no newer picture */
	LEAST_ROWS = 3,   /* of the list, beside a pane */
};

enum prompt { PROMPT_NONE, PROMPT_SEARCH, PROMPT_FILTER, PROMPT_WRITE };

enum pane { PANE_NONE, PANE_DETAIL, PANE_HELP };

struct live {
	const struct live_options *options;
	struct taker *taker;
	struct save *save; /* under way, or NULL */
	struct browse browse;
	struct sources sources;
	struct sheet sheet; /* what is on the screen */
	struct pen pen;
	int signal_fd;
	bool pauses, frozen, ends;
	int signal;          /* that ends it */
	struct error *error; /* why there is no newer picture */
	bool is_gone;        /* and there will be none */
	bool reading;        /* a snapshot is being taken */
	double asked_s, checked_s, due_s;
	double times[RATE_TIMES]; /* of the last pictures; a ring */
	size_t time_count;
	enum prompt prompt;
	struct buffer answer, message;
	struct buffer filter_before; /* for a filter that is given up */
	enum pane pane;
	bool pane_has_keys;
	size_t pane_top, pane_lines;
	/* Where things are on the screen. */
	int list_row, pane_row;
};

/* ---- snapshots ---- */

/* A third of the width is for indentation, as in the tree that is printed. */
static uint32_t levels_of(int columns)
{
	int levels = columns / (3 * GLYPH_TREE_WIDTH);

	return levels < 1 ? 1 : levels > LEVELS_MAX ? LEVELS_MAX : (uint32_t)levels;
}

static void ask(struct live *live, double now_s)
{
	live->asked_s = live->checked_s = now_s;
	live->reading = true;
	taker_ask(live->taker, live->pauses, levels_of(screen_columns()));
}

static void check(struct live *live, double now_s)
{
	live->checked_s = now_s;
	taker_check(live->taker);
}

/* One that takes longer than the interval is followed by a rest, too. */
static void plan_next(struct live *live)
{
	double now_s = taker_now(), took_s = now_s - live->asked_s;
	double regular_s = live->asked_s + live->options->interval_s;

	live->due_s = regular_s > now_s + took_s / 4 ? regular_s : now_s + took_s / 4;
}

static void take_in(struct live *live)
{
	struct picture *picture;
	struct error *error;

	if (!taker_result(live->taker, &picture, &error))
		return;
	if (live->reading)
		plan_next(live);
	live->reading = false;
	error_free(live->error);
	live->error = error;
	if (!picture) {
		live->is_gone = error->kind == ERROR_GONE;
		return;
	}
	if (live->frozen && live->browse.picture) {
		picture_destroy(picture); /* what is looked at stays */
		return;
	}
	live->times[live->time_count++ % RATE_TIMES] = picture->at_s;
	picture_set_levels(picture, levels_of(screen_columns()));
	browse_set_picture(&live->browse, picture);
}

static void end_save(struct live *live)
{
	buffer_clear(&live->message);
	save_end(live->save, &live->message);
	live->save = NULL;
}

static double rate_of(const struct live *live)
{
	size_t count = live->time_count < RATE_TIMES ? live->time_count : RATE_TIMES;

	if (count < 2)
		return 0;
	double last = live->times[(live->time_count - 1) % RATE_TIMES];
	double first = live->times[(live->time_count - count) % RATE_TIMES];
	return last > first ? (double)(count - 1) / (last - first) : 0;
}

static bool may_ask(struct live *live)
{
	return !live->is_gone && !live->frozen && !taker_is_busy(live->taker);
}

/* Asks for what is due. */
static void ask_if_due(struct live *live)
{
	double now_s = taker_now();

	if (may_ask(live) && now_s >= live->due_s)
		ask(live, now_s);
	else if (!live->is_gone && !taker_is_busy(live->taker) &&
			now_s - live->checked_s >= TICK_MS / 1000.0)
		check(live, now_s);
}

/* ---- drawing ---- */

static const char *mode_of(struct live *live)
{
	if (live->is_gone)
		return "ENDED";
	if (live->error)
		return "UNREADABLE";
	if (live->frozen)
		return "FROZEN";
	if (live->reading && taker_now() - live->asked_s > live->options->interval_s &&
			taker_now() - live->asked_s > 1)
		return "READING";
	return NULL;
}

static size_t draw_header(struct live *live)
{
	struct buffer note = { 0 };
	struct header header = {
		.picture = live->browse.picture,
		.width = (size_t)screen_columns(),
		.lines = (size_t)(screen_rows() / (live->error ? FAILURE_PART : HEADER_PART)),
		.rate = rate_of(live),
		.mode = mode_of(live),
		.failure = live->error ? live->error->message : NULL,
	};

	if (header.lines < 1)
		header.lines = 1;
	if (browse_note(&live->browse, &note))
		header.note = buffer_text(&note);
	header_draw(&live->pen, &header);
	buffer_deinit(&note);
	return live->sheet.lines.count;
}

static struct rowline rowline_of(const struct live *live)
{
	return (struct rowline){
		.picture = live->browse.picture,
		.rows = &live->browse.rows,
		.width = (size_t)screen_columns(),
		.now_s = live->browse.picture->at_s,
		.mark_look = live->browse.diff ? live->browse.mark_look : 0,
		.order = live->browse.order,
	};
}

static void show_lines(struct live *live, int row, size_t count)
{
	for (size_t i = 0; i < count; i++)
		screen_draw(row + (int)i, &live->sheet, i, false);
}

static void begin_part(struct live *live)
{
	sheet_clear(&live->sheet);
}

static void draw_list(struct live *live, int row, int rows)
{
	struct rowline how = rowline_of(live);
	struct browse *browse = &live->browse;

	browse_set_height(browse, rows > 0 ? (uint32_t)rows : 1);
	live->list_row = row;
	for (int i = 0; i < rows; i++) {
		uint32_t at = browse->top + (uint32_t)i;
		begin_part(live);
		if (at < browse->rows.items.count) {
			rowline_draw(&live->pen, &how, at);
			pen_end_line(&live->pen);
		}
		screen_draw(row + i, &live->sheet, 0, at == browse->cursor);
	}
}

static void draw_heading(struct live *live, int row)
{
	struct rowline how = rowline_of(live);
	struct buffer text = { 0 };

	begin_part(live);
	rowline_draw_heading(&live->pen, &how);
	buffer_printf(&text, "%s, by %s", shape_name(live->browse.shape),
			order_name(live->browse.order));
	if (live->pen.column + text.length + 2 <= how.width) {
		pen_spaces(&live->pen, how.width - live->pen.column - text.length);
		pen_puts(&live->pen, STYLE_FAINT, buffer_text(&text));
	}
	buffer_deinit(&text);
	pen_end_line(&live->pen);
	screen_draw(row, &live->sheet, 0, false);
}

static void fill_pane(struct live *live)
{
	const struct task *task = browse_task(&live->browse);

	begin_part(live);
	if (live->pane == PANE_HELP) {
		keys_draw_help(&live->pen, (size_t)screen_columns());
	} else if (task) {
		detail_draw(&live->pen, live->browse.picture, task, &live->sources,
				(size_t)screen_columns());
	} else {
		pen_puts(&live->pen, STYLE_FAINT, "no task");
		pen_end_line(&live->pen);
	}
	live->pane_lines = live->sheet.lines.count;
}

static void draw_pane_title(struct live *live, int row)
{
	static const char *const titles[] = { [PANE_DETAIL] = "Detail", [PANE_HELP] = "Help" };
	const char *more = live->pane_has_keys ? "  (Tab: to the list, Esc: close)"
					       : "  (Tab: to this pane, Esc: close)";

	begin_part(live);
	pen_puts(&live->pen, STYLE_HEADING, titles[live->pane]);
	if (live->pane == PANE_HELP)
		more = "  (any other key: close)";
	if ((int)(live->pen.column + strlen(more)) <= screen_columns())
		pen_puts(&live->pen, STYLE_FAINT, more);
	pen_end_line(&live->pen);
	screen_draw(row, &live->sheet, 0, false);
}

static void draw_pane(struct live *live, int row, int rows)
{
	live->pane_row = row;
	draw_pane_title(live, row);
	fill_pane(live);
	size_t room = rows > 1 ? (size_t)rows - 1 : 0;
	size_t most = live->pane_lines > room ? live->pane_lines - room : 0;
	if (live->pane_top > most)
		live->pane_top = most;
	for (size_t i = 0; i < room; i++)
		screen_draw(row + 1 + (int)i, &live->sheet, live->pane_top + i, false);
}

static int draw_prompt(struct live *live)
{
	static const char *const questions[] = {
		[PROMPT_SEARCH] = "/",
		[PROMPT_FILTER] = "&",
		[PROMPT_WRITE] = "write: j JSON, t text, Esc neither",
	};
	struct pen *pen = &live->pen;

	pen_puts(pen, STYLE_KEY, questions[live->prompt]);
	pen_text(pen, STYLE_PLAIN, buffer_text(&live->answer));
	return live->prompt == PROMPT_WRITE ? -1 : (int)pen->column;
}

/* The last line: a question, what was done, or the main keys. */
static void draw_bottom(struct live *live, int row)
{
	size_t width = (size_t)screen_columns();
	int cursor = -1;

	begin_part(live);
	if (live->prompt)
		cursor = draw_prompt(live);
	else if (live->message.length)
		pen_short_text(&live->pen, STYLE_TITLE, buffer_text(&live->message), width);
	else
		keys_draw_bar(&live->pen, width);
	pen_end_line(&live->pen);
	screen_draw(row, &live->sheet, 0, false);
	screen_cursor(row, cursor);
}

static void draw(struct live *live)
{
	int rows = screen_rows(), row;

	begin_part(live);
	row = (int)draw_header(live);
	show_lines(live, 0, (size_t)row);
	int left = rows - row - 1, pane = 0;
	if (live->pane == PANE_HELP)
		pane = left;
	else if (live->pane == PANE_DETAIL)
		pane = left - LEAST_ROWS - 1 < left * 2 / 3 ? left - LEAST_ROWS - 1 : left * 2 / 3;
	if (pane < 0)
		pane = 0;
	if (left - pane > 0) {
		draw_heading(live, row++);
		draw_list(live, row, left - pane - 1);
		row += left - pane - 1;
	}
	live->pane_row = rows;
	if (pane > 0)
		draw_pane(live, row, pane);
	draw_bottom(live, rows - 1);
	screen_show();
}

/* ---- keys ---- */

static void say(struct live *live, const char *message)
{
	buffer_clear(&live->message);
	buffer_puts(&live->message, message);
}

static void find(struct live *live, bool forward, bool from_here)
{
	if (!live->browse.search.length)
		say(live, "nothing was searched for");
	else if (!find_next(&live->browse, forward, from_here))
		say(live, "not found");
}

static void begin_prompt(struct live *live, enum prompt prompt)
{
	live->prompt = prompt;
	buffer_clear(&live->answer);
	buffer_clear(&live->filter_before);
	if (prompt != PROMPT_FILTER)
		return;
	buffer_puts(&live->filter_before, buffer_text(&live->browse.filter));
	buffer_puts(&live->answer, buffer_text(&live->browse.filter));
}

static void end_prompt(struct live *live)
{
	enum prompt prompt = live->prompt;

	live->prompt = PROMPT_NONE;
	if (prompt != PROMPT_SEARCH || !live->answer.length)
		return;
	browse_set_search(&live->browse, buffer_text(&live->answer));
	find(live, true, true);
}

static void cancel_prompt(struct live *live)
{
	if (live->prompt == PROMPT_FILTER)
		browse_set_filter(&live->browse, buffer_text(&live->filter_before));
	live->prompt = PROMPT_NONE;
}

static void erase_character(struct buffer *text)
{
	if (!text->length)
		return;
	do
		text->length--;
	while (text->length && ((unsigned char)text->text[text->length] & 0xc0) == 0x80);
	text->text[text->length] = '\0';
}

static void type(struct live *live, int key)
{
	char bytes[UTF8_MAX];

	if (key == '\n') {
		end_prompt(live);
		return;
	}
	if (key == '\033') {
		cancel_prompt(live);
		return;
	}
	if (key == KEY_OF_BACKSPACE)
		erase_character(&live->answer);
	else if (key == ('u' & 0x1f))
		buffer_clear(&live->answer);
	else if (key >= ' ' && key < KEY_OF_LEFT && live->answer.length < PROMPT_MAX)
		buffer_add(&live->answer, bytes, utf8_encode((uint32_t)key, bytes));
	if (live->prompt == PROMPT_FILTER)
		browse_set_filter(&live->browse, buffer_text(&live->answer));
}

static void write_file(struct live *live, int key)
{
	live->prompt = PROMPT_NONE;
	if (key != 'j' && key != 't')
		return;
	if (live->save) {
		say(live, "the one before is still being written");
		return;
	}
	live->save = save_begin(live->browse.picture, key == 'j', &live->options->render);
	say(live, live->save ? "writing" : "cannot write: there is no thread to be had");
}

static void scroll_pane(struct live *live, int64_t lines)
{
	int64_t top = (int64_t)live->pane_top + lines;

	live->pane_top = top > 0 ? (size_t)top : 0;
}

/* What the pane does with a key of the list; false where it leaves it. */
static bool act_in_pane(struct live *live, enum action action)
{
	int64_t page = screen_rows() - live->pane_row - 2;

	switch (action) {
	case ACTION_UP:
		scroll_pane(live, -1);
		return true;
	case ACTION_DOWN:
		scroll_pane(live, 1);
		return true;
	case ACTION_PAGE_UP:
		scroll_pane(live, -page);
		return true;
	case ACTION_PAGE_DOWN:
		scroll_pane(live, page);
		return true;
	case ACTION_HOME:
		live->pane_top = 0;
		return true;
	case ACTION_END:
		live->pane_top = live->pane_lines;
		return true;
	default:
		return false;
	}
}

static void set_pane(struct live *live, enum pane pane)
{
	live->pane = pane;
	live->pane_has_keys = pane != PANE_NONE;
	live->pane_top = 0;
}

static void cancel(struct live *live)
{
	if (live->pane)
		set_pane(live, PANE_NONE);
	else if (live->browse.filter.length)
		browse_set_filter(&live->browse, "");
	else if (live->browse.diff)
		browse_act(&live->browse, ACTION_DIFF);
}

static void freeze(struct live *live)
{
	live->frozen = !live->frozen;
	if (live->frozen)
		browse_drop_next(&live->browse);
	live->time_count = 0;
	live->due_s = taker_now();
}

static void pause_or_not(struct live *live)
{
	live->pauses = !live->pauses;
	say(live, live->pauses ? "the process is stopped while it is read"
			       : "the process runs on while it is read");
}

static void act(struct live *live, enum action action)
{
	switch (action) {
	case ACTION_QUIT:
		live->ends = true;
		return;
	case ACTION_SEARCH:
		begin_prompt(live, PROMPT_SEARCH);
		return;
	case ACTION_FILTER:
		begin_prompt(live, PROMPT_FILTER);
		return;
	case ACTION_WRITE:
		begin_prompt(live, PROMPT_WRITE);
		return;
	case ACTION_NEXT:
	case ACTION_PREVIOUS:
		find(live, action == ACTION_NEXT, false);
		break;
	case ACTION_FREEZE:
		freeze(live);
		return;
	case ACTION_PAUSE:
		pause_or_not(live);
		return;
	case ACTION_DETAIL:
		if (live->pane == PANE_DETAIL)
			live->pane_has_keys = !live->pane_has_keys;
		else
			set_pane(live, PANE_DETAIL);
		return;
	case ACTION_HELP:
		set_pane(live, PANE_HELP);
		return;
	case ACTION_CANCEL:
		cancel(live);
		return;
	case ACTION_REDRAW:
		screen_redraw();
		return;
	default:
		if (live->pane_has_keys && act_in_pane(live, action))
			return;
		browse_act(&live->browse, action);
		if (action == ACTION_MARK)
			say(live, "marked: d shows what changes from here on");
		break;
	}
}

static void click(struct live *live)
{
	int row, column;

	screen_click(&row, &column);
	if (row == screen_rows() - 1) {
		act(live, keys_bar_action((size_t)column, (size_t)screen_columns()));
		return;
	}
	if (row >= live->pane_row) {
		live->pane_has_keys = true;
		return;
	}
	uint32_t at = live->browse.top + (uint32_t)(row - live->list_row);
	if (row < live->list_row || at >= live->browse.rows.items.count)
		return;
	live->pane_has_keys = false;
	/* A second click folds, as Enter does. */
	if (at == live->browse.cursor)
		act(live, ACTION_TOGGLE);
	else
		browse_go(&live->browse, at);
}

static void wheel(struct live *live, bool down)
{
	int row, column;

	screen_click(&row, &column);
	bool in_pane = live->pane && row >= live->pane_row;
	if (in_pane)
		scroll_pane(live, down ? WHEEL_ROWS : -WHEEL_ROWS);
	else
		browse_go(&live->browse,
				(int64_t)live->browse.cursor + (down ? WHEEL_ROWS : -WHEEL_ROWS));
}

static uint64_t id_at_cursor(const struct live *live)
{
	const struct task *task = browse_task(&live->browse);

	return task ? task->id : 0;
}

static void press(struct live *live, int key)
{
	uint64_t before = id_at_cursor(live);

	buffer_clear(&live->message);
	/* As a filter is typed only the last one counts; other keys are for what it shows. */
	if (live->prompt != PROMPT_FILTER)
		browse_settle(&live->browse);
	if (key == KEY_OF_CLICK || key == KEY_OF_WHEEL_UP || key == KEY_OF_WHEEL_DOWN) {
		live->prompt = PROMPT_NONE;
		if (key == KEY_OF_CLICK)
			click(live);
		else
			wheel(live, key == KEY_OF_WHEEL_DOWN);
	} else if (live->prompt == PROMPT_WRITE) {
		write_file(live, key);
	} else if (live->prompt) {
		type(live, key);
	} else if (live->pane == PANE_HELP && !act_in_pane(live, keys_action(key))) {
		set_pane(live, PANE_NONE);
	} else if (live->pane != PANE_HELP) {
		act(live, keys_action(key));
	}
	if (live->pane == PANE_DETAIL && id_at_cursor(live) != before)
		live->pane_top = 0;
}

/* ---- signals ---- */

static void signals_of_ours(sigset_t *set)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGCONT,
		SIGWINCH };

	sigemptyset(set);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(set, signals[i]);
}

/* Stops as any program does, with nothing of the process stopped. */
static void stop_here(struct live *live)
{
	sigset_t stop;

	taker_wait(live->taker, SUSPEND_WAIT_MS);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	raise(SIGTSTP);
	pthread_sigmask(SIG_UNBLOCK, &stop, NULL); /* here it stops */
	pthread_sigmask(SIG_BLOCK, &stop, NULL);
}

/* The same, with the terminal as it was found. */
static void suspend(struct live *live)
{
	screen_leave();
	stop_here(live);
	screen_return();
}

static void resize(struct live *live)
{
	screen_resize();
	browse_set_levels(&live->browse, levels_of(screen_columns()));
}

static void read_signals(struct live *live)
{
	struct signalfd_siginfo info;
	bool resized = false;

	while (read(live->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGWINCH:
			resized = true;
			break;
		case SIGTSTP:
			suspend(live);
			resized = true;
			break;
		case SIGCONT:
			/* Who stopped us otherwise may have set the terminal. */
			screen_leave();
			screen_return();
			resized = true;
			break;
		default:
			live->signal = (int)info.ssi_signo;
			live->ends = true;
			break;
		}
	}
	if (resized)
		resize(live);
}

/* ---- the loop ---- */

static int timeout_of(struct live *live)
{
	if (!may_ask(live))
		return TICK_MS;
	double left_ms = (live->due_s - taker_now()) * 1000;
	return left_ms <= 0 ? 0 : left_ms < TICK_MS ? (int)left_ms + 1 : TICK_MS;
}

/* What can cause something to do. */
enum { FILE_KEYS, FILE_SIGNALS, FILE_TAKER, FILE_SAVE, FILE_SOURCE, FILES };

/* What takes long is done until it is, or until there is a key or a signal; false
 * where there is nothing to do. */
static bool work(struct live *live, struct pollfd *files)
{
	if (!browse_is_busy(&live->browse))
		return false;
	while (browse_work(&live->browse) && poll(files, FILE_SIGNALS + 1, 0) == 0)
		;
	return true;
}

static void run(struct live *live)
{
	struct pollfd files[FILES] = {
		[FILE_KEYS] = { .fd = STDIN_FILENO, .events = POLLIN },
		[FILE_SIGNALS] = { .fd = live->signal_fd, .events = POLLIN },
		[FILE_TAKER] = { .fd = taker_fd(live->taker), .events = POLLIN },
		[FILE_SAVE] = { .events = POLLIN },
		[FILE_SOURCE] = { .events = POLLIN },
	};

	while (!live->ends) {
		draw(live);
		files[FILE_SAVE].fd = live->save ? save_fd(live->save) : -1;
		files[FILE_SOURCE].fd = sources_fd(&live->sources);
		poll(files, FILES, work(live, files) ? 0 : timeout_of(live));
		if (files[FILE_SIGNALS].revents)
			read_signals(live);
		if (files[FILE_TAKER].revents)
			take_in(live);
		if (files[FILE_SAVE].revents)
			end_save(live);
		if (files[FILE_SOURCE].revents)
			sources_take(&live->sources);
		for (int key; !live->ends && (key = screen_key()) != KEY_OF_NONE;)
			press(live, key);
		/* The terminal is gone. */
		if (files[FILE_KEYS].revents & (POLLHUP | POLLERR | POLLNVAL))
			live->ends = true;
		ask_if_due(live);
	}
}

/* The first picture comes before the screen: why there is none is said in words. */
static struct live_result wait_for_first(struct live *live)
{
	struct pollfd files[] = {
		{ .fd = live->signal_fd, .events = POLLIN },
		{ .fd = taker_fd(live->taker), .events = POLLIN },
	};
	struct signalfd_siginfo info;

	live->asked_s = live->checked_s = taker_now();
	live->reading = true;
	taker_ask(live->taker, live->pauses, LEVELS_MAX);
	while (!live->browse.picture && !live->error) {
		poll(files, sizeof(files) / sizeof(files[0]), -1);
		while (read(live->signal_fd, &info, sizeof(info)) == sizeof(info)) {
			if (info.ssi_signo == SIGTSTP)
				stop_here(live);
			else if (info.ssi_signo != SIGWINCH && info.ssi_signo != SIGCONT)
				return (struct live_result){ LIVE_SIGNAL, (int)info.ssi_signo,
					NULL };
		}
		take_in(live);
	}
	if (!live->error)
		return (struct live_result){ .end = LIVE_QUIT };
	struct live_result failed = { .end = LIVE_FAILED, .error = live->error };
	live->error = NULL;
	return failed;
}

static struct live_result watch(struct live *live)
{
	struct live_result result = wait_for_first(live);

	if (result.end != LIVE_QUIT)
		return result;
	switch (screen_open(live->options->render.color)) {
	case SCREEN_NO_TERMINAL:
		return (struct live_result){ .end = LIVE_NO_TERMINAL };
	case SCREEN_UNKNOWN_TERMINAL:
		return (struct live_result){ .end = LIVE_UNKNOWN_TERMINAL };
	default:
		break;
	}
	live->pen.ascii |= !screen_has_unicode();
	live->pen.ascii_lines |= live->pen.ascii;
	resize(live);
	run(live);
	screen_close();
	if (live->signal)
		result = (struct live_result){ .end = LIVE_SIGNAL, .signal = live->signal };
	return result;
}

static void live_deinit(struct live *live)
{
	browse_deinit(&live->browse);
	sources_deinit(&live->sources);
	sheet_deinit(&live->sheet);
	pen_deinit(&live->pen);
	buffer_deinit(&live->answer);
	buffer_deinit(&live->message);
	buffer_deinit(&live->filter_before);
	error_free(live->error);
}

struct live_result live_run(const struct live_source *source, const struct live_options *options)
{
	struct live live = {
		.options = options,
		.sources.source = source,
		.pauses = options->pauses,
		.pen.ascii = options->render.ascii,
		.pen.ascii_lines = options->render.ascii || options->render.ascii_lines,
		.browse.folding.all = !options->render.fold,
		.browse.stacks = options->render.stacks,
	};
	struct live_result result = { .end = LIVE_NO_THREAD };
	sigset_t ours, before;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return (struct live_result){ .end = LIVE_NO_TERMINAL };
	live.pen.sheet = &live.sheet;
	signals_of_ours(&ours);
	pthread_sigmask(SIG_BLOCK, &ours, &before);
	live.signal_fd = signalfd(-1, &ours, SFD_CLOEXEC | SFD_NONBLOCK);
	live.taker = live.signal_fd < 0 ? NULL : taker_create(source);
	if (live.taker) {
		result = watch(&live);
		taker_wait(live.taker, END_WAIT_MS);
		taker_end(live.taker);
	}
	/* A signal ends it here, too, where the disk is too slow. */
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (live.save)
		end_save(&live);
	if (live.signal_fd >= 0)
		close(live.signal_fd);
	live_deinit(&live);
	return result;
}

void live_abandon(void)
{
	screen_abandon();
}
