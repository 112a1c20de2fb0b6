/* Objects of a CPython that does not exist: see fabricate.h. */
#include "tests/unit/fabricate.h"

#include <string.h>

#include "base/alloc.h"

enum {
	IMAGE_START = 0x400000,
	IMAGE_SIZE = 0x100000,
	BEFORE_OBJECT = 64, /* where a dict and a GC head may be */
	SLOT = 8,
};

#define HEAP_START UINT64_C(0x7f0000000000)

static void put(struct world *w, remote_addr at, uint64_t value)
{
	memory_put_u64(&w->memory, at, value);
}

/* ---- the world ---- */

static void open_python(struct world *w)
{
	w->mem = memory_open(&w->memory);
	w->snapshot = snapshot_create();
	python_init(&w->python, w->mem, &w->layout, w->snapshot);
	w->python.image_start = IMAGE_START;
	w->python.image_end = IMAGE_START + IMAGE_SIZE;
}

static void close_python(struct world *w)
{
	python_deinit(&w->python);
	mem_destroy(w->mem);
	snapshot_destroy(w->snapshot);
}

void world_read_anew(struct world *w)
{
	close_python(w);
	open_python(w);
}

static remote_addr bump(struct world *w, remote_addr *next, size_t size)
{
	remote_addr at = *next + BEFORE_OBJECT;

	*next = (at + size + 15) / 16 * 16;
	memory_map(&w->memory, at - BEFORE_OBJECT, BEFORE_OBJECT + size);
	mem_forget(w->mem, at - BEFORE_OBJECT, BEFORE_OBJECT + size);
	return at;
}

int world_setup(void **state)
{
	struct world *w = alloc_zeroed(1, sizeof(*w));

	w->published = *state;
	memory_init(&w->memory);
	w->image_next = IMAGE_START;
	w->heap_next = HEAP_START;
	struct error *error = layout_decode(w->published->words, 0, &w->layout);
	if (error)
		fail_msg("%s: %s", w->published->name, error->message);
	if (!layout_decode_asyncio(w->published->asyncio, &w->layout))
		fail_msg("%s: _AsyncioDebug is refused", w->published->name);
	open_python(w);
	for (size_t i = 0; i < BUILTINS; i++) {
		struct type_spec spec = {
			.name = builtins[i].name,
			.flags = builtins[i].flags,
			.in_image = !(builtins[i].flags & TYPE_HEAP),
			.base = i == T_TASK ? w->builtin[T_FUTURE] : 0,
		};
		w->builtin[i] = make_type(w, &spec);
	}
	w->none = bump(w, &w->image_next, w->layout.object.size);
	put(w, w->none + w->layout.object.type, w->builtin[T_NONE]);
	*state = w;
	return 0;
}

int world_teardown(void **state)
{
	struct world *w = *state;

	close_python(w);
	memory_deinit(&w->memory);
	free(w);
	return 0;
}

/* ---- objects ---- */

remote_addr make_block(struct world *w, size_t size)
{
	return bump(w, &w->heap_next, size);
}

remote_addr make_tail_block(struct world *w, size_t size)
{
	remote_addr end =
			(w->heap_next + BEFORE_OBJECT + size + MEM_PAGE - 1) / MEM_PAGE * MEM_PAGE;

	memory_map(&w->memory, end - size, size);
	memory_hide(&w->memory, end);
	w->heap_next = end + MEM_PAGE;
	mem_forget(w->mem, end - size, size);
	return end - size;
}

remote_addr make_object(struct world *w, remote_addr type, size_t size)
{
	remote_addr at = make_block(w, size);

	put(w, at + w->layout.object.type, type);
	return at;
}

/* Its own address is the first item, so it is given. */
static remote_addr make_mro(struct world *w, remote_addr type, remote_addr base)
{
	remote_addr items[16] = { type };
	size_t count = 1;

	if (base) {
		remote_addr mro = memory_get_u64(&w->memory, base + w->layout.type.mro);
		size_t n = memory_get_u64(&w->memory, mro + w->layout.tuple.length);
		for (size_t i = 0; i < n; i++)
			items[count++] = memory_get_u64(
					&w->memory, mro + w->layout.tuple.items + i * SLOT);
	}
	return make_tuple(w, count, items);
}

