/* The ELF files that are mapped in a process: see objects.h. */
#include "target/objects.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"

enum {
	HEADER_SIZE = 1024, /* the ELF header, segments and mostly the build id */
	SCAN_CHUNK = 64 * 1024,
	SCAN_MAX = 256 * 1024 * 1024, /* of one process */
};

static bool same_file(const struct mapping *a, const struct mapping *b)
{
	return a->inode == b->inode && a->device == b->device && !strcmp(a->path, b->path);
}

void objects_find(const struct process *process, struct objects *objects)
{
	ARRAY(struct object) found = { 0 };

	for (size_t i = 0; i < process->maps.count; i++) {
		const struct mapping *map = &process->maps.items[i];
		if (!map->inode)
			continue;
		struct object *last = found.count ? &found.items[found.count - 1] : NULL;
		if (last && same_file(last->mappings, map))
			last->count = (size_t)(map - last->mappings) + 1;
		else
			*array_push(&found) = (struct object){
				.mappings = map,
				.count = 1,
				.path = map->path,
				.fd = -1,
				.scan_left = &objects->scan_left,
			};
	}
	*objects = (struct objects){ found.items, found.count, SCAN_MAX };
}

void objects_deinit(struct objects *objects)
{
	for (size_t i = 0; i < objects->count; i++)
		object_close(&objects->items[i]);
	free(objects->items);
	*objects = (struct objects){ 0 };
}

const char *object_name(const struct object *object)
{
	const char *slash = strrchr(object->path, '/');
	return slash ? slash + 1 : object->path;
}

/* Opens `path` where it is a regular file: opening a device may do things.  Gives -1
 * with errno, which is ENOENT where it is another file. */
static int open_regular(const char *path, const struct mapping *mapping, bool check_inode)
{
	struct stat status;
	char again[64];
	int fd = -1;

	int handle = open(path, O_PATH | O_CLOEXEC);
	if (handle < 0)
		return -1;
	if (!fstat(handle, &status) && S_ISREG(status.st_mode) &&
			(!check_inode || status.st_ino == mapping->inode)) {
		snprintf(again, sizeof(again), "/proc/self/fd/%d", handle);
		fd = open(again, O_RDONLY | O_CLOEXEC);
	} else {
		errno = ENOENT;
	}
	int failed = errno;
	close(handle);
	errno = failed;
	return fd;
}

/* The same inode number may be another file's on another device, so the
 * beginning of the file is held against what is mapped. */
static bool begins_as_mapped(const struct process *process, const struct mapping *mapping, int fd)
{
	char in_file[HEADER_SIZE], in_memory[HEADER_SIZE];

	return pread(fd, in_file, sizeof(in_file), (off_t)mapping->offset) == sizeof(in_file) &&
	       mem_read(process->mem, mapping->start, in_memory, sizeof(in_memory)) &&
	       !memcmp(in_file, in_memory, sizeof(in_file));
}

/* Gives -1 with errno. */
static int open_as_mapped(const struct process *process, const struct mapping *mapping)
{
	char path[2 * PATH_MAX];
	int fd;

	/* Works for deleted files too, but wants CAP_CHECKPOINT_RESTORE. */
	snprintf(path, sizeof(path), "/proc/%d/map_files/%" PRIx64 "-%" PRIx64,
			(int)process->living, mapping->start, mapping->end);
	fd = open_regular(path, mapping, false);
	if (fd >= 0)
		return fd;
	if (process->executable && !strcmp(process->executable, mapping->path)) {
		snprintf(path, sizeof(path), "/proc/%d/exe", (int)process->living);
		fd = open_regular(path, mapping, false);
		if (fd >= 0)
			return fd;
	}
	/* In another mount namespace the path begins at the target's root; after
	 * chroot alone it is written as the reader sees it. */
	for (int own_root = 0; own_root < 2; own_root++) {
		snprintf(path, sizeof(path), "/proc/%d/root%s", (int)process->living,
				mapping->path);
		fd = open_regular(own_root ? mapping->path : path, mapping, true);
		if (fd >= 0 && begins_as_mapped(process, mapping, fd))
			return fd;
		if (fd < 0)
			continue;
		close(fd);
		errno = ENOENT;
	}
	return -1;
}

bool object_open(const struct process *process, struct object *object)
{
	if (object->tried)
		return object->file;
	object->tried = true;
	object->fd = open_as_mapped(process, object->mappings);
	object->why_not = object->fd < 0 ? errno : 0;
	if (object->fd < 0)
		return false;
	object->file = elf_file_open(object->fd);
	if (object->file && !elf_bias(object->file, (uint64_t)sysconf(_SC_PAGESIZE),
					    object->mappings->start, object->mappings->offset,
					    &object->bias)) {
		elf_file_close(object->file);
		object->file = NULL;
	}
	return object->file;
}

void object_close(struct object *object)
{
	elf_file_close(object->file);
	if (object->fd >= 0)
		close(object->fd);
	object->file = NULL;
	object->fd = -1;
	object->tried = false;
}

bool object_section(struct object *object, const char *name, remote_addr *address, uint64_t *size)
{
	if (!object->file || !elf_section(object->file, name, address, size))
		return false;
	*address += object->bias;
	return true;
}

bool object_symbol(struct object *object, const char *name, remote_addr *address)
{
	uint64_t size = object->file ? elf_symbols_size(object->file) : 0;

	if (!size || size > *object->scan_left)
		return false;
	*object->scan_left -= size;
	if (!elf_symbol(object->file, name, address))
		return false;
	*address += object->bias;
	return true;
}

static bool find_in(const struct process *process, const struct mapping *mapping,
		uint64_t *scan_left, uint64_t word, remote_addr *at)
{
	uint64_t words[SCAN_CHUNK / sizeof(uint64_t)];
	remote_addr next = *at > mapping->start ? *at : mapping->start;

	next = (next + 7) / 8 * 8;
	while (next < mapping->end) {
		size_t size = mapping->end - next < SCAN_CHUNK ? mapping->end - next : SCAN_CHUNK;
		if (size > *scan_left)
			return false;
		*scan_left -= size;
		if (!mem_read(process->mem, next, words, size))
			return false;
		for (size_t i = 0; i < size / sizeof(*words); i++) {
			if (words[i] == word) {
				*at = next + i * sizeof(*words);
				return true;
			}
		}
		next += size;
	}
	return false;
}

bool object_find_word(const struct process *process, const struct object *object, uint64_t word,
		remote_addr *at)
{
	for (size_t i = 0; i < object->count; i++) {
		const struct mapping *mapping = &object->mappings[i];
		if (mapping->readable && mapping->writable && mapping->end > *at &&
				find_in(process, mapping, object->scan_left, word, at))
			return true;
	}
	return false;
}
