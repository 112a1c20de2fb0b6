/* Runs every decoder of cpython/ on every object of a world: see worlds.h. */
#include "base/buffer.h"
#include "cpython/chain.h"
#include "cpython/code.h"
#include "cpython/frames.h"
#include "cpython/objects.h"
#include "cpython/text.h"
#include "cpython/types.h"
#include "tests/fuzz/worlds.h"

enum { RESIDENT = 16 * 1024 * 1024 }; /* what a small Python has in memory */

static void decode_values(struct python *python, remote_addr object)
{
	struct addresses items = { 0 };
	struct buffer text = { 0 };
	remote_addr value;
	int64_t number;
	double real;

	text_read(python, object, &text);
	text_is(python, object, "name");
	integer_read(python, object, &number);
	real_read(python, object, &real);
	stackref_integer(object, &number);
	length_of(python, object);
	item_first(python, object, &value);
	items_read(python, object, &items);
	dict_read(python, object, &items);
	dict_find(python, object, "name", &value);
	weakset_read(python, object, &items);
	attribute_find(python, object, "name", &value);
	attributes_read(python, object, &items);
	slot_find(python, object, "name", &value);
	number_read(python, object, &real);
	cell_read(python, object, &value);
	module_dict(python, object, &value);
	const struct type *type = type_of(python, object);
	if (type) {
		type_is_a(type, object);
		class_find(python, type, "name", &value);
	}
	type_at(python, object);
	array_free(&items);
	buffer_deinit(&text);
}

static void decode_code(struct python *python, const struct code *code)
{
	if (!code)
		return;
	for (uint32_t copy = 0; copy < 3; copy++) {
		remote_addr start = code_thread_start(python, code, copy);
		for (uint64_t unit = 0; unit < 30; unit++)
			code_frame(python, code, start, start + 2 * unit);
		code_frame(python, code, start, start + 2 * code->units - 2);
	}
	code_variable(python, code, "name");
	code_free_variable(python, code, "inner");
}

static void decode_frame(struct python *python, const struct frame_view *frame)
{
	struct addresses objects = { 0 };
	remote_addr value;
	int64_t number;

	decode_code(python, frame->code);
	frame_awaited(python, frame, &value);
	frame_local(python, frame, "name", &value);
	frame_local_integer(python, frame, "name", &number);
	frame_variable(python, frame, "name", &value);
	frame_has_more(python, frame);
	frame_stack(python, frame, &objects);
	array_free(&objects);
}

static void decode_frames(struct python *python, remote_addr at)
{
	struct frame_views frames = { 0 };
	struct frame_view frame;
	enum generator_state state;
	struct chain chain = { 0 };

	frames_of_thread(python, at, &frames);
	for (size_t i = 0; i < frames.count && i < 4; i++)
		decode_frame(python, &frames.items[i]);
	if (generator_read(python, at, &state, &frame) && state != GENERATOR_FINISHED)
		decode_frame(python, &frame);
	chain_walk(python, at, &chain);
	chain_deinit(&chain);
	array_free(&frames);
}

void decode_all(const struct fuzz_world *world, struct image_memory *memory,
		const struct layout *layout)
{
	struct procmem *mem = image_memory_open(memory);
	struct snapshot *snapshot = snapshot_create();
	struct python python;

	mem_limit(mem, RESIDENT);
	python_init(&python, mem, layout, snapshot);
	python_allow(&python, RESIDENT);
	python.image_start = world->image.code_start;
	python.image_end = world->image.code_end;
	python.stdlib = "/usr/lib/python3.14";
	for (size_t i = 0; i < world->root_count; i++) {
		decode_values(&python, world->roots[i]);
		decode_code(&python, code_at(&python, world->roots[i]));
		decode_frames(&python, world->roots[i]);
	}
	python_deinit(&python);
	snapshot_destroy(snapshot);
	mem_destroy(mem);
}
