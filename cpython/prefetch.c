/* Fetches what reading tasks will need, in few system calls.
 *
 * Only a hint: it goes down the chains of awaits as cpython/chain.c does, but
 * all tasks of a block together, a level at a time, and checks nothing.
 * Objects that are made one after the other lie in the same pools of memory, so
 * that few of the tasks lead to nearly all pools of a block. */
#include <string.h>

#include "cpython/objects.h"
#include "cpython/tasks.h"
#include "cpython/types.h"
#include "cpython/waits.h"

enum {
	LEVELS_MAX = 16,        /* of awaits; deeper ones are fetched one by one */
	OBJECT_SIZE = 64,       /* of a name or a callback */
	LOCALS_MAX = 24,        /* of a frame of asyncio's own, with its stack */
	FRAME_SPAN = 64 * 1024, /* how far the stack may lie behind its coroutine */
	POOL = 16 * 1024,       /* of CPython's allocator */
	SAMPLE = 24,            /* one task of so many is looked at */
	ITEMS_MAX = 1 << 16,    /* of a set or list */
	/* So many tasks for one fetch that was not foreseen: with fewer, all tasks of
	 * a block are looked at from then on. */
	TASKS_A_MISS = 16,
};

/* How far the chain of awaits of a task was followed. */
struct follower {
	remote_addr object;
	remote_addr waiter; /* what it is suspended on, 0 where what is behind that is not read */
};

/* What is known while the tasks of one block are followed. */
struct ahead {
	struct python *python;
	struct asyncio_names *names; /* of the interpreter of most */
	bool sample;
	bool groups_recorded; /* groups_are_recorded() of most */
	ARRAY(const struct task_view *) tasks;
	ARRAY(struct follower) chains;
	struct addresses waiters; /* of the chains that were followed to their end */
	struct addresses locals;  /* what the variables of asyncio's own frames refer to */
};

static remote_addr word_at(struct python *python, remote_addr address)
{
	uint64_t word;
	return mem_read_u64(python->mem, address, &word) ? word : 0;
}

/* Of a sample the pool around is wanted: it holds the same of other tasks. */
static void want(const struct ahead *ahead, remote_addr address, size_t size)
{
	struct procmem *mem = ahead->python->mem;

	if (address && ahead->sample)
		mem_want(mem, address - address % POOL, POOL);
	else
		mem_want(mem, address, size);
}

static void want_fields(struct ahead *ahead, const struct raw_task *raw)
{
	const struct layout *layout = ahead->python->layout;

	want(ahead, raw->name, OBJECT_SIZE);
	want(ahead, raw->waiter, layout->task.size);
	want(ahead, raw->coroutine, layout->generator.size);
	*array_push(&ahead->chains) = (struct follower){ raw->coroutine, raw->waiter };
}

static void want_fields_of_all(struct reader *reader, struct ahead *ahead)
{
	struct raw_task raw;

	for (size_t i = 0; i < ahead->tasks.count; i++)
		if (task_raw(reader, ahead->tasks.items[i], &raw))
			want_fields(ahead, &raw);
}

/* What a task waits for is mostly in the variables of asyncio's own frames. */
static void want_locals(struct ahead *ahead, struct follower *at)
{
	struct python *python = ahead->python;
	uint64_t locals[LOCALS_MAX];
	enum generator_state state;
	struct frame_view frame;

	if (!is_asyncio(ahead->names,
			    word_at(python, at->object + python->layout->generator.iframe +
							    python->layout->frame.globals)) ||
			!generator_read(python, at->object, &state, &frame) ||
			state == GENERATOR_FINISHED)
		return;
	/* The future of a sleep has a timer alone behind it. */
	if (!strcmp(frame.code->function, "sleep"))
		at->waiter = 0;
	/* What it is inside of lies on its stack. */
	size_t count = frame.stack_pointer > frame.locals
				       ? (frame.stack_pointer - frame.locals) / sizeof(*locals)
				       : 0;
	if (count > LOCALS_MAX)
		count = LOCALS_MAX;
	if (!count || !mem_read(python->mem, frame.locals, locals, count * sizeof(*locals)))
		return;
	for (size_t i = 0; i < count; i++) {
		remote_addr object = stackref_object(locals[i]);
		/* None, small numbers and the like are CPython's own. */
		if (!object || (object >= python->image_start && object < python->image_end))
			continue;
		want(ahead, object, OBJECT_SIZE);
		*array_push(&ahead->locals) = object;
	}
}

/* What an object of a chain of awaits leads to, 0 at its end. */
static remote_addr next_of(struct ahead *ahead, struct follower *at)
{
	struct python *python = ahead->python;
	const struct layout *layout = python->layout;
	remote_addr object = at->object;
	const struct type *type = type_of(python, object);

	switch (type ? type->kind : KIND_OTHER) {
	case KIND_COROUTINE:
	case KIND_GENERATOR:
	case KIND_ASYNC_GENERATOR: {
		if (WAITS)
			want_locals(ahead, at);
		remote_addr top = frame_stack_hint(python, object + layout->generator.iframe);
		if (top < object || top - object > FRAME_SPAN)
			return 0;
		uint64_t below = (uint64_t)-layout->awaited_slot * sizeof(uint64_t);
		uint64_t reference = word_at(python, top - below);
		return reference & 1 ? 0 : reference;
	}
	case KIND_COROUTINE_WRAPPER:
	case KIND_ASEND:
	case KIND_ATHROW:
	case KIND_ANEXT:
		return word_at(python, object + layout->object.size);
	default:
		return 0;
	}
}

