/* Finds CPython in a process: its runtime, its version, its layout. */
#ifndef CPYTHON_LOCATE_H
#define CPYTHON_LOCATE_H

#include "base/error.h"
#include "cpython/layout.h"
#include "target/objects.h"
#include "target/process.h"

struct location {
	remote_addr runtime; /* of _PyRuntime */
	/* What is mapped of the file that it is in. */
	remote_addr image_start, image_end;
	struct layout layout;
};

struct error *locate_python(
		const struct process *process, struct objects *objects, struct location *location);

#endif
