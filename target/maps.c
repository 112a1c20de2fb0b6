/* The mappings of a process: see maps.h. */
#include "target/maps.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/array.h"
#include "target/procfile.h"

enum {
	/* vm.max_map_count is 65,530 by default; a line is rarely long. */
	MAPS_BYTES_MAX = 64 * 1024 * 1024,
};

/* The kernel writes a newline in a path as \012, and nothing else so. */
static void unescape(char *path)
{
	char *out = path;

	for (char *in = path; *in; out++) {
		if (!strncmp(in, "\\012", 4)) {
			*out = '\n';
			in += 4;
		} else {
			*out = *in++;
		}
	}
	*out = '\0';
}

static bool parse_line(char *line, struct mapping *mapping)
{
	uint64_t start, end, offset, inode;
	unsigned major_number, minor_number;
	char access[5];
	int path = 0;

	/* NOLINTNEXTLINE(cert-err34-c): the kernel's numbers fit */
	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %x:%x %" SCNu64 " %n", &start,
			    &end, access, &offset, &major_number, &minor_number, &inode,
			    &path) < 7 ||
			start >= end)
		return false;
	*mapping = (struct mapping){
		.start = start,
		.end = end,
		.readable = access[0] == 'r',
		.writable = access[1] == 'w',
		.executable = access[2] == 'x',
		.offset = offset,
		.device = makedev(major_number, minor_number),
		.inode = inode,
		.path = path ? line + path : "",
	};
	if (path)
		unescape(line + path);
	return true;
}

void maps_parse(char *text, struct maps *maps)
{
	ARRAY(struct mapping) found = { 0 };
	char *rest = text;

	for (char *line; (line = strsep(&rest, "\n"));) {
		struct mapping mapping;
		if (parse_line(line, &mapping))
			*array_push(&found) = mapping;
	}
	*maps = (struct maps){ .items = found.items, .count = found.count, .text = text };
}

int maps_read(pid_t pid, struct maps *maps)
{
	char *text;
	int failed = procfile_read(pid, "maps", MAPS_BYTES_MAX, &text, NULL);

	if (failed)
		return failed;
	maps_parse(text, maps);
	return 0;
}

void maps_deinit(struct maps *maps)
{
	free(maps->items);
	free(maps->text);
	*maps = (struct maps){ 0 };
}
