/* Little memory of the target that is much to read: what many share, what
 * overlaps, and what is only the kernel's page of zeros. */
#include "tests/hostile/evils.h"

#include <stddef.h>
#include <string.h>

#include "cpython/types.h"

enum { MANY = 65 * 1000, MILLION = 1 << 20 };

static address *many_tasks(struct world *w, uint64_t count)
{
	address *tasks = word_at(block(count * sizeof(*tasks)));
	address model = task(w, "one of many");

	for (uint64_t i = 0; i < count; i++) {
		tasks[i] = block(w->layout.task.size);
		memcpy(word_at(tasks[i]), word_at(model), w->layout.task.size);
	}
	link_tasks(w, w->task_list, count, tasks);
	return tasks;
}

static void share(struct world *w, uint64_t offset, uint64_t value)
{
	address *tasks = many_tasks(w, MANY);

	for (int i = 0; i < MANY; i++)
		put(tasks[i] + offset, value);
}

static void tasks_awaited_by(struct world *w, address container)
{
	address *tasks = many_tasks(w, MANY);

	for (int i = 0; i < MANY; i++) {
		put(tasks[i] + w->layout.task.awaited_by, container);
		put8(tasks[i] + w->layout.task.awaited_by_is_set, 1);
	}
}

static void giant_set_of_nothing(struct world *w)
{
	tasks_awaited_by(w, set(w, 32 * MILLION));
}

static void giant_list_of_nothing(struct world *w)
{
	address giant = list(w, 0, NULL);

	put(giant + w->layout.list.length, 64 * MILLION);
	put(giant + w->layout.list.items, block(UINT64_C(8) * 64 * MILLION));
	tasks_awaited_by(w, giant);
}

/* Each of its items is in a page of its own, and there are no such pages. */
static void scattered_set(struct world *w)
{
	enum { APART = 64 * 1024 };
	address *items = word_at(block(UINT64_C(8) * MILLION));
	address somewhere = block((uint64_t)APART * MILLION / 2);

	for (uint64_t i = 0; i < MILLION / 2; i++)
		items[i] = somewhere + i * APART;
	tasks_awaited_by(w, list(w, MILLION / 2, items));
}

/* Each is awaited by all. */
static void all_await_all(struct world *w)
{
	address *tasks = many_tasks(w, MANY), all = set_of(w, MANY, tasks);

	for (int i = 0; i < MANY; i++) {
		put(tasks[i] + w->layout.task.awaited_by, all);
		put8(tasks[i] + w->layout.task.awaited_by_is_set, 1);
	}
}

static void shared_futures(struct world *w)
{
	address last = future(w);

	for (int i = 0; i < MILLION; i++) {
		address one = future(w);
		put(one + w->layout.task.awaited_by, last);
		last = one;
	}
	share(w, w->layout.task.awaited_by, last);
}

static void giant_dicts(struct world *w)
{
	enum { ENTRIES = 20 * MILLION };
	const struct layout *l = &w->layout;
	address names[] = { text(w, "x"), w->none };
	address type = type_of_name(w, "Giant", 0, 0), all = set(w, 2 * 1024);
	address giant = dict(w, 1, names), keys = block(64 + UINT64_C(16) * ENTRIES);

	put8(keys + 9, 3);
	put8(keys + 10, 1);
	put(keys + 24, ENTRIES);
	put(giant + l->dict.keys, keys);
	put(type + l->type.dictoffset, l->object.size);
	put(type + l->type.basicsize, l->object.size + 16);
	for (uint64_t i = 0; i < 1000; i++) {
		address holder = instance(w, 1, names);
		address reference = object(w, T_WEAKREF, l->weakref.object + 8);
		put(holder + l->object.type, type);
		put(holder + l->object.size, giant);
		put(reference + l->weakref.object, holder);
		set_put(w, all, i, reference);
	}
	const address entries[] = { text(w, "_scheduled_tasks"), weakset(w, all) };
	put(w->tasks_module + l->dict.keys, *word_at(dict(w, 1, entries) + l->dict.keys));
}

static void giant_name(struct world *w)
{
	enum { LENGTH = 16 * MILLION };
	const struct layout *l = &w->layout;
	address name = object(w, T_STR, l->text.compact_size + UINT64_C(4) * LENGTH);

	put(name + l->text.length, LENGTH);
	put32(name + l->text.state, 4u << l->text.kind_shift | 1u << l->text.compact_bit);
	share(w, l->task.name, name);
}

/* Names of a million characters that overlap: each another text. */
static void names_that_overlap(struct world *w)
{
	const struct layout *l = &w->layout;
	address *tasks = many_tasks(w, MANY);
	address names = block(UINT64_C(64) * MANY + 4 * MILLION);

	for (uint64_t i = 0; i < MANY; i++) {
		address name = names + 64 * i;
		put(name + l->object.type, w->type[T_STR]);
		put(name + l->text.length, MILLION);
		put32(name + l->text.state, 1u << l->text.kind_shift | 1u << l->text.compact_bit);
		put(tasks[i] + l->task.name, name);
		put(*word_at(tasks[i] + l->task.coro) + l->generator.qualname, name);
	}
}

