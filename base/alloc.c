/* Allocation that does not return NULL: see alloc.h. */
#include "base/alloc.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

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

static size_t whole_huge_pages(size_t size)
{
	if (size > SIZE_MAX - 2 * (size_t)HUGE_PAGE)
		checked(NULL); /* ends the program */
	return (size + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
}

/* realloc() would move the pages, and leave them small. */
static void *resize_large(void *old, size_t size)
{
	size_t kept = old ? malloc_usable_size(old) : 0;

	if (size <= kept)
		return old;
	void *memory = alloc_aligned(HUGE_PAGE, whole_huge_pages(size));
	madvise(memory, whole_huge_pages(size), MADV_HUGEPAGE);
	if (old)
		memcpy(memory, old, kept);
	free(old);
	return memory;
}

void *alloc_resize(void *old, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		return checked(NULL);
	size_t bytes = count * size;
	if (bytes >= HUGE_PAGE / 2)
		return resize_large(old, bytes);
	return checked(realloc(old, bytes ? bytes : 1));
}

void *alloc_aligned(size_t alignment, size_t size)
{
	return checked(aligned_alloc(alignment, size));
}

void *alloc_huge(size_t size)
{
	size_t whole = whole_huge_pages(size);
	char *memory = mmap(NULL, whole + HUGE_PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return checked(NULL);
	/* What lies before and behind the aligned part goes back. */
	size_t before = -(uintptr_t)memory % HUGE_PAGE;
	if (before)
		munmap(memory, before);
	munmap(memory + before + whole, HUGE_PAGE - before);
	/* Only a hint: without huge pages it is slower. */
	madvise(memory + before, whole, MADV_HUGEPAGE);
	return memory + before;
}

void alloc_huge_free(void *memory, size_t size)
{
	if (memory)
		munmap(memory, whole_huge_pages(size));
}

char *alloc_string(const char *text)
{
	size_t size = strlen(text) + 1;
	return memcpy(alloc_bytes(size), text, size);
}
