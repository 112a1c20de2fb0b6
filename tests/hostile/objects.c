/* Objects whose types, lengths and pointers are lies. */
#include "tests/hostile/evils.h"

#include <string.h>

#include "cpython/types.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* What a length or a pointer may be. */
static const uint64_t wild[] = {
	UINT64_MAX,
	UINT64_MAX - 7,
	UINT64_C(1) << 63,
	(UINT64_C(1) << 63) - 1,
	UINT64_C(1) << 62,
	(UINT64_C(1) << 61) + 1,
	UINT64_C(1) << 47,
	UINT64_C(1) << 32,
	UINT32_MAX,
	1 << 30,
	1 << 26,
	1,
	7,
};

static address named(struct world *w, address name)
{
	address one = task(w, "");
	put(one + w->layout.task.name, name);
	return one;
}

static void type_of_its_own(struct world *w)
{
	const struct layout *l = &w->layout;
	address type = type_of_name(w, "Own", 0, w->type[T_TASK]);
	address tasks[] = { task(w, "its type is no type"), task(w, "its type is itself") };

	put(type + l->object.type, type);
	put(tasks[0] + l->object.type, type);
	put(tasks[1] + l->object.type, tasks[1]);
	link_tasks(w, w->task_list, 2, tasks);
}

static void metaclass_of_its_own(struct world *w)
{
	address type = type_of_name(w, "Meta", TYPE_TYPE | TYPE_IMMUTABLE, w->type[T_TASK]);
	address one = task(w, "meta");

	put(type + w->layout.object.type, type);
	put(one + w->layout.object.type, type);
	link_tasks(w, w->task_list, 1, &one);
}

static void mro_of_itself(struct world *w)
{
	enum { MANY = 250 };
	address type = type_of_name(w, "Own", 0, 0), one = task(w, "mro"), items[MANY];

	for (int i = 0; i < MANY; i++)
		items[i] = type;
	put(type + w->layout.type.mro, tuple(w, MANY, items));
	put(one + w->layout.object.type, type);
	link_tasks(w, w->task_list, 1, &one);
}

static void mro_without_end(struct world *w)
{
	enum { KINDS = sizeof(wild) / sizeof(*wild) };
	address tasks[KINDS];

	for (int i = 0; i < KINDS; i++) {
		address type = type_of_name(w, "Endless", 0, w->type[T_TASK]);
		put(*word_at(type + w->layout.type.mro) + w->layout.tuple.length, wild[i]);
		tasks[i] = task(w, "endless");
		put(tasks[i] + w->layout.object.type, type);
	}
	link_tasks(w, w->task_list, KINDS, tasks);
}

static void types_out_of_size(struct world *w)
{
	const struct layout *l = &w->layout;
	address tasks[2 * COUNT(wild)];

	for (size_t i = 0; i < COUNT(wild); i++) {
		address type = type_of_name(w, "Sized", TYPE_INLINE_VALUES | TYPE_MANAGED_DICT,
				w->type[T_TASK]);
		put(type + l->type.basicsize, wild[i]);
		tasks[2 * i] = task(w, "size");
		put(tasks[2 * i] + l->object.type, type);
		type = type_of_name(w, "Dict", 0, w->type[T_TASK]);
		put(type + l->type.dictoffset, wild[i]);
		tasks[2 * i + 1] = task(w, "dict");
		put(tasks[2 * i + 1] + l->object.type, type);
	}
	link_tasks(w, w->task_list, COUNT(tasks), tasks);
}

static void texts_out_of_length(struct world *w)
{
	const struct layout *l = &w->layout;
	address tasks[COUNT(wild)];

	for (size_t i = 0; i < COUNT(wild); i++) {
		address name = text(w, "length");
		put(name + l->text.length, wild[i]);
		if (i % 2)
			put32(name + l->text.state, 4u << l->text.kind_shift);
		put(name + l->text.compact_size, wild[i]);
		tasks[i] = named(w, name);
	}
	link_tasks(w, w->task_list, COUNT(wild), tasks);
}

