/* What can be wrong with a CPython: each evil spoils a healthy world. */
#ifndef TESTS_HOSTILE_EVILS_H
#define TESTS_HOSTILE_EVILS_H

#include <stddef.h>

#include "tests/hostile/world.h"

struct evil {
	const char *name;
	void (*spoil)(struct world *);
};

/* lists.c, objects.c, volume.c and memory.c: each ends with an empty row. */
extern const struct evil evil_lists[], evil_objects[], evil_volumes[], evil_memory[];

#endif
