/* Fuzzes the decoders of objects and frames on changed objects of five builds.
 * The first byte of an input picks the build, the rest are changes (image.h). */
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/mutate.h"
#include "tests/fuzz/worlds.h"

const struct image *fuzz_image(const uint8_t *data, size_t size)
{
	return &fuzz_world(size ? data[0] % BUILDS : 0)->image;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct image_memory memories[BUILDS];

	if (!size)
		return 0;
	const struct fuzz_world *world = fuzz_world(data[0] % BUILDS);
	struct image_memory *memory = &memories[data[0] % BUILDS];
	if (!memory->image)
		image_memory_init(memory, &world->image);
	image_memory_change(memory, data + 1, size - 1);
	decode_all(world, memory, &world->layout);
	return 0;
}
