/* Fetches what reading tasks will need, in few system calls.
 *
 * Only a hint: it goes down the chains of awaits as cpython/chain.c does, but
 * all tasks of a block together, a level at a time, and checks nothing.
 * Objects that are made one after the other lie in the same pools of memory, so
 * that few of the tasks lead to nearly all pools of a block. */
#include "cpython/tasks.h"
#include "cpython/types.h"

enum {
	LEVELS_MAX = 16,        /* of awaits; deeper ones are fetched one by one */
	OBJECT_SIZE = 64,       /* of a name or a callback */
	FRAME_SPAN = 64 * 1024, /* how far the stack may lie behind its coroutine */
	POOL = 16 * 1024,       /* of CPython's allocator */
	SAMPLE = 8,             /* one task of so many is looked at */
	/* So many tasks for one fetch that was not foreseen: with fewer, all tasks of
	 * a block are looked at from then on. */
	TASKS_A_MISS = 16,
};

static remote_addr word_at(struct python *python, remote_addr address)
{
	uint64_t word;
	return mem_read_u64(python->mem, address, &word) ? word : 0;
}

/* Of a sample the pool around is wanted: it holds the same of other tasks. */
static void want(struct python *python, remote_addr address, size_t size, bool sample)
{
	if (address && sample)
		mem_want(python->mem, address - address % POOL, POOL);
	else
		mem_want(python->mem, address, size);
}

static void want_fields(struct python *python, const struct addresses *tasks,
		struct addresses *coroutines, bool sample)
{
	const struct layout *layout = python->layout;

	for (size_t i = 0; i < tasks->count; i++) {
		remote_addr task = tasks->items[i];
		remote_addr coroutine = word_at(python, task + layout->task.coro);
		remote_addr waiter = word_at(python, task + layout->task.fut_waiter);
		want(python, word_at(python, task + layout->task.name), OBJECT_SIZE, sample);
		want(python, waiter, layout->task.size, sample);
		want(python, coroutine, layout->generator.size, sample);
		*array_push(coroutines) = coroutine;
	}
}

/* What an object of a chain of awaits leads to, 0 at its end. */
static remote_addr next_of(struct python *python, remote_addr object)
{
	const struct layout *layout = python->layout;
	const struct type *type = type_of(python, object);

	switch (type ? type->kind : KIND_OTHER) {
	case KIND_COROUTINE:
	case KIND_GENERATOR:
	case KIND_ASYNC_GENERATOR: {
		remote_addr top = word_at(python, object + layout->generator.iframe +
								    layout->frame.stackpointer);
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

static void want_next(struct python *python, struct addresses *chains, bool sample)
{
	size_t kept = 0;

	for (size_t i = 0; i < chains->count; i++) {
		remote_addr next = next_of(python, chains->items[i]);
		if (!next)
			continue;
		want(python, next, python->layout->generator.size, sample);
		chains->items[kept++] = next;
	}
	chains->count = kept;
}

/* Whether a sample will do; what the tasks before have cost tells. */
static bool is_sample_enough(struct reader *reader, size_t first, size_t count)
{
	uint64_t misses = mem_fetches(reader->python->mem) - reader->fetches;

	if (first && misses > count / TASKS_A_MISS)
		reader->scattered = true;
	return first && !reader->scattered;
}

void tasks_prefetch(struct reader *reader, size_t first, size_t count)
{
	struct python *python = reader->python;
	struct addresses tasks = { 0 }, chains = { 0 };
	bool sample = is_sample_enough(reader, first, count);

	for (size_t i = first; i < first + count && i < reader->tasks.count;
			i += sample ? SAMPLE : 1)
		if (reader->tasks.items[i].native)
			*array_push(&tasks) = reader->tasks.items[i].address;
	for (size_t i = 0; i < tasks.count; i++)
		want(python, tasks.items[i], python->layout->task.size, sample);
	mem_fetch_wanted(python->mem);
	want_fields(python, &tasks, &chains, sample);
	for (int level = 0; chains.count && level < LEVELS_MAX; level++) {
		mem_fetch_wanted(python->mem);
		want_next(python, &chains, sample);
	}
	mem_fetch_wanted(python->mem);
	reader->fetches = mem_fetches(python->mem);
	array_free(&tasks);
	array_free(&chains);
}
