/* The asynchronous context managers that a task is inside of: see contexts.h. */
#include "cpython/contexts.h"

#include <math.h>
#include <string.h>

#include "cpython/objects.h"
#include "cpython/types.h"
#include "cpython/waits.h"

/* What is known while the stacks of one task are read. */
struct inside {
	struct reader *reader;
	struct python *python;
	struct asyncio_names *names;
	size_t task;
	size_t first; /* the first of its holdings */
	/* The frame that called, in the moment when its topmost manager is taken: the
	 * one that may still be entered, or be left already.  NULL otherwise. */
	const struct frame_view *callee;
	double deadline;
};

remote_addr lock_of(struct python *python, struct asyncio_names *names, remote_addr object)
{
	remote_addr lock;

	if (is_instance(python, names, object, CLASS_CONDITION))
		return attribute_find(python, object, "_lock", &lock) ? lock : 0;
	return is_instance(python, names, object, CLASS_LOCK) ||
			       is_instance(python, names, object, CLASS_SEMAPHORE)
		       ? object
		       : 0;
}

/* ---- entering and leaving ---- */

/* The functions that objects of a class are entered and left by. */
static const struct type *passages_of(struct python *python, remote_addr object)
{
	struct type *type = type_of(python, object);

	if (type && !type->passages_read) {
		type->passages_read = true;
		class_find(python, type, "__aenter__", &type->enter);
		class_find(python, type, "__aexit__", &type->exit);
	}
	return type;
}

/* The first argument of a frame's function. */
static remote_addr first_argument(struct python *python, const struct frame_view *frame)
{
	uint64_t reference;

	if (!frame->code->local_count || !mem_read_u64(python->mem, frame->locals, &reference))
		return 0;
	remote_addr object = stackref_object(reference);
	const struct type *type = type_of(python, object);
	if (type && type->kind == KIND_CELL &&
			!mem_read_u64(python->mem, object + python->layout->cell.contents, &object))
		return 0;
	return object;
}

static remote_addr function_word(struct python *python, remote_addr function, uint64_t offset)
{
	const struct type *type = type_of(python, function);
	remote_addr word;

	return type && type->kind == KIND_FUNCTION &&
			       mem_read_u64(python->mem, function + offset, &word)
		       ? word
		       : 0;
}

static bool is_call(struct python *python, const struct frame_view *frame, remote_addr function,
		remote_addr self)
{
	return frame->code->address ==
			       function_word(python, function, python->layout->function.code) &&
	       first_argument(python, frame) == self;
}

static bool is_frame_of(const struct inside *in, const struct frame_view *frame,
		enum module module, const char *function)
{
	return frame->globals && frame->globals == in->names->modules[module] &&
	       !strcmp(frame->code->function, function);
}

/* Whether the task is in an acquire of `lock`: that calls nothing itself. */
static bool is_acquiring(const struct inside *in, remote_addr lock)
{
	const struct frame_views *frames = &in->reader->chain.frames;
	const struct frame_view *last = &frames->items[frames->count - 1];
	remote_addr self;

	return (is_frame_of(in, last, MODULE_LOCKS, "Lock.acquire") ||
			       is_frame_of(in, last, MODULE_LOCKS, "Semaphore.acquire")) &&
	       frame_local(in->python, last, "self", &self) && self == lock;
}

/* Whether the topmost manager of a frame is only being entered, or has begun to be
 * left: nobody can tell then whether it is still held. */
static bool is_passed(const struct inside *in, remote_addr object, remote_addr lock)
{
	struct python *python = in->python;
	const struct type *type = passages_of(python, object);

	if (!in->callee || !type)
		return false;
	if (is_call(python, in->callee, type->enter, object) ||
			is_call(python, in->callee, type->exit, object))
		return true;
	/* A class of a user's may enter by any function that comes to acquire(). */
	return function_word(python, type->enter, python->layout->function.globals) !=
			       in->names->modules[MODULE_LOCKS] &&
	       is_acquiring(in, lock);
}

