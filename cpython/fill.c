/* Makes the model of what was read: see fill.h. */
#include "cpython/fill.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cpython/waits.h"
#include "model/graph.h"

static void fill_python(struct reader *reader, uint32_t version)
{
	static const char *const levels[16] = { [0xa] = "a", [0xb] = "b", [0xc] = "rc" };
	struct snapshot *snapshot = reader->python->snapshot;
	const char *level = levels[version >> 4 & 15];
	unsigned serial = version & 15;

	snapshot->python_version = arena_printf(&snapshot->arena, "%u.%u.%u", version >> 24,
			version >> 16 & 255, version >> 8 & 255);
	if (level)
		snapshot->python_version = arena_printf(&snapshot->arena, "%s%s%u",
				snapshot->python_version, level, serial);
	snapshot->free_threaded = reader->python->layout->free_threaded;
	snapshot->debug = reader->abiflags && strchr(reader->abiflags, 'd');
}

static void fill_interpreters(struct reader *reader)
{
	struct snapshot *snapshot = reader->python->snapshot;
	size_t count = reader->interpreters.count;

	snapshot->interpreters.items =
			arena_alloc(&snapshot->arena, count, sizeof(*snapshot->interpreters.items));
	snapshot->interpreters.count = count;
	/* CPython lists the newest first. */
	for (size_t i = 0; i < count; i++)
		snapshot->interpreters.items[i] = (struct interpreter){
			.id = reader->interpreters.items[count - 1 - i].id,
			.main = reader->interpreters.items[count - 1 - i].main,
		};
}

/* ---- loops ---- */

/* The clocks of a target that runs on may be read late. */
static double blocked_for(const struct reader *reader, const struct iteration *iteration)
{
	double seconds = reader->now_s - iteration->began_s;

	if (iteration->handler)
		return 0; /* at least */
	return !iteration->calls ? NAN : seconds > 0 ? seconds : 0;
}

static void fill_loops(struct reader *reader)
{
	struct snapshot *snapshot = reader->python->snapshot;
	size_t count = reader->loops.count;

	snapshot->loops.items =
			arena_alloc(&snapshot->arena, count, sizeof(*snapshot->loops.items));
	snapshot->loops.count = count;
	for (size_t i = 0; i < count; i++) {
		const struct loop_view *view = &reader->loops.items[i];
		snapshot->loops.items[i] = (struct loop){
			.id = view->address,
			.type = view->type,
			.module = view->module,
			.interpreter = reader->interpreters.items[view->interpreter].id,
			.idle = view->iteration.found && !view->iteration.calls &&
				!view->iteration.handler,
			.interrupted = view->iteration.handler,
			.blocked_s = blocked_for(reader, &view->iteration),
			.callbacks = view->iteration.calls ? view->iteration.count : -1,
			.ready = view->work.ready,
			.timers = view->work.timers,
			.next_timer_s = view->work.next_timer - reader->now_s,
			.has_executor = view->has_executor,
			.executor = {
				.workers = view->executor.size,
				.busy = view->executor.busy,
				.queued = view->executor.queued,
			},
		};
	}
}

/* Where threads do not know the loops that they run: without asyncio's C module,
 * and of a loop in a callback of which another one runs. */
static void link_loops_by_ident(struct reader *reader)
{
	struct snapshot *snapshot = reader->python->snapshot;
	size_t count = reader->threads.count;
	struct table by_ident = { 0 };
	bool added;

	for (size_t i = 0; i < count; i++) {
		const struct thread_view *view = &reader->threads.items[count - 1 - i];
		*table_add(&by_ident, hash_mix(view->interpreter, view->ident), &added) = i;
	}
	for (size_t i = 0; i < reader->loops.count; i++) {
		const struct loop_view *view = &reader->loops.items[i];
		struct loop *loop = &snapshot->loops.items[i];
		const uint64_t *place =
				table_find(&by_ident, hash_mix(view->interpreter, view->ident));
		if (!view->ident || loop->tid || !place)
			continue;
		struct thread *thread = &snapshot->threads.items[*place];
		loop->tid = thread->tid;
		if (!thread->loop)
			thread->loop = loop;
	}
	table_deinit(&by_ident);
}

static struct loop *find_loop(const struct reader *reader, remote_addr address)
{
	const uint64_t *place = table_find(&reader->loops.index, address);
	return place ? &reader->python->snapshot->loops.items[*place] : NULL;
}

/* ---- tasks ---- */

static void fill_tasks(struct reader *reader)
{
	struct snapshot *snapshot = reader->python->snapshot;
	struct task_list *tasks = &snapshot->tasks;
	const struct loop *loop = NULL;
	remote_addr address = 0; /* of that loop: most tasks have the one of the task before */

	tasks->items = arena_alloc(&snapshot->arena, reader->tasks.count, sizeof(*tasks->items));
	for (size_t i = 0; i < reader->tasks.count; i++) {
		const struct task_view *view = &reader->tasks.items[i];
		if (view->read != TASK_PENDING)
			continue;
		if (view->loop != address)
			loop = find_loop(reader, view->loop);
		address = view->loop;
		view->task->loop = loop;
		view->task->tid = loop ? loop->tid : 0;
		view->task->waiter = view->waiter;
		view->task->orphan = reader->orphans.count &&
				     table_find(&reader->orphans, view->address);
		view->task->index = tasks->count;
		tasks->items[tasks->count++] = view->task;
	}
}

