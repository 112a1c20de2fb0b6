/* Who waits for whom: what the target keeps of it (`awaited_by`), and what can
 * be inferred from what a task is suspended on. */
#include "cpython/behind.h"
#include "cpython/objects.h"
#include "cpython/tasks.h"
#include "cpython/text.h"
#include "cpython/types.h"
#include "cpython/waits.h"

#include <string.h>

enum {
	FOLLOWED_MAX = 1 << 20, /* objects looked at for one task */
	FEW = 16,
};

void queue_clear(struct queue *queue)
{
	queue->items.count = queue->next = 0;
	if (queue->seen.count)
		table_deinit(&queue->seen);
}

void queue_deinit(struct queue *queue)
{
	array_free(&queue->items);
	table_deinit(&queue->seen);
}

/* Whether `object` is new; most tasks wait for one thing only. */
static bool queue_is_new(struct queue *queue, remote_addr object)
{
	bool added = true;

	if (queue->items.count < FEW) {
		for (size_t i = 0; i < queue->items.count; i++)
			if (queue->items.items[i] == object)
				return false;
		return true;
	}
	if (queue->items.count == FEW)
		for (size_t i = 0; i < FEW; i++)
			table_add(&queue->seen, queue->items.items[i], &added);
	table_add(&queue->seen, object, &added);
	return added;
}

void queue_add(struct queue *queue, remote_addr object)
{
	if (object && queue->items.count < FOLLOWED_MAX && queue_is_new(queue, object))
		*array_push(&queue->items) = object;
}

static bool may_follow(struct python *python)
{
	python->edges_left -= python->edges_left > 0;
	return python->edges_left && python_work(python, OBJECT_WORK);
}

/* None, or what a class of a third party keeps there, is no container. */
static bool is_container(struct python *python, remote_addr object)
{
	const struct type *type = type_of(python, object);

	return !type || type->flags & (TYPE_TUPLE | TYPE_LIST) || type->kind == KIND_SET;
}

static void queue_add_items(struct reader *reader, struct queue *queue, remote_addr container)
{
	struct addresses items = { 0 };

	if (!items_read(reader->python, container, &items) &&
			is_container(reader->python, container))
		reader->complete = false;
	for (size_t i = 0; i < items.count; i++)
		queue_add(queue, items.items[i]);
	array_free(&items);
}

/* `owner` is the one of the two that is being read. */
static void add_link(struct reader *reader, size_t owner, size_t awaiter, size_t awaited)
{
	struct task_view *view = &reader->tasks.items[owner];

	*array_push(&reader->links) = (struct link){
		.awaiter = (uint32_t)awaiter,
		.awaited = (uint32_t)awaited,
		.owner = (uint32_t)owner,
		.round = view->round,
		.reading = reader->readings,
	};
	view->links = hash_mix(hash_mix(view->links, awaiter), awaited);
}

/* ---- upwards: awaited_by ---- */

static void queue_awaited_by(struct reader *reader, struct queue *queue, remote_addr future)
{
	const struct layout *layout = reader->python->layout;
	struct procmem *mem = reader->python->mem;
	remote_addr awaited_by;
	uint8_t is_set;

	if (!layout->task.awaited_by ||
			!mem_read_u64(mem, future + layout->task.awaited_by, &awaited_by) ||
			!awaited_by ||
			!mem_read(mem, future + layout->task.awaited_by_is_set, &is_set, 1))
		return;
	if (is_set)
		queue_add_items(reader, queue, awaited_by);
	else
		queue_add(queue, awaited_by);
}

static void queue_python_awaited_by(struct reader *reader, struct queue *queue, remote_addr future)
{
	remote_addr awaited_by;

	if (attribute_find(reader->python, future, "_Future__asyncio_awaited_by", &awaited_by))
		queue_add_items(reader, queue, awaited_by);
}

static void queue_any_awaited_by(struct reader *reader, struct queue *queue, remote_addr future)
{
	const struct type *type = type_of(reader->python, future);

	if (type && type->is_future && reader->python->layout->task.size)
		queue_awaited_by(reader, queue, future);
	else if (type)
		queue_python_awaited_by(reader, queue, future);
}

