/* A second look: see second_look.h. */
#include "cpython/second_look.h"

#include <math.h>
#include <string.h>

#include "cpython/greenlets.h"
#include "cpython/raw_task.h"
#include "cpython/types.h"

/* A callback is mostly done within this time. */
static const double suspicious_s = 0.01;

/* Since when the loop is known to run what it runs, NAN where nothing is suspicious. */
static double suspicious_since(const struct reader *reader, const struct iteration *iteration)
{
	if (iteration->handler)
		return reader->now_s;
	return iteration->calls && reader->now_s - iteration->began_s > suspicious_s
			       ? iteration->began_s
			       : NAN;
}

void suspects_add(struct suspects *suspects, const struct reader *reader)
{
	for (size_t i = 0; i < reader->loops.count; i++) {
		const struct loop_view *loop = &reader->loops.items[i];
		double since_s = suspicious_since(reader, &loop->iteration);
		if (!isnan(since_s))
			*array_push(suspects) = (struct suspect){ i, loop->address, since_s,
				loop->iteration };
	}
}

/* Says that a loop is blocked where the frame at a place runs what a suspect ran. */
static void confirm(const struct suspects *suspects, const struct table *index,
		struct reader *reader, const struct thread_view *thread, size_t frame,
		struct snapshot *snapshot)
{
	const struct asyncio_names *names =
			&reader->interpreters.items[thread->interpreter].asyncio;
	remote_addr address = iteration_loop(reader->python, names, &thread->frames.items[frame]);
	const uint64_t *place = address ? table_find(index, address) : NULL;
	struct iteration now;

	if (!place)
		return;
	const struct suspect *suspect = &suspects->items[*place];
	struct loop *loop = &snapshot->loops.items[suspect->loop];
	iteration_read(reader->python, names, &thread->frames, frame, &now);
	if (!iteration_is_same(&now, &suspect->iteration))
		return;
	loop->blocked_confirmed = true;
	loop->blocked_s = reader->now_s - suspect->since_s;
}

void suspects_confirm(const struct suspects *suspects, struct reader *reader, remote_addr runtime,
		struct snapshot *snapshot)
{
	struct table index = { 0 };
	bool added;

	for (size_t i = 0; i < suspects->count; i++)
		*table_add(&index, suspects->items[i].address, &added) = i;
	interpreters_read(reader->python, runtime, reader->still, &reader->interpreters,
			&reader->threads, &reader->repaired);
	for (size_t t = 0; t < reader->threads.count; t++) {
		struct thread_view *thread = &reader->threads.items[t];
		frames_of_thread(reader->python, thread->current_frame, &thread->frames);
		greenlets_add_frames(reader->python, thread);
		for (size_t f = 0; f < thread->frames.count; f++)
			confirm(suspects, &index, reader, thread, f, snapshot);
	}
	table_deinit(&index);
}

/* What was made since may lie where another was. */
static bool is_another(struct reader *reader, const struct task *task, const struct raw_task *raw)
{
	const char *name = raw->name ? task_name_read(reader, raw->name) : NULL;

	return name && strcmp(name, task->name) != 0;
}

/* Those of two snapshots, which share no texts. */
static bool stacks_differ(const struct stack *a, const struct stack *b)
{
	if (!a || !b || a->depth != b->depth)
		return a != b;
	for (uint32_t i = 0; i < a->depth; i++)
		if (a->frames[i]->line != b->frames[i]->line ||
				strcmp(a->frames[i]->function, b->frames[i]->function) != 0 ||
				strcmp(a->frames[i]->file, b->frames[i]->file) != 0)
			return true;
	return false;
}

/* The next future is often made where the last one was. */
static bool stands_elsewhere(struct reader *reader, const struct task *task, remote_addr coroutine)
{
	chain_walk(reader->python, coroutine, &reader->chain);
	return stacks_differ(task->stack, chain_stack(reader->python, &reader->chain));
}

static void look_again_at(struct reader *reader, struct task *task)
{
	struct python *python = reader->python;
	const struct type *type = type_of(python, task->id);
	struct raw_task raw;

	task->gone = task->moved = true;
	if (!type || !raw_task_read(python, task->id, type->is_task, &raw) || !raw.pending ||
			is_another(reader, task, &raw))
		return;
	/* A task of another class may keep its waiter anywhere. */
	bool waits_anew =
			task->waiter && raw.waiter != task->waiter && (raw.waiter || type->is_task);
	task->gone = false;
	task->moved = waits_anew || stands_elsewhere(reader, task, raw.coroutine);
}

void tasks_look_again(struct reader *reader, const struct task_list *tasks)
{
	struct python *python = reader->python;
	struct addresses addresses = { 0 };

	for (uint32_t i = 0; i < tasks->count; i++)
		*array_push(&addresses) = tasks->items[i]->id;
	mem_prefetch(python->mem, addresses.items, addresses.count, python->layout->task.size);
	array_free(&addresses);
	for (uint32_t i = 0; i < tasks->count; i++)
		look_again_at(reader, tasks->items[i]);
}
