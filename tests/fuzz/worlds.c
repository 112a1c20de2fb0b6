/* One object of each kind: see worlds.h. */
#include "tests/fuzz/worlds.h"

#include <string.h>

#include "base/alloc.h"
#include "tests/unit/fabricate.h"

static remote_addr add(struct fuzz_world *world, remote_addr object)
{
	if (world->root_count < ROOTS_MAX)
		world->roots[world->root_count++] = object;
	return object;
}

static void add_texts(struct fuzz_world *world, struct world *w)
{
	static const uint16_t two[] = { 0x41, 0xd800, 0x20ac, 0 };
	static const uint32_t four[] = { 0x41, 0x1f40d, 0xffffffff };
	const struct text_spec wide = { .width = 2, .length = 4, .data = two, .size = sizeof(two) };
	const struct text_spec wider = {
		.width = 4, .length = 3, .data = four, .size = sizeof(four)
	};
	const struct text_spec apart = { .width = 1,
		.ascii = true,
		.not_compact = true,
		.length = 4,
		.data = "name",
		.size = 4 };

	add(world, make_str(w, "name"));
	add(world, make_text(w, &wide));
	add(world, make_text(w, &wider));
	add(world, make_text(w, &apart));
	add(world, make_int(w, -5000000000));
	add(world, make_int(w, 7));
}

static void add_containers(struct fuzz_world *world, struct world *w)
{
	remote_addr name = make_str(w, "name"), data = make_str(w, "data");
	const remote_addr items[] = { name, w->none, make_int(w, 1) };
	const uint64_t general[] = { name, items[2], 0, 0, data, w->none };
	const uint64_t split[] = { name, 0, data, 0 };
	const uint64_t words[] = { name, 11, 0, 0, data, UINT64_MAX, items[2], 13 };
	remote_addr values = make_block(w, 64);

	put_values(w, values, true, 2, items);
	add(world, make_tuple(w, 3, items));
	add(world, make_list(w, 3, items));
	add(world, make_set(w, 4, words));
	add(world, make_dict(w, make_keys(w, KEYS_GENERAL, 3, general), 0));
	add(world, make_dict(w, make_keys(w, KEYS_UNICODE, 2, general), 0));
	add(world, make_dict(w, make_keys(w, KEYS_SPLIT, 2, split), values));
}

/* Instances: with inline values, with a dict made, with a slot for one. */
static void add_instances(struct fuzz_world *world, struct world *w)
{
	remote_addr weakref = make_object(w, w->builtin[T_WEAKREF], 64);
	remote_addr dead = make_object(w, w->builtin[T_WEAKREF], 64);
	const remote_addr references[] = { weakref, dead };
	const char *names[] = { "data", "name" };
	const remote_addr values[] = { make_set_of(w, 2, references), make_int(w, 3) };
	const uint64_t keys[] = { make_str(w, "data"), 0, make_str(w, "name"), 0 };
	const uint64_t size = w->layout.object.size;
	const struct type_spec inline_spec = { .name = "Inline",
		.basicsize = size,
		.flags = TYPE_HEAP | TYPE_INLINE_VALUES | TYPE_MANAGED_DICT,
		.cached_keys = make_keys(w, KEYS_SPLIT, 2, keys) };
	const struct type_spec dict_spec = {
		.name = "Dict", .flags = TYPE_HEAP, .basicsize = size + 8, .dictoffset = size
	};
	remote_addr inline_type = make_type(w, &inline_spec);
	remote_addr plain = add(world, make_object(w, inline_type, 96));
	remote_addr managed = add(world, make_object(w, inline_type, 96));
	remote_addr slotted = add(world, make_object(w, make_type(w, &dict_spec), 96));
	remote_addr dict = make_dict_of(w, 2, names, values);

	memory_put_u64(&w->memory, weakref + w->layout.weakref.object, plain);
	memory_put_u64(&w->memory, dead + w->layout.weakref.object, w->none);
	put_values(w, plain + size, true, 2, values);
	memory_put_u64(&w->memory, managed + (uint64_t)w->layout.managed_dict, dict);
	memory_put_u64(&w->memory, slotted + size, dict);
	add(world, make_class(w, "Sub", inline_type));
}

