/* Writes lines of text: see pen.h. */
#include "pen.h"

#include <string.h>

#include "model/words.h"
#include "safe.h"

/* Colours that can be told apart on a dark and on a light ground. */
static const char *const colors[STYLES] = {
	[STYLE_TITLE] = "\033[1m",
	[STYLE_NAME] = "\033[1m",
	[STYLE_COUNT] = "\033[1m",
	[STYLE_PLACE] = "\033[36m",
	[STYLE_FAINT] = "\033[2m",
	[STYLE_RUNNING] = "\033[1;32m",
	[STYLE_READY] = "\033[33m",
	[STYLE_ALARM] = "\033[1;31m",
};

static const struct {
	const char *unicode;
	size_t width;
	const char *ascii;
} glyphs[GLYPHS] = {
	[GLYPH_BRANCH] = { "├─ ", 3, "|- " },
	[GLYPH_LAST_BRANCH] = { "└─ ", 3, "`- " },
	[GLYPH_TRUNK] = { "│  ", 3, "|  " },
	[GLYPH_ARROW] = { "→", 1, "->" },
	[GLYPH_UP] = { "↑", 1, "^" },
	[GLYPH_DOWN] = { "↓", 1, "v" },
	[GLYPH_DOT] = { "·", 1, "-" },
	[GLYPH_TIMES] = { "×", 1, "x" },
	[GLYPH_ELLIPSIS] = { "…", 1, "..." },
	[GLYPH_AT_LEAST] = { "≥", 1, ">=" },
};

void pen_deinit(struct pen *pen)
{
	buffer_deinit(&pen->line);
}

static void begin(struct pen *pen, enum style style)
{
	pen->style_from = pen->line.length;
	if (pen->sheet)
		sheet_trim(pen->sheet, pen->line.length);
	else if (pen->color && colors[style])
		buffer_puts(&pen->line, colors[style]);
}

static void end(struct pen *pen, enum style style)
{
	if (pen->sheet && style != STYLE_PLAIN)
		sheet_add_range(pen->sheet, pen->style_from, pen->line.length, (int)style);
	else if (!pen->sheet && pen->color && colors[style])
		buffer_puts(&pen->line, "\033[0m");
}

void pen_puts(struct pen *pen, enum style style, const char *text)
{
	begin(pen, style);
	buffer_puts(&pen->line, text);
	end(pen, style);
	pen->column += strlen(text);
}

void pen_spaces(struct pen *pen, size_t count)
{
	if (pen->sheet)
		sheet_trim(pen->sheet, pen->line.length);
	for (size_t i = 0; i < count; i++)
		buffer_putc(&pen->line, ' ');
	pen->column += count;
}

void pen_glyph(struct pen *pen, enum style style, enum glyph glyph)
{
	begin(pen, style);
	buffer_puts(&pen->line, pen->ascii_lines ? glyphs[glyph].ascii : glyphs[glyph].unicode);
	end(pen, style);
	pen->column += pen->ascii_lines ? strlen(glyphs[glyph].ascii) : glyphs[glyph].width;
}

void pen_dot(struct pen *pen)
{
	pen_spaces(pen, 1);
	pen_glyph(pen, STYLE_FAINT, GLYPH_DOT);
	pen_spaces(pen, 1);
}

void pen_number(struct pen *pen, enum style style, unsigned long long number)
{
	char text[32];
	char *at = text + sizeof(text) - 1;

	*at = '\0';
	for (int digits = 1;; digits++) {
		*--at = (char)('0' + number % 10);
		number /= 10;
		if (!number)
			break;
		if (digits % 3 == 0)
			*--at = ',';
	}
	pen_puts(pen, style, at);
}

void pen_text(struct pen *pen, enum style style, const char *text)
{
	begin(pen, style);
	pen->column += safe_add(&pen->line, text, pen->ascii);
	end(pen, style);
}

void pen_short_text(struct pen *pen, enum style style, const char *text, size_t width)
{
	begin(pen, style);
	pen->column += safe_add_short(&pen->line, text, width, pen->ascii);
	end(pen, style);
}

/* The sign that the words begin with; or GLYPHS. */
static enum glyph sign_of(const char *words, size_t *length)
{
	static const struct {
		const char *text;
		enum glyph glyph;
	} signs[] = {
		{ WORDS_DOT, GLYPH_DOT },
		{ WORDS_ARROW, GLYPH_ARROW },
		{ WORDS_AT_LEAST, GLYPH_AT_LEAST },
	};

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
		*length = strlen(signs[i].text);
		if (strncmp(words, signs[i].text, *length) == 0)
			return signs[i].glyph;
	}
	return GLYPHS;
}

void pen_words(struct pen *pen, enum style style, const char *words)
{
	struct buffer part = { 0 };
	size_t length;

	while (*words) {
		enum glyph sign = sign_of(words, &length);
		if (sign == GLYPHS) {
			buffer_putc(&part, *words++);
			continue;
		}
		pen_text(pen, style, buffer_text(&part));
		buffer_clear(&part);
		pen_glyph(pen, style, sign);
		words += length;
	}
	pen_text(pen, style, buffer_text(&part));
	buffer_deinit(&part);
}

int pen_rows(const struct pen *pen, size_t width)
{
	if (!width || pen->column <= width)
		return 1;
	/* A wide character does not fit into the last column. */
	size_t least = width > 1 ? width - 1 : 1;
	return (int)((pen->column + least - 1) / least);
}

void pen_clear(struct pen *pen)
{
	buffer_clear(&pen->line);
	pen->column = 0;
}

bool pen_end_line(struct pen *pen)
{
	if (pen->sheet) {
		sheet_end_line(pen->sheet, buffer_text(&pen->line), pen->line.length);
		pen_clear(pen);
		return true;
	}
	buffer_putc(&pen->line, '\n');
	fwrite(pen->line.text, 1, pen->line.length, pen->out);
	pen_clear(pen);
	return !ferror(pen->out);
}
