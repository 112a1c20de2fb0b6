/* Builds a healthy little CPython in this process: see world.h. */
#include "tests/hostile/world.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cpython/types.h"

enum {
	IMAGE_SIZE = 256 * 1024,
	HEAP_SIZE_LOG2 = 37, /* of address space, not of memory */
	BEFORE_OBJECT = 64,
	SLOT = 8,
	UNITS = 20, /* instructions of each code object */
};

/* What asynctree finds by name; the size is the one that is published. */
static struct {
	uint64_t words[40 * 1024];
} runtime __attribute__((section(".PyRuntime"), used)) = { { 1 } };
static uint64_t asyncio_debug[ASYNCIO_DEBUG_WORDS]
		__attribute__((section(".AsyncioDebug"), used)) = { 1 };
/* Static types lie in the image of the program, so this must not be .bss. */
static char image[IMAGE_SIZE] __attribute__((section(".data"), aligned(64))) = { 1 };

static address image_next, heap_next, heap_end;

static void *map(uint64_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (memory == MAP_FAILED) {
		perror("mmap");
		exit(1);
	}
	return memory;
}

address block(uint64_t size)
{
	if (!heap_next) {
		heap_next = (uintptr_t)map(UINT64_C(1) << HEAP_SIZE_LOG2);
		heap_end = heap_next + (UINT64_C(1) << HEAP_SIZE_LOG2);
	}
	address at = heap_next + BEFORE_OBJECT;
	heap_next = (at + size + 15) / 16 * 16;
	if (heap_next > heap_end) {
		fputs("the heap is too small\n", stderr);
		exit(1);
	}
	return at;
}

address pages(uint64_t size)
{
	return (uintptr_t)map(size);
}

address nowhere(void)
{
	void *memory = map(4096);
	munmap(memory, 4096);
	return (uintptr_t)memory;
}

address object(struct world *w, unsigned type, uint64_t size)
{
	address at = block(size);
	put(at + w->layout.object.type, w->type[type]);
	return at;
}

static address name_of(const char *name)
{
	address at = block(strlen(name) + 1);
	memcpy(word_at(at), name, strlen(name) + 1);
	return at;
}

static void fill_type(struct world *w, address at, const char *name, uint64_t flags, address base)
{
	const struct layout *l = &w->layout;
	address items[3] = { at };
	uint64_t count = 1;

	if (base)
		items[count++] = base;
	if (w->type[T_OBJECT] && base != w->type[T_OBJECT])
		items[count++] = w->type[T_OBJECT];
	put(at + l->object.type, w->type[T_TYPE] ? w->type[T_TYPE] : at);
	put(at + l->type.name, name_of(name));
	put(at + l->type.flags, flags);
	put(at + l->type.basicsize, l->object.size + SLOT);
	put(at + l->type.mro, tuple(w, count, items));
}

address type_of_name(struct world *w, const char *name, uint64_t flags, address base)
{
	address at = block(w->layout.heap_type.cached_keys + SLOT);
	fill_type(w, at, name, flags | TYPE_HEAP, base);
	return at;
}

static address static_type(struct world *w, const char *name, uint64_t flags)
{
	address at = image_next;
	image_next += w->layout.heap_type.cached_keys + 64;
	fill_type(w, at, name, flags, 0);
	return at;
}

address text(struct world *w, const char *ascii)
{
	const struct layout *l = &w->layout;
	uint64_t length = strlen(ascii);
	address at = object(w, T_STR, l->text.ascii_size + length + 1);

	put(at + l->text.length, length);
	put32(at + l->text.state, 1u << l->text.kind_shift | 1u << l->text.ascii_bit |
						  1u << l->text.compact_bit);
	memcpy(word_at(at + l->text.ascii_size), ascii, length);
	return at;
}

address integer(struct world *w, uint64_t value)
{
	address at = object(w, T_INT, w->layout.integer.digits + 16);
	uint64_t count = 0;

	for (; value; value >>= 30)
		put32(at + w->layout.integer.digits + 4 * count++, value & ((1u << 30) - 1));
	put(at + w->layout.integer.tag, count << 3 | !count);
	return at;
}

static void put_words(address at, uint64_t count, const uint64_t *words)
{
	for (uint64_t i = 0; i < count; i++)
		put(at + i * SLOT, words[i]);
}

address tuple(struct world *w, uint64_t count, const address *items)
{
	address at = object(w, T_TUPLE, w->layout.tuple.items + count * SLOT);
	put(at + w->layout.tuple.length, count);
	put_words(at + w->layout.tuple.items, count, items);
	return at;
}

address list(struct world *w, uint64_t count, const address *items)
{
	address at = object(w, T_LIST, w->layout.list.size);
	address data = block(count * SLOT);

	put(at + w->layout.list.length, count);
	put(at + w->layout.list.items, data);
	put_words(data, count, items);
	return at;
}

address set(struct world *w, uint64_t slots)
{
	address at = object(w, T_SET, w->layout.set.size);
	put(at + w->layout.set.mask, slots - 1);
	put(at + w->layout.set.table, block(slots * 2 * SLOT));
	return at;
}

