/* Allocation that does not return NULL.
 *
 * Running out of memory ends the program through one handler, which main()
 * sets: no caller can do better, and the target is released when we end.
 * Sizes are in bytes and are checked for overflow. */
#ifndef BASE_ALLOC_H
#define BASE_ALLOC_H

#include <stddef.h>

/* Before the first allocation: has all of them made of huge pages.  A snapshot is
 * short, and most of what memory would cost it are page faults. */
void alloc_prepare(void);

/* Takes the memory that the next allocations, of `bytes` together, will mostly lie in, so
 * that they cost no page faults later. */
void alloc_ahead(size_t bytes);

/* Called once when memory is exhausted; must not return. */
void alloc_on_failure(void (*handler)(void));

void *alloc_bytes(size_t size);
void *alloc_zeroed(size_t count, size_t size);
void *alloc_resize(void *old, size_t count, size_t size);
char *alloc_string(const char *text);

#endif
