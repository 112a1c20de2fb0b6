/* One copy of each text, frame and stack: see intern.h. */
#include "model/intern.h"

#include <string.h>

#include "model/location.h"

void intern_init(struct intern *intern, struct arena *arena)
{
	*intern = (struct intern){ .arena = arena };
}

void intern_deinit(struct intern *intern)
{
	table_deinit(&intern->texts);
	table_deinit(&intern->frames);
	table_deinit(&intern->stacks);
}

/* Each table maps a hash to a copy; one that is taken by another value leads
 * to the hash after it. */

const char *intern_text(struct intern *intern, const char *text, size_t length)
{
	for (uint64_t hash = hash_bytes(text, length);; hash++) {
		bool added;
		uint64_t *value = table_add(&intern->texts, hash, &added);
		if (added)
			*value = (uintptr_t)arena_string(intern->arena, text, length);
		const char *copy = (const char *)(uintptr_t)*value;
		if (added || (!strncmp(copy, text, length) && !copy[length]))
			return copy;
	}
}

static bool same_frame(const struct frame *a, const struct frame *b)
{
	return a->function == b->function && a->file == b->file && a->line == b->line;
}

const struct frame *intern_frame(struct intern *intern, const struct frame *frame)
{
	uint64_t hash = hash_mix((uintptr_t)frame->function, (uintptr_t)frame->file);

	for (hash = hash_mix(hash, (uint64_t)frame->line);; hash++) {
		bool added;
		uint64_t *value = table_add(&intern->frames, hash, &added);
		if (added)
			*value = (uintptr_t)arena_copy(intern->arena, frame, sizeof(*frame));
		const struct frame *copy = (const struct frame *)(uintptr_t)*value;
		if (added || same_frame(copy, frame))
			return copy;
	}
}

static const struct stack *copy_stack(
		struct arena *arena, const struct frame *const *frames, uint32_t depth)
{
	struct stack *stack = arena_alloc(arena, 1, sizeof(*stack));

	stack->depth = depth;
	stack->frames = arena_copy(arena, frames, depth * sizeof(*frames));
	stack->location = stack_location(frames, depth);
	return stack;
}

static bool same_stack(const struct stack *stack, const struct frame *const *frames, uint32_t depth)
{
	return stack->depth == depth && !memcmp(stack->frames, frames, depth * sizeof(*frames));
}

static const struct stack *look_up_stack(
		struct intern *intern, const struct frame *const *frames, uint32_t depth)
{
	uint64_t hash = depth;

	for (uint32_t i = 0; i < depth; i++)
		hash = hash_mix(hash, (uintptr_t)frames[i]);
	for (;; hash++) {
		bool added;
		uint64_t *value = table_add(&intern->stacks, hash, &added);
		if (added)
			*value = (uintptr_t)copy_stack(intern->arena, frames, depth);
		const struct stack *copy = (const struct stack *)(uintptr_t)*value;
		if (added || same_stack(copy, frames, depth))
			return copy;
	}
}

/* Like tasks mostly follow each other. */
const struct stack *intern_stack(
		struct intern *intern, const struct frame *const *frames, uint32_t depth)
{
	if (!intern->last || !same_stack(intern->last, frames, depth))
		intern->last = look_up_stack(intern, frames, depth);
	return intern->last;
}