remote_addr make_type(struct world *w, const struct type_spec *spec)
{
	const struct layout *layout = &w->layout;
	remote_addr name = make_block(w, strlen(spec->name) + 1);
	remote_addr at = bump(w, spec->in_image ? &w->image_next : &w->heap_next,
			layout->heap_type.cached_keys + SLOT);
	/* The first of all is the type of types: it is its own. */
	remote_addr meta = w->builtin[T_TYPE] ? w->builtin[T_TYPE] : at;
	remote_addr base = spec->base ? spec->base : w->builtin[T_OBJECT];

	memory_put(&w->memory, name, spec->name, strlen(spec->name) + 1);
	put(w, at + layout->object.type, meta);
	put(w, at + layout->type.name, name);
	put(w, at + layout->type.flags, spec->flags);
	put(w, at + layout->type.basicsize,
			spec->basicsize ? spec->basicsize : layout->object.size);
	put(w, at + layout->type.dictoffset, spec->dictoffset);
	put(w, at + layout->type.mro, make_mro(w, at, base));
	put(w, at + layout->heap_type.cached_keys, spec->cached_keys);
	return at;
}

remote_addr make_class(struct world *w, const char *name, remote_addr base)
{
	struct type_spec spec = { .name = name, .flags = TYPE_HEAP, .base = base };
	return make_type(w, &spec);
}

remote_addr make_text(struct world *w, const struct text_spec *spec)
{
	const struct layout *layout = &w->layout;
	uint64_t header = spec->ascii ? layout->text.ascii_size : layout->text.compact_size;
	uint64_t size = spec->not_compact ? layout->text.compact_size + SLOT : header + spec->size;
	remote_addr at = spec->at_end && !spec->not_compact ? make_tail_block(w, size)
							    : make_block(w, size);
	uint32_t word = spec->width << layout->text.kind_shift |
			(uint32_t)spec->ascii << layout->text.ascii_bit |
			(uint32_t)!spec->not_compact << layout->text.compact_bit;
	remote_addr data = at + header;

	put(w, at + layout->object.type, spec->type ? spec->type : w->builtin[T_STR]);
	put(w, at + layout->text.length, spec->length);
	memory_put_u32(&w->memory, at + layout->text.state, word);
	if (spec->not_compact) {
		data = spec->at_end ? make_tail_block(w, spec->size) : make_block(w, spec->size);
		put(w, at + layout->text.compact_size, data);
	}
	memory_put(&w->memory, data, spec->data, spec->size);
	return at;
}

remote_addr make_str(struct world *w, const char *ascii)
{
	struct text_spec spec = {
		.width = 1,
		.ascii = true,
		.length = strlen(ascii),
		.data = ascii,
		.size = strlen(ascii),
	};
	return make_text(w, &spec);
}

remote_addr make_int(struct world *w, int64_t value)
{
	const struct layout *layout = &w->layout;
	remote_addr at = make_object(w, w->builtin[T_INT], layout->integer.digits + 16);
	uint64_t left = value < 0 ? -(uint64_t)value : (uint64_t)value, digits = 0;
	uint64_t sign = value < 0 ? 2 : !value;

	for (; left; left >>= 30)
		memory_put_u32(&w->memory, at + layout->integer.digits + 4 * digits++,
				(uint32_t)(left & ((1u << 30) - 1)));
	put(w, at + layout->integer.tag, digits << 3 | sign);
	return at;
}

remote_addr make_bytes(struct world *w, const void *data, size_t size)
{
	remote_addr at = make_object(w, w->builtin[T_BYTES], w->layout.bytes.items + size + 1);

	put(w, at + w->layout.bytes.length, size);
	memory_put(&w->memory, at + w->layout.bytes.items, data, size);
	return at;
}

static void put_words(struct world *w, remote_addr at, size_t count, const uint64_t *words)
{
	for (size_t i = 0; i < count; i++)
		put(w, at + i * SLOT, words[i]);
}

remote_addr make_tuple(struct world *w, size_t count, const remote_addr *items)
{
	remote_addr at = make_object(w, w->builtin[T_TUPLE], w->layout.tuple.items + count * SLOT);

	put(w, at + w->layout.tuple.length, count);
	put_words(w, at + w->layout.tuple.items, count, items);
	return at;
}

remote_addr make_list(struct world *w, size_t count, const remote_addr *items)
{
	remote_addr at = make_object(w, w->builtin[T_LIST], w->layout.list.size);
	remote_addr data = make_block(w, count * SLOT);

	put(w, at + w->layout.list.length, count);
	put(w, at + w->layout.list.items, data);
	put_words(w, data, count, items);
	return at;
}

remote_addr make_set(struct world *w, size_t slots, const uint64_t *words)
{
	remote_addr at = make_object(w, w->builtin[T_SET], w->layout.set.size);
	remote_addr table = make_block(w, 2 * slots * SLOT);

	put(w, at + w->layout.set.mask, slots - 1);
	put(w, at + w->layout.set.table, table);
	put_words(w, table, 2 * slots, words);
	return at;
}

