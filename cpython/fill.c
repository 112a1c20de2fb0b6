/* Makes the model of what was read: see fill.h. */
#include "cpython/fill.h"

#include <stdlib.h>
#include <string.h>

#include "cpython/modules.h"
#include "cpython/objects.h"
#include "cpython/text.h"
#include "cpython/types.h"
#include "model/graph.h"

static void fill_python(struct reader *reader, uint32_t version)
{
	static const char *const levels[16] = { [0xa] = "a", [0xb] = "b", [0xc] = "rc" };
	struct snapshot *snapshot = reader->python->snapshot;
	const char *level = levels[version >> 4 & 15];
	unsigned serial = version & 15;
	const char *flags = NULL;

	snapshot->python_version = arena_printf(&snapshot->arena, "%u.%u.%u", version >> 24,
			version >> 16 & 255, version >> 8 & 255);
	if (level)
		snapshot->python_version = arena_printf(&snapshot->arena, "%s%s%u",
				snapshot->python_version, level, serial);
	snapshot->free_threaded = reader->python->layout->free_threaded;
	if (reader->interpreters.count)
		flags = sys_text(reader->python,
				reader->interpreters.items[reader->interpreters.count - 1].sysdict,
				"abiflags");
	snapshot->debug = flags && strchr(flags, 'd');
}

static void fill_interpreters(struct reader *reader)
{
	struct snapshot *snapshot = reader->python->snapshot;
	size_t count = reader->interpreters.count;

	snapshot->interpreters.items = arena_alloc(&snapshot->arena, count,
			sizeof(*snapshot->interpreters.items));
	snapshot->interpreters.count = count;
	/* CPython lists the newest first. */
	for (size_t i = 0; i < count; i++)
		snapshot->interpreters.items[i] = (struct interpreter){
			.id = reader->interpreters.items[count - 1 - i].id,
			.main = reader->interpreters.items[count - 1 - i].main,
		};
}

/* ---- loops ---- */

struct loops {
	ARRAY(struct loop) items;
	struct table index; /* address → place */
};

static void add_loop(struct reader *reader, struct loops *loops, remote_addr address,
		size_t interpreter, int tid)
{
	bool added;

	if (!address)
		return;
	uint64_t *place = table_add(&loops->index, address, &added);
	if (added) {
		*place = loops->items.count;
		*array_push(&loops->items) = (struct loop){
			.id = address,
			.interpreter = reader->interpreters.items[interpreter].id,
		};
	}
	if (tid)
		loops->items.items[*place].tid = tid;
}

/* The __module__ of a class made in Python; NULL for asyncio's own classes. */
static const char *loop_module(struct python *python, const struct type *type)
{
	remote_addr dict, module;

	if (!(type->flags & TYPE_HEAP) ||
			!mem_read_u64(python->mem, type->address + python->layout->type.dict, &dict) ||
			!dict_find(python, dict, "__module__", &module))
		return NULL;
	const char *name = text_intern(python, module);
	return name && strncmp(name, "asyncio.", strlen("asyncio.")) ? name : NULL;
}

static void fill_loops(struct reader *reader, const struct process *process, struct loops *loops)
{
	struct python *python = reader->python;
	struct snapshot *snapshot = python->snapshot;

	for (size_t i = reader->threads.count; i-- > 0;) {
		const struct thread_view *thread = &reader->threads.items[i];
		add_loop(reader, loops, thread->running_loop, thread->interpreter,
				process_outer_tid(process, thread->inner_tid));
	}
	for (size_t i = 0; i < reader->tasks.count; i++) {
		const struct task_view *view = &reader->tasks.items[i];
		if (view->read == TASK_PENDING)
			add_loop(reader, loops, view->loop, view->interpreter, 0);
	}
	for (size_t i = 0; i < loops->items.count; i++) {
		struct loop *loop = &loops->items.items[i];
		const struct type *type = type_of(python, loop->id);
		loop->type = type ? type->name : NULL;
		loop->module = type ? loop_module(python, type) : NULL;
	}
	snapshot->loops.count = loops->items.count;
	snapshot->loops.items = arena_copy(&snapshot->arena, loops->items.items,
			loops->items.count * sizeof(*loops->items.items));
}

static const struct loop *find_loop(const struct reader *reader, const struct loops *loops,
		remote_addr address)
{
	const uint64_t *place = table_find(&loops->index, address);
	return place ? &reader->python->snapshot->loops.items[*place] : NULL;
}

/* ---- tasks ---- */

