/* Files of /proc/PID, read whole. */
#ifndef TARGET_PROCFILE_H
#define TARGET_PROCFILE_H

#include <stddef.h>
#include <sys/types.h>

/* Reads /proc/PID/NAME, `limit` bytes at most, into `*text`, which ends with a
 * NUL that `*length` (may be NULL) does not count, and is the caller's to
 * free.  Gives 0 or errno. */
int procfile_read(pid_t pid, const char *name, size_t limit, char **text, size_t *length);

/* The same of a file that is a list, such as maps: the kernel gives it in parts, and only
 * an empty one is its end.  Of others a part that is not full is the last. */
int procfile_read_list(pid_t pid, const char *name, size_t limit, char **text);

/* The target of the link /proc/PID/NAME in the same way. */
int procfile_link(pid_t pid, const char *name, char **text);

#endif
