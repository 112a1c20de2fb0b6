/* The command line of a process: see command.h. */
#include "target/command.h"

#include <stdlib.h>
#include <string.h>

#include "target/procfile.h"

char **command_read(pid_t pid, size_t limit, struct arena *arena, size_t *length)
{
	char *text;
	size_t size, count = 0;

	if (procfile_read(pid, "cmdline", limit, &text, &size))
		return NULL;
	if (length)
		*length = size;
	for (size_t i = 0; i < size; i++)
		count += !text[i] || i + 1 == size;
	char **command = count ? arena_alloc(arena, count + 1, sizeof(*command)) : NULL;
	const char *at = text;
	for (size_t i = 0; i < count; i++) {
		command[i] = arena_string(arena, at, strlen(at));
		at += strlen(at) + 1;
	}
	free(text);
	return command;
}
