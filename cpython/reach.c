/* What code that is yet to run may get at: see reach.h. */
#include "cpython/reach.h"

#include <stdlib.h>

#include "cpython/objects.h"
#include "cpython/types.h"

enum {
	STEPS_MAX = 3, /* from an object to its attributes or items */
	/* Looked at further away than what a frame has: the target may be held still. */
	FAR_MAX = 20 * 1000,
	WORD = sizeof(uint64_t),
	TOGETHER = 256,
	OBJECT_BYTES = 64, /* a little more than most have */
};

void reach_init(struct reach *reach, struct python *python, struct asyncio_names *names,
		const struct table *targets, const struct table *driven)
{
	*reach = (struct reach){
		.python = python,
		.names = names,
		.targets = targets,
		.driven = driven,
	};
}

void reach_deinit(struct reach *reach)
{
	table_deinit(&reach->seen);
	array_free(&reach->here);
	array_free(&reach->next);
	array_free(&reach->referents);
}

void reach_avoid(struct reach *reach, remote_addr object)
{
	bool added;

	table_add(&reach->seen, object, &added);
}

static bool is_followed(const struct type *type)
{
	return type->kind != KIND_CODE && type->kind != KIND_MODULE && type->kind != KIND_NONE &&
	       type->kind != KIND_FLOAT && type->kind != KIND_WEAKREF &&
	       type->kind != KIND_TRACEBACK && !type->is_future &&
	       !(type->flags & (TYPE_TYPE | TYPE_TEXT | TYPE_INT | TYPE_BYTES | TYPE_EXCEPTION));
}

static bool is_target(struct reach *reach, remote_addr object)
{
	const uint64_t *place = table_find(reach->targets, object);

	if (place)
		reach->found |= UINT64_C(1) << *place;
	return place;
}

static void add(struct reach *reach, remote_addr object, struct addresses *to)
{
	bool added;

	if (!object || is_target(reach, object))
		return;
	reach->is_full = reach->is_full || !python_work(reach->python, 1);
	table_add(&reach->seen, object, &added);
	if (added)
		*array_push(to) = object;
}

void reach_object(struct reach *reach, remote_addr object)
{
	add(reach, object, &reach->here);
}

/* The words from `first` to `last`, which are objects. */
static void add_words(struct reach *reach, remote_addr first, remote_addr last)
{
	remote_addr object;

	for (remote_addr at = first; at <= last; at += WORD)
		if (mem_read_u64(reach->python->mem, at, &object))
			reach_object(reach, object);
}

/* Those of the last step are not gone into. */
static void add_referents(struct reach *reach, struct addresses *to)
{
	for (size_t i = 0; i < reach->referents.count && !reach->is_full; i++)
		if (reach->step + 1 < STEPS_MAX || to == &reach->here)
			add(reach, reach->referents.items[i], to);
		else
			is_target(reach, reach->referents.items[i]);
	reach->referents.count = 0;
}

/* ---- code ---- */

/* Names in code and keys of a module are interned: one object for each text. */
static void add_named(
		struct reach *reach, const struct addresses *globals, const struct table *names)
{
	for (size_t i = 0; i + 1 < globals->count; i += 2) {
		remote_addr value = globals->items[i + 1];
		const struct type *type = table_find(names, globals->items[i])
							  ? type_of(reach->python, value)
							  : NULL;
		/* A function that is only named need not be called once more. */
		if (type && type->kind != KIND_FUNCTION)
			reach_object(reach, value);
	}
}

/* What the code may find by the names in it. */
static void add_names(struct reach *reach, remote_addr code, remote_addr globals)
{
	struct addresses names = { 0 }, entries = { 0 };
	struct table index = { 0 };
	bool added;
	remote_addr at;

	table_add(&reach->seen, hash_mix(code, globals), &added);
	if (added &&
			mem_read_u64(reach->python->mem, code + reach->python->layout->code.names,
					&at) &&
			items_read(reach->python, at, &names) && names.count &&
			dict_read(reach->python, globals, &entries)) {
		for (size_t i = 0; i < names.count; i++)
			table_add(&index, names.items[i], &added);
		add_named(reach, &entries, &index);
	}
	table_deinit(&index);
	array_free(&names);
	array_free(&entries);
}

void reach_frame(struct reach *reach, const struct frame_view *frame)
{
	uint64_t reference;

	if (!frame->code)
		return;
	for (remote_addr at = frame->locals, end = frame_end(frame); at < end && !reach->is_full;
			at += WORD)
		if (mem_read_u64(reach->python->mem, at, &reference))
			reach_object(reach, stackref_object(reference));
	add_names(reach, frame->code->address, frame->globals);
}

