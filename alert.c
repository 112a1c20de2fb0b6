/* Findings as text: see alert.h. */
#include "alert.h"

#include <string.h>

#include "base/buffer.h"
#include "model/finding.h"

enum { ALERTS_SHOWN = 12 }; /* more push the tasks off the screen */

/* The lines of one finding, while it is written. */
struct alert {
	struct pen *pen;
	size_t width;
	int lines;
	bool failed;
};

static void end_line(struct alert *alert)
{
	alert->failed |= !pen_end_line(alert->pen);
	alert->lines++;
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

static void draw_alert(struct alert *alert, const char *message)
{
	struct buffer word = { 0 };

	pen_puts(alert->pen, STYLE_ALARM, "!");
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

int alerts_draw(struct pen *pen, const struct snapshot *snapshot, int width)
{
	struct alert alert = { .pen = pen, .width = width > 0 ? (size_t)width : 0 };
	size_t count = snapshot->findings.count;
	size_t shown = count > ALERTS_SHOWN ? ALERTS_SHOWN - 1 : count;

	for (size_t i = 0; i < shown && !alert.failed; i++)
		draw_alert(&alert, snapshot->findings.items[i].message);
	if (shown < count) {
		pen_puts(pen, STYLE_ALARM, "!");
		pen_spaces(pen, 1);
		pen_number(pen, STYLE_PLAIN, count - shown);
		pen_puts(pen, STYLE_PLAIN, " more findings (-j)");
		end_line(&alert);
	}
	return alert.failed ? -1 : alert.lines;
}