/* ---- what is inside of what ---- */

static void take_lock(struct inside *in, remote_addr object)
{
	remote_addr lock = lock_of(in->python, in->names, object);

	if (lock && !is_passed(in, object, lock))
		*array_push(&in->reader->holdings) = (struct holding){
			.object = lock,
			.task = in->task,
			.round = in->reader->tasks.items[in->task].round,
		};
}

/* One that has passed has no timer any more. */
static void take_timeout(struct inside *in, remote_addr object)
{
	remote_addr timer, when;
	double due;

	if (!attribute_find(in->python, object, "_timeout_handler", &timer) ||
			!attribute_find(in->python, object, "_when", &when))
		return;
	const struct type *type = type_of(in->python, timer);
	if (type && type->kind != KIND_NONE && number_read(in->python, when, &due))
		in->deadline = sooner(in->deadline, due - in->reader->now_s);
}

static void follow_attribute(struct inside *in, remote_addr object, const char *name)
{
	remote_addr value;

	if (attribute_find(in->python, object, name, &value))
		queue_add(&in->reader->queue, value);
}

static void take_generator(struct inside *in, remote_addr object)
{
	follow_attribute(in, object, "gen");
}

static void take_closing(struct inside *in, remote_addr object)
{
	follow_attribute(in, object, "thing");
}

static void take_exit_stack(struct inside *in, remote_addr object)
{
	queue_add(&in->reader->queue, object);
}

static const struct {
	enum class class;
	void (*take)(struct inside *in, remote_addr object);
} managers[] = {
	{ CLASS_LOCK, take_lock },
	{ CLASS_SEMAPHORE, take_lock },
	{ CLASS_CONDITION, take_lock },
	{ CLASS_TIMEOUT, take_timeout },
	{ CLASS_ASYNC_GENERATOR_MANAGER, take_generator },
	{ CLASS_ACLOSING, take_closing },
	{ CLASS_ASYNC_EXIT_STACK, take_exit_stack },
};

static void take(struct inside *in, remote_addr object)
{
	for (size_t i = 0; i < sizeof(managers) / sizeof(*managers); i++)
		if (is_instance(in->python, in->names, object, managers[i].class)) {
			managers[i].take(in, object);
			return;
		}
}

/* Whether `function` is what the object is left by. */
static bool is_exit(struct python *python, remote_addr function, remote_addr object)
{
	const struct type *type = type_of(python, function);

	if (!type || type->kind != KIND_FUNCTION)
		return false;
	type = passages_of(python, object);
	return type && type->exit == function;
}

/* An asynchronous generator that is iterated over lies on the stack as it is. */
static void take_iterated(struct inside *in, remote_addr object)
{
	const struct type *type = type_of(in->python, object);

	if (type && type->kind == KIND_ASYNC_GENERATOR)
		queue_add(&in->reader->queue, object);
}

/* From the top down, since only the topmost can be on its way in or out. */
static void read_stack(struct inside *in, const struct frame_view *frame,
		const struct frame_view *callee)
{
	struct addresses objects = { 0 };

	in->callee = callee;
	frame_stack(in->python, frame, &objects);
	for (size_t i = objects.count; i-- > 0;) {
		if (i + 1 == objects.count || !is_exit(in->python, objects.items[i], objects.items[i + 1])) {
			take_iterated(in, objects.items[i]);
			continue;
		}
		take(in, objects.items[i + 1]);
		in->callee = NULL;
	}
	array_free(&objects);
}

/* ---- following ---- */

static void follow_callback(struct inside *in, remote_addr entry)
{
	const struct layout *layout = in->python->layout;
	struct addresses parts = { 0 };
	remote_addr function, self;

	/* (is_sync, callback) */
	if (items_read(in->python, entry, &parts) && parts.count == 2) {
		const struct type *type = type_of(in->python, parts.items[1]);
		if (type && type->kind == KIND_METHOD &&
				mem_read_u64(in->python->mem, parts.items[1] + layout->method.func,
						&function) &&
				mem_read_u64(in->python->mem, parts.items[1] + layout->method.self,
						&self) &&
				is_exit(in->python, function, self))
			take(in, self);
	}
	array_free(&parts);
}

