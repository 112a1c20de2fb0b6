/* What stands behind a future: see behind.h. */
#include "cpython/behind.h"

#include <string.h>

#include "cpython/closures.h"
#include "cpython/code.h"
#include "cpython/objects.h"
#include "cpython/tasks.h"
#include "cpython/types.h"

enum { CALLBACKS_MAX = 8 }; /* of a concurrent.futures.Future that are looked at */

static const struct {
	enum tie tie;
	enum module module;
	const char *callback;
	const char *variable;
} ties[] = {
	{ TIE_SHIELD, MODULE_TASKS, "shield.<locals>._outer_done_callback", "inner" },
	{ TIE_CHAIN, MODULE_FUTURES, "_chain_future.<locals>._call_check_cancel", "source" },
};

static enum tie tied_by(struct python *python, const struct asyncio_names *names,
		remote_addr callback, remote_addr *other)
{
	const struct type *type = type_of(python, callback);

	/* Mostly it is what wakes a task. */
	if (!type || type->kind != KIND_FUNCTION)
		return TIE_NONE;
	for (size_t i = 0; i < sizeof(ties) / sizeof(*ties); i++) {
		const struct code *code =
				code_in_module(python, callback, names->modules[ties[i].module]);
		if (!code || strcmp(code->function, ties[i].callback))
			continue;
		*other = closed_over(python, callback, code, ties[i].variable);
		return *other ? ties[i].tie : TIE_NONE;
	}
	return TIE_NONE;
}

/* A future of Python's own make keeps a list of pairs: a callback and its context. */
static remote_addr first_python_callback(struct python *python, remote_addr future)
{
	remote_addr list, pair, first;

	return attribute_find(python, future, "_callbacks", &list) &&
					       item_first(python, list, &pair) &&
					       item_first(python, pair, &first)
			       ? first
			       : 0;
}

static remote_addr first_callback(
		struct python *python, const struct asyncio_names *names, remote_addr future)
{
	const struct layout *layout = python->layout;
	const struct type *type = type_of(python, future);
	remote_addr first;

	if (!type)
		return 0;
	if (type->is_future && layout->task.size)
		return mem_read_u64(python->mem, future + layout->task.callback0, &first) ? first
											  : 0;
	return type_is_a(type, names->py_future) ? first_python_callback(python, future) : 0;
}

/* ---- what callbacks lead to ---- */

static void queue_attribute(
		struct python *python, remote_addr object, const char *name, struct queue *queue)
{
	remote_addr value;

	if (attribute_find(python, object, name, &value))
		queue_add(queue, value);
}

/* A child of a TaskGroup has a method of that; what a Python task waits for, one of
 * the task. */
static void follow_method(struct python *python, const struct asyncio_names *names,
		remote_addr method, struct queue *queue)
{
	const struct layout *layout = python->layout;
	remote_addr function, self;
	const struct code *code;

	if (!mem_read_u64(python->mem, method + layout->method.func, &function) ||
			!mem_read_u64(python->mem, method + layout->method.self, &self))
		return;
	code = code_in_module(python, function, names->modules[MODULE_TASKGROUPS]);
	if (code && !strcmp(code->function, "TaskGroup._on_task_done"))
		queue_attribute(python, self, "_parent_task", queue);
	code = code_in_module(python, function, names->modules[MODULE_TASKS]);
	if (code && !strcmp(code->function, "Task.__wakeup"))
		queue_add(queue, self);
}

/* And what a task of C waits for, its task_wakeup(). */
static void follow_builtin(struct python *python, remote_addr callback, struct queue *queue)
{
	static const char wakeup[] = "task_wakeup";
	const struct layout *layout = python->layout;
	remote_addr definition, name_at, self;
	char name[sizeof(wakeup)];

	if (mem_read_u64(python->mem, callback + layout->builtin.definition, &definition) &&
			mem_read_u64(python->mem, definition, &name_at) &&
			mem_read_cstring(python->mem, name_at, name, sizeof(name)) &&
			!strcmp(name, wakeup) &&
			mem_read_u64(python->mem, callback + layout->builtin.self, &self))
		queue_add(queue, self);
}

/* Before 3.13 as_completed() has its tasks put into a queue, of which the next one
 * is asked for. */
static void follow_completion(struct python *python, struct asyncio_names *names,
		remote_addr callback, const struct code *code, struct queue *queue)
{
	remote_addr getters, results = closed_over(python, callback, code, "done");
	struct addresses futures = { 0 };

	if (is_instance(python, names, results, CLASS_QUEUE) &&
			attribute_find(python, results, "_getters", &getters))
		items_read(python, getters, &futures);
	for (size_t i = 0; i < futures.count; i++)
		queue_add(queue, futures.items[i]);
	array_free(&futures);
}