/* Who waits for a task that does not know it: its callbacks do. */
static void link_by_callbacks(struct reader *reader, size_t index)
{
	struct python *python = reader->python;
	const struct task_view view = reader->tasks.items[index];
	struct asyncio_names *names = &reader->interpreters.items[view.interpreter].asyncio;
	struct queue *queue = &reader->queue;

	queue_clear(queue);
	behind_callbacks(python, names, view.address, queue);
	while (queue->next < queue->items.count) {
		remote_addr object = queue->items.items[queue->next++];
		bool native;
		if (!may_follow(python))
			break;
		if (is_any_task(reader, object, view.interpreter, &native))
			add_link(reader, index, task_add(reader, object, view.interpreter, native),
					index);
		else
			behind_callbacks(python, names, object, queue);
	}
}

/* Unless what the task says is known already, and is that nobody does. */
static bool may_be_awaited(const struct reader *reader, const struct task_view *view)
{
	return !reader->still || !view->raw || view->raw->awaited_by;
}

/* What keeps a future is a task, or a future that a task waits for in turn. */
static void link_awaiters(struct reader *reader, size_t index)
{
	size_t interpreter = reader->tasks.items[index].interpreter;
	struct queue *queue = &reader->queue;

	if (reader->tasks.items[index].awaiter != NOBODY) {
		add_link(reader, index, reader->tasks.items[index].awaiter, index);
		return;
	}
	queue_clear(queue);
	if (may_be_awaited(reader, &reader->tasks.items[index]))
		queue_any_awaited_by(reader, queue, reader->tasks.items[index].address);
	while (queue->next < queue->items.count) {
		remote_addr object = queue->items.items[queue->next++];
		bool native;
		if (!may_follow(reader->python))
			break;
		if (is_any_task(reader, object, interpreter, &native)) {
			/* It may be in no list. */
			add_link(reader, index, task_add(reader, object, interpreter, native),
					index);
		} else {
			queue_any_awaited_by(reader, queue, object);
		}
	}
}

/* ---- downwards: what a task is suspended on ---- */

/* Before asyncio recorded who awaits the tasks of a TaskGroup their callbacks told: in
 * both cases there is nothing to infer. */
static bool groups_are_known(const struct reader *reader, const struct task_view *view)
{
	return !reader->python->layout->keeps_awaiters || groups_are_recorded(reader, view);
}

/* A frame of asyncio's own that keeps what it waits for, one or more of it, in a
 * variable, or in an attribute of one. */
static const struct {
	const char *function;
	enum module module; /* whose code it must be */
	const char *variable;
	const char *attribute;
} waiting_frames[] = {
	{ "_wait", MODULE_TASKS, "fs", NULL },
	{ "_cancel_and_wait", MODULE_TASKS, "fut", NULL },
	{ "wait_for", MODULE_TASKS, "fut", NULL },
	{ "_AsCompletedIterator._wait_for_one", MODULE_TASKS, "self", "_todo" },
	{ "staggered_race", MODULE_STAGGERED, "running_tasks", NULL },
	{ "TaskGroup._aexit", MODULE_TASKGROUPS, "self", "_tasks" },
	{ "TaskGroup.__aexit__", MODULE_TASKGROUPS, "self", "_tasks" },
};

static void queue_value(struct reader *reader, remote_addr object, struct queue *queue)
{
	if (is_container(reader->python, object))
		queue_add_items(reader, queue, object);
	else
		queue_add(queue, object);
}

/* False where the frame is of no function that is known to wait for tasks. */
static bool queue_frame(struct reader *reader, const struct task_view *view,
		const struct frame_view *frame, struct queue *queue)
{
	struct python *python = reader->python;
	struct asyncio_names *names = &reader->interpreters.items[view->interpreter].asyncio;
	bool found = false;

	if (!is_asyncio(names, frame->globals))
		return false;
	if (frame->globals == names->modules[MODULE_TASKGROUPS] && groups_are_known(reader, view))
		return true;
	for (size_t i = 0; i < sizeof(waiting_frames) / sizeof(*waiting_frames); i++) {
		remote_addr object;
		/* Nearly all are told apart by the first letter. */
		if (frame->code->function[0] != waiting_frames[i].function[0] ||
				frame->globals != names->modules[waiting_frames[i].module] ||
				strcmp(frame->code->function, waiting_frames[i].function))
			continue;
		found = true;
		if (frame_variable(python, frame, waiting_frames[i].variable, &object) &&
				(!waiting_frames[i].attribute ||
						attribute_find(python, object,
								waiting_frames[i].attribute,
								&object)))
			queue_value(reader, object, queue);
	}
	return found;
}

