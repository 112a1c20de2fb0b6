/* Fetches what reading tasks will need, in few system calls.
 *
 * Only a hint: it goes down the chains of awaits as cpython/chain.c does, but
 * all tasks of a block together, a level at a time, and checks nothing.
 * Objects that are made one after the other lie in the same pools of memory, so
 * that few of the tasks lead to nearly all pools of a block. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
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

/* What can be wanted follows from what was fetched in the stage before. */
enum stage { STAGE_TASKS, STAGE_FIELDS, STAGE_CHAINS, STAGE_BEHIND, STAGE_ITEMS, STAGE_DONE };

/* What is known while the tasks of one block are followed. */
struct ahead {
	size_t first, count; /* places in the order */
	enum stage stage;
	unsigned level; /* of awaits */
	struct python *python;
	struct asyncio_names *names; /* of the interpreter of most */
	bool sample;
	bool groups_recorded; /* groups_are_recorded() of most */
	ARRAY(uint32_t) tasks;
	ARRAY(struct follower) chains;
	struct addresses waiters; /* of the chains that were followed to their end */
	struct addresses locals;  /* what the variables of asyncio's own frames refer to */
	struct addresses containers;
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
		if (task_raw(reader, &reader->tasks.items[ahead->tasks.items[i]], &raw))
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
	bool items; /* are needed too */
} parts[] = {
	{ CLASS_QUEUE, "_queue", true },
	{ CLASS_QUEUE, "_getters", true },
	{ CLASS_QUEUE, "_putters", true },
	{ CLASS_TASK_GROUP, "_tasks", true },
	{ CLASS_EVENT, "_waiters", false },
	{ CLASS_LOCK, "_waiters", false },
	{ CLASS_CONDITION, "_waiters", false },
	{ CLASS_SEMAPHORE, "_waiters", false },
	{ CLASS_BOUNDED_SEMAPHORE, "_waiters", false },
	{ CLASS_TIMEOUT, "_when", false },
	{ CLASS_STREAM_READER, "_transport", false },
	{ CLASS_STREAM_WRITER, "_transport", false },
};

/* The containers are those whose items are needed: the members of a TaskGroup mostly say so
 * themselves. */
static void find_parts(struct ahead *ahead, struct addresses *found)
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
				if (parts[k].items && (parts[k].class != CLASS_TASK_GROUP ||
								      !ahead->groups_recorded))
					*array_push(&ahead->containers) = object;
			}
	}
}

/* What is behind the futures, and when the timers are due. */
static void want_behind(struct ahead *ahead)
{
	struct python *python = ahead->python;
	struct addresses found = { 0 };
	remote_addr object;

	for (size_t i = 0; i < ahead->waiters.count; i++)
		*array_push(&found) = word_at(
				python, ahead->waiters.items[i] + python->layout->task.callback0);
	for (size_t i = 0; i < ahead->locals.count; i++)
		if (is_instance(python, ahead->names, ahead->locals.items[i], CLASS_TIMER_HANDLE) &&
				slot_find(python, ahead->locals.items[i], "_when", &object))
			*array_push(&found) = object;
	find_parts(ahead, &found);
	/* Only now: that a class is not there is remembered, so all must be readable
	 * while it is looked up. */
	for (size_t i = 0; i < found.count; i++)
		want(ahead, found.items[i], OBJECT_SIZE);
	array_free(&found);
}

static void want_items(struct ahead *ahead)
{
	for (size_t i = 0; i < ahead->containers.count; i++)
		items_want(ahead->python, ahead->containers.items[i], ITEMS_MAX);
}

/* Of a sample are also those that were taken out of their order: they are not like
 * those around them. */
static bool is_in_sample(const struct task_order *order, size_t i)
{
	return i % SAMPLE == 0 || order->items[i] != order->items[i - 1] + 1;
}

static void want_tasks(struct reader *reader, struct ahead *ahead)
{
	const struct task_order *order = &reader->order;

	for (size_t i = ahead->first; i < ahead->first + ahead->count && i < order->count; i++) {
		const struct task_view *task = &reader->tasks.items[order->items[i]];
		if (!task->native || (ahead->sample && !is_in_sample(order, i)))
			continue;
		*array_push(&ahead->tasks) = order->items[i];
		if (!task->raw)
			want(ahead, task->address, reader->python->layout->task.size);
	}
}

static enum stage want_stage(struct reader *reader, struct ahead *ahead)
{
	switch (ahead->stage) {
	case STAGE_TASKS:
		want_tasks(reader, ahead);
		return STAGE_FIELDS;
	case STAGE_FIELDS:
		want_fields_of_all(reader, ahead);
		return STAGE_CHAINS;
	case STAGE_CHAINS:
		want_next(ahead);
		return ahead->chains.count && ++ahead->level < LEVELS_MAX ? STAGE_CHAINS
									  : STAGE_BEHIND;
	case STAGE_BEHIND:
		want_behind(ahead);
		return STAGE_ITEMS;
	case STAGE_ITEMS:
		want_items(ahead);
		return STAGE_DONE;
	case STAGE_DONE:
		break;
	}
	return STAGE_DONE;
}

bool ahead_want(struct reader *reader, struct ahead *ahead)
{
	if (ahead->stage == STAGE_DONE)
		return false;
	ahead->stage = want_stage(reader, ahead);
	return true;
}

/* Of the first ones all are looked at; a sample of the others will do, until tasks that
 * were read with one have cost too much. */
struct ahead *ahead_begin(struct reader *reader, size_t first, size_t count)
{
	const struct task_view *task = &reader->tasks.items[reader->order.items[first]];
	struct ahead *ahead = alloc_zeroed(1, sizeof(*ahead));

	ahead->first = first;
	ahead->count = count;
	ahead->python = reader->python;
	ahead->names = &reader->interpreters.items[task->interpreter].asyncio;
	ahead->groups_recorded = reader->still && groups_are_recorded(reader, task);
	ahead->sample = reader->misses && !reader->scattered;
	return ahead;
}

static void ahead_destroy(struct ahead *ahead)
{
	array_free(&ahead->tasks);
	array_free(&ahead->chains);
	array_free(&ahead->waiters);
	array_free(&ahead->locals);
	array_free(&ahead->containers);
	free(ahead);
}

/* What the block that was read last has cost tells of those that come. */
static void learn(struct reader *reader, const struct ahead *next)
{
	uint64_t misses = mem_misses(reader->python->mem);

	if (reader->sampled && misses - reader->misses > reader->sampled / TASKS_A_MISS)
		reader->scattered = true;
	reader->misses = misses;
	reader->sampled = next->sample ? next->count : 0;
}

void ahead_finish(struct reader *reader, struct ahead *ahead)
{
	learn(reader, ahead);
	while (ahead_want(reader, ahead))
		mem_fetch_wanted(reader->python->mem);
	ahead_destroy(ahead);
}
