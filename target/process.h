/* A live process, as /proc knows it: that it is there and stays the same one,
 * its threads, its command line. */
#ifndef TARGET_PROCESS_H
#define TARGET_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/table.h"
#include "procmem.h"
#include "target/maps.h"

struct process {
	pid_t pid;
	pid_t living; /* a thread that has not ended: the first one may have, and without it
			 the memory is not to be had under `pid` */
	int pidfd;    /* refers to this process for good, whatever its pid becomes; -1: no such
		      call in this kernel */
	struct procmem *mem;
	struct maps maps;
	char *executable; /* the link /proc/PID/exe, NULL where it cannot be read */
	/* What an exec changes: the auxiliary vector holds random addresses, and
	 * the place of 16 random bytes. */
	char *auxv;
	size_t auxv_size;
	remote_addr random_at;
	uint8_t random[16];
	/* Its threads, seen so far: their tids as we see them, and those as its own
	 * namespace does with ours. */
	struct table tids, outer_tids;
	bool nested; /* the two differ */
};

/* What is read by its number may be of another process, or of several programs, until
 * process_recheck() has said that it is not. */
struct error *process_open(pid_t pid, struct process *process);
void process_close(struct process *process);

/* Fails where it has ended, or has become another program by exec, since. */
struct error *process_recheck(struct process *process);

/* Adds the threads that were born since. */
void process_read_threads(struct process *process);

/* Our number of a thread that the target calls `inner_tid`, 0 where there is none. */
pid_t process_outer_tid(const struct process *process, uint64_t inner_tid);

/* How many bytes it has in memory or in swap, 0 where that is not known. */
size_t process_resident(const struct process *process);

/* The command line, ended by NULL, or NULL where there is none. */
char **process_command(const struct process *process, struct arena *arena);

#endif