remote_addr make_set_of(struct world *w, size_t count, const remote_addr *items)
{
	uint64_t words[64] = { 0 };
	size_t slots = 8;

	while (slots < count)
		slots *= 2;
	for (size_t i = 0; i < count; i++) {
		words[2 * i] = items[i];
		words[2 * i + 1] = items[i] >> 4;
	}
	return make_set(w, slots, words);
}

remote_addr make_keys(struct world *w, enum keys_kind kind, size_t count, const uint64_t *entries)
{
	enum { HEADER = 32, LOG2_INDEX_BYTES = 3, WORDS_MAX = 3 };
	remote_addr at = make_block(w, HEADER + (1 << LOG2_INDEX_BYTES) + count * WORDS_MAX * SLOT);
	remote_addr entry = at + HEADER + (1 << LOG2_INDEX_BYTES);

	memory_put_u8(&w->memory, at + 8, LOG2_INDEX_BYTES);
	memory_put_u8(&w->memory, at + 9, LOG2_INDEX_BYTES);
	memory_put_u8(&w->memory, at + 10, (uint8_t)kind);
	put(w, at + 24, count);
	for (size_t i = 0; i < count; i++) {
		if (kind == KEYS_GENERAL) {
			put(w, entry, 0x1234 + i);
			entry += SLOT;
		}
		put_words(w, entry, 2, entries + 2 * i);
		entry += 2 * SLOT;
	}
	return at;
}

remote_addr make_dict(struct world *w, remote_addr keys, remote_addr values)
{
	remote_addr at = make_object(w, w->builtin[T_DICT], w->layout.dict.size);

	put(w, at + w->layout.dict.keys, keys);
	put(w, at + w->layout.dict.values, values);
	return at;
}

remote_addr make_dict_of(
		struct world *w, size_t count, const char *const *names, const remote_addr *values)
{
	uint64_t entries[64];

	for (size_t i = 0; i < count; i++) {
		entries[2 * i] = make_str(w, names[i]);
		entries[2 * i + 1] = values[i];
	}
	return make_dict(w, make_keys(w, KEYS_UNICODE, count, entries), 0);
}

void put_values(struct world *w, remote_addr at, bool valid, size_t count, const uint64_t *values)
{
	memory_put_u8(&w->memory, at, (uint8_t)count);
	memory_put_u8(&w->memory, at + 1, (uint8_t)count);
	memory_put_u8(&w->memory, at + 2, 1);
	memory_put_u8(&w->memory, at + 3, valid);
	put_words(w, at + SLOT, count, values);
}

/* ---- code and frames ---- */

remote_addr make_code(struct world *w, const struct code_spec *spec)
{
	const struct layout *layout = &w->layout;
	uint8_t plain[2 * LINES_UNITS];
	const void *lines = spec->lines ? spec->lines : plain;
	uint64_t units = spec->units ? spec->units : LINES_UNITS;
	remote_addr at = make_object(w, w->builtin[T_CODE], layout->code.size + 2 * units);

	/* No columns, one unit, one line more; on the first one none. */
	for (size_t i = 0; i < LINES_UNITS; i++) {
		plain[2 * i] = 0x80 | 13 << 3;
		plain[2 * i + 1] = i ? 1 << 1 : 0;
	}
	put(w, at + layout->object.size, units); /* ob_size */
	put(w, at + layout->code.filename, make_str(w, spec->file));
	put(w, at + layout->code.name, make_str(w, spec->function));
	put(w, at + layout->code.qualname, make_str(w, spec->function));
	put(w, at + layout->code.linetable,
			make_bytes(w, lines, spec->lines ? spec->lines_size : sizeof(plain)));
	memory_put_u32(&w->memory, at + layout->code.firstlineno, (uint32_t)spec->first_line);
	memory_put_u32(&w->memory, at + layout->code.nlocalsplus, spec->locals);
	memory_put_u32(&w->memory, at + layout->code.stacksize, spec->stack_size);
	put(w, at + layout->code.localsplusnames, spec->names);
	return at;
}

remote_addr make_plain_code(struct world *w, const char *function)
{
	struct code_spec spec = {
		.function = function,
		.file = "/srv/shop.py",
		.first_line = 10,
		.locals = 3,
		.stack_size = 4,
	};
	return make_code(w, &spec);
}

