/* An arena: see arena.h. */
#include "base/arena.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { BLOCK = 64 * 1024 };

struct arena_block {
	struct arena_block *older;
	alignas(uint64_t) char data[];
};

void arena_init(struct arena *arena)
{
	*arena = (struct arena){ 0 };
}

void arena_deinit(struct arena *arena)
{
	while (arena->blocks) {
		struct arena_block *block = arena->blocks;
		arena->blocks = block->older;
		free(block);
	}
	*arena = (struct arena){ 0 };
}

static char *new_block(struct arena *arena, size_t size)
{
	struct arena_block *block = alloc_bytes(size);
	block->older = arena->blocks;
	arena->blocks = block;
	return block->data;
}

void *arena_take(struct arena *arena, size_t count, size_t size)
{
	const size_t align = alignof(uint64_t);

	if (size && count > (SIZE_MAX / 2) / size)
		alloc_resize(NULL, SIZE_MAX, SIZE_MAX); /* ends the program */
	size_t bytes = (count * size + align - 1) & ~(align - 1);

	arena->used += bytes;
	/* A large piece gets a block of its own, so that no tail is wasted. */
	if (bytes > BLOCK / 4)
		return new_block(arena, sizeof(struct arena_block) + bytes);
	if (bytes > arena->left) {
		arena->next = new_block(arena, BLOCK);
		arena->left = BLOCK - sizeof(struct arena_block);
	}
	void *memory = arena->next;
	arena->next += bytes;
	arena->left -= bytes;
	return memory;
}

void *arena_copy(struct arena *arena, const void *data, size_t size)
{
	void *copy = arena_take(arena, 1, size);
	if (size)
		memcpy(copy, data, size);
	return copy;
}

char *arena_string(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_take(arena, 1, length + 1);
	if (length)
		memcpy(copy, text, length);
	copy[length] = '\0';
	return copy;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args, again;

	va_start(args, format);
	va_copy(again, args);
	int length = vsnprintf(NULL, 0, format, args);
	va_end(args);
	char *text = arena_alloc(arena, 1, (size_t)(length < 0 ? 0 : length) + 1);
	if (length > 0)
		vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	return text;
}
