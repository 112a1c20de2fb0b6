/* What an object refers to: see referents.h. */
#include "cpython/referents.h"

#include "cpython/frames.h"
#include "cpython/objects.h"
#include "cpython/types.h"

enum { LOCALS_MAX = 256 };

static void add(struct addresses *referents, remote_addr object)
{
	if (object)
		*array_push(referents) = object;
}

static void add_words_at(struct python *python, remote_addr first, remote_addr last,
		struct addresses *referents)
{
	remote_addr object;

	for (remote_addr at = first; at <= last; at += sizeof(object))
		if (mem_read_u64(python->mem, at, &object))
			add(referents, object);
}

/* The members of FutureObj and TaskObj between these are all objects
 * (Modules/_asynciomodule.c). */
static void add_future(struct python *python, remote_addr future, bool is_task,
		struct addresses *referents)
{
	const struct layout *layout = python->layout;

	add_words_at(python, future + layout->task.loop, future + layout->task.last_object,
			referents);
	if (!is_task)
		return;
	add_words_at(python, future + layout->task.fut_waiter, future + layout->task.coro,
			referents);
	add_words_at(python, future + layout->task.name, future + layout->task.name, referents);
}

/* References of a frame are marked where they are not counted. */
static void add_counted(struct addresses *referents, uint64_t reference)
{
	enum { NOT_COUNTED = 1 };

	if (!(reference & NOT_COUNTED))
		add(referents, stackref_object(reference));
}

static void add_frame(
		struct python *python, const struct frame_view *frame, struct addresses *referents)
{
	uint64_t references[LOCALS_MAX], function;
	uint64_t count = (frame->stack_pointer - frame->locals) / sizeof(*references);

	if (frame->stack_pointer < frame->locals || count > LOCALS_MAX ||
			!mem_read(python->mem, frame->locals, references,
					count * sizeof(*references)))
		return;
	for (uint64_t i = 0; i < count; i++)
		add_counted(referents, references[i]);
	if (mem_read_u64(python->mem, frame->address + python->layout->frame.function, &function))
		add_counted(referents, function);
}

static void add_coroutine(struct python *python, remote_addr object, struct addresses *referents)
{
	enum generator_state state;
	struct frame_view frame;

	if (generator_read(python, object, &state, &frame) &&
			(state == GENERATOR_SUSPENDED || state == GENERATOR_AWAITING))
		add_frame(python, &frame, referents);
}

static void add_attributes(struct python *python, remote_addr object, const struct type *type,
		struct addresses *referents)
{
	remote_addr dict = 0;

	if (type->flags & TYPE_MANAGED_DICT)
		mem_read_u64(python->mem, object + (uint64_t)python->layout->managed_dict, &dict);
	else if (type->dictoffset > 0 && (uint64_t)type->dictoffset < type->basicsize)
		mem_read_u64(python->mem, object + (uint64_t)type->dictoffset, &dict);
	/* An odd one is none: see layout.h. */
	if (dict && !(dict & 1))
		add(referents, dict);
	else
		inline_values_add(python, object, referents);
}

void referents_add(struct python *python, remote_addr object, struct addresses *referents)
{
	const struct layout *layout = python->layout;
	const struct type *type = type_of(python, object);
	remote_addr first = object + layout->object.size;

	if (!type)
		return;
	switch (type->kind) {
	case KIND_COROUTINE:
	case KIND_GENERATOR:
	case KIND_ASYNC_GENERATOR:
		add_coroutine(python, object, referents);
		return;
	case KIND_COROUTINE_WRAPPER:
	case KIND_ASEND:
	case KIND_ATHROW:
	case KIND_ANEXT:
	case KIND_FUTURE_ITER:
	case KIND_CELL:
		add_words_at(python, first, first, referents);
		return;
	case KIND_BUILTIN:
		add_words_at(python, object + layout->builtin.self, object + layout->builtin.self,
				referents);
		return;
	case KIND_METHOD:
		add_words_at(python, object + layout->method.func, object + layout->method.self,
				referents);
		return;
	case KIND_FUNCTION:
		/* The defaults lie before it. */
		add_words_at(python, object + layout->function.closure - 2 * sizeof(remote_addr),
				object + layout->function.closure, referents);
		return;
	default:
		break;
	}
	if (type->is_future)
		add_future(python, object, type->is_task, referents);
	if (type->flags & TYPE_DICT)
		dict_read(python, object, referents);
	else if (type->flags & (TYPE_TUPLE | TYPE_LIST) || type->kind == KIND_SET ||
			type->kind == KIND_DEQUE)
		items_read(python, object, referents);
	if (type->flags & TYPE_HEAP)
		add_attributes(python, object, type, referents);
}

/* One part of the count is that of the owning thread, the other that of all others,
 * with bits of the object's state below it.  Where references are not counted one by
 * one, the second part is huge. */
static uint32_t count_of_parts(struct python *python, remote_addr object)
{
	enum { STATES = 4 };
	const struct layout *layout = python->layout;
	uint32_t local;
	int64_t shared;

	if (!mem_read(python->mem, object + layout->object.local_count, &local, sizeof(local)) ||
			!mem_read(python->mem, object + layout->object.shared_count, &shared,
					sizeof(shared)) ||
			local == UINT32_MAX)
		return 0;
	/* More is taken off the second part than was added, where threads pass it on. */
	int64_t count = local + (shared & ~(int64_t)(STATES - 1)) / STATES;
	return count > 0 && count < UINT32_MAX ? (uint32_t)count : 0;
}

uint32_t reference_count(struct python *python, remote_addr object)
{
	/* Include/refcount.h: from there on it is immortal. */
	enum { IMMORTAL_BIT = 31 };
	uint32_t count;

	if (python->layout->object.shared_count)
		return count_of_parts(python, object);
	if (!mem_read(python->mem, object, &count, sizeof(count)) || count >> IMMORTAL_BIT)
		return 0;
	return count;
}
