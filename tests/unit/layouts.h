/* The offsets that builds of CPython publish, as they publish them. */
#ifndef TESTS_UNIT_LAYOUTS_H
#define TESTS_UNIT_LAYOUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cpython/layout.h"

struct published {
	const char *name;
	uint64_t words[DEBUG_OFFSETS_WORDS]; /* _Py_DebugOffsets */
	size_t word_count;
	uint64_t asyncio[ASYNCIO_DEBUG_WORDS]; /* _AsyncioDebug */
	bool free_threaded;
	bool sentinel_above_awaited; /* 3.15: an index lies on top of what is awaited */
};

/* These publish all of it.  3.13 has no _AsyncioDebug: */
extern const struct published published_3_13;

enum build { BUILD_3_14, BUILD_3_14D, BUILD_3_14T, BUILD_3_15, BUILD_3_15T, BUILDS };

extern const struct published published[BUILDS];

#endif