static void follow_exit_stack(struct inside *in, remote_addr object)
{
	struct addresses entries = { 0 };
	remote_addr callbacks;

	if (attribute_find(in->python, object, "_exit_callbacks", &callbacks))
		items_read(in->python, callbacks, &entries);
	for (size_t i = 0; i < entries.count; i++)
		follow_callback(in, entries.items[i]);
	array_free(&entries);
}

/* One that is awaited now is in the chain of a task, with its stack. */
static void follow_generator(struct inside *in, remote_addr object)
{
	enum generator_state state;
	struct frame_view frame;

	if (generator_read(in->python, object, &state, &frame) && state == GENERATOR_SUSPENDED)
		read_stack(in, &frame, NULL);
}

static void follow(struct inside *in)
{
	struct queue *queue = &in->reader->queue;

	while (queue->next < queue->items.count && python_work(in->python, OBJECT_WORK)) {
		remote_addr object = queue->items.items[queue->next++];
		const struct type *type = type_of(in->python, object);
		in->callee = NULL;
		if (type && type->kind == KIND_ASYNC_GENERATOR)
			follow_generator(in, object);
		else if (is_instance(in->python, in->names, object, CLASS_ASYNC_EXIT_STACK))
			follow_exit_stack(in, object);
	}
}

/* ---- a task ---- */

static void read_frame(struct inside *in, size_t at)
{
	const struct frame_views *frames = &in->reader->chain.frames;
	const struct frame_view *frame = &frames->items[at];
	remote_addr self;

	if (frame_has_more(in->python, frame))
		read_stack(in, frame, at + 1 < frames->count ? frame + 1 : NULL);
	/* What is being left by a normal way is on the stack no more. */
	if (is_frame_of(in, frame, MODULE_CONTEXTLIB, "AsyncExitStack.__aexit__") &&
			frame_local(in->python, frame, "self", &self))
		queue_add(&in->reader->queue, self);
}

static void drop(struct inside *in, remote_addr lock)
{
	size_t kept = in->first;

	if (!python_work(in->python, in->reader->holdings.count - kept))
		return;
	for (size_t i = in->first; i < in->reader->holdings.count; i++)
		if (in->reader->holdings.items[i].object != lock)
			in->reader->holdings.items[kept++] = in->reader->holdings.items[i];
	in->reader->holdings.count = kept;
}

/* A task that waits for a condition has let go of its lock, wherever it took it. */
static void drop_waited(struct inside *in)
{
	const struct frame_views *frames = &in->reader->chain.frames;
	remote_addr self;

	for (size_t i = 0; i < frames->count && in->reader->holdings.count > in->first; i++)
		if (is_frame_of(in, &frames->items[i], MODULE_LOCKS, "Condition.wait") &&
				frame_local(in->python, &frames->items[i], "self", &self) &&
				is_instance(in->python, in->names, self, CLASS_CONDITION))
			drop(in, lock_of(in->python, in->names, self));
}

double contexts_read(struct reader *reader, size_t index)
{
	struct inside in = {
		.reader = reader,
		.python = reader->python,
		.names = &reader->interpreters.items[reader->tasks.items[index].interpreter].asyncio,
		.task = index,
		.first = reader->holdings.count,
		.deadline = NAN,
	};

	size_t count = reader->chain.frames.count;
	/* The stack of a frame that executes is what it was before. */
	if (reader->chain.end == CHAIN_EXECUTING || reader->chain.end == CHAIN_DRIVEN)
		count--;
	queue_clear(&reader->queue);
	for (size_t i = 0; i < count; i++)
		read_frame(&in, i);
	follow(&in);
	drop_waited(&in);
	return in.deadline;
}
