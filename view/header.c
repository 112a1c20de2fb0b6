/* What stands above the rows: see header.h. */
#include "view/header.h"

#include <string.h>

#include "alert.h"
#include "base/buffer.h"
#include "model/command.h"
#include "model/words.h"
#include "title.h"
#include "view/wrap.h"

enum { LOOPS_SHOWN = 3, LINES_WITH_BOTH = 4 };

static void draw_dot(struct pen *pen)
{
	pen_spaces(pen, 1);
	pen_glyph(pen, STYLE_FAINT, GLYPH_DOT);
	pen_spaces(pen, 1);
}

/* Goes on after a dot where there is room for `words`, else it is left out. */
static void draw_part(struct pen *pen, enum style style, const char *words, size_t width)
{
	size_t length = pen->line.length, column = pen->column;

	draw_dot(pen);
	pen_words(pen, style, words);
	if (pen->column <= width)
		return;
	pen->line.length = length;
	pen->column = column;
}

static void draw_process(struct pen *pen, const struct header *header)
{
	const struct snapshot *snapshot = header->picture->snapshot;
	struct buffer text = { 0 };
	size_t room = header->mode ? strlen(header->mode) + 1 : 0;
	size_t width = header->width > room ? header->width - room : 0;

	if (header->mode) {
		pen_puts(pen, STYLE_ALARM, header->mode);
		pen_spaces(pen, 1);
	}
	command_add_name(snapshot, &text);
	pen_short_text(pen, STYLE_TITLE, buffer_text(&text), width / 3 + 4);
	buffer_clear(&text);
	buffer_printf(&text, "pid %d", snapshot->pid);
	pen_spaces(pen, 2);
	pen_words(pen, STYLE_PLAIN, buffer_text(&text));
	buffer_clear(&text);
	words_count(&text, snapshot->tasks.count, "task");
	draw_part(pen, STYLE_PLAIN, buffer_text(&text), header->width);
	buffer_clear(&text);
	if (header->rate > 0) {
		buffer_printf(&text, "%.1f/s", header->rate);
		draw_part(pen, STYLE_PLAIN, buffer_text(&text), header->width);
		buffer_clear(&text);
	}
	if (snapshot->pause_us >= 0 && snapshot->mode == SNAPSHOT_PAUSED)
		buffer_printf(&text, "paused %.1f ms", snapshot->pause_us / 1000);
	else
		buffer_puts(&text, "not paused");
	draw_part(pen, STYLE_PLAIN, buffer_text(&text), header->width);
	buffer_clear(&text);
	buffer_printf(&text, "CPython %s%s%s",
			snapshot->python_version ? snapshot->python_version : "?",
			snapshot->free_threaded ? " free-threaded" : "",
			snapshot->debug ? " debug" : "");
	draw_part(pen, STYLE_PLAIN, buffer_text(&text), header->width);
	if (!snapshot->consistent)
		draw_part(pen, STYLE_ALARM, "NOT CONSISTENT", header->width);
	buffer_deinit(&text);
	pen_end_line(pen);
}

static void draw_loop(struct pen *pen, const struct header *header, const struct block *block)
{
	title_draw(pen, header->picture->snapshot, block, header->width);
	pen_end_line(pen);
}

static void draw_loops(struct pen *pen, const struct header *header, size_t most)
{
	const struct forest *forest = &header->picture->forest;
	size_t shown = 0;

	for (uint32_t i = 0; i < forest->block_count && shown < most; i++) {
		if (!forest->blocks[i].loop)
			continue;
		draw_loop(pen, header, &forest->blocks[i]);
		shown++;
	}
}

static void draw_line(
		struct pen *pen, enum style style, const char *mark, const char *text, size_t width)
{
	pen_puts(pen, style, mark);
	pen_spaces(pen, 1);
	wrap_words(pen, text, pen->column, width);
}

/* The findings have the room that is left; one that is too long for it is cut. */
static void draw_findings(struct pen *pen, const struct header *header, size_t most)
{
	size_t end = pen->sheet->lines.count + most;

	if (!header->picture->snapshot->findings.count || !most)
		return;
	alerts_draw(pen, header->picture->snapshot, header->width, (int)most);
	sheet_cut(pen->sheet, end);
}

void header_draw(struct pen *pen, const struct header *header)
{
	const struct snapshot *snapshot = header->picture->snapshot;
	size_t begin = pen->sheet->lines.count;

	draw_process(pen, header);
	if (header->failure)
		draw_line(pen, STYLE_ALARM, "!!", header->failure, header->width);
	if (header->note)
		draw_line(pen, STYLE_TITLE, ":", header->note, header->width);
	if (header->lines > 4)
		warnings_draw(pen, snapshot, header->width);
	size_t used = pen->sheet->lines.count - begin;
	/* What was found is the answer: where there is little room it is for that. */
	if (header->lines > used + 1 &&
			(header->lines >= LINES_WITH_BOTH || !snapshot->findings.count))
		draw_loops(pen, header, header->lines >= 6 ? LOOPS_SHOWN : 1);
	used = pen->sheet->lines.count - begin;
	draw_findings(pen, header, header->lines > used ? header->lines - used : 0);
	sheet_cut(pen->sheet, begin + header->lines);
}
