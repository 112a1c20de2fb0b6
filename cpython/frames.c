/* Interpreter frames: see frames.h. */
#include "cpython/frames.h"

#include <string.h>

#include "cpython/objects.h"
#include "cpython/types.h"

enum {
	FRAME_MAX_SIZE = 256, /* layout.c checks that no published one is larger */
	FRAMES_MAX = 1 << 20, /* of one thread */
	SLOT = sizeof(remote_addr),
};

/* enum _frameowner, pycore_interpframe.h.  The values after these two are
 * frames that the interpreter makes for itself. */
enum { OWNED_BY_THREAD = 0, OWNED_BY_GENERATOR = 1, OWNED_BY_FRAME_OBJECT = 2 };

static uint64_t word_at(const uint8_t *bytes, uint64_t offset)
{
	uint64_t word;
	memcpy(&word, bytes + offset, sizeof(word));
	return word;
}

/* How far the evaluation stack reaches; without a frame's memory at hand, 0. */
static remote_addr stack_pointer(
		const struct layout *layout, remote_addr address, const uint8_t *bytes)
{
	int32_t slots;

	if (!layout->frame.stacktop)
		return word_at(bytes, layout->frame.stackpointer);
	/* Counted from the variables on; -1 while it executes. */
	memcpy(&slots, bytes + layout->frame.stacktop, sizeof(slots));
	return slots < 0 ? 0 : address + layout->frame.localsplus + (uint64_t)slots * SLOT;
}

remote_addr frame_stack_hint(struct python *python, remote_addr address)
{
	uint8_t bytes[FRAME_MAX_SIZE];

	return mem_read(python->mem, address, bytes, python->layout->frame.size)
			       ? stack_pointer(python->layout, address, bytes)
			       : 0;
}

/* The code and the place of a frame; only the code where it is at none. */
static bool find_place(struct python *python, const uint8_t *bytes, struct frame_view *frame)
{
	enum { PLACES = sizeof(python->recent_places) / sizeof(*python->recent_places) };
	const struct layout *layout = python->layout;
	uint64_t executable = word_at(bytes, layout->frame.executable);
	size_t i = frame->instruction / 2 % PLACES;

	if (!python->recent_places[i].place || python->recent_places[i].executable != executable ||
			python->recent_places[i].instruction != frame->instruction) {
		uint32_t copy = 0;
		frame->code = code_at(python, stackref_object(executable));
		if (!frame->code)
			return false;
		if (layout->frame.tlbc_index)
			memcpy(&copy, bytes + layout->frame.tlbc_index, sizeof(copy));
		frame->place = code_frame(python, frame->code,
				code_thread_start(python, frame->code, copy), frame->instruction);
		if (!frame->place)
			return false;
		python->recent_places[i].executable = executable;
		python->recent_places[i].instruction = frame->instruction;
		python->recent_places[i].code = frame->code;
		python->recent_places[i].place = frame->place;
	}
	frame->code = python->recent_places[i].code;
	frame->place = python->recent_places[i].place;
	return python_work(python, frame->code->show_work);
}

/* Takes apart the frame whose bytes are at `bytes`. */
static bool decode(struct python *python, remote_addr address, const uint8_t *bytes,
		struct frame_view *frame)
{
	const struct layout *layout = python->layout;
	uint8_t owner = bytes[layout->frame.owner];

	*frame = (struct frame_view){
		.address = address,
		.previous = word_at(bytes, layout->frame.previous),
		.globals = word_at(bytes, layout->frame.globals),
		.locals = address + layout->frame.localsplus,
		.stack_pointer = stack_pointer(layout, address, bytes),
		.instruction = word_at(bytes, layout->frame.instr_ptr),
	};
	if (owner > OWNED_BY_FRAME_OBJECT)
		return true;
	if (owner == OWNED_BY_GENERATOR)
		frame->generator = address - layout->generator.iframe;
	return find_place(python, bytes, frame);
}

/* Fetches the codes of the frames together.  Only a hint: it checks nothing. */
static void want_codes(struct python *python, remote_addr current)
{
	enum { AHEAD_MAX = 64 };
	const struct layout *layout = python->layout;
	struct addresses codes = { 0 };
	uint8_t bytes[FRAME_MAX_SIZE];

	for (int i = 0; current && i < AHEAD_MAX &&
			mem_read(python->mem, current, bytes, layout->frame.size);
			i++) {
		*array_push(&codes) = stackref_object(word_at(bytes, layout->frame.executable));
		current = word_at(bytes, layout->frame.previous);
	}
	codes_prefetch(python, &codes);
	array_free(&codes);
}

bool frames_of_thread(struct python *python, remote_addr current, struct frame_views *frames)
{
	uint8_t bytes[FRAME_MAX_SIZE];
	remote_addr passed = 0;

	want_codes(python, current);
	for (unsigned i = 0; current; i++) {
		struct frame_view frame;
		if (i == FRAMES_MAX || current == passed || !python_work(python, OBJECT_WORK) ||
				!mem_read(python->mem, current, bytes,
						python->layout->frame.size) ||
				!decode(python, current, bytes, &frame))
			return false;
		/* A list that runs in a circle meets one of these again. */
		if (!(i & (i + 1)))
			passed = current;
		if (frame.code)
			*array_push(frames) = frame;
		current = frame.previous;
	}
	return true;
}

static bool state_of(const struct layout *layout, int8_t value, enum generator_state *state)
{
	const struct frame_states *states = &layout->states;

	if (value == states->created)
		*state = GENERATOR_CREATED;
	else if (value == states->suspended)
		*state = GENERATOR_SUSPENDED;
	else if (value == states->yield_from || value == states->yield_from_locked)
		*state = GENERATOR_AWAITING;
	else if (value == states->executing)
		*state = GENERATOR_EXECUTING;
	else if (value > states->executing)
		*state = GENERATOR_FINISHED;
	else
		return false;
	return true;
}