static void texts_of_no_kind(struct world *w)
{
	address tasks[8];

	for (uint32_t i = 0; i < 8; i++) {
		address name = text(w, "some more characters of a name");
		put32(name + w->layout.text.state,
				i << w->layout.text.kind_shift | 1u << w->layout.text.compact_bit);
		tasks[i] = named(w, name);
	}
	link_tasks(w, w->task_list, 8, tasks);
}

static void names_with_escapes(struct world *w)
{
	address names[] = { text(w, "\x1b[2J\x1b]0;owned\x07"),
		text(w, "\r\n\x7f\x9b"
			"31m"),
		text(w, "\xff\xfe\xc0\x80"), text(w, "\x1bP+q\x1b\\") };
	address tasks[4];
	const address attributes[] = { text(w, "_name"), names[0] };
	const address active[] = { integer(w, *word_at(w->thread + w->layout.thread.thread_id)),
		instance(w, 1, attributes) };
	address evil_code = code(w, "\x1b[31mevil\x1b[0m\n");

	for (int i = 0; i < 4; i++) {
		tasks[i] = named(w, names[i]);
		put(*word_at(tasks[i] + w->layout.task.coro) + w->layout.generator.qualname,
				names[i]);
	}
	put(evil_code + w->layout.code.filename, names[3]);
	put(w->code + w->layout.code.filename, names[1]);
	put(w->thread + w->layout.thread.current_frame, frame(w, evil_code, 0));
	*word_at(w->threading_active + w->layout.dict.keys) =
			*word_at(dict(w, 1, active) + w->layout.dict.keys);
	link_tasks(w, w->task_list, 4, tasks);
}

static void integers_out_of_size(struct world *w)
{
	address tasks[COUNT(wild)];

	for (size_t i = 0; i < COUNT(wild); i++) {
		address number = integer(w, UINT64_C(1) << 60);
		put(number + w->layout.integer.tag, wild[i]);
		tasks[i] = named(w, number);
	}
	link_tasks(w, w->task_list, COUNT(wild), tasks);
}

/* In awaited_by, all kinds of containers with all kinds of lengths. */
static void containers_out_of_size(struct world *w)
{
	const struct layout *l = &w->layout;
	address tasks[4 * COUNT(wild)];

	for (size_t i = 0; i < COUNT(wild); i++) {
		address containers[] = { set(w, 8), list(w, 1, &w->none), tuple(w, 1, &w->none),
			set(w, 8) };
		put(containers[0] + l->set.mask, wild[i]);
		put(containers[1] + l->list.length, wild[i]);
		put(containers[2] + l->tuple.length, wild[i]);
		put(containers[3] + l->set.table, wild[i]);
		for (size_t k = 0; k < 4; k++) {
			address one = task(w, "container");
			put(one + l->task.awaited_by, containers[k]);
			put8(one + l->task.awaited_by_is_set, 1);
			tasks[4 * i + k] = one;
		}
	}
	link_tasks(w, w->task_list, COUNT(tasks), tasks);
}

static void dicts_out_of_size(struct world *w)
{
	const struct layout *l = &w->layout;
	address type = type_of_name(w, "Dicts", 0, 0), tasks[4 * COUNT(wild)];
	address all = set(w, 256);

	put(type + l->type.dictoffset, l->object.size);
	put(type + l->type.basicsize, l->object.size + 16);
	for (size_t i = 0; i < COUNT(tasks); i++) {
		address names[] = { text(w, "_coro"), w->none };
		address holder = instance(w, 1, names);
		address keys = *word_at(*word_at(holder + l->object.size) + l->dict.keys);
		put(holder + l->object.type, type);
		switch (i % 4) {
		case 0:
			put(keys + 24, wild[i / 4]);
			break;
		case 1:
			put8(keys + 9, (uint8_t)wild[i / 4]);
			break;
		case 2:
			put(*word_at(holder + l->object.size) + l->dict.values, wild[i / 4]);
			break;
		default:
			put8(keys + 10, 0);
			put(keys + 24, wild[i / 4]);
		}
		address reference = object(w, T_WEAKREF, l->weakref.object + 8);
		put(reference + l->weakref.object, holder);
		set_put(w, all, i, reference);
	}
	const address entries[] = { text(w, "_scheduled_tasks"), weakset(w, all) };
	put(w->tasks_module + l->dict.keys, *word_at(dict(w, 1, entries) + l->dict.keys));
}

