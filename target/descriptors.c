/* What descriptors lead to: see descriptors.h. */
#include "target/descriptors.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "target/procfile.h"

void descriptors_deinit(struct descriptors *descriptors)
{
	table_deinit(&descriptors->places);
	array_free(descriptors);
	sockets_deinit(&descriptors->sockets);
}

void descriptors_want(struct descriptors *descriptors, int64_t fd)
{
	bool added;
	uint64_t *place = table_add(&descriptors->places, (uint64_t)fd, &added);

	if (!added)
		return;
	*place = descriptors->count;
	*array_push(descriptors) = (struct descriptor){ .fd = fd };
}

const struct descriptor *descriptors_find(const struct descriptors *descriptors, int64_t fd)
{
	const uint64_t *place = table_find(&descriptors->places, (uint64_t)fd);

	return place ? &descriptors->items[*place] : NULL;
}

uint64_t socket_inode(const char *link)
{
	static const char head[] = "socket:[";
	char *end;

	if (strncmp(link, head, strlen(head)) != 0 || link[strlen(head)] < '0' ||
			link[strlen(head)] > '9')
		return 0;
	uint64_t inode = strtoull(link + strlen(head), &end, 10);
	return strcmp(end, "]") == 0 ? inode : 0;
}

/* A path as the process sees it, where its root is not ours (chroot). */
static const char *below_root(const char *path, const char *root)
{
	size_t length = root ? strlen(root) : 0;

	if (length <= 1 || strncmp(path, root, length) != 0 || path[length] != '/')
		return path;
	return path + length;
}

static void read_link(
		struct descriptor *descriptor, int folder, const char *root, struct arena *arena)
{
	char name[32], link[PATH_MAX];

	snprintf(name, sizeof(name), "%" PRId64, descriptor->fd);
	ssize_t length = readlinkat(folder, name, link, sizeof(link) - 1);
	if (length < 0)
		return;
	link[length] = '\0';
	descriptor->inode = socket_inode(link);
	if (!descriptor->inode) {
		const char *path = below_root(link, root);
		descriptor->local = arena_string(arena, path, strlen(path));
	}
}

static void read_links(struct descriptors *descriptors, pid_t pid, struct arena *arena)
{
	char *root = NULL, path[32];

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	int folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0)
		return;
	procfile_link(pid, "root", &root);
	for (size_t i = 0; i < descriptors->count; i++)
		read_link(&descriptors->items[i], folder, root, arena);
	free(root);
	close(folder);
}

void descriptors_read(struct descriptors *descriptors, pid_t pid, struct arena *arena)
{
	read_links(descriptors, pid, arena);
	for (size_t i = 0; i < descriptors->count; i++)
		if (descriptors->items[i].inode)
			sockets_want(&descriptors->sockets, descriptors->items[i].inode);
	sockets_read(&descriptors->sockets, pid, arena);
	for (size_t i = 0; i < descriptors->count; i++) {
		struct descriptor *descriptor = &descriptors->items[i];
		const struct socket_ends *ends = NULL;
		if (descriptor->inode)
			ends = sockets_find(&descriptors->sockets, descriptor->inode);
		if (ends) {
			descriptor->local = ends->local;
			descriptor->peer = ends->peer;
		}
	}
}
