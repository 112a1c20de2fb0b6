/* The ELF files that are mapped in a process.
 *
 * A file is opened as the process sees it, whatever root file system, mount
 * namespace or later replacement there is, or not at all: never another file
 * of the same name. */
#ifndef TARGET_OBJECTS_H
#define TARGET_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>

#include "procmem.h"
#include "symbols.h"
#include "target/process.h"

struct object {
	const struct mapping *mappings; /* those of the file, and of its .bss between them */
	size_t count;
	const char *path;
	int fd;                /* -1 until opened */
	struct elf_file *file; /* NULL until opened, or where it cannot be */
	uint64_t bias;         /* to add to addresses of the file */
	bool tried;
	int why_not;         /* errno of the last try to open it, or 0 */
	uint64_t *scan_left; /* of all objects together: bytes to look for something in */
};

struct objects {
	struct object *items;
	size_t count;
	uint64_t scan_left;
};

/* `*objects` stays where it is. */
void objects_find(const struct process *process, struct objects *objects);
void objects_deinit(struct objects *objects);

/* Opens the file of an object, once; false where it cannot be had. */
bool object_open(const struct process *process, struct object *object);

/* Gives the file up until it is opened again. */
void object_close(struct object *object);

/* The last component of its path. */
const char *object_name(const struct object *object);

/* The address in the target of a section or a symbol of an open object. */
bool object_section(struct object *object, const char *name, remote_addr *address, uint64_t *size);
bool object_symbol(struct object *object, const char *name, remote_addr *address);

/* The next address from `*at` on, in the object's writable memory, where the
 * 8 bytes of `word` stand at a multiple of 8.  Start with 0. */
bool object_find_word(const struct process *process, const struct object *object, uint64_t word,
		remote_addr *at);

#endif
