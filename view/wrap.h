/* Text that goes on in further lines where it is wider than the screen. */
#ifndef VIEW_WRAP_H
#define VIEW_WRAP_H

#include "pen.h"

/* Writes words of the model after what stands in the line, and ends it; further
 * lines begin at column `indent`. */
void wrap_words(struct pen *pen, const char *words, size_t indent, size_t width);

#endif