static void giant_line_tables(struct world *w)
{
	enum { SIZE = 16 * MILLION };
	const struct layout *l = &w->layout;
	address *tasks = many_tasks(w, MANY), lines = object(w, T_BYTES, l->bytes.items + SIZE);

	put(lines + l->bytes.length, SIZE);
	for (int i = 0; i < 1000; i++) {
		address its = code(w, "lines"), coro = coroutine(w, w->none);
		put(its + l->code.linetable, lines);
		put(coro + l->generator.iframe + l->frame.executable, its);
		put(coro + l->generator.iframe + l->frame.instr_ptr,
				its + l->code.code_adaptive + 4);
		put(tasks[i] + l->task.coro, coro);
	}
}

/* A line table is read to its end for each other instruction. */
static void lines_at_the_end(struct world *w)
{
	enum { SIZE = 15 * MILLION, UNITS = 60 * MILLION };
	const struct layout *l = &w->layout;
	address *tasks = many_tasks(w, MANY), lines = object(w, T_BYTES, l->bytes.items + SIZE);
	address its = code(w, "far"), coros = 0;

	put(lines + l->bytes.length, SIZE);
	memset(word_at(lines + l->bytes.items), 0x80 | 10 << 3 | 3, SIZE);
	put(its + l->code.linetable, lines);
	put(its + l->object.size, UNITS);
	for (uint64_t i = 0; i < MANY; i++) {
		coros = coroutine(w, w->none);
		put(coros + l->generator.iframe + l->frame.executable, its);
		put(coros + l->generator.iframe + l->frame.instr_ptr,
				its + l->code.code_adaptive + 2 * (UNITS - 1 - i));
		put(tasks[i] + l->task.coro, coros);
	}
}

static address long_frames(struct world *w, int count)
{
	address last = 0;

	for (int i = 0; i < count; i++)
		last = frame(w, w->code, last);
	return last;
}

static void add_threads(struct world *w, uint64_t count, address frames)
{
	address last = w->other_thread;

	for (uint64_t i = 0; i < count; i++) {
		address one = thread(w, 1 + i);
		if (frames)
			put(one + w->layout.thread.current_frame, frames);
		put(last + w->layout.thread.next, one);
		last = one;
	}
}

static void many_threads(struct world *w)
{
	add_threads(w, 99 * 1000, 0);
}

static void too_many_threads(struct world *w)
{
	add_threads(w, 101 * 1000, 0);
}

static void threads_share_frames(struct world *w)
{
	add_threads(w, 2000, long_frames(w, MILLION));
}

/* Tasks that run in frames that many have: each would have its own stack. */
static void tasks_share_frames(struct world *w)
{
	const struct layout *l = &w->layout;
	address *tasks = many_tasks(w, MANY), last = 0;

	for (int i = 0; i < MANY; i++) {
		address coro = coroutine(w, w->none);
		put8(coro + l->generator.frame_state, (uint8_t)l->states.executing);
		put(coro + l->generator.iframe + l->frame.previous, last);
		put(tasks[i] + l->task.coro, coro);
		last = coro + l->generator.iframe;
	}
	put(w->thread + l->thread.current_frame, last);
}

/* A chain of awaits: each task begins at another of its links. */
static void tasks_share_a_chain(struct world *w)
{
	address *tasks = many_tasks(w, MANY), last = w->none;

	for (int i = 0; i < MILLION; i++) {
		last = coroutine(w, last);
		if (MILLION - i <= MANY)
			put(tasks[MILLION - i - 1] + w->layout.task.coro, last);
	}
}

/* Interpreters that lie over one another, each with all modules. */
static void many_interpreters(struct world *w)
{
	const struct layout *l = &w->layout;
	enum { COUNT = 99 * 1000, STRIDE = 16 };
	address first = block(l->interpreter.size + (uint64_t)COUNT * STRIDE);

	for (uint64_t i = 0; i < COUNT; i++)
		put(first + i * STRIDE + l->interpreter.next,
				i ? first + (i - 1) * STRIDE : w->interpreter);
	put((uintptr_t)w->published + l->runtime.interpreters_head,
			first + (uint64_t)(COUNT - 1) * STRIDE);
}

/* Interpreters of their own that share one sys.modules of a million names. */
static void interpreters_share_modules(struct world *w)
{
	enum { COUNT = 1000 };
	const struct layout *l = &w->layout;
	address *entries = word_at(block(UINT64_C(16) * MILLION)), last = w->interpreter;
	address name = text(w, "asyncio.taskz");

	for (int i = 0; i < MILLION; i++) {
		entries[2 * i] = name;
		entries[2 * i + 1] = w->none;
	}
	address modules = dict(w, MILLION, entries);
	for (int i = 0; i < COUNT; i++) {
		address one = block(l->interpreter.size);
		put(one + l->interpreter.next, last);
		put(one + l->interpreter.id, 1 + (uint64_t)i);
		put(one + l->interpreter.modules, modules);
		last = one;
	}
	put((uintptr_t)w->published + l->runtime.interpreters_head, last);
}

