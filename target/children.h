/* The child processes of a process. */
#ifndef TARGET_CHILDREN_H
#define TARGET_CHILDREN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/table.h"
#include "target/process.h"

struct children {
	const struct process *process;
	unsigned depth;        /* of PID namespaces, from ours down to that of the process */
	struct table outer;    /* the number in its namespace → in ours; only below ours */
	size_t bytes_left;     /* of command lines */
	struct table commands; /* pid → what was read, 0 for none: many may wait for one */
};

void children_init(struct children *children, const struct process *process);
void children_deinit(struct children *children);

/* Our number of the child that the process calls `inner_pid`, 0 where there is none
 * any more that can be told. */
pid_t children_find(const struct children *children, int64_t inner_pid);

/* Its command line, ended by NULL, always from the same arena; NULL where it ended, or
 * is no child of the process: what that says of others proves nothing. */
const char **children_command(struct children *children, pid_t pid, struct arena *arena);

enum { PID_NAMESPACES_MAX = 32 }; /* the kernel's MAX_PID_NS_LEVEL */

/* The numbers in the line NSpid of a status file, ours first; gives how many. */
unsigned ns_pids_parse(const char *status, pid_t pids[PID_NAMESPACES_MAX]);

#endif
