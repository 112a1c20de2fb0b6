/* Lines of text that were written by a pen and are not yet on a screen: what
 * stands in them is safe to print, and which part is in which style. */
#ifndef SHEET_H
#define SHEET_H

#include <stddef.h>

#include "base/array.h"
#include "base/buffer.h"

struct sheet_range {
	size_t from, to; /* bytes of the line */
	int style;       /* enum style */
};

struct sheet_line {
	size_t from, to;               /* bytes of the text */
	size_t first_range, end_range; /* its ranges, in their order */
};

struct sheet {
	struct buffer text;
	ARRAY(struct sheet_range) ranges;
	ARRAY(struct sheet_line) lines;
};

void sheet_deinit(struct sheet *sheet);
void sheet_clear(struct sheet *sheet);
/* Forgets all lines but the first ones; none is being written. */
void sheet_cut(struct sheet *sheet, size_t lines);

/* Of the line that is being written: forgets what lies beyond `length`, which
 * was taken back, and gives a part its style. */
void sheet_trim(struct sheet *sheet, size_t length);
void sheet_add_range(struct sheet *sheet, size_t from, size_t to, int style);
void sheet_end_line(struct sheet *sheet, const char *text, size_t length);

#endif
