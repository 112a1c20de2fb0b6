/* A live process, as /proc knows it: see process.h. */
#include "target/process.h"

#include <ctype.h>
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/alloc.h"
#include "target/access.h"
#include "target/command.h"
#include "target/procfile.h"

enum {
	SMALL_FILE_MAX = 64 * 1024,
	COMMAND_BYTES_MAX = 2 * 1024 * 1024,
	THREADS_MAX = 4 * 1024 * 1024,
	FLAG_KERNEL_THREAD = 0x00200000, /* PF_KTHREAD, in the stat file's flags */
};

static struct error *is_thread(pid_t pid)
{
	return error_create(ERROR_GONE, 0,
			"cannot read process %d: the number is that of a thread, not of a process",
			(int)pid);
}

/* The state letter and the flags of a stat file; gives 0 or errno.  The name before
 * them may hold anything, also parentheses, so they are looked for from the end. */
static int read_stat(pid_t pid, const char *file, char *state, unsigned *flags)
{
	char *text;
	int failed = procfile_read(pid, file, SMALL_FILE_MAX, &text, NULL);

	if (failed)
		return failed;
	char *after = strrchr(text, ')');
	/* NOLINTNEXTLINE(cert-err34-c): the kernel's numbers fit */
	bool ok = after && sscanf(after + 1, " %c %*d %*d %*d %*d %*d %u", state, flags) == 2;
	free(text);
	return ok ? 0 : EIO;
}

static bool is_ended(char state)
{
	return state == 'Z' || state == 'X';
}

/* A thread that has not ended, 0 where there is none. */
static pid_t find_living(pid_t pid)
{
	char name[300], state;
	unsigned flags;
	pid_t found = 0;

	snprintf(name, sizeof(name), "/proc/%d/task", (int)pid);
	DIR *directory = opendir(name);
	if (!directory)
		return 0;
	for (struct dirent *entry; !found && (entry = readdir(directory));) {
		snprintf(name, sizeof(name), "task/%s/stat", entry->d_name);
		if (isdigit((unsigned char)entry->d_name[0]) &&
				!read_stat(pid, name, &state, &flags) && !is_ended(state))
			found = (pid_t)strtol(entry->d_name, NULL, 10);
	}
	closedir(directory);
	return found;
}

static struct error *check_state(pid_t pid, pid_t *living)
{
	char state;
	unsigned flags;
	int failed = read_stat(pid, "stat", &state, &flags);

	if (failed)
		return access_explain(pid, failed);
	if (flags & FLAG_KERNEL_THREAD)
		return error_create(ERROR_NOT_PYTHON, 0,
				"cannot inspect process %d: it is a thread of the kernel",
				(int)pid);
	*living = is_ended(state) ? find_living(pid) : pid;
	if (!*living)
		return error_create(ERROR_GONE, 0,
				"cannot read process %d: it has ended and is a zombie "
				"that its parent has not waited for",
				(int)pid);
	return NULL;
}

static remote_addr find_random(const struct process *process)
{
	const Elf64_auxv_t *entries = (const Elf64_auxv_t *)(const void *)process->auxv;

	for (size_t i = 0; i < process->auxv_size / sizeof(*entries); i++)
		if (entries[i].a_type == AT_RANDOM)
			return entries[i].a_un.a_val;
	return 0;
}

/* The last number of the NSpid line: the tid in the innermost namespace. */
static pid_t inner_tid_of(pid_t pid, const char *tid)
{
	char name[64], *text;
	long inner = 0;

	snprintf(name, sizeof(name), "task/%s/status", tid);
	if (procfile_read(pid, name, SMALL_FILE_MAX, &text, NULL))
		return 0;
	char *line = strstr(text, "\nNSpid:");
	if (line) {
		char *at = line + strlen("\nNSpid:");
		for (char *end; isblank((unsigned char)*at); at = end) {
			long number = strtol(at, &end, 10);
			if (end == at)
				break;
			inner = number;
		}
	}
	free(text);
	return (pid_t)inner;
}

static void add_thread(struct process *process, const char *name)
{
	pid_t tid = (pid_t)strtol(name, NULL, 10);
	bool is_new;

	table_add(&process->tids, (uint64_t)tid, &is_new);
	if (!is_new)
		return;
	pid_t inner = process->nested ? inner_tid_of(process->pid, name) : tid;
	if (inner)
		*table_add(&process->outer_tids, (uint64_t)inner, &is_new) = (uint64_t)tid;
}

