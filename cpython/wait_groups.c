/* Waits for many futures and tasks at once: see waits.h. */
#include <string.h>

#include "cpython/objects.h"
#include "cpython/referents.h"
#include "cpython/types.h"
#include "cpython/waits.h"

static bool in_list(const struct reader *reader, remote_addr object)
{
	return table_find(&reader->tasks.index, object);
}

/* What is in no list is a future, or a task that is done: there may be many, or,
 * mostly, none.  Gives their number. */
static size_t prefetch_unlisted(struct reader *reader, const struct addresses *members)
{
	struct python *python = reader->python;
	struct addresses unlisted = { 0 };
	size_t count;

	for (size_t i = 0; i < members->count; i++)
		if (!in_list(reader, members->items[i]))
			*array_push(&unlisted) = members->items[i];
	count = unlisted.count;
	mem_prefetch(python->mem, unlisted.items, count,
			python->layout->task.state + sizeof(int32_t));
	array_free(&unlisted);
	return count;
}

static void keep_distinct(struct python *python, remote_addr container, struct addresses *members)
{
	const struct type *type = type_of(python, container);
	struct table seen = { 0 };
	size_t kept = 0;

	if (type && type->kind == KIND_SET)
		return;
	for (size_t i = 0; i < members->count; i++) {
		bool added;
		table_add(&seen, members->items[i], &added);
		if (added)
			members->items[kept++] = members->items[i];
	}
	members->count = kept;
	table_deinit(&seen);
}

/* Whether the member is a task: it says itself, once read, whether it is done. */
static bool is_task(struct waiting *w, remote_addr member)
{
	bool native;

	if (in_list(w->reader, member))
		return true;
	if (!is_any_task(w->reader, member, w->view->interpreter, &native))
		return false;
	task_add(w->reader, member, w->view->interpreter, native);
	return true;
}

/* Takes out those that are no tasks; gives how many of them are pending. */
static int64_t take_futures(struct waiting *w, struct addresses *members)
{
	int64_t pending = 0;
	size_t tasks = 0;

	for (size_t i = 0; i < members->count; i++) {
		if (is_task(w, members->items[i]))
			members->items[tasks++] = members->items[i];
		else
			pending += future_is_pending(w->python, w->names, members->items[i]);
	}
	members->count = tasks;
	return pending;
}

/* Says that the task waits for those in the container at `object`. */
static void wait_for_members(struct waiting *w, remote_addr object)
{
	struct addresses members = { 0 };

	if (items_read(w->python, object, &members)) {
		keep_distinct(w->python, object, &members);
		w->wait->wait.group.total = (int64_t)members.count;
		w->wait->wait.group.pending = 0;
		w->wait->counts_tasks = true;
		if (prefetch_unlisted(w->reader, &members))
			w->wait->wait.group.pending = take_futures(w, &members);
		wait_for_tasks(w, members.items, members.count);
	}
	array_free(&members);
}

static void begin(struct waiting *w, enum wait_kind kind, remote_addr object)
{
	w->wait->wait.kind = kind;
	w->wait->wait.object = object;
	w->wait->wait.group.pending = -1;
	w->wait->wait.group.total = -1;
	w->wait->wait.group.least = -1;
}

/* Of those that are done, what keeps them forgets. */
static void forget_total(struct waiting *w)
{
	w->wait->wait.group.total = -1;
}

/* A set that nothing is added to any more. */
static void count_at_least(struct waiting *w, remote_addr set)
{
	int64_t left, added;

	/* Of a target that runs it changes all the time, and the task would be torn by it. */
	if (!w->reader->still)
		return;
	if (set_counts(w->python, set, &left, &added))
		w->wait->wait.group.least = added;
}

/* asyncio.wait() */
bool wait_set(struct waiting *w)
{
	remote_addr members, timer;

	if (!wait_variable(w, "fs", &members) || length_of(w->python, members) < 0)
		return false;
	begin(w, WAIT_WAIT, w->view->waiter);
	wait_for_members(w, members);
	if (wait_variable(w, "timeout_handle", &timer))
		w->wait->wait.timeout_s = timer_left(w->reader, w->names, timer);
	return true;
}

static bool self_is_a(struct waiting *w, remote_addr class)
{
	const struct type *type = type_of(w->python, w->self);

	return type && type_is_a(type, class);
}

bool wait_as_completed(struct waiting *w)
{
	remote_addr members, timer;

	if (!self_is_a(w, w->names->as_completed))
		return false;
	begin(w, WAIT_AS_COMPLETED, w->self);
	if (attribute_find(w->python, w->self, "_todo", &members)) {
		wait_for_members(w, members);
		count_at_least(w, members);
	}
	forget_total(w);
	if (attribute_find(w->python, w->self, "_timeout_handle", &timer))
		w->wait->wait.timeout_s = timer_left(w->reader, w->names, timer);
	return true;
}