static void want_next(struct ahead *ahead)
{
	size_t kept = 0;

	for (size_t i = 0; i < ahead->chains.count; i++) {
		struct follower at = ahead->chains.items[i];
		at.object = next_of(ahead, &at);
		if (at.object) {
			want(ahead, at.object, ahead->python->layout->generator.size);
			ahead->chains.items[kept++] = at;
		} else if (at.waiter) {
			*array_push(&ahead->waiters) = at.waiter;
		}
	}
	ahead->chains.count = kept;
}

/* Attributes of what tasks wait for that are objects of their own. */
static const struct {
	enum class class;
	const char *attribute;
} parts[] = {
	{ CLASS_QUEUE, "_queue" },
	{ CLASS_QUEUE, "_getters" },
	{ CLASS_QUEUE, "_putters" },
	{ CLASS_TASK_GROUP, "_tasks" },
	{ CLASS_TIMEOUT, "_when" },
	{ CLASS_STREAM_READER, "_transport" },
	{ CLASS_STREAM_WRITER, "_transport" },
};

/* `containers` are those whose items are needed: the members of a TaskGroup mostly say so
 * themselves. */
static void find_parts(struct ahead *ahead, struct addresses *found, struct addresses *containers)
{
	enum { PARTS = sizeof(parts) / sizeof(*parts) };
	remote_addr classes[PARTS], class, object;

	for (size_t i = 0; i < PARTS; i++)
		classes[i] = asyncio_class(ahead->python, ahead->names, parts[i].class);
	for (size_t i = 0; i < ahead->locals.count; i++) {
		if (!type_address_of(ahead->python, ahead->locals.items[i], &class))
			continue;
		for (size_t k = 0; k < PARTS; k++)
			if (class == classes[k] &&
					attribute_find(ahead->python, ahead->locals.items[i],
							parts[k].attribute, &object)) {
				*array_push(found) = object;
				if (parts[k].class != CLASS_TASK_GROUP || !ahead->groups_recorded)
					*array_push(containers) = object;
			}
	}
}

/* What is behind the futures, and when the timers are due. */
static void want_behind(struct ahead *ahead)
{
	struct python *python = ahead->python;
	struct addresses found = { 0 }, containers = { 0 };
	remote_addr object;

	for (size_t i = 0; i < ahead->waiters.count; i++)
		*array_push(&found) = word_at(
				python, ahead->waiters.items[i] + python->layout->task.callback0);
	for (size_t i = 0; i < ahead->locals.count; i++)
		if (is_instance(python, ahead->names, ahead->locals.items[i], CLASS_TIMER_HANDLE) &&
				slot_find(python, ahead->locals.items[i], "_when", &object))
			*array_push(&found) = object;
	find_parts(ahead, &found, &containers);
	/* Only now: that a class is not there is remembered, so all must be readable
	 * while it is looked up. */
	for (size_t i = 0; i < found.count; i++)
		want(ahead, found.items[i], OBJECT_SIZE);
	mem_fetch_wanted(python->mem);
	for (size_t i = 0; i < containers.count; i++)
		items_want(python, containers.items[i], ITEMS_MAX);
	mem_fetch_wanted(python->mem);
	array_free(&found);
	array_free(&containers);
}

/* Whether a sample will do: of the first ones all are looked at, and what the tasks
 * that were read with a sample have cost tells of the others. */
static bool is_sample_enough(struct reader *reader, size_t count)
{
	uint64_t misses = mem_fetches(reader->python->mem) - reader->fetches;

	if (reader->sampled && misses > reader->sampled / TASKS_A_MISS)
		reader->scattered = true;
	reader->sampled = reader->fetches && !reader->scattered ? count : 0;
	return reader->sampled;
}

/* Of a sample are also those that were taken out of their order: they are not like
 * those around them. */
static bool is_in_sample(const struct task_order *order, size_t i)
{
	return i % SAMPLE == 0 || order->items[i] != order->items[i - 1] + 1;
}

static void note_tasks(struct reader *reader, size_t first, size_t count, struct ahead *ahead)
{
	const struct task_order *order = &reader->order;

	for (size_t i = first; i < first + count && i < order->count; i++) {
		const struct task_view *task = &reader->tasks.items[order->items[i]];
		if (!task->native || (ahead->sample && !is_in_sample(order, i)))
			continue;
		*array_push(&ahead->tasks) = task;
		if (!task->raw)
			want(ahead, task->address, reader->python->layout->task.size);
	}
}

void tasks_prefetch(struct reader *reader, size_t first, size_t count)
{
	struct procmem *mem = reader->python->mem;
	const struct task_view *task = &reader->tasks.items[reader->order.items[first]];
	struct ahead ahead = {
		.python = reader->python,
		.names = &reader->interpreters.items[task->interpreter].asyncio,
		.groups_recorded = reader->still && groups_are_recorded(reader, task),
		.sample = is_sample_enough(reader, count),
	};

	note_tasks(reader, first, count, &ahead);
	mem_fetch_wanted(mem);
	want_fields_of_all(reader, &ahead);
	for (int level = 0; ahead.chains.count && level < LEVELS_MAX; level++) {
		mem_fetch_wanted(mem);
		want_next(&ahead);
	}
	mem_fetch_wanted(mem);
	want_behind(&ahead);
	reader->fetches = mem_fetches(mem);
	array_free(&ahead.tasks);
	array_free(&ahead.chains);
	array_free(&ahead.waiters);
	array_free(&ahead.locals);
}
