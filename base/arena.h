/* An arena: many small allocations that live and end together.
 *
 * A snapshot owns everything in it through one arena; nothing in an arena is
 * freed by itself.  Memory is zeroed unless it says otherwise, and aligned for
 * words and pointers. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>
#include <string.h>

struct arena_block;

struct arena {
	struct arena_block *blocks;
	char *next;
	size_t left;
	size_t used; /* bytes handed out, for budgets */
};

void arena_init(struct arena *arena);
void arena_deinit(struct arena *arena);

/* Memory that is not zeroed. */
void *arena_take(struct arena *arena, size_t count, size_t size);

/* Here, since what clears a size that is known is short. */
static inline void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
	return memset(arena_take(arena, count, size), 0, count * size);
}

void *arena_copy(struct arena *arena, const void *data, size_t size);
/* Copies `length` bytes and ends them with NUL. */
char *arena_string(struct arena *arena, const char *text, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...)
		__attribute__((format(printf, 2, 3)));

#endif