static bool is_completions(struct waiting *w, remote_addr object, remote_addr results,
		struct frame_view *frame)
{
	const struct type *type = type_of(w->python, object);
	enum generator_state state;
	remote_addr done;

	return type && type->kind == KIND_GENERATOR &&
	       generator_read(w->python, object, &state, frame) && state == GENERATOR_SUSPENDED &&
	       frame->globals == w->names->modules[MODULE_TASKS] &&
	       !strcmp(frame->code->function, "as_completed") &&
	       frame_variable(w->python, frame, "done", &done) && done == results;
}

/* The generator that gives what is awaited: who iterates over it has it on the stack. */
static bool find_completions(struct waiting *w, remote_addr results, struct frame_view *frame)
{
	struct addresses objects = { 0 };
	bool found = false;

	if (w->at)
		frame_stack(w->python, &w->frames->items[w->at - 1], &objects);
	for (size_t i = 0; i < objects.count && !found; i++)
		found = is_completions(w, objects.items[i], results, frame);
	array_free(&objects);
	return found;
}

/* The same before 3.13: a generator, of whose variables what it gives shares a queue. */
bool wait_completion(struct waiting *w)
{
	remote_addr results, members, timer;
	struct frame_view frame;

	if (!wait_variable(w, "done", &results) ||
			!is_instance(w->python, w->names, results, CLASS_QUEUE))
		return false;
	begin(w, WAIT_AS_COMPLETED, results);
	if (!find_completions(w, results, &frame))
		return true;
	if (frame_variable(w->python, &frame, "todo", &members)) {
		wait_for_members(w, members);
		count_at_least(w, members);
	}
	forget_total(w);
	if (frame_variable(w->python, &frame, "timeout_handle", &timer))
		w->wait->wait.timeout_s = timer_left(w->reader, w->names, timer);
	return true;
}

/* What a task is inside of lies on its stacks. */
static bool is_in_another_group(struct waiting *w)
{
	struct addresses objects = { 0 };
	bool found = false;

	for (size_t i = 0; i < w->frames->count; i++)
		frame_stack(w->python, &w->frames->items[i], &objects);
	for (size_t i = 0; i < objects.count; i++)
		found |= objects.items[i] != w->self &&
			 (is_instance(w->python, w->names, objects.items[i], CLASS_TASK_GROUP) ||
					 is_instance(w->python, w->names, objects.items[i],
							 CLASS_ASYNC_EXIT_STACK));
	array_free(&objects);
	return found;
}

/* Where as many tasks as there are members say that this one alone awaits them, they are
 * the members, which need not be read.  That could be so by chance where members have
 * ended or have other awaiters too, and the task is in another group as well. */
static bool wait_for_awaited(struct waiting *w, remote_addr object)
{
	const struct reader *reader = w->reader;
	const uint32_t *awaited;
	size_t count = awaited_of(&reader->awaited, w->index, &awaited);

	if (!reader->still || !groups_are_recorded(reader, w->view) || reader->awaited.any_shared ||
			!count || length_of(w->python, object) != (int64_t)count ||
			is_in_another_group(w))
		return false;
	remote_addr *members = arena_alloc(&w->python->snapshot->arena, count, sizeof(*members));
	for (size_t i = 0; i < count; i++)
		members[i] = reader->tasks.items[awaited[i]].address;
	w->wait->tasks = members;
	w->wait->task_count = (uint32_t)count;
	w->wait->wait.group.pending = 0;
	w->wait->counts_tasks = true;
	return true;
}

/* Whether only the task itself, which waits, and the callbacks of so many members refer to
 * the group: nobody else can start one more. */
static bool is_closed(struct waiting *w, int64_t members)
{
	uint32_t references = reference_count(w->python, w->self);

	return references &&
	       references == frame_references(w->python, w->frames, w->self) + members;
}

bool wait_task_group(struct waiting *w)
{
	remote_addr members;

	if (!is_instance(w->python, w->names, w->self, CLASS_TASK_GROUP))
		return false;
	begin(w, WAIT_TASKGROUP, w->self);
	if (attribute_find(w->python, w->self, "_tasks", &members)) {
		if (!wait_for_awaited(w, members))
			wait_for_members(w, members);
		if (w->reader->still && is_closed(w, length_of(w->python, members)))
			count_at_least(w, members);
	}
	forget_total(w);
	return true;
}

bool wait_staggered(struct waiting *w)
{
	remote_addr members;

	if (!wait_variable(w, "running_tasks", &members) || length_of(w->python, members) < 0)
		return false;
	begin(w, WAIT_WAIT, w->view->waiter);
	wait_for_members(w, members);
	forget_total(w);
	return true;
}

void wait_gather(struct waiting *w, remote_addr future)
{
	remote_addr children;

	begin(w, WAIT_GATHER, future);
	if (attribute_find(w->python, future, "_children", &children))
		wait_for_members(w, children);
}