/* Whether what a suspended frame goes on with says that it awaits: where its state
 * does not tell. */
static bool resumes_await(struct python *python, const struct frame_view *frame)
{
	const struct resume_rule *rule = &python->layout->resume;
	uint8_t unit[2]; /* opcode, argument */

	if (!rule->distance || !mem_read(python->mem, frame->instruction + rule->distance, unit,
					       sizeof(unit)))
		return false;
	for (size_t i = 0; i < RESUME_FORMS; i++)
		if (rule->forms[i] && unit[0] == rule->forms[i])
			return unit[1] >= rule->after_await;
	return false;
}

bool generator_read(struct python *python, remote_addr object, enum generator_state *state,
		struct frame_view *frame)
{
	const struct layout *layout = python->layout;
	uint8_t room[2 * FRAME_MAX_SIZE];
	uint64_t size = layout->generator.iframe + layout->frame.size;

	/* One look, so that the state and the frame are of one moment. */
	const uint8_t *bytes =
			size <= sizeof(room) ? mem_view(python->mem, object, room, size) : NULL;
	if (!bytes || !state_of(layout, (int8_t)bytes[layout->generator.frame_state], state))
		return false;
	if (*state == GENERATOR_FINISHED)
		return true;
	bool whole = decode(python, object + layout->generator.iframe,
			bytes + layout->generator.iframe, frame);
	/* It is copied here from a thread's stack, and its owner is set last.  One
	 * that has not started may have no instruction yet. */
	if (frame->generator != object || !frame->code || (!whole && *state != GENERATOR_CREATED))
		return false;
	if (*state == GENERATOR_CREATED)
		frame->place = frame->code->definition;
	if (*state == GENERATOR_SUSPENDED && resumes_await(python, frame))
		*state = GENERATOR_AWAITING;
	return true;
}

/* The evaluation stack lies behind the variables, as far as the code says. */
static bool stack_bounds(const struct frame_view *frame, remote_addr *base, uint64_t *depth)
{
	*base = frame->locals + (uint64_t)frame->code->local_count * SLOT;
	uint64_t size = frame->stack_pointer - *base;
	*depth = size / SLOT;
	return frame->stack_pointer >= *base && size % SLOT == 0 &&
	       *depth <= frame->code->stack_size;
}

remote_addr frame_end(const struct frame_view *frame)
{
	remote_addr base;
	uint64_t depth;
	bool known = stack_bounds(frame, &base, &depth);

	return known ? frame->stack_pointer : base;
}

bool frame_awaited(struct python *python, const struct frame_view *frame, remote_addr *awaited)
{
	remote_addr base;
	uint64_t depth, reference;
	uint64_t below = (uint64_t)-python->layout->awaited_slot;

	if (!stack_bounds(frame, &base, &depth) || depth < below ||
			!mem_read_u64(python->mem, frame->stack_pointer - below * SLOT, &reference))
		return false;
	*awaited = stackref_object(reference);
	return *awaited;
}

bool frame_has_more(struct python *python, const struct frame_view *frame)
{
	remote_addr base;
	uint64_t depth;

	return stack_bounds(frame, &base, &depth) &&
	       depth > (uint64_t)-python->layout->awaited_slot;
}

static bool local_reference(struct python *python, const struct frame_view *frame, const char *name,
		uint64_t *reference)
{
	int place = code_variable(python, frame->code, name);

	return place >= 0 &&
	       mem_read_u64(python->mem, frame->locals + (uint64_t)place * SLOT, reference);
}

bool frame_local(struct python *python, const struct frame_view *frame, const char *name,
		remote_addr *value)
{
	uint64_t reference;

	if (!local_reference(python, frame, name, &reference))
		return false;
	*value = stackref_object(reference);
	return *value;
}

bool frame_local_integer(struct python *python, const struct frame_view *frame, const char *name,
		int64_t *value)
{
	uint64_t reference;

	if (!local_reference(python, frame, name, &reference))
		return false;
	return stackref_integer(reference, value) ||
	       (stackref_object(reference) &&
			       integer_read(python, stackref_object(reference), value));
}

bool frame_variable(struct python *python, const struct frame_view *frame, const char *name,
		remote_addr *value)
{
	if (!frame_local(python, frame, name, value))
		return false;
	const struct type *type = type_of(python, *value);
	return !type || type->kind != KIND_CELL || cell_read(python, *value, value);
}

static void push_object(struct python *python, remote_addr object, struct addresses *objects)
{
	const struct layout *layout = python->layout;
	const struct type *type = layout->bound_exits ? type_of(python, object) : NULL;
	remote_addr function, self;

	if (type && type->kind == KIND_METHOD &&
			mem_read_u64(python->mem, object + layout->method.func, &function) &&
			mem_read_u64(python->mem, object + layout->method.self, &self)) {
		*array_push(objects) = function;
		object = self;
	}
	*array_push(objects) = object;
}

bool frame_stack(struct python *python, const struct frame_view *frame, struct addresses *objects)
{
	enum { CHUNK = 64 };
	uint64_t words[CHUNK], depth, n;
	remote_addr base;

	if (!stack_bounds(frame, &base, &depth) || !python_work(python, depth))
		return false;
	for (; depth; depth -= n, base += n * SLOT) {
		n = depth < CHUNK ? depth : CHUNK;
		if (!mem_read(python->mem, base, words, n * SLOT))
			return false;
		for (uint64_t i = 0; i < n; i++)
			if (stackref_object(words[i]))
				push_object(python, stackref_object(words[i]), objects);
	}
	return true;
}