static remote_addr make_by_c_module(struct world *w, const char *type_name, size_t size)
{
	const struct type_spec type = { .name = type_name, .flags = TYPE_HEAP | TYPE_IMMUTABLE };

	return make_object(w, make_type(w, &type), size);
}

/* Seventy items, in three blocks that are linked. */
static remote_addr make_deque(struct world *w)
{
	enum { COUNT = 70, BLOCK_ITEMS = 64, LEFT_INDEX = 60, WORDS = BLOCK_ITEMS + 2 };
	const struct layout *layout = &w->layout;
	remote_addr object = make_by_c_module(w, "collections.deque", 64);
	remote_addr blocks[] = { make_block(w, WORDS * 8), make_block(w, WORDS * 8),
		make_block(w, WORDS * 8) };

	memory_put_u64(&w->memory, object + layout->deque.length, COUNT);
	memory_put_u64(&w->memory, object + layout->deque.left_block, blocks[0]);
	memory_put_u64(&w->memory, object + layout->deque.left_index, LEFT_INDEX);
	for (int i = 0; i < 2; i++)
		memory_put_u64(&w->memory, blocks[i] + (WORDS - 1) * 8, blocks[i + 1]);
	return object;
}

/* Its ring of four goes over the end. */
static remote_addr make_simple_queue(struct world *w)
{
	const struct layout *layout = &w->layout;
	remote_addr object = make_by_c_module(w, "_queue.SimpleQueue", 96);

	memory_put_u64(&w->memory, object + layout->simple_queue.first, 3);
	memory_put_u64(&w->memory, object + layout->simple_queue.items, make_block(w, 32));
	memory_put_u64(&w->memory, object + layout->simple_queue.capacity, 4);
	memory_put_u64(&w->memory, object + layout->simple_queue.length, 2);
	return object;
}

static void add_c_objects(struct fuzz_world *world, struct world *w)
{
	const struct type_spec real = { .name = "float", .in_image = true };
	const double value = 1.5;
	remote_addr number = add(world, make_object(w, make_type(w, &real), 32));
	remote_addr cell = add(world, make_object(w, w->builtin[T_CELL], 32));

	memory_put(&w->memory, number + w->layout.real.value, &value, sizeof(value));
	memory_put_u64(&w->memory, cell + w->layout.cell.contents, number);
	add(world, make_deque(w));
	add(world, make_simple_queue(w));
}

/* An instance of a class with __slots__: they lie behind the class. */
static void add_slotted(struct fuzz_world *world, struct world *w)
{
	enum { MEMBER_OFFSET = 16, MEMBER_SIZE = 40 };
	const struct layout *layout = &w->layout;
	const uint64_t size = layout->object.size, behind = layout->heap_type.cached_keys + 8;
	const struct type_spec meta_spec = { .name = "Meta",
		.flags = TYPE_HEAP | TYPE_TYPE,
		.base = w->builtin[T_TYPE],
		.basicsize = behind };
	const struct type_spec spec = {
		.name = "Slotted", .flags = TYPE_HEAP, .basicsize = size + 16
	};
	static const char *const names[] = { "other", "name" };
	remote_addr meta = make_type(w, &meta_spec), type = make_type(w, &spec);

	make_block(w, 2 * MEMBER_SIZE);
	memory_put_u64(&w->memory, type + layout->object.type, meta);
	memory_put_u64(&w->memory, type + layout->tuple.length, 2);
	for (uint64_t i = 0; i < 2; i++) {
		remote_addr name = make_block(w, 8), member = type + behind + i * MEMBER_SIZE;
		memory_put(&w->memory, name, names[i], strlen(names[i]) + 1);
		memory_put_u64(&w->memory, member, name);
		memory_put_u64(&w->memory, member + MEMBER_OFFSET, size + 8 * i);
	}
	remote_addr object = add(world, make_object(w, type, 64));
	memory_put_u64(&w->memory, object + size + 8, w->none);
}

static remote_addr code_with_names(struct world *w)
{
	static const uint8_t lines[] = { 0x80 | 10 << 3, 0, 0x80 | 12 << 3 | 1, 0, 0,
		0x80 | 14 << 3, 0x41, 2, 0, 0, 0, 0x80 | 13 << 3 | 7, 3, 0x80 | 15 << 3 | 2 };
	const remote_addr names[] = { make_str(w, "self"), make_str(w, "name"),
		make_str(w, "inner") };
	const struct code_spec spec = { .function = "shield.<locals>._outer_done_callback",
		.file = "/usr/lib/python3.14/site-packages/a.py",
		.first_line = 100,
		.locals = 3,
		.stack_size = 4,
		.lines = lines,
		.lines_size = sizeof(lines),
		.names = make_tuple(w, 3, names) };
	remote_addr code = make_code(w, &spec);

	memory_put_u64(&w->memory, code + w->layout.code.localspluskinds,
			make_bytes(w, "\x20\x20\x80", 3));
	return code;
}

