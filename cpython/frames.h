/* Interpreter frames: of threads, and of suspended coroutines.
 *
 * _PyInterpreterFrame lies on a thread's own stack, or inside the coroutine,
 * generator or async generator that it belongs to
 * (Include/internal/pycore_interpframe_structs.h, pycore_genobject.h). */
#ifndef CPYTHON_FRAMES_H
#define CPYTHON_FRAMES_H

#include "cpython/code.h"
#include "cpython/python.h"

struct frame_view {
	remote_addr address;
	remote_addr previous;
	remote_addr globals;
	remote_addr locals;        /* of localsplus */
	remote_addr generator;     /* the object that it is inside of, or 0 */
	remote_addr stack_pointer; /* true only while it is suspended */
	remote_addr instruction;
	const struct code *code; /* NULL: a frame of the interpreter itself */
	const struct frame *place;
};

struct frame_views {
	struct frame_view *items;
	size_t count;
	size_t capacity;
};

/* Adds the Python frames of a thread, innermost first, from `current` on.
 * False where not all could be read: what could is there. */
bool frames_of_thread(struct python *python, remote_addr current, struct frame_views *frames);

enum generator_state {
	GENERATOR_CREATED,
	GENERATOR_SUSPENDED, /* at a yield */
	GENERATOR_AWAITING,  /* at an await or yield from */
	GENERATOR_EXECUTING,
	GENERATOR_FINISHED,
};

/* Reads the frame inside a coroutine, generator or async generator; it is
 * only there while that is not finished. */
bool generator_read(struct python *python, remote_addr object, enum generator_state *state,
		struct frame_view *frame);

/* Where the variables of a frame end, and its evaluation stack, as far as that is known. */
remote_addr frame_end(const struct frame_view *frame);

/* What a suspended frame awaits. */
bool frame_awaited(struct python *python, const struct frame_view *frame, remote_addr *awaited);

/* The value of the local variable `name` of a frame. */
bool frame_local(struct python *python, const struct frame_view *frame, const char *name,
		remote_addr *value);

/* The same of one that holds an int: it need not be an object. */
bool frame_local_integer(struct python *python, const struct frame_view *frame, const char *name,
		int64_t *value);

/* Whether there is more on the stack of a suspended frame than what it awaits. */
bool frame_has_more(struct python *python, const struct frame_view *frame);
/* The same, also of a variable that inner functions share: it is in a cell. */
bool frame_variable(struct python *python, const struct frame_view *frame, const char *name,
		remote_addr *value);

/* Where the evaluation stack of the frame at `address` ends, to be taken for a hint. */
remote_addr frame_stack_hint(struct python *python, remote_addr address);

/* Adds the objects on the evaluation stack of a suspended frame.  A bound method that
 * `async with` keeps there to leave by comes as its function and its object. */
bool frame_stack(struct python *python, const struct frame_view *frame, struct addresses *objects);

#endif
