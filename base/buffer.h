/* A growable string, always ended by a NUL that `length` does not count. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stddef.h>

struct buffer {
	char *text; /* NULL while nothing was added */
	size_t length;
	size_t capacity;
};

void buffer_deinit(struct buffer *buffer);
void buffer_clear(struct buffer *buffer);
void buffer_add(struct buffer *buffer, const char *text, size_t length);
void buffer_puts(struct buffer *buffer, const char *text);
void buffer_putc(struct buffer *buffer, char c);
void buffer_printf(struct buffer *buffer, const char *format, ...)
		__attribute__((format(printf, 2, 3)));
/* The text, "" where nothing was added. */
const char *buffer_text(const struct buffer *buffer);

#endif