static void follow_generator(struct reach *reach, remote_addr object)
{
	enum generator_state state;
	struct frame_view frame;

	if (!table_find(reach->driven, object) &&
			generator_read(reach->python, object, &state, &frame) &&
			state != GENERATOR_FINISHED)
		reach_frame(reach, &frame);
}

static void follow_function(struct reach *reach, remote_addr function)
{
	const struct layout *layout = reach->python->layout;
	remote_addr closure = function + layout->function.closure;

	/* The defaults lie before it. */
	add_words(reach, closure - UINT64_C(2) * WORD, closure);
	add_names(reach, object_word(reach->python, function + layout->function.code),
			object_word(reach->python, function + layout->function.globals));
}

/* ---- objects ---- */

/* Goes through what only passes on to others: that is no step.  False for all else. */
static bool pass(struct reach *reach, remote_addr object, const struct type *type)
{
	const struct layout *layout = reach->python->layout;
	remote_addr first = object + layout->object.size;

	switch (type->kind) {
	case KIND_COROUTINE:
	case KIND_GENERATOR:
	case KIND_ASYNC_GENERATOR:
		follow_generator(reach, object);
		return true;
	case KIND_COROUTINE_WRAPPER:
	case KIND_ASEND:
	case KIND_ATHROW:
	case KIND_ANEXT:
	case KIND_CELL:
		add_words(reach, first, first);
		return true;
	case KIND_BUILTIN:
		add_words(reach, object + layout->builtin.self, object + layout->builtin.self);
		return true;
	case KIND_METHOD:
		add_words(reach, object + layout->method.func, object + layout->method.self);
		return true;
	case KIND_PARTIAL:
		/* The dict of keywords is the next after the arguments. */
		add_words(reach, object + layout->partial.function,
				object + layout->partial.arguments + WORD);
		return true;
	case KIND_FUNCTION:
		follow_function(reach, object);
		return true;
	default:
		return false;
	}
}

static bool follow_handle(struct reach *reach, remote_addr object)
{
	remote_addr value;

	if (!is_instance(reach->python, reach->names, object, CLASS_HANDLE))
		return false;
	if (slot_find(reach->python, object, "_callback", &value))
		reach_object(reach, value);
	if (slot_find(reach->python, object, "_args", &value))
		reach_object(reach, value);
	return true;
}

static void look_at(struct reach *reach, remote_addr object)
{
	struct python *python = reach->python;
	const struct type *type = type_of(python, object);

	reach->referents.count = 0;
	if (!type || !is_followed(type) || pass(reach, object, type) ||
			follow_handle(reach, object))
		return;
	if (type->flags & TYPE_TUPLE) {
		items_read(python, object, &reach->referents);
		add_referents(reach, &reach->here);
	}
	if (type->flags & TYPE_LIST || type->kind == KIND_SET || type->kind == KIND_DEQUE)
		items_read(python, object, &reach->referents);
	else
		attributes_read(python, object, &reach->referents);
	if (type->flags & TYPE_HEAP)
		slots_read(python, object, &reach->referents);
	add_referents(reach, &reach->next);
}

static int compare_addresses(const void *a, const void *b)
{
	remote_addr x = *(const remote_addr *)a, y = *(const remote_addr *)b;

	return (x > y) - (x < y);
}

/* In the order of their memory, which is fetched some at a time: only those that this
 * finds and that are no step further come after. */
static void fetch(struct reach *reach, size_t first)
{
	size_t left = reach->here.count - first;

	mem_prefetch(reach->python->mem, reach->here.items + first,
			left < TOGETHER ? left : TOGETHER, OBJECT_BYTES);
}

/* Looks at those of a step, up to `most`; gives how many it looked at. */
static size_t look_at_step(struct reach *reach, size_t most)
{
	size_t i;

	if (reach->here.count)
		qsort(reach->here.items, reach->here.count, sizeof(*reach->here.items),
				compare_addresses);
	for (i = 0; i < reach->here.count && i < most && !reach->is_full; i++) {
		if (i % TOGETHER == 0)
			fetch(reach, i);
		look_at(reach, reach->here.items[i]);
	}
	return i;
}

uint64_t reach_targets(struct reach *reach)
{
	size_t left = FAR_MAX;

	for (reach->step = 0; reach->step < STEPS_MAX; reach->step++) {
		if (reach->step)
			left -= look_at_step(reach, left);
		else
			look_at_step(reach, SIZE_MAX);
		struct addresses done = reach->here;
		reach->here = reach->next;
		reach->next = done;
		reach->next.count = 0;
	}
	return reach->is_full ? UINT64_MAX : reach->found;
}
