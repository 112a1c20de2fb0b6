/* The asynchronous context managers that a task is inside of: see contexts.h. */
#include "cpython/contexts.h"

#include <math.h>
#include <string.h>

#include "cpython/closures.h"
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
	struct addresses objects; /* on a stack; used again and again */
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

/* ---- classes of managers ---- */

struct manager;
typedef void manager_taker(struct inside *in, remote_addr object, const struct manager *manager);

/* What is known of a class whose objects may stand in `async with`. */
struct manager {
	remote_addr exit; /* the function __aexit__ */
	remote_addr enter_code, exit_code;
	remote_addr release; /* the function, where it ends a holding */
	bool own_enter;      /* __aenter__ is no function of asyncio.locks */
	manager_taker *take;
};

static manager_taker take_lock, take_condition, take_timeout, take_generator, take_closing,
		take_exit_stack;

static const struct {
	enum class class;
	manager_taker *take;
} takers[] = {
	{ CLASS_LOCK, take_lock },
	{ CLASS_SEMAPHORE, take_lock },
	{ CLASS_CONDITION, take_condition },
	{ CLASS_TIMEOUT, take_timeout },
	{ CLASS_ASYNC_GENERATOR_MANAGER, take_generator },
	{ CLASS_ACLOSING, take_closing },
	{ CLASS_ASYNC_EXIT_STACK, take_exit_stack },
};

/* A word of a function, 0 where it is none. */
static remote_addr function_word(struct python *python, remote_addr function, uint64_t offset)
{
	const struct type *type = type_of(python, function);
	remote_addr word;

	return type && type->kind == KIND_FUNCTION &&
					       mem_read_u64(python->mem, function + offset, &word)
			       ? word
			       : 0;
}

static struct manager read_manager(const struct inside *in, const struct type *type)
{
	struct python *python = in->python;
	const struct layout *layout = python->layout;
	struct manager manager = { 0 };
	remote_addr enter;

	for (size_t i = 0; i < sizeof(takers) / sizeof(*takers) && !manager.take; i++)
		if (type_is_a(type, asyncio_class(python, in->names, takers[i].class)))
			manager.take = takers[i].take;
	if (!manager.take || !class_find(python, type, "__aexit__", &manager.exit))
		return (struct manager){ 0 };
	manager.exit_code = function_word(python, manager.exit, layout->function.code);
	if (manager.take == take_lock && !class_find(python, type, "release", &manager.release))
		manager.release = 0;
	if (class_find(python, type, "__aenter__", &enter)) {
		manager.enter_code = function_word(python, enter, layout->function.code);
		manager.own_enter = function_word(python, enter, layout->function.globals) !=
				    in->names->modules[MODULE_LOCKS];
	}
	return manager;
}

static const struct manager *manager_of(const struct inside *in, struct type *type)
{
	if (!type->manager) {
		const struct manager manager = read_manager(in, type);
		type->manager = arena_copy(&in->python->snapshot->arena, &manager, sizeof(manager));
	}
	return type->manager;
}

/* ---- entering and leaving ---- */

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

static bool is_frame_of(const struct inside *in, const struct frame_view *frame, enum module module,
		const char *function)
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
static bool is_passed(const struct inside *in, remote_addr object, remote_addr lock,
		const struct manager *manager)
{
	if (!in->callee)
		return false;
	remote_addr code = in->callee->code->address;
	if (code == manager->enter_code || code == manager->exit_code)
		return first_argument(in->python, in->callee) == object;
	/* A class of a user's may enter by any function that comes to acquire(). */
	return manager->own_enter && is_acquiring(in, lock);
}

/* ---- what is inside of what ---- */

static void add_holding(struct inside *in, remote_addr object, remote_addr lock,
		const struct manager *manager)
{
	if (lock && !is_passed(in, object, lock, manager))
		*array_push(&in->reader->holdings) = (struct holding){
			.object = lock,
			.task = in->task,
			.round = in->reader->tasks.items[in->task].round,
		};
}

static void take_lock(struct inside *in, remote_addr object, const struct manager *manager)
{
	add_holding(in, object, object, manager);
}

static void take_condition(struct inside *in, remote_addr object, const struct manager *manager)
{
	add_holding(in, object, lock_of(in->python, in->names, object), manager);
}

/* One that has passed has no timer any more. */
static void take_timeout(struct inside *in, remote_addr object, const struct manager *manager)
{
	enum { TIMER, WHEN, COUNT };
	static const char *const names[COUNT] = { "_timeout_handler", "_when" };
	remote_addr values[COUNT];
	double due;

	(void)manager;
	if (attributes_find(in->python, object, names, COUNT, values) == COUNT &&
			!is_none(in->python, values[TIMER]) &&
			number_read(in->python, values[WHEN], &due))
		in->deadline = sooner(in->deadline, due - in->reader->now_s);
}

static void follow_attribute(struct inside *in, remote_addr object, const char *name)
{
	remote_addr value;

	if (attribute_find(in->python, object, name, &value))
		queue_add(&in->reader->queue, value);
}

static void take_generator(struct inside *in, remote_addr object, const struct manager *manager)
{
	(void)manager;
	follow_attribute(in, object, "gen");
}