void process_read_threads(struct process *process)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/task", (int)process->pid);
	DIR *directory = opendir(path);
	if (!directory)
		return;
	for (struct dirent *entry;
			(entry = readdir(directory)) && process->tids.count < THREADS_MAX;)
		if (isdigit((unsigned char)entry->d_name[0]))
			add_thread(process, entry->d_name);
	closedir(directory);
}

struct error *process_open(pid_t pid, struct process *process)
{
	char leader[16];

	*process = (struct process){ .pid = pid, .pidfd = -1 };
	process->pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	if (process->pidfd < 0 && errno != ENOSYS && errno != EPERM)
		/* ENOENT is a newer kernel's word for it. */
		return errno == EINVAL || errno == ENOENT ? is_thread(pid)
							  : access_explain(pid, errno);
	struct error *error = check_state(pid, &process->living);
	if (error)
		return error;
	int failed = mem_open_process(process->living, &process->mem);
	if (!failed)
		failed = procfile_read(process->living, "auxv", SMALL_FILE_MAX, &process->auxv,
				&process->auxv_size);
	if (failed)
		return access_explain(pid, failed);
	/* First, so that process_recheck() tells of all that is read from here on. */
	process->random_at = find_random(process);
	mem_read(process->mem, process->random_at, process->random, sizeof(process->random));
	failed = maps_read(process->living, &process->maps);
	if (failed)
		return access_explain(pid, failed);
	procfile_link(process->living, "exe", &process->executable);
	/* Only in a namespace of its own do its numbers differ from ours. */
	snprintf(leader, sizeof(leader), "%d", (int)pid);
	process->nested = inner_tid_of(pid, leader) != pid;
	process_read_threads(process);
	return NULL;
}

void process_close(struct process *process)
{
	mem_destroy(process->mem);
	maps_deinit(&process->maps);
	free(process->executable);
	free(process->auxv);
	table_deinit(&process->tids);
	table_deinit(&process->outer_tids);
	if (process->pidfd >= 0)
		close(process->pidfd);
	*process = (struct process){ .pidfd = -1 };
}

static bool has_ended(const struct process *process)
{
	struct pollfd poll_fd = { .fd = process->pidfd, .events = POLLIN };
	char state;
	unsigned flags;

	if (process->pidfd >= 0)
		return poll(&poll_fd, 1, 0) != 0;
	return read_stat(process->pid, "stat", &state, &flags) ||
	       (is_ended(state) && !find_living(process->pid));
}

/* Whether the address space is still the one that was opened; gives 0 or errno. */
static int compare_program(struct process *process, bool *same)
{
	uint8_t random[sizeof(process->random)] = { 0 };
	char *auxv;
	size_t size;
	int failed = procfile_read(process->living, "auxv", SMALL_FILE_MAX, &auxv, &size);

	if (failed)
		return failed;
	*same = size == process->auxv_size && !memcmp(auxv, process->auxv, size);
	free(auxv);
	/* Without address randomization only the random bytes differ. */
	mem_forget(process->mem, process->random_at, sizeof(random));
	mem_read(process->mem, process->random_at, random, sizeof(random));
	*same &= !memcmp(random, process->random, sizeof(random));
	return 0;
}

struct error *process_recheck(struct process *process)
{
	bool same = false;
	int failed = compare_program(process, &same);

	if (has_ended(process))
		return error_create(ERROR_GONE, ESRCH,
				"cannot read process %d: it ended while it was read",
				(int)process->pid);
	if (failed == EMFILE || failed == ENFILE)
		return access_explain(process->pid, failed);
	/* It may be one that we may not read, too. */
	if (failed || !same)
		return error_create(ERROR_GONE, 0,
				"cannot read process %d: it became another program (exec) while it "
				"was read; try again",
				(int)process->pid);
	return NULL;
}

pid_t process_outer_tid(const struct process *process, uint64_t inner_tid)
{
	const uint64_t *tid = table_find(&process->outer_tids, inner_tid);
	return tid ? (pid_t)*tid : 0;
}

size_t process_resident(const struct process *process)
{
	static const char *const names[] = { "\nVmRSS:", "\nVmSwap:" };
	size_t kilobytes = 0;
	char *text;

	if (procfile_read(process->living, "status", SMALL_FILE_MAX, &text, NULL))
		return 0;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const char *line = strstr(text, names[i]);
		if (line)
			kilobytes += strtoul(line + strlen(names[i]), NULL, 10);
	}
	free(text);
	return kilobytes * 1024;
}

char **process_command(const struct process *process, struct arena *arena)
{
	return command_read(process->living, COMMAND_BYTES_MAX, arena, NULL);
}
