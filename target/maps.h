/* The mappings of a process: /proc/PID/maps, see proc_pid_maps(5). */
#ifndef TARGET_MAPS_H
#define TARGET_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "procmem.h"

struct mapping {
	remote_addr start, end;
	bool readable, writable, executable;
	uint64_t offset;  /* into the file, bytes */
	uint64_t device;  /* as makedev() gives it */
	uint64_t inode;   /* 0: no file behind it */
	const char *path; /* "" where there is none */
};

struct maps {
	struct mapping *items;
	size_t count;
	char *text; /* what the paths point into */
};

/* Gives 0 or errno.  A kernel thread has no mappings. */
int maps_read(pid_t pid, struct maps *maps);
/* The same from text; takes ownership of `text`, which is changed. */
void maps_parse(char *text, struct maps *maps);
void maps_deinit(struct maps *maps);

#endif