/* Types with long names and long MROs, which overlap. */
static void many_types(struct world *w)
{
	enum { COUNT = 20 * 1000, MRO = 256, NAME = 511 };
	const struct layout *l = &w->layout;
	address *tasks = many_tasks(w, COUNT);
	address ancestors[MRO], name = block(NAME + 1);

	memset(word_at(name), 'n', NAME);
	for (int i = 1; i < MRO; i++) {
		ancestors[i] = type_of_name(w, "ancestor", 0, 0);
		put(ancestors[i] + l->type.name, name);
	}
	ancestors[MRO - 1] = w->type[T_TASK];
	for (int i = 0; i < COUNT; i++) {
		address type = type_of_name(w, "", 0, 0);
		ancestors[0] = type;
		put(type + l->type.name, name);
		put(type + l->type.mro, tuple(w, MRO, ancestors));
		put(tasks[i] + l->object.type, type);
	}
}

/* Nodes of four words each: the words that are not the links of one task are
 * those of others. */
static void tasks_that_overlap(struct world *w)
{
	enum { COUNT = 10 * 1000 * 1000, STRIDE = 32 };
	const struct layout *l = &w->layout;
	address first = block((uint64_t)COUNT * STRIDE + 1024) + 512, last = w->task_list;
	uint64_t type_before = l->task.node - l->object.type;

	for (uint64_t i = 0; i < COUNT; i++) {
		address node = first + i * STRIDE;
		put(node - type_before, w->type[T_TASK]);
		put(last + l->llist.next, node);
		put(node + l->llist.prev, last);
		last = node;
	}
	put(last + l->llist.next, w->task_list);
	put(w->task_list + l->llist.prev, last);
}

static void many_done_tasks(struct world *w)
{
	address *tasks = many_tasks(w, MILLION);

	for (int i = 0; i < MILLION; i++)
		put32(tasks[i] + w->layout.task.state, 2);
}

/* All in one loop that is a different object for each. */
static void many_loops(struct world *w)
{
	address *tasks = many_tasks(w, MANY);

	for (int i = 0; i < MANY; i++)
		put(tasks[i] + w->layout.task.loop, object(w, T_INSTANCE, 32));
}

static void many_current_tasks(struct world *w)
{
	enum { COUNT = 20 * 1000 };
	const struct layout *l = &w->layout;
	address *entries = word_at(block(UINT64_C(16) * MILLION));

	add_threads(w, COUNT, 0);
	for (uint64_t i = 0; i < 2 * MILLION; i++)
		entries[i] = 16 + 16 * i;
	const address names[] = { text(w, "_current_tasks"), dict(w, MILLION, entries) };
	put(w->tasks_module + l->dict.keys, *word_at(dict(w, 1, names) + l->dict.keys));
}

static void many_thread_names(struct world *w)
{
	enum { COUNT = 50 * 1000 };
	const address attributes[] = { text(w, "_name"), text(w, "same") };
	address *entries = word_at(block(UINT64_C(16) * COUNT)), one = instance(w, 1, attributes);

	add_threads(w, COUNT, 0);
	for (uint64_t i = 0; i < COUNT; i++) {
		entries[2 * i] = integer(w, (UINT64_C(1) << 40) + i);
		entries[2 * i + 1] = one;
	}
	put(w->threading_active + w->layout.dict.keys,
			*word_at(dict(w, COUNT, entries) + w->layout.dict.keys));
}

const struct evil evil_volumes[] = {
	{ "giant-set-of-nothing", giant_set_of_nothing },
	{ "giant-list-of-nothing", giant_list_of_nothing },
	{ "giant-dicts", giant_dicts },
	{ "scattered-set", scattered_set },
	{ "giant-name", giant_name },
	{ "giant-line-tables", giant_line_tables },
	{ "names-that-overlap", names_that_overlap },
	{ "lines-at-the-end", lines_at_the_end },
	{ "all-await-all", all_await_all },
	{ "shared-futures", shared_futures },
	{ "many-threads", many_threads },
	{ "too-many-threads", too_many_threads },
	{ "threads-share-frames", threads_share_frames },
	{ "tasks-share-frames", tasks_share_frames },
	{ "tasks-share-a-chain", tasks_share_a_chain },
	{ "many-interpreters", many_interpreters },
	{ "interpreters-share-modules", interpreters_share_modules },
	{ "many-types", many_types },
	{ "tasks-that-overlap", tasks_that_overlap },
	{ "many-done-tasks", many_done_tasks },
	{ "many-loops", many_loops },
	{ "many-current-tasks", many_current_tasks },
	{ "many-thread-names", many_thread_names },
	{ 0 },
};