static void fill_tasks(struct reader *reader, const struct loops *loops)
{
	struct snapshot *snapshot = reader->python->snapshot;
	struct task_list *tasks = &snapshot->tasks;

	tasks->items = arena_alloc(&snapshot->arena, reader->tasks.count, sizeof(*tasks->items));
	for (size_t i = 0; i < reader->tasks.count; i++) {
		const struct task_view *view = &reader->tasks.items[i];
		if (view->read != TASK_PENDING)
			continue;
		view->task->loop = find_loop(reader, loops, view->loop);
		view->task->tid = view->task->loop ? view->task->loop->tid : 0;
		view->task->index = tasks->count;
		tasks->items[tasks->count++] = view->task;
	}
}

static struct task *find_task(const struct reader *reader, remote_addr address)
{
	const uint64_t *place = table_find(&reader->tasks.index, address);
	const struct task_view *view = place ? &reader->tasks.items[*place] : NULL;

	return view && view->read == TASK_PENDING ? view->task : NULL;
}

static void fill_edges(struct reader *reader)
{
	struct edge *edges = alloc_zeroed(reader->links.count, sizeof(*edges));
	size_t count = 0;

	for (size_t i = 0; i < reader->links.count; i++) {
		const struct link *link = &reader->links.items[i];
		const struct task_view *awaiter = &reader->tasks.items[link->awaiter];
		const struct task_view *awaited = &reader->tasks.items[link->awaited];
		if (awaiter->read == TASK_PENDING && awaited->read == TASK_PENDING &&
				reader->tasks.items[link->owner].round == link->round)
			edges[count++] = (struct edge){ awaiter->task->index,
				awaited->task->index };
	}
	graph_link(reader->python->snapshot, edges, count);
	free(edges);
	graph_find_cycles(reader->python->snapshot);
}

/* The innermost `count` frames of a thread, turned around. */
static const struct stack *stack_of(struct python *python, const struct frame_views *frames,
		size_t count)
{
	const struct frame **places = alloc_zeroed(count, sizeof(*places));

	for (size_t i = 0; i < count; i++)
		places[i] = frames->items[count - 1 - i].place;
	const struct stack *stack = intern_stack(&python->intern, places, (uint32_t)count);
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
				python_work(reader->python, running->frame))
			task->stack = stack_of(reader->python,
					&reader->threads.items[running->thread].frames,
					running->frame + 1);
	}
}

/* ---- threads ---- */

static const char *thread_name(struct python *python, const struct addresses *names,
		uint64_t ident)
{
	for (size_t i = 0; i + 1 < names->count; i += 2)
		if (names->items[i] == ident)
			return text_intern(python, names->items[i + 1]);
	return NULL;
}

static void fill_threads(struct reader *reader, const struct process *process,
		const struct loops *loops)
{
	struct python *python = reader->python;
	struct snapshot *snapshot = python->snapshot;
	size_t count = reader->threads.count;
	struct addresses *names = alloc_zeroed(reader->interpreters.count, sizeof(*names));

	for (size_t i = 0; i < reader->interpreters.count; i++)
		thread_names_read(python, &reader->interpreters.items[i].asyncio, &names[i]);
	snapshot->threads.items = arena_alloc(&snapshot->arena, count,
			sizeof(*snapshot->threads.items));
	snapshot->threads.count = count;
	/* CPython lists the newest first. */
	for (size_t i = 0; i < count; i++) {
		const struct thread_view *view = &reader->threads.items[count - 1 - i];
		snapshot->threads.items[i] = (struct thread){
			.interpreter = reader->interpreters.items[view->interpreter].id,
			.tid = process_outer_tid(process, view->inner_tid),
			.name = thread_name(python, &names[view->interpreter], view->ident),
			.holds_gil = view->holds_gil,
			.loop = find_loop(reader, loops, view->running_loop),
			.current_task = find_task(reader, view->running_task),
			.stack = stack_of(python, &view->frames, view->frames.count),
		};
	}
	for (size_t i = 0; i < reader->interpreters.count; i++)
		array_free(&names[i]);
	free(names);
}

void fill_snapshot(struct reader *reader, const struct process *process, uint32_t version)
{
	struct snapshot *snapshot = reader->python->snapshot;
	struct loops loops = { 0 };

	fill_python(reader, version);
	if (process->executable)
		snapshot->executable = arena_string(&snapshot->arena, process->executable,
				strlen(process->executable));
	fill_interpreters(reader);
	fill_loops(reader, process, &loops);
	fill_tasks(reader, &loops);
	fill_running_stacks(reader);
	fill_edges(reader);
	fill_threads(reader, process, &loops);
	array_free(&loops.items);
	table_deinit(&loops.index);
}