static void fill_unfetched(struct reader *reader)
{
	struct task_list *list = &reader->python->snapshot->unfetched;
	size_t count = reader->unfetched.tasks.count;

	list->items = arena_alloc(&reader->python->snapshot->arena, count, sizeof(*list->items));
	for (size_t i = 0; i < count; i++) {
		struct task *task = reader->unfetched.tasks.items[i].task;
		task->loop = find_loop(reader, reader->unfetched.tasks.items[i].loop);
		task->tid = task->loop ? task->loop->tid : 0;
		list->items[list->count++] = task;
	}
}

struct task *fill_find_task(const struct reader *reader, remote_addr address)
{
	const uint64_t *place = table_find(&reader->tasks.index, address);
	const struct task_view *view = place ? &reader->tasks.items[*place] : NULL;

	return view && view->read == TASK_PENDING ? view->task : NULL;
}

static void fill_edges(struct reader *reader)
{
	struct edge *edges = alloc_bytes(reader->links.count * sizeof(*edges));
	size_t count = 0;

	for (size_t i = 0; i < reader->links.count; i++) {
		const struct link *link = &reader->links.items[i];
		const struct task_view *awaiter = &reader->tasks.items[link->awaiter];
		const struct task_view *awaited = &reader->tasks.items[link->awaited];
		if (awaiter->read == TASK_PENDING && awaited->read == TASK_PENDING &&
				link_is_current(reader, link))
			edges[count++] =
					(struct edge){ awaiter->task->index, awaited->task->index };
	}
	graph_link(reader->python->snapshot, edges, count);
	free(edges);
	graph_find_cycles(reader->python->snapshot);
}

/* The innermost `count` frames of a thread, turned around, inside of `outer`. */
static const struct stack *stack_of(struct python *python, const struct stack *outer,
		const struct frame_views *frames, size_t count)
{
	size_t depth = outer ? outer->depth : 0;
	const struct frame **places = alloc_zeroed(depth + count, sizeof(*places));

	for (size_t i = 0; i < depth; i++)
		places[i] = outer->frames[i];
	for (size_t i = 0; i < count; i++)
		places[depth + i] = frames->items[count - 1 - i].place;
	const struct stack *stack =
			intern_stack(&python->intern, places, (uint32_t)(depth + count));
	free(places);
	return stack;
}

/* A task that runs now has all frames that its thread has above its coroutine,
 * also those of an eager task that it has just made and that runs inside. */
static void fill_running_stacks(struct reader *reader)
{
	for (size_t i = 0; i < reader->running.count; i++) {
		const struct running *running = &reader->running.items[i];
		const struct task_view *view = &reader->tasks.items[running->task];
		struct task *task = view->task;
		if (task && view->round == running->round &&
				python_work(reader->python, running->frame * OBJECT_WORK))
			task->stack = stack_of(reader->python, running->outer,
					&reader->threads.items[running->thread].frames,
					running->frame + 1);
	}
}

/* ---- threads ---- */

static void fill_threads(struct reader *reader, const struct process *process)
{
	struct python *python = reader->python;
	struct snapshot *snapshot = python->snapshot;
	size_t count = reader->threads.count;

	snapshot->threads.items =
			arena_alloc(&snapshot->arena, count, sizeof(*snapshot->threads.items));
	snapshot->threads.count = count;
	/* CPython lists the newest first. */
	for (size_t i = 0; i < count; i++) {
		const struct thread_view *view = &reader->threads.items[count - 1 - i];
		struct loop *loop = find_loop(reader, view->running_loop);
		int tid = process_outer_tid(process, view->inner_tid);
		if (loop)
			loop->tid = tid;
		snapshot->threads.items[i] = (struct thread){
			.interpreter = reader->interpreters.items[view->interpreter].id,
			.tid = tid,
			.name = view->name,
			.holds_gil = view->holds_gil,
			.loop = loop,
			.stack = stack_of(python, NULL, &view->frames, view->frames.count),
		};
	}
	link_loops_by_ident(reader);
}

/* Which task is current in which thread, once both are there. */
static void fill_current(struct reader *reader)
{
	struct snapshot *snapshot = reader->python->snapshot;

	for (size_t i = 0; i < snapshot->threads.count; i++)
		snapshot->threads.items[i].current_task = fill_find_task(reader,
				reader->threads.items[reader->threads.count - 1 - i].running_task);
}

void fill_snapshot(struct reader *reader, const struct process *process, uint32_t version)
{
	struct snapshot *snapshot = reader->python->snapshot;

	fill_python(reader, version);
	if (process->executable)
		snapshot->executable = arena_string(
				&snapshot->arena, process->executable, strlen(process->executable));
	fill_interpreters(reader);
	fill_loops(reader);
	fill_threads(reader, process);
	fill_tasks(reader);
	fill_unfetched(reader);
	fill_running_stacks(reader);
	fill_edges(reader);
	fill_waits(reader);
	fill_executors(reader);
	fill_current(reader);
}
