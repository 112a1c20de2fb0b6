/* Fuzzes a whole snapshot on the changed memory of real processes, and the views.
 * The first byte of an input picks the image and the mode, the rest are changes
 * (image.h).  What the views show goes to the file that SHOWN names. */
#include "tests/fuzz/acted.h"

#include <glob.h>
#include <stdio.h>

#include "render.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/mutate.h"
#include "view/json.h"

/* What the first byte of an input says, besides the image. */
enum {
	NO_PAUSE = 0x80,
	LATE = 0x40,   /* a pause does not last until all is read */
	REPEAT = 0x20, /* there may be several pauses: ten times the work */
	IMAGE_MASK = 0x1f,
};

static struct fuzz_target {
	struct image image;
	struct image_memory memory;
} * targets;
static size_t target_count;

static FILE *shown;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	glob_t found;

	(void)argc;
	(void)argv;
	if (glob("tests/fuzz/images/*.img", 0, NULL, &found)) {
		fprintf(stderr, "run it in the root of the project: no images found\n");
		exit(1);
	}
	target_count = found.gl_pathc;
	targets = alloc_zeroed(target_count, sizeof(*targets));
	for (size_t i = 0; i < target_count; i++) {
		image_load(&targets[i].image, found.gl_pathv[i]);
		image_memory_init(&targets[i].memory, &targets[i].image);
	}
	globfree(&found);
	const char *path = getenv("SHOWN");
	shown = fopen(path ? path : "/dev/null", "w");
	if (!shown) {
		fprintf(stderr, "%s: cannot be written\n", path);
		exit(1);
	}
	return 0;
}

const struct image *fuzz_image(const uint8_t *data, size_t size)
{
	return &targets[(size ? data[0] & IMAGE_MASK : 0) % target_count].image;
}

static bool locate(const struct image *image, struct procmem *mem, struct location *location)
{
	uint64_t words[DEBUG_OFFSETS_WORDS], asyncio[ASYNCIO_DEBUG_WORDS];
	uint64_t head[2];

	*location = (struct location){
		.runtime = image->runtime,
		.image_start = image->code_start,
		.image_end = image->code_end,
	};
	if (!mem_read(mem, image->runtime, head, sizeof(head)) || head[1] > UINT32_MAX ||
			!layout_is_supported((uint32_t)head[1]) ||
			!mem_read(mem, image->runtime, words,
					layout_words((uint32_t)head[1]) * sizeof(*words)))
		return false;
	struct error *error = layout_decode(words, 0, &location->layout);
	if (error) {
		error_free(error);
		return false;
	}
	if (mem_read(mem, image->asyncio, asyncio, sizeof(asyncio)))
		layout_decode_asyncio(asyncio, &location->layout);
	return true;
}

static void show(const struct snapshot *snapshot)
{
	struct render_options options = { .fold = true, .width = 80, .height = 24 };
	struct json_output json;

	render_tree(snapshot, &options, shown);
	options = (struct render_options){ .stacks = true, .ascii = true };
	render_tree(snapshot, &options, shown);
	render_list(snapshot, &options, shown);
	json_output_begin(&json, shown);
	json_output_snapshot(&json, snapshot);
	json_output_end(&json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!size)
		return 0;
	struct fuzz_target *changed = &targets[(data[0] & IMAGE_MASK) % target_count];
	struct target target = { .process = { .executable = (char *)"/usr/bin/python3" } };
	const struct take_options options = {
		.no_pause = data[0] & NO_PAUSE,
		.pause_limit_us = data[0] & REPEAT ? 1e6 * ACTED_PAUSE_US : ACTED_PAUSE_US,
		.second_look_s = 1,
	};

	acted_in_time = !(data[0] & LATE);
	image_memory_change(&changed->memory, data + 1, size - 1);
	target.process.mem = image_memory_open(&changed->memory);
	if (locate(&changed->image, target.process.mem, &target.location)) {
		struct snapshot *snapshot = look_until_good(&target, &options);
		show(snapshot);
		snapshot_destroy(snapshot);
	}
	mem_destroy(target.process.mem);
	return 0;
}
