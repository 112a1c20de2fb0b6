/* Code objects, and the line of an instruction. */
#ifndef CPYTHON_CODE_H
#define CPYTHON_CODE_H

#include "cpython/python.h"

struct code {
	remote_addr address;
	const char *function; /* the qualified name */
	remote_addr qualname; /* the str that says so */
	const char *file;
	enum origin origin;
	int first_line;
	uint32_t local_count; /* of localsplus: locals, cells and free variables */
	uint32_t stack_size;
	remote_addr start;    /* of the instructions */
	uint64_t units;       /* of 2 bytes, caches counted */
	const uint8_t *lines; /* the location table */
	size_t lines_size;
	const struct frame *definition; /* its first line */
	uint64_t show_work;             /* of each frame that shows its names: 0 for usual ones */
};

/* Fetches what reading these will take, in few calls.  A hint: it cannot fail. */
void codes_prefetch(struct python *python, const struct addresses *codes);

/* NULL where there is no code object. */
const struct code *code_at(struct python *python, remote_addr address);

/* Whose a file of Python code is. */
enum origin origin_of(const struct python *python, const char *file);

/* The place of an instruction.  `start` is that of the copy of the bytecode
 * that runs: code->start, but in a thread of a free-threaded build. */
const struct frame *code_frame(struct python *python, const struct code *code, remote_addr start,
		remote_addr instruction);

/* The copy of the bytecode that a thread of a free-threaded build runs. */
remote_addr code_thread_start(struct python *python, const struct code *code, uint32_t index);

/* The place of the variable `name`, a literal, in localsplus, or -1. */
int code_variable(struct python *python, const struct code *code, const char *name);

/* The place of the free variable `name` in a closure, or -1. */
int code_free_variable(struct python *python, const struct code *code, const char *name);

/* The line of the instruction at `unit` by a location table
 * (Objects/locations.md of CPython), 0 where it has none. */
int line_of_unit(const uint8_t *table, size_t size, int first_line, uint64_t unit);

#endif
