/* The command line of a process: /proc/PID/cmdline. */
#ifndef TARGET_COMMAND_H
#define TARGET_COMMAND_H

#include <stddef.h>
#include <sys/types.h>

#include "base/arena.h"

/* Its arguments, ended by NULL, from the first `limit` bytes, of which there were
 * `*length` (may be NULL); or NULL where there are none, as of one that has ended. */
char **command_read(pid_t pid, size_t limit, struct arena *arena, size_t *length);

#endif
