/* What a callable object is called: see callables.h. */
#include "cpython/callables.h"

#include <string.h>

#include "base/buffer.h"
#include "cpython/objects.h"
#include "cpython/text.h"
#include "cpython/types.h"

enum {
	PARTIALS_MAX = 16, /* of each other */
	NAME_MAX_BYTES = 256,
};

/* PyHeapTypeObject: ht_qualname stands before ht_cached_keys. */
static const char *class_name(struct python *python, const struct type *class)
{
	if (!(class->flags & TYPE_HEAP))
		return class->name;
	return text_intern(python,
			object_word(python, class->address + python->layout->heap_type.cached_keys -
							    sizeof(remote_addr)));
}

static const char *builtin_name(struct python *python, remote_addr object, const char *last)
{
	remote_addr self = object_word(python, object + python->layout->builtin.self);
	const struct type *type = self ? type_of(python, self) : NULL;
	struct buffer name = { 0 };

	if (type && type->flags & TYPE_TYPE)
		type = type_at(python, self); /* a class method */
	if (type && type->kind != KIND_MODULE && class_name(python, type))
		buffer_printf(&name, "%s.", class_name(python, type));
	buffer_puts(&name, last);
	last = intern_text(&python->intern, buffer_text(&name), name.length);
	buffer_deinit(&name);
	return last;
}

static bool builtin_read(struct python *python, remote_addr object, char name[NAME_MAX_BYTES])
{
	const struct layout *layout = python->layout;
	remote_addr definition = object_word(python, object + layout->builtin.definition);

	return definition &&
	       mem_read_cstring(python->mem, object_word(python, definition), name, NAME_MAX_BYTES);
}

static bool is_context_run(struct python *python, remote_addr object)
{
	const struct type *type = type_of(python, object);
	char name[NAME_MAX_BYTES];

	if (!type || type->kind != KIND_BUILTIN || !builtin_read(python, object, name) ||
			strcmp(name, "run"))
		return false;
	type = type_of(python, object_word(python, object + python->layout->builtin.self));
	return type && !(type->flags & TYPE_HEAP) && !strcmp(type->name, "Context");
}

/* What a partial calls: asyncio.to_thread() has Context.run() call the function. */
static remote_addr partial_target(struct python *python, remote_addr object)
{
	const struct layout *layout = python->layout;
	remote_addr function = object_word(python, object + layout->partial.function), first;

	if (is_context_run(python, function) &&
			item_first(python, object_word(python, object + layout->partial.arguments),
					&first))
		return first;
	return function;
}

static const char *simple_name(struct python *python, remote_addr object, const struct type *type)
{
	char name[NAME_MAX_BYTES];

	if (type->kind == KIND_FUNCTION)
		return text_intern(python,
				object_word(python, object + python->layout->function.qualname));
	if (type->kind == KIND_BUILTIN)
		return builtin_read(python, object, name) ? builtin_name(python, object, name)
							  : NULL;
	if (type->flags & TYPE_TYPE && (type = type_at(python, object)) == NULL)
		return NULL;
	return class_name(python, type);
}

const char *callable_name(struct python *python, remote_addr object)
{
	for (int i = 0; i < PARTIALS_MAX; i++) {
		const struct type *type = type_of(python, object);
		if (!type)
			return NULL;
		if (type->kind == KIND_PARTIAL)
			object = partial_target(python, object);
		else if (type->kind == KIND_METHOD)
			object = object_word(python, object + python->layout->method.func);
		else
			return simple_name(python, object, type);
	}
	return NULL;
}
