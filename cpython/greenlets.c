/* Frames below a greenlet: see greenlets.h. */
#include "cpython/greenlets.h"

#include "cpython/objects.h"
#include "cpython/types.h"

enum {
	COROUTINES_MAX = 64 * 1024,
	SLOTS_MAX = 64 * 1024, /* of an evaluation stack */
	/* The interpreter's own between two of Python: Python/ceval.c has one a call. */
	OWN_FRAMES_MAX = 2,
};

static remote_addr coroutine_of(struct python *python, remote_addr task)
{
	const struct type *type = type_of(python, task);
	remote_addr coroutine = 0;

	if (type && type->is_task && python->layout->task.size)
		mem_read_u64(python->mem, task + python->layout->task.coro, &coroutine);
	else if (type)
		attribute_find(python, task, "_coro", &coroutine);
	return coroutine;
}

/* The frame of a coroutine that executes, or of what an object stands for that passes
 * all on to one: it keeps that first. */
static bool executing_frame(struct python *python, remote_addr object, struct frame_view *frame)
{
	enum { PASSED_MAX = 2 };
	enum generator_state state;

	for (int i = 0; i <= PASSED_MAX; i++) {
		const struct type *type = type_of(python, object);
		if (!type)
			return false;
		switch (type->kind) {
		case KIND_COROUTINE:
		case KIND_GENERATOR:
		case KIND_ASYNC_GENERATOR:
			return generator_read(python, object, &state, frame) &&
			       state == GENERATOR_EXECUTING;
		case KIND_COROUTINE_WRAPPER:
		case KIND_ASEND:
		case KIND_ATHROW:
		case KIND_ANEXT:
			if (!mem_read_u64(python->mem, object + python->layout->object.size,
					    &object))
				return false;
			break;
		default:
			return false;
		}
	}
	return false;
}

/* Whether the frame was called by that at `caller`. */
static bool is_called_by(struct python *python, const struct frame_view *frame, remote_addr caller)
{
	remote_addr at = frame->previous;

	for (int i = 0; i < OWN_FRAMES_MAX && at && at != caller; i++)
		if (!mem_read_u64(python->mem, at + python->layout->frame.previous, &at))
			return false;
	return at == caller;
}

/* What a frame called that executes: it lies on the evaluation stack, of which it is not
 * known how far it reaches.  What lay there before is not called by the frame. */
static bool find_called(
		struct python *python, const struct frame_view *frame, struct frame_view *called)
{
	remote_addr at = frame->locals + (uint64_t)frame->code->local_count * sizeof(at);
	uint64_t reference;

	for (unsigned i = 0; i < frame->code->stack_size && i < SLOTS_MAX; i++, at += sizeof(at)) {
		if (!python_work(python, OBJECT_WORK) || !mem_read_u64(python->mem, at, &reference))
			return false;
		if (stackref_object(reference) &&
				executing_frame(python, stackref_object(reference), called) &&
				is_called_by(python, called, frame->address))
			return true;
	}
	return false;
}

static bool has_frame(const struct frame_view *frames, size_t count, remote_addr address)
{
	for (size_t i = 0; i < count; i++)
		if (frames[i].address == address)
			return true;
	return false;
}

bool greenlets_add_frames(struct python *python, struct thread_view *thread)
{
	struct frame_views *frames = &thread->frames;
	struct frame_view inner, called;
	size_t count = frames->count;

	if (!thread->running_task || !count ||
			!executing_frame(python, coroutine_of(python, thread->running_task),
					&inner) ||
			has_frame(frames->items, count, inner.address))
		return true;
	for (int i = 0; i < COROUTINES_MAX && find_called(python, &inner, &called); i++)
		inner = called;
	/* Frames that lead to where the thread began are not below a greenlet. */
	bool whole = frames_of_thread(python, inner.address, frames) &&
		     !has_frame(frames->items + count, frames->count - count,
				     frames->items[count - 1].address);
	if (!whole)
		frames->count = count;
	return whole;
}
