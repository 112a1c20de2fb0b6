/* Errors as values: see error.h. */
#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"

struct error *error_create(enum error_kind kind, int number, const char *format, ...)
{
	va_list args, again;

	va_start(args, format);
	va_copy(again, args);
	int length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (length < 0)
		length = 0;
	struct error *error = alloc_bytes(sizeof(*error) + (size_t)length + 1);
	error->kind = kind;
	error->number = number;
	error->message[0] = '\0';
	vsnprintf(error->message, (size_t)length + 1, format, again);
	va_end(again);
	return error;
}

void error_free(struct error *error)
{
	free(error);
}

const char *error_kind_name(enum error_kind kind)
{
	static const char *const names[] = {
		[ERROR_GONE] = "gone",
		[ERROR_DENIED] = "denied",
		[ERROR_NOT_PYTHON] = "not-python",
		[ERROR_UNSUPPORTED] = "unsupported",
		[ERROR_UNREADABLE] = "unreadable",
	};
	return names[kind];
}
