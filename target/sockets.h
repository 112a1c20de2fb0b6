/* The addresses of sockets, by their inodes: /proc/PID/net, see proc_pid_net(5).
 *
 * Those that are wanted are named first, so that of tables with many lines little is
 * kept; each table is read once, and none that is not needed. */
#ifndef TARGET_SOCKETS_H
#define TARGET_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/table.h"

struct socket_ends {
	bool found;
	/* "10.0.0.5:5432", "[::1]:80", "/run/db.sock", "@abstract"; NULL where there is
	 * none, or the kernel does not tell. */
	const char *local, *peer;
};

struct sockets {
	struct table places; /* inode → index */
	struct socket_ends *items;
	size_t count, capacity;
	size_t missing; /* not found yet */
};

void sockets_deinit(struct sockets *sockets);

void sockets_want(struct sockets *sockets, uint64_t inode);

/* Finds those that are wanted in the tables of the network namespace of `pid`. */
void sockets_read(struct sockets *sockets, pid_t pid, struct arena *arena);

/* NULL unless it was wanted and found. */
const struct socket_ends *sockets_find(const struct sockets *sockets, uint64_t inode);

/* The text of one table, which is changed: tcp, udp and their kin, or unix. */
void sockets_parse_internet(struct sockets *sockets, char *text, struct arena *arena);
void sockets_parse_unix(struct sockets *sockets, char *text, struct arena *arena);

#endif
