/* Writes JSON to a stream, piece by piece, in constant memory.
 *
 * What it writes is always well formed: a call that does not fit the nesting
 * is a bug and ends the program by an assertion.  Numbers do not depend on
 * the locale, and strings are valid UTF-8, whatever they are made from. */
#ifndef VIEW_JSONWRITER_H
#define VIEW_JSONWRITER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { JSON_MAX_DEPTH = 16 };

struct json_writer {
	FILE *out;
	unsigned depth;
	struct json_level {
		bool object; /* not an array */
		bool filled; /* the next value needs a comma before it */
		bool keyed;  /* a key was written, its value not yet */
	} levels[JSON_MAX_DEPTH];
};

void json_init(struct json_writer *json, FILE *out);

void json_object(struct json_writer *json);
void json_array(struct json_writer *json);
/* Ends the innermost object or array. */
void json_end(struct json_writer *json);
/* Names the value that follows; `key` is a plain ASCII word. */
void json_key(struct json_writer *json, const char *key);

void json_null(struct json_writer *json);
void json_bool(struct json_writer *json, bool value);
void json_int(struct json_writer *json, int64_t value);
void json_unsigned(struct json_writer *json, uint64_t value);
/* With three digits after the point; null where it is not a finite number. */
void json_decimal(struct json_writer *json, double value);
/* An address of the target: "0x7f6a6410cb90". */
void json_address(struct json_writer *json, uint64_t address);
/* Text as base/utf8.h says; null where it is NULL.  What would not be visible
 * on a terminal, or would disturb it, is written as an escape. */
void json_string(struct json_writer *json, const char *text);

#endif
