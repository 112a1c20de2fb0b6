/* Allocation that does not return NULL: see alloc.h. */
#include "base/alloc.h"

#include <limits.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	SMALL_PAGE = 4096,
	HUGE_PAGE = 2 * 1024 * 1024,
	/* Addresses only: memory is taken when it is first used. */
	HEAP_MOST = 1024 * 1024 * 1024,
	HEAP_LEAST = 16 * 1024 * 1024,
};

static void (*on_failure)(void);

void alloc_on_failure(void (*handler)(void))
{
	on_failure = handler;
}

/* What the heap puts before its first piece goes into the page before a huge one,
 * which would not become one if it had been touched already. */
static void align_heap(void)
{
	uintptr_t end = (uintptr_t)sbrk(0);

	sbrk((intptr_t)(-(end + SMALL_PAGE) % HUGE_PAGE));
}

void alloc_prepare(void)
{
	char *heap = NULL;

	/* Another allocator, as a sanitizer's, knows better. */
	if (!mallopt(M_MMAP_MAX, 0) || !mallopt(M_TRIM_THRESHOLD, INT_MAX))
		return;
	align_heap();
	for (size_t size = HEAP_MOST; size >= HEAP_LEAST && !heap; size /= 4) {
		heap = malloc(size);
		if (!heap)
			continue;
		uintptr_t first = ((uintptr_t)heap + HUGE_PAGE - 1) & ~(uintptr_t)(HUGE_PAGE - 1);
		madvise((char *)first, size, MADV_HUGEPAGE);
	}
	free(heap);
}

void alloc_ahead(size_t bytes)
{
	volatile char *memory = malloc(bytes);

	for (size_t at = 0; memory && at < bytes; at += SMALL_PAGE)
		memory[at] = 0;
	free((void *)memory);
}

static void *checked(void *memory)
{
	if (!memory) {
		if (on_failure)
			on_failure();
		abort();
	}
	return memory;
}

void *alloc_bytes(size_t size)
{
	return checked(malloc(size ? size : 1));
}

void *alloc_zeroed(size_t count, size_t size)
{
	return checked(calloc(count ? count : 1, size ? size : 1));
}

void *alloc_resize(void *old, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		return checked(NULL);
	return checked(realloc(old, count && size ? count * size : 1));
}

char *alloc_string(const char *text)
{
	size_t size = strlen(text) + 1;
	return memcpy(alloc_bytes(size), text, size);
}
