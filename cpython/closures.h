/* Functions of known modules, and what they close over. */
#ifndef CPYTHON_CLOSURES_H
#define CPYTHON_CLOSURES_H

#include "cpython/code.h"
#include "cpython/python.h"

/* The code of a function of the module that has these globals; NULL for others. */
const struct code *code_in_module(struct python *python, remote_addr function, remote_addr module);

/* What the variable `name` in the closure of a function holds, or 0. */
remote_addr closed_over(struct python *python, remote_addr function, const struct code *code,
		const char *name);

#endif
