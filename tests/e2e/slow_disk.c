/* To be loaded before the others (LD_PRELOAD): a file that is created only comes once
 * the one that DISK_WORKS names is there. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

int open(const char *path, int flags, ...)
{
	int (*next)(const char *, int, ...) =
			(int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");

	while ((flags & O_EXCL) && access(getenv("DISK_WORKS"), F_OK) != 0)
		poll(NULL, 0, 10);
	return next(path, flags, 0600);
}
