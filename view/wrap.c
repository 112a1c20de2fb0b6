/* Text in several lines: see wrap.h. */
#include "view/wrap.h"

#include <string.h>

#include "base/buffer.h"

void wrap_words(struct pen *pen, const char *words, size_t indent, size_t width)
{
	struct buffer word = { 0 };

	while (*words) {
		size_t spaces = strspn(words, " "), length = strcspn(words + spaces, " ");
		size_t line = pen->line.length, column = pen->column;
		buffer_clear(&word);
		buffer_add(&word, words, spaces + length);
		pen_words(pen, STYLE_PLAIN, buffer_text(&word));
		if (pen->column > width && column > indent) {
			pen->line.length = line;
			pen->column = column;
			pen_end_line(pen);
			pen_spaces(pen, indent);
			pen_words(pen, STYLE_PLAIN, buffer_text(&word) + spaces);
		}
		words += spaces + length;
	}
	pen_end_line(pen);
	buffer_deinit(&word);
}