void set_put(struct world *w, address set, uint64_t slot, address key)
{
	address table = *word_at(set + w->layout.set.table);
	put(table + slot * 2 * SLOT, key);
	put(table + slot * 2 * SLOT + SLOT, key >> 4);
}

address set_of(struct world *w, uint64_t count, const address *items)
{
	uint64_t slots = 8;

	while (slots < count)
		slots *= 2;
	address at = set(w, slots);
	for (uint64_t i = 0; i < count; i++)
		set_put(w, at, i, items[i]);
	return at;
}

address dict(struct world *w, uint64_t count, const address *entries)
{
	enum { HEADER = 32, LOG2_INDEX_BYTES = 3 };
	address at = object(w, T_DICT, w->layout.dict.size);
	address keys = block(HEADER + (1 << LOG2_INDEX_BYTES) + count * 2 * SLOT);

	put8(keys + 8, LOG2_INDEX_BYTES);
	put8(keys + 9, LOG2_INDEX_BYTES);
	put8(keys + 10, 1); /* only str */
	put(keys + 24, count);
	put_words(keys + HEADER + (1 << LOG2_INDEX_BYTES), 2 * count, entries);
	put(at + w->layout.dict.keys, keys);
	return at;
}

address instance(struct world *w, uint64_t count, const address *attributes)
{
	address at = object(w, T_INSTANCE, w->layout.object.size + SLOT);
	put(at + w->layout.object.size, dict(w, count, attributes));
	return at;
}

address weakset(struct world *w, address data)
{
	const address attributes[] = { text(w, "data"), data };
	return instance(w, 1, attributes);
}

address code(struct world *w, const char *function)
{
	const struct layout *l = &w->layout;
	address at = object(w, T_CODE, l->code.code_adaptive + 2 * UNITS + l->code.size);
	address lines = object(w, T_BYTES, l->bytes.items + 2 * UNITS);

	put(lines + l->bytes.length, 2 * UNITS);
	for (int i = 0; i < UNITS; i++)
		put8(lines + l->bytes.items + 2 * (uint64_t)i, 0x80 | 13 << 3);
	for (int i = 0; i < UNITS; i++)
		put8(lines + l->bytes.items + 2 * (uint64_t)i + 1, 1 << 1);
	put(at + l->object.size, UNITS);
	put(at + l->code.filename, text(w, "/srv/hostile.py"));
	put(at + l->code.name, text(w, function));
	put(at + l->code.qualname, text(w, function));
	put(at + l->code.linetable, lines);
	put(at + l->code.localsplusnames, tuple(w, 0, NULL));
	put(at + l->code.localspluskinds, lines);
	put32(at + l->code.firstlineno, 10);
	put32(at + l->code.nlocalsplus, 0);
	put32(at + l->code.stacksize, 4);
	return at;
}

static void fill_frame(struct world *w, address at, address code, uint8_t owner)
{
	const struct layout *l = &w->layout;

	put(at + l->frame.executable, code | 1);
	put(at + l->frame.instr_ptr, code + l->code.code_adaptive + 4);
	put(at + l->frame.stackpointer, at + l->frame.localsplus);
	put8(at + l->frame.owner, owner);
}

address frame(struct world *w, address code, address previous)
{
	address at = block(w->layout.frame.size + 4 * SLOT);
	fill_frame(w, at, code, 0);
	put(at + w->layout.frame.previous, previous);
	return at;
}

void coroutine_await(struct world *w, address coroutine, address awaited)
{
	const struct layout *l = &w->layout;
	address base = coroutine + l->generator.iframe + l->frame.localsplus;

	/* What is awaited is on top, or, in 3.15, below a NULL reference. */
	put(base, awaited);
	put(base + SLOT, 1);
	put(coroutine + l->generator.iframe + l->frame.stackpointer,
			base + (uint64_t)-l->awaited_slot * SLOT);
}

address coroutine(struct world *w, address awaited)
{
	const struct layout *l = &w->layout;
	address at = object(w, T_COROUTINE, l->generator.iframe + l->frame.localsplus + 4 * SLOT);

	fill_frame(w, at + l->generator.iframe, w->code, 1);
	put8(at + l->generator.frame_state, (uint8_t)l->states.yield_from);
	put(at + l->generator.name, *word_at(w->code + l->code.name));
	put(at + l->generator.qualname, *word_at(w->code + l->code.qualname));
	coroutine_await(w, at, awaited);
	return at;
}

address future(struct world *w)
{
	return object(w, T_FUTURE, w->layout.task.size);
}

address task(struct world *w, const char *name)
{
	const struct layout *l = &w->layout;
	address at = object(w, T_TASK, l->task.size), waiter = future(w);
	address iterator = object(w, T_FUTURE_ITER, l->object.size + 2 * SLOT);

	put(iterator + l->object.size, waiter);
	put(at + l->task.name, text(w, name));
	put(at + l->task.fut_waiter, waiter);
	put(at + l->task.coro, coroutine(w, iterator));
	put8(at + l->task.is_task, 1);
	return at;
}

