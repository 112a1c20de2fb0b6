/* What stands behind a future: see behind.h. */
#include "cpython/behind.h"

#include <string.h>

#include "cpython/code.h"
#include "cpython/objects.h"
#include "cpython/types.h"

enum { CALLBACKS_MAX = 8 }; /* of a concurrent.futures.Future that are looked at */

/* The code of a function of the module that has these globals. */
static const struct code *code_of(struct python *python, remote_addr function,
		remote_addr module)
{
	const struct layout *layout = python->layout;
	const struct type *type = type_of(python, function);
	remote_addr globals, code;

	if (!type || type->kind != KIND_FUNCTION || !module ||
			!mem_read_u64(python->mem, function + layout->function.globals, &globals) ||
			globals != module ||
			!mem_read_u64(python->mem, function + layout->function.code, &code))
		return NULL;
	return code_at(python, code);
}

/* What the variable `name` in the closure of a function holds. */
static remote_addr closed_over(struct python *python, remote_addr function,
		const struct code *code, const char *name)
{
	int place = code_free_variable(python, code, name);
	struct addresses cells = { 0 };
	remote_addr closure, value = 0;

	if (place >= 0 &&
			mem_read_u64(python->mem, function + python->layout->function.closure,
					&closure) &&
			items_read(python, closure, &cells) && (size_t)place < cells.count &&
			!cell_read(python, cells.items[place], &value))
		value = 0;
	array_free(&cells);
	return value;
}

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
	for (size_t i = 0; i < sizeof(ties) / sizeof(*ties); i++) {
		const struct code *code = code_of(python, callback, names->modules[ties[i].module]);
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
			       item_first(python, list, &pair) && item_first(python, pair, &first)
		       ? first
		       : 0;
}

static remote_addr first_callback(struct python *python, const struct asyncio_names *names,
		remote_addr future)
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

enum tie behind_future(struct python *python, const struct asyncio_names *names,
		remote_addr future, remote_addr *behind)
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

remote_addr behind_concurrent(struct python *python, struct asyncio_names *names,
		remote_addr future)
{
	struct addresses callbacks = { 0 };
	remote_addr list, source = 0;

	if (is_instance(python, names, future, CLASS_CONCURRENT_FUTURE) &&
			attribute_find(python, future, "_done_callbacks", &list) &&
			items_read(python, list, &callbacks))
		source = first_source(python, names, &callbacks);
	array_free(&callbacks);
	return source;
}
