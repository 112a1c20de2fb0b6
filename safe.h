/* Makes text of a target safe to print: the only way from one to a terminal.
 *
 * What could move the cursor, hide, reorder or merge is shown as an escape:
 * control characters, format and other invisible characters, surrogates,
 * private and unassigned code points, marks without a letter to stand on.  A
 * backslash is doubled, so that an escape can't be faked.  What is written in
 * `ascii` is ASCII, the rest escaped; otherwise the locale must be UTF-8. */
#ifndef SAFE_H
#define SAFE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buffer.h"

/* The columns that the text takes. */
size_t safe_width(const char *text, bool ascii);

/* Adds the text and gives the columns that it takes. */
size_t safe_add(struct buffer *out, const char *text, bool ascii);

/* Like safe_add(), but takes out the middle of what is wider than `width`.
 * Marks stay with their letter.  Room for an ellipsis and the first character
 * is taken even where `width` is less. */
size_t safe_add_short(struct buffer *out, const char *text, size_t width, bool ascii);

#endif