void put_frame(struct world *w, remote_addr at, const struct frame_spec *spec)
{
	const struct layout *layout = &w->layout;
	remote_addr start = spec->start ? spec->start : spec->code + layout->code.code_adaptive;
	remote_addr base = at + layout->frame.localsplus + 3 * SLOT;

	/* The reference to code that the thread keeps alive is a borrowed one. */
	put(w, at + layout->frame.executable, spec->code | !spec->untagged_code);
	put(w, at + layout->frame.previous, spec->previous);
	put(w, at + layout->frame.instr_ptr, start + 2 * spec->unit);
	put(w, at + layout->frame.stackpointer, base + spec->stack * SLOT);
	if (layout->frame.tlbc_index)
		memory_put_u32(&w->memory, at + layout->frame.tlbc_index, spec->thread_copy);
	memory_put_u8(&w->memory, at + layout->frame.owner, spec->owner);
	put_words(w, base, spec->stack, spec->stack_words);
}

remote_addr make_frame(struct world *w, const struct frame_spec *spec)
{
	remote_addr at = make_block(w, w->layout.frame.size + (3 + 4) * SLOT);

	put_frame(w, at, spec);
	return at;
}

static int8_t state_value(const struct world *w, enum step step)
{
	bool is_3_15 = w->published->sentinel_above_awaited;
	static const int8_t values[2][FINISHED + 1] = {
		{ [CREATED] = -3,
				[SUSPENDED] = -2,
				[AWAITING] = -1,
				[EXECUTING] = 0,
				[FINISHED] = 4 },
		{ [CREATED] = 0, [SUSPENDED] = 1, [AWAITING] = 2, [EXECUTING] = 4, [FINISHED] = 5 },
	};

	return values[is_3_15][step];
}

remote_addr make_generator(
		struct world *w, enum builtin type, enum step step, const struct frame_spec *spec)
{
	const struct layout *layout = &w->layout;
	remote_addr at = make_object(w, w->builtin[type], layout->generator.size + (3 + 4) * SLOT);
	struct frame_spec frame = *spec;

	frame.owner = 1;
	if (step != FINISHED)
		put_frame(w, at + layout->generator.iframe, &frame);
	memory_put_u8(&w->memory, at + layout->generator.frame_state,
			(uint8_t)state_value(w, step));
	put(w, at + layout->generator.name, make_str(w, "name"));
	put(w, at + layout->generator.qualname, make_str(w, "qualified.name"));
	return at;
}

remote_addr make_awaiting(struct world *w, enum builtin type, remote_addr code, remote_addr awaited)
{
	/* What is awaited is on top, or below the reference to nothing. */
	const uint64_t words[] = { awaited, 1 };
	const struct frame_spec spec = {
		.code = code,
		.unit = 2,
		.stack = w->published->sentinel_above_awaited ? 2 : 1,
		.stack_words = words,
	};
	return make_generator(w, type, AWAITING, &spec);
}

remote_addr make_passing(struct world *w, enum builtin type, remote_addr to)
{
	remote_addr at = make_object(w, w->builtin[type], w->layout.object.size + 4 * SLOT);

	put(w, at + w->layout.object.size, to);
	return at;
}

/* ---- tasks ---- */

remote_addr make_future(struct world *w, int32_t fut_state)
{
	remote_addr at = make_object(w, w->builtin[T_FUTURE], w->layout.task.size);

	memory_put_u32(&w->memory, at + w->layout.task.state, (uint32_t)fut_state);
	return at;
}

remote_addr make_task(struct world *w, const struct task_spec *spec)
{
	const struct layout *layout = &w->layout;
	remote_addr at = make_object(
			w, spec->type ? spec->type : w->builtin[T_TASK], layout->task.size);

	put(w, at + layout->task.loop, spec->loop);
	put(w, at + layout->task.name, spec->name);
	put(w, at + layout->task.coro, spec->coroutine);
	put(w, at + layout->task.fut_waiter, spec->waiter);
	memory_put_u32(&w->memory, at + layout->task.state, (uint32_t)spec->fut_state);
	memory_put_u8(&w->memory, at + layout->task.is_task, 1);
	return at;
}

remote_addr make_waiting_task(struct world *w, int number)
{
	remote_addr future = make_future(w, 0);
	struct task_spec spec = {
		.name = make_int(w, number),
		.waiter = future,
		.coroutine = make_awaiting(w, T_COROUTINE, make_plain_code(w, "work"),
				make_passing(w, T_FUTURE_ITER, future)),
	};
	return make_task(w, &spec);
}

void link_tasks(struct world *w, remote_addr head, size_t count, const remote_addr *tasks)
{
	remote_addr last = head;

	memory_map(&w->memory, head, 2 * SLOT);
	for (size_t i = 0; i <= count; i++) {
		remote_addr node = i < count ? tasks[i] + w->layout.task.node : head;
		put(w, last + w->layout.llist.next, node);
		put(w, node + w->layout.llist.prev, last);
		last = node;
	}
}