static void add_frames(struct fuzz_world *world, struct world *w)
{
	remote_addr code = add(world, code_with_names(w)), copies = make_block(w, 32);
	const struct frame_spec outer = { .code = code, .unit = 1 };
	struct frame_spec inner = { .code = make_plain_code(w, "inner"),
		.unit = 3,
		.previous = make_frame(w, &outer),
		.untagged_code = true };
	const struct frame_spec running = { .code = code, .unit = 2 };

	if (w->layout.code.tlbc) {
		memory_put_u64(&w->memory, copies, 2);
		memory_put_u64(&w->memory, copies + 16, code + w->layout.code.code_adaptive);
		memory_put_u64(&w->memory, code + w->layout.code.tlbc, copies);
	}
	add(world, make_frame(w, &inner));
	inner.owner = 3;
	inner.previous = world->roots[world->root_count - 1];
	add(world, make_frame(w, &inner));
	add(world, make_generator(w, T_COROUTINE, CREATED, &running));
	add(world, make_generator(w, T_GENERATOR, SUSPENDED, &running));
	add(world, make_generator(w, T_COROUTINE, EXECUTING, &running));
	add(world, make_generator(w, T_COROUTINE, FINISHED, &running));
}

static void add_chains(struct fuzz_world *world, struct world *w)
{
	remote_addr code = code_with_names(w);
	remote_addr end = make_passing(w, T_FUTURE_ITER, make_future(w, 0));
	remote_addr generator = make_awaiting(w, T_ASYNC_GENERATOR, code, end);
	remote_addr asend = make_passing(w, T_ASEND, generator);
	remote_addr outer = make_awaiting(w, T_COROUTINE, code, asend);
	remote_addr wrapper = make_passing(w, T_COROUTINE_WRAPPER, outer);

	add(world, make_awaiting(w, T_COROUTINE, code, make_passing(w, T_ANEXT, wrapper)));
	add(world, make_awaiting(w, T_GENERATOR, code, make_passing(w, T_ATHROW, generator)));
	add(world, make_waiting_task(w, 1));
	add(world, end);
}

static void take_pages(struct image *image, struct world *w, remote_addr from, remote_addr to)
{
	for (remote_addr at = from - from % MEM_PAGE; at < to; at += MEM_PAGE) {
		image->pages = alloc_resize(
				image->pages, image->page_count + 1, sizeof(*image->pages));
		struct image_page *page = &image->pages[image->page_count++];
		*page = (struct image_page){ .address = at };
		for (size_t i = 0; i < MEM_PAGE; i += 8) {
			uint64_t word = memory_get_u64(&w->memory, at + i);
			memcpy(page->bytes + i, &word, sizeof(word));
			page->lines |= (uint64_t)(word != 0) << i / IMAGE_LINE;
		}
	}
}

const struct fuzz_world *fuzz_world(enum build build)
{
	static struct fuzz_world *worlds[BUILDS];
	void *state = (void *)&published[build];

	if (worlds[build])
		return worlds[build];
	struct fuzz_world *world = worlds[build] = alloc_zeroed(1, sizeof(*world));
	world_setup(&state);
	struct world *w = state;
	remote_addr image_start = w->python.image_start, heap_start = w->heap_next;
	heap_start -= heap_start % ((uint64_t)1 << 32);
	add(world, w->none);
	add_texts(world, w);
	add_containers(world, w);
	add_instances(world, w);
	add_c_objects(world, w);
	add_slotted(world, w);
	add_frames(world, w);
	add_chains(world, w);
	world->layout = w->layout;
	world->image.code_start = image_start;
	world->image.code_end = w->python.image_end;
	take_pages(&world->image, w, image_start, w->image_next);
	take_pages(&world->image, w, heap_start, w->heap_next);
	image_index(&world->image);
	world_teardown(&state);
	return world;
}
