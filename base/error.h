/* Errors as values.
 *
 * A function that can fail for a reason that a user must hear returns a
 * `struct error *`: NULL is success, anything else is the caller's to pass on
 * or to free.  Nothing below asynctree.c prints one. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

enum error_kind {
	ERROR_GONE,        /* the process ended, or became another by exec */
	ERROR_DENIED,      /* the system refused access */
	ERROR_NOT_PYTHON,  /* no CPython in it */
	ERROR_UNSUPPORTED, /* a CPython whose layout is not known */
	ERROR_UNREADABLE,  /* a CPython, but what was read makes no sense */
};

struct error {
	enum error_kind kind;
	int number;     /* errno, or 0 */
	char message[]; /* one line, without the name of the program */
};

struct error *error_create(enum error_kind kind, int number, const char *format, ...)
		__attribute__((format(printf, 3, 4)));
void error_free(struct error *error);

/* The word for `kind` in the JSON output. */
const char *error_kind_name(enum error_kind kind);

#endif