static void take_closing(struct inside *in, remote_addr object, const struct manager *manager)
{
	(void)manager;
	follow_attribute(in, object, "thing");
}

static void take_exit_stack(struct inside *in, remote_addr object, const struct manager *manager)
{
	(void)manager;
	queue_add(&in->reader->queue, object);
}

/* Takes the object that `function` stands before, if that is what it is left by. */
static bool take(struct inside *in, remote_addr function, remote_addr object, struct type *type)
{
	const struct manager *manager = manager_of(in, type);

	if (manager->exit != function || !function)
		return false;
	manager->take(in, object, manager);
	return true;
}

/* From the top down, since only the topmost can be on its way in or out. */
static void read_stack(
		struct inside *in, const struct frame_view *frame, const struct frame_view *callee)
{
	struct addresses *objects = &in->objects;
	struct type *above = NULL;

	in->callee = callee;
	objects->count = 0;
	frame_stack(in->python, frame, objects);
	for (size_t i = objects->count; i-- > 0;) {
		struct type *type = type_of(in->python, objects->items[i]);
		/* An asynchronous generator that is iterated over lies there as it is. */
		if (type && type->kind == KIND_ASYNC_GENERATOR)
			queue_add(&in->reader->queue, objects->items[i]);
		else if (type && type->kind == KIND_FUNCTION && above &&
				take(in, objects->items[i], objects->items[i + 1], above))
			in->callee = NULL;
		above = type;
	}
}

/* ---- following ---- */

/* Who says how to release it before it was acquired holds nothing yet. */
static void take_released(
		struct inside *in, remote_addr function, remote_addr object, struct type *type)
{
	const struct manager *manager = manager_of(in, type);

	if (manager->release && manager->release == function && !is_acquiring(in, object))
		manager->take(in, object, manager);
}

static void follow_method(struct inside *in, remote_addr method)
{
	const struct layout *layout = in->python->layout;
	struct procmem *mem = in->python->mem;
	const struct type *method_type = type_of(in->python, method);
	remote_addr function, self;
	struct type *type;

	if (method_type && method_type->kind == KIND_METHOD &&
			mem_read_u64(mem, method + layout->method.func, &function) &&
			mem_read_u64(mem, method + layout->method.self, &self) &&
			(type = type_of(in->python, self)) && !take(in, function, self, type))
		take_released(in, function, self, type);
}

/* What callback() and push_async_callback() were given, 0 for any other function. */
static remote_addr unwrapped(struct inside *in, remote_addr function)
{
	static const char *const wrappers[] = {
		"_BaseExitStack._create_cb_wrapper.<locals>._exit_wrapper",
		"AsyncExitStack._create_async_cb_wrapper.<locals>._exit_wrapper",
	};
	const struct code *code =
			code_in_module(in->python, function, in->names->modules[MODULE_CONTEXTLIB]);

	for (size_t i = 0; code && i < sizeof(wrappers) / sizeof(*wrappers); i++)
		if (!strcmp(code->function, wrappers[i]))
			return closed_over(in->python, function, code, "callback");
	return 0;
}

/* An entry is (is_sync, callback). */
static void follow_callback(struct inside *in, remote_addr entry)
{
	struct addresses parts = { 0 };

	if (items_read(in->python, entry, &parts) && parts.count == 2) {
		remote_addr callback = unwrapped(in, parts.items[1]);
		follow_method(in, callback ? callback : parts.items[1]);
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

/* False where it is inside of nothing. */
static bool read_frame(struct inside *in, size_t at)
{
	const struct frame_views *frames = &in->reader->chain.frames;
	const struct frame_view *frame = &frames->items[at];
	bool has_more = frame_has_more(in->python, frame);
	/* What is being left by a normal way is on the stack no more. */
	bool leaves = is_frame_of(in, frame, MODULE_CONTEXTLIB, "AsyncExitStack.__aexit__");
	remote_addr self;

	if (has_more)
		read_stack(in, frame, at + 1 < frames->count ? frame + 1 : NULL);
	if (leaves && frame_local(in->python, frame, "self", &self))
		queue_add(&in->reader->queue, self);
	return has_more || leaves;
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

/* Whether the innermost frame of a chain is at an await, or a yield. */
static bool is_suspended(enum chain_end end)
{
	return end == CHAIN_LEAF || end == CHAIN_SUSPENDED || end == CHAIN_FINISHED;
}

double contexts_read(struct reader *reader, size_t index)
{
	struct inside in = {
		.reader = reader,
		.python = reader->python,
		.names = &reader->interpreters.items[reader->tasks.items[index].interpreter]
					  .asyncio,
		.task = index,
		.first = reader->holdings.count,
		.deadline = NAN,
	};

	bool is_inside = false;
	if (reader->facts.holds_nothing)
		return NAN;
	size_t count = reader->chain.frames.count;
	/* The stack of a frame that executes is what it was before, or never was. */
	if (count && !is_suspended(reader->chain.end))
		count--;
	queue_clear(&reader->queue);
	for (size_t i = 0; i < count; i++)
		is_inside |= read_frame(&in, i);
	reader->facts.holds_nothing = !is_inside;
	follow(&in);
	drop_waited(&in);
	array_free(&in.objects);
	return in.deadline;
}
