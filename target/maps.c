/* The mappings of a process: see maps.h. */
#include "target/maps.h"

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

/* Goes over a number and the character that ends it. */
static bool take_number(char **at, int base, char after, uint64_t *number)
{
	char *end;

	*number = strtoull(*at, &end, base);
	if (end == *at || *end != after)
		return false;
	*at = end + 1;
	return true;
}

/* sscanf() would take most of the time that a start needs. */
static bool parse_line(char *line, struct mapping *mapping)
{
	enum { ACCESS = 5 }; /* as in "rw-p " */
	uint64_t start, end, offset, major_number, minor_number;
	char *at = line, *path;

	if (!take_number(&at, 16, '-', &start) || !take_number(&at, 16, ' ', &end) || start >= end)
		return false;
	const char *access = at;
	if (strnlen(access, ACCESS) < ACCESS)
		return false;
	at += ACCESS;
	if (!take_number(&at, 16, ' ', &offset) || !take_number(&at, 16, ':', &major_number) ||
			!take_number(&at, 16, ' ', &minor_number))
		return false;
	uint64_t inode = strtoull(at, &path, 10);
	if (path == at)
		return false;
	path += strspn(path, " ");
	unescape(path);
	*mapping = (struct mapping){
		.start = start,
		.end = end,
		.readable = access[0] == 'r',
		.writable = access[1] == 'w',
		.executable = access[2] == 'x',
		.offset = offset,
		.device = makedev((unsigned)major_number, (unsigned)minor_number),
		.inode = inode,
		.path = path,
	};
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
	int failed = procfile_read_list(pid, "maps", MAPS_BYTES_MAX, &text);

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
