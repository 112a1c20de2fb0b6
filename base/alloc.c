/* Allocation that does not return NULL: see alloc.h. */
#include "base/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void (*on_failure)(void);

void alloc_on_failure(void (*handler)(void))
{
	on_failure = handler;
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
	size_t bytes = count * size;
	return checked(realloc(old, bytes ? bytes : 1));
}

void *alloc_aligned(size_t alignment, size_t size)
{
	return checked(aligned_alloc(alignment, size));
}

char *alloc_string(const char *text)
{
	size_t size = strlen(text) + 1;
	return memcpy(alloc_bytes(size), text, size);
}
