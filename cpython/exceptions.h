/* Exception objects: what they say, and where they were raised
 * (Include/cpython/pyerrors.h, traceback.h). */
#ifndef CPYTHON_EXCEPTIONS_H
#define CPYTHON_EXCEPTIONS_H

#include "cpython/python.h"

/* "ValueError: no such row", interned; NULL where there is no exception. */
const char *exception_text(struct python *python, remote_addr exception);

/* Where it was raised, outermost first; empty where that is not known. */
const struct stack *exception_stack(struct python *python, remote_addr exception);

#endif
