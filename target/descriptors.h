/* What the descriptors of a process lead to, in words: /proc/PID/fd. */
#ifndef TARGET_DESCRIPTORS_H
#define TARGET_DESCRIPTORS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/table.h"
#include "target/sockets.h"

struct descriptor {
	int64_t fd;
	uint64_t inode; /* of a socket, otherwise 0 */
	/* Both ends of a socket; of anything else only `local`, a path or what the
	 * kernel says instead: "pipe:[4026]".  NULL where that is not known. */
	const char *local, *peer;
};

struct descriptors {
	struct table places; /* fd → index */
	struct descriptor *items;
	size_t count, capacity;
	struct sockets sockets;
};

void descriptors_deinit(struct descriptors *descriptors);

/* All that are wanted are named before they are read together. */
void descriptors_want(struct descriptors *descriptors, int64_t fd);
void descriptors_read(struct descriptors *descriptors, pid_t pid, struct arena *arena);

/* NULL unless it was wanted. */
const struct descriptor *descriptors_find(const struct descriptors *descriptors, int64_t fd);

/* The inode in "socket:[4026]", 0 where the text is no such. */
uint64_t socket_inode(const char *link);

#endif
