/* Findings and warnings as text: see alert.h. */
#include "alert.h"

#include <string.h>

#include "base/buffer.h"
#include "model/finding.h"

enum { ALERTS_SHOWN = 12 }; /* more push the tasks off the screen */

static const char MARK[] = "!";

/* The lines of a text, while it is written, or only measured. */
struct alert {
	struct pen *pen;
	size_t width;
	int rows;
	bool measures;
	bool failed;
};

static void end_line(struct alert *alert)
{
	alert->rows += pen_rows(alert->pen, alert->width);
	if (alert->measures)
		pen_clear(alert->pen);
	else
		alert->failed |= !pen_end_line(alert->pen);
}

/* The word goes into the next line where this one has no room for it. */
static void draw_word(struct alert *alert, const char *word)
{
	struct pen *pen = alert->pen;
	size_t length = pen->line.length, column = pen->column;

	pen_spaces(pen, 1);
	pen_words(pen, STYLE_PLAIN, word);
	if (!alert->width || pen->column <= alert->width || column <= 2)
		return;
	pen->line.length = length;
	pen->column = column;
	end_line(alert);
	pen_spaces(pen, 2);
	pen_words(pen, STYLE_PLAIN, word);
}

static void draw_words(struct alert *alert, const char *mark, const char *message)
{
	struct buffer word = { 0 };

	pen_puts(alert->pen, STYLE_ALARM, mark);
	for (const char *at = message; *at;) {
		size_t length = strcspn(at, " ");
		buffer_clear(&word);
		buffer_add(&word, at, length);
		draw_word(alert, buffer_text(&word));
		at += length + (at[length] == ' ');
	}
	buffer_deinit(&word);
	end_line(alert);
}

int warnings_draw(struct pen *pen, const struct snapshot *snapshot, size_t width)
{
	struct alert alert = { .pen = pen, .width = width };

	if (snapshot->dropped) {
		pen_number(pen, STYLE_ALARM, snapshot->dropped);
		pen_puts(pen, STYLE_ALARM,
				snapshot->dropped == 1 ? " task could not be read"
						       : " tasks could not be read");
		end_line(&alert);
	}
	for (size_t i = 0; i < snapshot->warnings.count && !alert.failed; i++)
		draw_words(&alert, "warning:", snapshot->warnings.items[i]);
	return alert.failed ? -1 : alert.rows;
}

static int rows_of(struct pen *pen, const struct finding *finding, size_t width)
{
	struct alert alert = { .pen = pen, .width = width, .measures = true };

	draw_words(&alert, MARK, finding->message);
	return alert.rows;
}

/* How many of the findings there is room for: one at least, and with a line that
 * says how many there are more. */
static size_t count_shown(struct pen *pen, const struct snapshot *snapshot, size_t width, int rows)
{
	size_t count = snapshot->findings.count;
	size_t shown = count > ALERTS_SHOWN ? ALERTS_SHOWN - 1 : count;
	int taken = 0;

	for (size_t i = 0; i < shown && rows; i++) {
		taken += rows_of(pen, &snapshot->findings.items[i], width);
		if (i && taken + (i + 1 < count) > rows)
			return i;
	}
	return shown;
}

int alerts_draw(struct pen *pen, const struct snapshot *snapshot, size_t width, int rows)
{
	struct alert alert = { .pen = pen, .width = width };
	size_t count = snapshot->findings.count;
	size_t shown = count_shown(pen, snapshot, width, rows);

	for (size_t i = 0; i < shown && !alert.failed; i++)
		draw_words(&alert, MARK, snapshot->findings.items[i].message);
	if (shown < count) {
		pen_puts(pen, STYLE_ALARM, MARK);
		pen_spaces(pen, 1);
		pen_number(pen, STYLE_PLAIN, count - shown);
		pen_puts(pen, STYLE_PLAIN,
				count - shown == 1 ? " more finding (-j)" : " more findings (-j)");
		end_line(&alert);
	}
	return alert.failed ? -1 : alert.rows;
}