/* Inside `async with TaskGroup()` the group is on the evaluation stack. */
static void queue_task_groups(struct reader *reader, const struct task_view *view,
		const struct frame_view *frame, struct queue *queue)
{
	struct python *python = reader->python;
	struct asyncio_names *names = &reader->interpreters.items[view->interpreter].asyncio;
	struct addresses objects = { 0 };

	frame_stack(python, frame, &objects);
	for (size_t i = 0; i < objects.count; i++) {
		remote_addr parent, tasks;
		if (!is_instance(python, names, objects.items[i], CLASS_TASK_GROUP) ||
				!attribute_find(python, objects.items[i], "_parent_task",
						&parent) ||
				parent != view->address)
			continue;
		if (attribute_find(python, objects.items[i], "_tasks", &tasks))
			queue_add_items(reader, queue, tasks);
	}
	array_free(&objects);
}

/* What the variables of its frames, and their stacks, say that a task waits for. */
static void queue_frames(struct reader *reader, const struct task_view *view, struct queue *queue)
{
	struct asyncio_names *names = &reader->interpreters.items[view->interpreter].asyncio;
	const struct chain *chain = &reader->chain;
	bool in_groups = names->modules[MODULE_TASKGROUPS] && chain->end != CHAIN_CREATED &&
			 !groups_are_known(reader, view);
	bool found = in_groups;

	if ((reader->facts.names_nothing && !in_groups) || chain->end == CHAIN_EXECUTING)
		return;
	for (size_t i = 0; i < chain->frames.count; i++) {
		const struct frame_view *frame = &chain->frames.items[i];
		found |= queue_frame(reader, view, frame, queue);
		if (in_groups)
			queue_task_groups(reader, view, frame, queue);
	}
	reader->facts.names_nothing = !found;
}

/* What a future that is no task stands for. */
static void queue_behind(struct reader *reader, struct asyncio_names *names, remote_addr object,
		struct queue *queue)
{
	struct python *python = reader->python;
	const struct type *type = type_of(python, object);
	remote_addr children, behind;

	if (!type)
		return;
	if (type_is_a(type, names->gathering_future)) {
		if (attribute_find(python, object, "_children", &children))
			queue_add_items(reader, queue, children);
	} else if (type->is_future || type_is_a(type, names->py_future)) {
		if (behind_future(python, names, object, &behind))
			queue_add(queue, behind);
	} else {
		queue_add(queue, behind_concurrent(python, names, object));
	}
}

static void link_awaited(struct reader *reader, size_t index)
{
	struct python *python = reader->python;
	const struct task_view view = reader->tasks.items[index];
	struct asyncio_names *names = &reader->interpreters.items[view.interpreter].asyncio;
	struct queue *queue = &reader->queue;

	queue_clear(queue);
	/* Behind the future of a sleep is a timer, and nobody who is waited for. */
	if (!view.wait || view.wait->wait.kind != WAIT_SLEEP)
		queue_add(queue, view.waiter);
	queue_frames(reader, &view, queue);
	while (queue->next < queue->items.count) {
		remote_addr object = queue->items.items[queue->next++];
		bool native;
		if (!may_follow(python))
			break;
		if (is_any_task(reader, object, view.interpreter, &native)) {
			add_link(reader, index, index,
					task_add(reader, object, view.interpreter, native));
		} else {
			queue_behind(reader, names, object, queue);
		}
	}
}

void task_link(struct reader *reader, size_t index)
{
	if (reader->python->layout->keeps_awaiters)
		link_awaiters(reader, index);
	else
		link_by_callbacks(reader, index);
	link_awaited(reader, index);
}
