/* What a callable object is called. */
#ifndef CPYTHON_CALLABLES_H
#define CPYTHON_CALLABLES_H

#include "cpython/python.h"

/* The __qualname__ of a function, method, builtin or class, of what a
 * functools.partial calls, or of the class of another object; also of what
 * contextvars.Context.run() is to call.  Interned; NULL where it cannot be read. */
const char *callable_name(struct python *python, remote_addr object);

#endif
