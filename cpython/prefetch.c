/* Fetches what reading tasks will need, in few system calls.
 *
 * Only a hint: it goes down the chains of awaits as cpython/chain.c does, but
 * all tasks of a block together, a level at a time, and checks nothing. */
#include "cpython/tasks.h"
#include "cpython/types.h"

enum {
	LEVELS_MAX = 16,        /* of awaits; deeper ones are fetched one by one */
	OBJECT_SIZE = 64,       /* of a name or a callback */
	FRAME_SPAN = 64 * 1024, /* how far the stack may lie behind its coroutine */
};

static remote_addr word_at(struct python *python, remote_addr address)
{
	uint64_t word;
	return mem_read_u64(python->mem, address, &word) ? word : 0;
}

static void want_fields(struct python *python, const struct addresses *tasks,
		struct addresses *coroutines)
{
	const struct layout *layout = python->layout;

	for (size_t i = 0; i < tasks->count; i++) {
		remote_addr task = tasks->items[i];
		remote_addr coroutine = word_at(python, task + layout->task.coro);
		remote_addr waiter = word_at(python, task + layout->task.fut_waiter);
		mem_want(python->mem, word_at(python, task + layout->task.name), OBJECT_SIZE);
		mem_want(python->mem, waiter, layout->task.size);
		mem_want(python->mem, coroutine, layout->generator.size);
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

static void want_next(struct python *python, struct addresses *chains)
{
	size_t kept = 0;

	for (size_t i = 0; i < chains->count; i++) {
		remote_addr next = next_of(python, chains->items[i]);
		if (!next)
			continue;
		mem_want(python->mem, next, python->layout->generator.size);
		chains->items[kept++] = next;
	}
	chains->count = kept;
}

void tasks_prefetch(struct reader *reader, size_t first, size_t count)
{
	struct python *python = reader->python;
	struct addresses tasks = { 0 }, chains = { 0 };

	for (size_t i = first; i < first + count && i < reader->tasks.count; i++)
		if (reader->tasks.items[i].native)
			*array_push(&tasks) = reader->tasks.items[i].address;
	mem_prefetch(python->mem, tasks.items, tasks.count, python->layout->task.size);
	want_fields(python, &tasks, &chains);
	for (int level = 0; chains.count && level < LEVELS_MAX; level++) {
		mem_fetch_wanted(python->mem);
		want_next(python, &chains);
	}
	mem_fetch_wanted(python->mem);
	array_free(&tasks);
	array_free(&chains);
}