void link_tasks(struct world *w, address head, uint64_t count, const address *tasks)
{
	address last = head;

	for (uint64_t i = 0; i <= count; i++) {
		address node = i < count ? tasks[i] + w->layout.task.node : head;
		put(last + w->layout.llist.next, node);
		put(node + w->layout.llist.prev, last);
		last = node;
	}
}

address thread(struct world *w, uint64_t tid)
{
	const struct layout *l = &w->layout;
	address at = block(l->asyncio_thread.size);

	put(at + l->thread.interp, w->interpreter);
	put(at + l->thread.native_thread_id, tid);
	put(at + l->thread.thread_id, tid);
	put(at + l->thread.current_frame, frame(w, w->code, 0));
	link_tasks(w, at + l->asyncio_thread.tasks_head, 0, NULL);
	return at;
}

static void build_types(struct world *w)
{
	for (size_t i = 0; i < BUILTINS; i++)
		w->type[i] = builtins[i].flags & TYPE_HEAP
					     ? type_of_name(w, builtins[i].name, builtins[i].flags,
							       i == T_TASK ? w->type[T_FUTURE] : 0)
					     : static_type(w, builtins[i].name, builtins[i].flags);
	w->type[T_INSTANCE] = type_of_name(w, "Instance", 0, 0);
	put(w->type[T_INSTANCE] + w->layout.type.dictoffset, w->layout.object.size);
	put(w->type[T_INSTANCE] + w->layout.type.basicsize, w->layout.object.size + 2 * SLOT);
}

static address module(struct world *w, address names)
{
	address at = object(w, T_MODULE, w->layout.module.state + SLOT);
	put(at + w->layout.module.dict, names);
	return at;
}

static void build_modules(struct world *w)
{
	const struct layout *l = &w->layout;
	const address task_names[] = {
		text(w, "_scheduled_tasks"),
		weakset(w, set(w, 8)),
		text(w, "_eager_tasks"),
		set(w, 8),
		text(w, "_current_tasks"),
		dict(w, 0, NULL),
		text(w, "_GatheringFuture"),
		type_of_name(w, "_GatheringFuture", 0, 0),
	};
	const address thread_name[] = { text(w, "_name"), text(w, "MainThread") };
	const address active[] = { integer(w, (uint64_t)getpid()), instance(w, 1, thread_name) };
	w->threading_active = dict(w, 1, active);
	const address threading_names[] = { text(w, "_active"), w->threading_active };
	w->tasks_module = dict(w, 4, task_names);
	const address modules[] = {
		text(w, "asyncio.tasks"),
		module(w, w->tasks_module),
		text(w, "threading"),
		module(w, dict(w, 1, threading_names)),
	};
	w->modules = dict(w, 2, modules);
	put(w->interpreter + l->interpreter.modules, w->modules);
	put(w->interpreter + l->interpreter.sysdict, dict(w, 0, NULL));
}

static void build_interpreter(struct world *w)
{
	const struct layout *l = &w->layout;

	w->interpreter = block(l->interpreter.size);
	put((uintptr_t)&runtime + l->runtime.interpreters_head, w->interpreter);
	build_modules(w);
	link_tasks(w, w->interpreter + l->asyncio_interpreter.tasks_head, 0, NULL);
	w->thread = thread(w, (uint64_t)getpid());
	w->other_thread = thread(w, 0);
	w->task_list = w->thread + l->asyncio_thread.tasks_head;
	put(w->interpreter + l->interpreter.threads_head, w->thread);
	put(w->thread + l->thread.next, w->other_thread);
	w->healthy_task = task(w, "healthy");
	link_tasks(w, w->other_thread + l->asyncio_thread.tasks_head, 1, &w->healthy_task);
}

static void publish(struct world *w, enum build build)
{
	enum { RUNTIME_SIZE_WORD = 3 };
	uint64_t words[DEBUG_OFFSETS_WORDS];

	memcpy(words, published[build].words, sizeof(words));
	words[RUNTIME_SIZE_WORD] = sizeof(runtime);
	struct error *error = layout_decode(words, sizeof(runtime), &w->layout);
	if (error || !layout_decode_asyncio(published[build].asyncio, &w->layout)) {
		fputs("the layout is refused\n", stderr);
		exit(1);
	}
	memset(&runtime, 0, sizeof(runtime));
	memcpy(&runtime, words, published[build].word_count * sizeof(*words));
	memcpy(asyncio_debug, published[build].asyncio, sizeof(asyncio_debug));
	w->published = runtime.words;
	w->published_asyncio = asyncio_debug;
}

void world_build(struct world *w, enum build build)
{
	*w = (struct world){ 0 };
	image_next = (uintptr_t)image;
	publish(w, build);
	build_types(w);
	w->none = object(w, T_NONE, w->layout.object.size);
	w->code = code(w, "work");
	build_interpreter(w);
}
