/* The text of the model: any string that Python can hold, as one C string.
 *
 * It is UTF-8 with two additions, so that nothing is lost on the way to the
 * views: a lone surrogate is written as the three bytes that UTF-8 would give
 * it (as in WTF-8), and U+0000 as C0 80 (as in Java's modified UTF-8).
 * A view makes of these what it may show. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

enum { UTF8_MAX = 4 };

/* Writes code point `c` (any below 0x110000) and gives the bytes written. */
size_t utf8_encode(uint32_t c, char out[UTF8_MAX]);

/* Reads the code point at `*text`, which ends at `end`, and moves past it.
 * A byte that begins no valid sequence is read as U+FFFD and skipped alone. */
uint32_t utf8_decode(const char **text, const char *end);

static inline int utf8_is_surrogate(uint32_t c)
{
	return c >= 0xd800 && c <= 0xdfff;
}

#endif
