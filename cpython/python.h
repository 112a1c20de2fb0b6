/* The reader's state for one attempt to take a snapshot of one CPython. */
#ifndef CPYTHON_PYTHON_H
#define CPYTHON_PYTHON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/array.h"
#include "base/table.h"
#include "cpython/layout.h"
#include "model/intern.h"
#include "model/snapshot.h"
#include "procmem.h"

struct addresses {
	remote_addr *items;
	size_t count;
	size_t capacity;
};

struct python {
	struct procmem *mem;
	const struct layout *layout;
	/* What is mapped of the file that CPython itself is in: its static types
	 * lie there, and no class of a user does. */
	remote_addr image_start, image_end;
	struct snapshot *snapshot;
	struct intern intern;
	struct table types;             /* address → struct type * */
	struct type *recent_types[256]; /* those met lately: a shortcut past the table */
	struct table codes;             /* address → struct code * */
	const struct code *recent_codes[64];
	struct table code_lines; /* code and instruction → struct frame * */
	struct {
		uint64_t executable; /* the word of the frame that says it */
		remote_addr instruction;
		const struct code *code;
		const struct frame *place;
	} recent_places[64];    /* where frames are: many are at few places */
	struct table variables; /* code and name → place in localsplus */
	struct {
		const struct code *code;
		const char *name;
		int place;
	} recent_variables[64];
	struct table slots; /* class and name → offset in its objects, 0: none */
	const char *stdlib; /* its folder, interned, or NULL */
	/* How much more may be read, in words of the target: what a hostile or torn
	 * one can cost, in time and in memory, is bounded. */
	uint64_t work_left;
	uint64_t items_max; /* words of one container */
	/* Objects between who waits and who is waited for: many that wait for the same
	 * many may lose some of that, and no task. */
	uint64_t edges_left;
};

/* What is read of an object, however small, in words. */
enum { OBJECT_WORK = 16 };

void python_init(struct python *python, struct procmem *mem, const struct layout *layout,
		struct snapshot *snapshot);
void python_deinit(struct python *python);

/* Allows for a target of which `resident` bytes are in memory: nothing that is
 * there is read often, but little of it may pretend to be much. */
void python_allow(struct python *python, uint64_t resident);

/* Whether more was there than is read. */
static inline bool python_is_spent(const struct python *python)
{
	return !python->work_left || !python->edges_left;
}

/* Takes `amount` words off the work that is left; false where it is used up. */
static inline bool python_work(struct python *python, uint64_t amount)
{
	bool is_left = amount <= python->work_left;

	python->work_left = is_left ? python->work_left - amount : 0;
	return is_left;
}

#endif
