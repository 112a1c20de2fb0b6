/* The child processes of a process: see children.h. */
#include "target/children.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "target/command.h"
#include "target/procfile.h"

enum {
	SMALL_FILE_MAX = 64 * 1024,
	CHILDREN_BYTES_MAX = 16 * 1024 * 1024,
	COMMAND_BYTES_MAX = 128 * 1024,            /* of one child */
	ALL_COMMANDS_BYTES_MAX = 32 * 1024 * 1024, /* of all together */
};

unsigned ns_pids_parse(const char *status, pid_t pids[PID_NAMESPACES_MAX])
{
	static const char key[] = "\nNSpid:";
	const char *at = strstr(status, key);
	unsigned count = 0;

	if (!at)
		return 0;
	for (at += strlen(key); isblank((unsigned char)*at) && count < PID_NAMESPACES_MAX;) {
		char *end;
		long pid = strtol(at, &end, 10);
		if (end == at)
			break;
		pids[count++] = (pid_t)pid;
		at = end;
	}
	return count;
}

static unsigned ns_pids_of(pid_t pid, pid_t pids[PID_NAMESPACES_MAX])
{
	char *text;

	if (procfile_read(pid, "status", SMALL_FILE_MAX, &text, NULL))
		return 0;
	unsigned count = ns_pids_parse(text, pids);
	free(text);
	return count;
}

/* Notes the children that a thread has: /proc/PID/task/TID/children. */
static void list_children(struct children *children, pid_t tid)
{
	char name[64], *text, *end;
	bool added;

	snprintf(name, sizeof(name), "task/%d/children", (int)tid);
	if (procfile_read_list(children->process->pid, name, CHILDREN_BYTES_MAX, &text))
		return;
	for (char *at = text;; at = end) {
		pid_t pid = (pid_t)strtol(at, &end, 10);
		if (end == at)
			break;
		pid_t pids[PID_NAMESPACES_MAX] = { 0 };
		ns_pids_of(pid, pids);
		pid_t inner = pids[children->depth - 1];
		if (inner)
			*table_add(&children->outer, (uint64_t)inner, &added) = (uint64_t)pid;
	}
	free(text);
}

/* Only in a namespace of its own do its numbers differ from ours. */
static void list_all(struct children *children)
{
	char name[64];

	snprintf(name, sizeof(name), "/proc/%d/task", (int)children->process->pid);
	DIR *directory = opendir(name);
	if (!directory)
		return;
	for (struct dirent *entry; (entry = readdir(directory));)
		if (isdigit((unsigned char)entry->d_name[0]))
			list_children(children, (pid_t)strtol(entry->d_name, NULL, 10));
	closedir(directory);
}

void children_init(struct children *children, const struct process *process)
{
	pid_t pids[PID_NAMESPACES_MAX];

	*children = (struct children){ .process = process, .bytes_left = ALL_COMMANDS_BYTES_MAX };
	children->depth = ns_pids_of(process->living, pids);
	if (children->depth > 1)
		list_all(children);
}

void children_deinit(struct children *children)
{
	table_deinit(&children->outer);
	table_deinit(&children->commands);
}

pid_t children_find(const struct children *children, int64_t inner_pid)
{
	if (inner_pid <= 0 || inner_pid > INT32_MAX)
		return 0;
	if (children->depth <= 1)
		return (pid_t)inner_pid;
	const uint64_t *pid = table_find(&children->outer, (uint64_t)inner_pid);
	return pid ? (pid_t)*pid : 0;
}

static bool is_child_of(pid_t pid, pid_t parent)
{
	static const char key[] = "\nPPid:";
	char *text;

	if (procfile_read(pid, "status", SMALL_FILE_MAX, &text, NULL))
		return false;
	const char *line = strstr(text, key);
	bool is_child = line && strtol(line + strlen(key), NULL, 10) == parent;
	free(text);
	return is_child;
}

static const char **read_command(struct children *children, pid_t pid, struct arena *arena)
{
	size_t limit = children->bytes_left < COMMAND_BYTES_MAX ? children->bytes_left
								: COMMAND_BYTES_MAX;
	size_t length = 0;

	if (!is_child_of(pid, children->process->pid))
		return NULL;
	const char **command = (const char **)command_read(pid, limit, arena, &length);
	children->bytes_left -= length;
	return command;
}

const char **children_command(struct children *children, pid_t pid, struct arena *arena)
{
	bool added;
	uint64_t *known = table_add(&children->commands, (uint64_t)pid, &added);

	if (added)
		*known = (uintptr_t)read_command(children, pid, arena);
	return (const char **)(uintptr_t)*known;
}
