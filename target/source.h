/* Source files as a process sees them. */
#ifndef TARGET_SOURCE_H
#define TARGET_SOURCE_H

#include <stddef.h>
#include <sys/types.h>

/* The text of a file that the code of the process names, at most a few megabytes,
 * ended by a NUL that `*length` does not count; NULL where it can't be read.  The
 * name is not trusted: it leads to regular files within the root of the process,
 * or below its working directory where it is relative, and nowhere else. */
char *source_read(pid_t pid, const char *file, size_t *length);

#endif
