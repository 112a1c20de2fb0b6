/* Memory that is exhausted once the file exists that NO_MEMORY names; to be
 * preloaded. */
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static int is_exhausted(void)
{
	const char *file = getenv("NO_MEMORY");

	return file && access(file, F_OK) == 0;
}

void *malloc(size_t size)
{
	return is_exhausted() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return is_exhausted() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	return is_exhausted() ? NULL : __libc_realloc(old, size);
}
