/* Functions of known modules, and what they close over: see closures.h. */
#include "cpython/closures.h"

#include "cpython/objects.h"
#include "cpython/types.h"

const struct code *code_in_module(struct python *python, remote_addr function, remote_addr module)
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

remote_addr closed_over(struct python *python, remote_addr function, const struct code *code,
		const char *name)
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
