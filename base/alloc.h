/* Allocation that does not return NULL.
 *
 * Running out of memory ends the program through one handler, which main()
 * sets: no caller can do better, and the target is released when we end.
 * Sizes are in bytes and are checked for overflow. */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>

/* Large memory is made of these: one page fault each, rather than 512. */
enum { HUGE_PAGE = 2 * 1024 * 1024 };

/* Called once when memory is exhausted; must not return. */
void alloc_on_failure(void (*handler)(void));

void *alloc_bytes(size_t size);
void *alloc_zeroed(size_t count, size_t size);
void *alloc_resize(void *old, size_t count, size_t size);
/* `alignment` is a power of two that divides `size`. */
void *alloc_aligned(size_t alignment, size_t size);
char *alloc_string(const char *text);

/* Zeroed memory in whole huge pages, which alloc_huge_free() gives back. */
void *alloc_huge(size_t size);
void alloc_huge_free(void *memory, size_t size);

#endif
