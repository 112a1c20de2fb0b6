/* The event loops: those that a thread runs, and those that tasks belong to. */
#include <string.h>

#include "cpython/objects.h"
#include "cpython/tasks.h"
#include "cpython/text.h"
#include "cpython/types.h"
#include "cpython/waits.h"

void loops_deinit(struct loop_views *loops)
{
	array_free(loops);
	table_deinit(&loops->index);
}

static void add_loop(struct loop_views *loops, remote_addr address, size_t interpreter)
{
	bool added;

	/* Nearly all tasks have the loop of the one before. */
	if (!address || (loops->count && loops->items[loops->count - 1].address == address))
		return;
	uint64_t *place = table_add(&loops->index, address, &added);
	if (!added)
		return;
	*place = loops->count;
	*array_push(loops) = (struct loop_view){ .address = address, .interpreter = interpreter };
}

/* The __module__ of a class made in Python; NULL for asyncio's own classes. */
static const char *module_of(struct python *python, const struct type *type)
{
	remote_addr dict, module;

	if (!(type->flags & TYPE_HEAP) ||
			!mem_read_u64(python->mem, type->address + python->layout->type.dict,
					&dict) ||
			!dict_find(python, dict, "__module__", &module))
		return NULL;
	const char *name = text_intern(python, module);
	return name && strncmp(name, "asyncio.", strlen("asyncio.")) ? name : NULL;
}

static void read_iteration(struct reader *reader, const struct thread_view *thread, size_t frame)
{
	const struct asyncio_names *names =
			&reader->interpreters.items[thread->interpreter].asyncio;
	remote_addr address = iteration_loop(reader->python, names, &thread->frames.items[frame]);
	const uint64_t *place = address ? table_find(&reader->loops.index, address) : NULL;
	struct loop_view *loop = place ? &reader->loops.items[*place] : NULL;

	if (loop && loop->interpreter == thread->interpreter && !loop->iteration.found)
		iteration_read(reader->python, names, &thread->frames, frame, &loop->iteration);
}

/* One pass over all frames, of which there may be as many as tasks and loops. */
static void read_iterations(struct reader *reader)
{
	for (size_t t = 0; t < reader->threads.count; t++) {
		const struct thread_view *thread = &reader->threads.items[t];
		for (size_t f = 0; f < thread->frames.count; f++)
			read_iteration(reader, thread, f);
	}
}

static void read_executor(struct reader *reader, struct loop_view *loop)
{
	remote_addr executor;

	loop->has_executor =
			attribute_find(reader->python, loop->address, "_default_executor",
					&executor) &&
			pools_find_executor(reader, executor, loop->interpreter, &loop->executor);
}

static void prefetch(struct python *python, const struct addresses *objects, size_t size)
{
	mem_prefetch(python->mem, objects->items, objects->count, size);
	types_of_prefetch(python, objects);
}

/* Fetches what will be read of all loops together, as far as it is small. */
static void prefetch_loops(struct reader *reader)
{
	enum { LOOP_BYTES = 512, PART_BYTES = 64, PARTS = 5 };
	static const char *const names[PARTS] = { "_thread_id", "_ready", "_scheduled",
		"_timer_cancelled_count", "_default_executor" };
	struct addresses objects = { 0 };
	remote_addr parts[PARTS];

	for (size_t i = 0; i < reader->loops.count; i++)
		*array_push(&objects) = reader->loops.items[i].address;
	prefetch(reader->python, &objects, LOOP_BYTES);
	objects.count = 0;
	for (size_t i = 0; i < reader->loops.count; i++) {
		attributes_find(reader->python, reader->loops.items[i].address, names, PARTS,
				parts);
		for (size_t k = 0; k < PARTS; k++)
			*array_push(&objects) = parts[k];
	}
	prefetch(reader->python, &objects, PART_BYTES);
	array_free(&objects);
}

void loops_read(struct reader *reader)
{
	struct loop_views *loops = &reader->loops;

	loops_deinit(loops);
	for (size_t i = reader->threads.count; i-- > 0;)
		add_loop(loops, reader->threads.items[i].running_loop,
				reader->threads.items[i].interpreter);
	for (size_t i = 0; i < reader->tasks.count; i++)
		if (reader->tasks.items[i].read == TASK_PENDING)
			add_loop(loops, reader->tasks.items[i].loop,
					reader->tasks.items[i].interpreter);
	prefetch_loops(reader);
	read_iterations(reader);
	if (WAITS)
		pools_read(reader);
	for (size_t i = 0; i < loops->count; i++) {
		const struct type *type = type_of(reader->python, loops->items[i].address);
		loops->items[i].type = type ? type->name : NULL;
		loops->items[i].module = type ? module_of(reader->python, type) : NULL;
		loops->items[i].ident = loop_ident(reader->python, loops->items[i].address);
		loop_work_read(reader->python,
				&reader->interpreters.items[loops->items[i].interpreter].asyncio,
				loops->items[i].address, &loops->items[i].work);
		if (WAITS)
			read_executor(reader, &loops->items[i]);
	}
}