/* Callbacks of asyncio.tasks that set another future, by the variable that holds it. */
static const struct {
	const char *callback, *variable;
} setters[] = {
	{ "gather.<locals>._done_callback", "outer" },
	{ "shield.<locals>._inner_done_callback", "outer" },
	{ "_wait.<locals>._on_completion", "waiter" },
};

static void follow_function(struct python *python, struct asyncio_names *names,
		remote_addr function, struct queue *queue)
{
	const struct code *code = code_in_module(python, function, names->modules[MODULE_TASKS]);

	if (!code)
		return;
	if (!strcmp(code->function, "as_completed.<locals>._on_completion"))
		follow_completion(python, names, function, code, queue);
	for (size_t i = 0; i < sizeof(setters) / sizeof(*setters); i++)
		if (!strcmp(code->function, setters[i].callback))
			queue_add(queue, closed_over(python, function, code, setters[i].variable));
}

static void follow_callback(struct python *python, struct asyncio_names *names,
		remote_addr callback, struct queue *queue)
{
	const struct type *type = type_of(python, callback);

	switch (type ? type->kind : KIND_OTHER) {
	case KIND_METHOD:
		follow_method(python, names, callback, queue);
		break;
	case KIND_BUILTIN:
		follow_builtin(python, callback, queue);
		break;
	case KIND_FUNCTION:
		follow_function(python, names, callback, queue);
		break;
	default:
		break;
	}
}

void behind_callbacks(struct python *python, struct asyncio_names *names, remote_addr future,
		struct queue *queue)
{
	const struct layout *layout = python->layout;
	const struct type *type = type_of(python, future);
	struct addresses pairs = { 0 };
	remote_addr list = 0, callback = 0;

	if (type && type->is_future) {
		if (mem_read_u64(python->mem, future + layout->task.callback0, &callback) &&
				callback)
			follow_callback(python, names, callback, queue);
		mem_read_u64(python->mem, future + layout->task.callbacks, &list);
	} else {
		attribute_find(python, future, "_callbacks", &list);
	}
	if (list)
		items_read(python, list, &pairs);
	for (size_t i = 0; i < pairs.count && python_work(python, OBJECT_WORK); i++)
		if (item_first(python, pairs.items[i], &callback))
			follow_callback(python, names, callback, queue);
	array_free(&pairs);
}

enum tie behind_future(struct python *python, const struct asyncio_names *names, remote_addr future,
		remote_addr *behind)
{
	remote_addr callback = first_callback(python, names, future);

	return callback ? tied_by(python, names, callback, behind) : TIE_NONE;
}

/* wrap_future(), as often as it was called, adds a callback too, and perhaps
 * before run_coroutine_threadsafe() does. */
static remote_addr first_source(struct python *python, const struct asyncio_names *names,
		const struct addresses *callbacks)
{
	remote_addr source;

	for (size_t i = 0; i < callbacks->count && i < CALLBACKS_MAX; i++)
		if (tied_by(python, names, callbacks->items[i], &source) == TIE_CHAIN)
			return source;
	return 0;
}

static bool callbacks_read(struct python *python, struct asyncio_names *names, remote_addr future,
		struct addresses *callbacks)
{
	remote_addr list;

	return is_instance(python, names, future, CLASS_CONCURRENT_FUTURE) &&
	       attribute_find(python, future, "_done_callbacks", &list) &&
	       items_read(python, list, callbacks);
}

remote_addr behind_concurrent(
		struct python *python, struct asyncio_names *names, remote_addr future)
{
	struct addresses callbacks = { 0 };
	remote_addr source = 0;

	if (callbacks_read(python, names, future, &callbacks))
		source = first_source(python, names, &callbacks);
	array_free(&callbacks);
	return source;
}

static bool sets_a_future(
		struct python *python, const struct asyncio_names *names, remote_addr callback)
{
	const struct type *type = type_of(python, callback);
	const struct code *code = type && type->kind == KIND_FUNCTION
						  ? code_in_module(python, callback,
								    names->modules[MODULE_FUTURES])
						  : NULL;

	return code && !strcmp(code->function, "_chain_future.<locals>._call_set_state");
}

bool behind_is_wrapped(struct python *python, struct asyncio_names *names, remote_addr future)
{
	struct addresses callbacks = { 0 };
	bool found = false;

	if (callbacks_read(python, names, future, &callbacks))
		for (size_t i = 0; i < callbacks.count && i < CALLBACKS_MAX && !found; i++)
			found = sets_a_future(python, names, callbacks.items[i]);
	array_free(&callbacks);
	return found;
}
