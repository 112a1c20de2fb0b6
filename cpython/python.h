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
	struct table types;      /* address → struct type * */
	struct type *recent_types[64]; /* those met lately: a shortcut past the table */
	struct table codes;      /* address → struct code * */
	struct table code_lines; /* code and instruction → struct frame * */
	const char *stdlib;      /* its folder, interned, or NULL */
	/* How many more items of containers, frames and links may be read: what
	 * a hostile or torn target can cost is bounded. */
	uint64_t work_left;
};

void python_init(struct python *python, struct procmem *mem, const struct layout *layout,
		struct snapshot *snapshot);
void python_deinit(struct python *python);

/* Takes `amount` off the work that is left; false where it is used up. */
bool python_work(struct python *python, uint64_t amount);

#endif
