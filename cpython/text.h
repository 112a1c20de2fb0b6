/* Python's str, as the text of the model (base/utf8.h). */
#ifndef CPYTHON_TEXT_H
#define CPYTHON_TEXT_H

#include "base/buffer.h"
#include "cpython/python.h"

/* Adds the str (or an instance of a subclass) at `object` to `out`; false
 * where there is none, or it is longer than any real one. */
bool text_read(struct python *python, remote_addr object, struct buffer *out);

/* The same, interned; NULL where it cannot be read. */
const char *text_intern(struct python *python, remote_addr object);

/* Whether it is the ASCII str `name`. */
bool text_is(struct python *python, remote_addr object, const char *name);

#endif
