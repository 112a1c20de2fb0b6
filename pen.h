/* Writes one line of text after the other, in colours, and knows the column.
 *
 * Text of a target goes through safe.h here, and by no other way to `out`. */
#ifndef PEN_H
#define PEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/buffer.h"
#include "sheet.h"

enum style {
	STYLE_PLAIN,
	STYLE_TITLE,
	STYLE_NAME,
	STYLE_COUNT,
	STYLE_PLACE,
	STYLE_FAINT,
	STYLE_RUNNING,
	STYLE_READY,
	STYLE_ALARM,
	STYLE_NEW, /* these are for screens */
	STYLE_MOVED,
	STYLE_ENDED,
	STYLE_HEADING,
	STYLE_KEY,
	STYLES
};

enum glyph {
	GLYPH_BRANCH, /* of the tree; each 3 columns wide */
	GLYPH_LAST_BRANCH,
	GLYPH_TRUNK,
	GLYPH_ARROW,
	GLYPH_UP,
	GLYPH_DOWN,
	GLYPH_DOT,
	GLYPH_TIMES,
	GLYPH_ELLIPSIS,
	GLYPH_AT_LEAST,
	GLYPHS
};

enum { GLYPH_TREE_WIDTH = 3 };

struct pen {
	FILE *out;
	struct sheet *sheet; /* where lines go in place of `out`, or NULL */
	size_t style_from;   /* where in the line the style in use began */
	bool ascii;          /* nothing but ASCII */
	bool ascii_lines;    /* no glyphs but ASCII */
	bool color;
	struct buffer line;
	size_t column;
};

void pen_deinit(struct pen *pen);

/* Text of our own, ASCII, in a style. */
void pen_puts(struct pen *pen, enum style style, const char *text);
void pen_spaces(struct pen *pen, size_t count);
void pen_glyph(struct pen *pen, enum style style, enum glyph glyph);

/* A dot between two things that are said. */
void pen_dot(struct pen *pen);

/* A number with separators: "1,940". */
void pen_number(struct pen *pen, enum style style, unsigned long long number);

/* Text of a target; what is wider than `width` loses its middle. */
void pen_text(struct pen *pen, enum style style, const char *text);
void pen_short_text(struct pen *pen, enum style style, const char *text, size_t width);

/* Words of the model, with text of a target in them: model/words.h. */
void pen_words(struct pen *pen, enum style style, const char *words);

/* The rows that the line takes on a terminal of `width` columns (0: no limit). */
int pen_rows(const struct pen *pen, size_t width);

/* Begins the line again. */
void pen_clear(struct pen *pen);

/* Ends the line; false where it could not be written. */
bool pen_end_line(struct pen *pen);

#endif