static void modules_out_of_size(struct world *w)
{
	put(*word_at(w->modules + w->layout.dict.keys) + 24, UINT64_C(1) << 63);
}

static void codes_out_of_size(struct world *w)
{
	const struct layout *l = &w->layout;
	address tasks[4 * COUNT(wild)];

	for (size_t i = 0; i < COUNT(tasks); i++) {
		address one = task(w, "code"), its = code(w, "sized");
		uint64_t value = wild[i / 4];
		switch (i % 4) {
		case 0:
			put32(its + l->code.nlocalsplus, (uint32_t)value);
			break;
		case 1:
			put32(its + l->code.stacksize, (uint32_t)value);
			break;
		case 2:
			put(its + l->object.size, value);
			break;
		default:
			put(*word_at(its + l->code.linetable) + l->bytes.length, value);
		}
		put(*word_at(one + l->task.coro) + l->generator.iframe + l->frame.executable, its);
		put(*word_at(one + l->task.coro) + l->generator.iframe + l->frame.instr_ptr,
				its + l->code.code_adaptive + 4);
		tasks[i] = one;
	}
	link_tasks(w, w->task_list, COUNT(tasks), tasks);
}

/* Every word of a task and of its coroutine is each of the wild values. */
static void words_out_of_range(struct world *w)
{
	enum { WORDS = 40 };
	static address tasks[WORDS * COUNT(wild)];
	size_t count = 0;

	for (size_t i = 0; i < COUNT(wild); i++) {
		for (uint64_t word = 1; word < WORDS; word++) {
			address one = task(w, "words");
			uint64_t in_task = w->layout.task.node / 8;
			if (word < in_task)
				put(one + word * 8, wild[i]);
			else
				put(*word_at(one + w->layout.task.coro) + (word - in_task + 1) * 8,
						wild[i]);
			tasks[count++] = one;
		}
	}
	link_tasks(w, w->task_list, count, tasks);
}

static void thread_words_out_of_range(struct world *w)
{
	address last = w->other_thread;

	for (size_t i = 0; i < COUNT(wild); i++) {
		address one = thread(w, 1);
		put(last + w->layout.thread.next, one);
		put(one + w->layout.thread.current_frame, wild[i]);
		put(one + w->layout.asyncio_thread.running_loop, wild[i]);
		put(one + w->layout.asyncio_thread.running_task, wild[i]);
		put(one + w->layout.asyncio_thread.tasks_head, wild[i]);
		put(one + w->layout.thread.native_thread_id, wild[i]);
		last = one;
	}
	put(w->interpreter + w->layout.interpreter.ceval_gil, UINT64_MAX - 3);
}

static void nothing(struct world *w)
{
	(void)w;
}

const struct evil evil_objects[] = {
	{ "healthy", nothing },
	{ "type-of-its-own", type_of_its_own },
	{ "metaclass-of-its-own", metaclass_of_its_own },
	{ "mro-of-itself", mro_of_itself },
	{ "mro-without-end", mro_without_end },
	{ "types-out-of-size", types_out_of_size },
	{ "texts-out-of-length", texts_out_of_length },
	{ "texts-of-no-kind", texts_of_no_kind },
	{ "names-with-escapes", names_with_escapes },
	{ "integers-out-of-size", integers_out_of_size },
	{ "containers-out-of-size", containers_out_of_size },
	{ "dicts-out-of-size", dicts_out_of_size },
	{ "modules-out-of-size", modules_out_of_size },
	{ "codes-out-of-size", codes_out_of_size },
	{ "words-out-of-range", words_out_of_range },
	{ "thread-words-out-of-range", thread_words_out_of_range },
	{ 0 },
};
