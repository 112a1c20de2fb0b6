/* One object of each kind that a decoder knows, in each of the builds of
 * tests/unit/layouts.h, as an image. */
#ifndef TESTS_FUZZ_WORLDS_H
#define TESTS_FUZZ_WORLDS_H

#include "cpython/layout.h"
#include "tests/fuzz/image.h"
#include "tests/unit/layouts.h"

enum { ROOTS_MAX = 64 };

struct fuzz_world {
	struct image image;
	struct layout layout;
	remote_addr roots[ROOTS_MAX];
	size_t root_count;
};

/* Made once, and never freed. */
const struct fuzz_world *fuzz_world(enum build build);

/* Runs every decoder on every root of the world: in `memory`, which is one of
 * its image, and by `layout`, which need not be its own. */
void decode_all(const struct fuzz_world *world, struct image_memory *memory,
		const struct layout *layout);

#endif
