/* Fuzzes the published offsets, and all decoders by whatever offsets pass.
 *
 * An input is a byte that picks the objects to decode, the size of the runtime,
 * the words of _AsyncioDebug, and those of _Py_DebugOffsets; zeros follow. */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/worlds.h"

static void take(const uint8_t **data, size_t *size, void *out, size_t wanted)
{
	size_t n = *size < wanted ? *size : wanted;

	memset(out, 0, wanted);
	if (n)
		memcpy(out, *data, n);
	*data += n;
	*size -= n;
}

/* By the offsets, or, of a version that publishes none, by its row. */
static struct error *take_layout(
		const uint64_t *words, uint64_t runtime_size, struct layout *layout)
{
	uint32_t version = (uint32_t)words[1];

	return layout_is_supported(version) && !layout_words(version)
			       ? layout_take(version, runtime_size, layout)
			       : layout_decode(words, runtime_size, layout);
}

/* Readers put frames, generators and tasks into buffers of a fixed size. */
static void check(const struct layout *layout)
{
	if (layout->frame.size > 256 || layout->frame.localsplus >= layout->frame.size ||
			layout->frame.owner >= layout->frame.size ||
			layout->generator.frame_state >= layout->generator.iframe)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct image_memory memories[BUILDS];
	uint64_t words[DEBUG_OFFSETS_WORDS], asyncio[ASYNCIO_DEBUG_WORDS], runtime_size;
	uint8_t which;
	struct layout layout;

	take(&data, &size, &which, sizeof(which));
	take(&data, &size, &runtime_size, sizeof(runtime_size));
	take(&data, &size, asyncio, sizeof(asyncio));
	take(&data, &size, words, sizeof(words));
	struct error *error = take_layout(words, runtime_size, &layout);
	if (error) {
		error_free(error);
		return 0;
	}
	check(&layout);
	layout_decode_asyncio(asyncio, &layout);
	const struct fuzz_world *world = fuzz_world(which % BUILDS);
	struct image_memory *memory = &memories[which % BUILDS];
	if (!memory->image)
		image_memory_init(memory, &world->image);
	image_memory_change(memory, NULL, 0);
	decode_all(world, memory, &layout);
	return 0;
}
