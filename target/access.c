/* Why access is refused: see access.h. */
#include "target/access.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "target/procfile.h"

enum {
	SMALL_FILE_MAX = 64 * 1024,
	CAPABILITY_SYS_PTRACE = 19, /* capabilities(7) */
};

/* The number after `key` in /proc/PID/status, in `base`, or -1. */
static long long status_number(pid_t pid, const char *key, int base)
{
	char *text;
	long long number = -1;

	if (procfile_read(pid, "status", SMALL_FILE_MAX, &text, NULL))
		return -1;
	char *line = strstr(text, key);
	if (line)
		number = (long long)strtoull(line + strlen(key), NULL, base);
	free(text);
	return number;
}

static int yama_scope(void)
{
	int scope = 0;
	FILE *file = fopen("/proc/sys/kernel/yama/ptrace_scope", "re");

	if (!file)
		return 0;
	/* NOLINTNEXTLINE(cert-err34-c): the kernel's number fits */
	if (fscanf(file, "%d", &scope) != 1)
		scope = 0;
	fclose(file);
	return scope;
}

struct error *access_explain(pid_t pid, int number)
{
	long long uid = status_number(pid, "\nUid:", 10);
	long long capabilities = status_number(getpid(), "\nCapEff:", 16);
	bool may_trace = capabilities >= 0 && capabilities >> CAPABILITY_SYS_PTRACE & 1;

	if (number == ENOENT || number == ESRCH)
		return error_create(ERROR_GONE, number, "cannot read process %d: no such process",
				(int)pid);
	if (number != EACCES && number != EPERM)
		return error_create(ERROR_UNREADABLE, number, "cannot read process %d: %s",
				(int)pid, strerror(number));
	if (uid >= 0 && uid != (long long)geteuid() && !may_trace)
		return error_create(ERROR_DENIED, number,
				"cannot read the memory of process %d: %s; it belongs to user "
				"%lld: "
				"run asynctree as the same user, or with CAP_SYS_PTRACE (sudo)",
				(int)pid, strerror(number), uid);
	if (yama_scope() > 0 && !may_trace)
		return error_create(ERROR_DENIED, number,
				"cannot read the memory of process %d: %s; the Yama setting "
				"kernel.yama.ptrace_scope is %d: run asynctree with CAP_SYS_PTRACE "
				"(sudo), or set it to 0",
				(int)pid, strerror(number), yama_scope());
	return error_create(ERROR_DENIED, number,
			"cannot read the memory of process %d: %s; it needs the same user or "
			"CAP_SYS_PTRACE, and in a container a seccomp profile that allows "
			"process_vm_readv (--cap-add SYS_PTRACE); a process that is not dumpable "
			"(prctl) can be read with CAP_SYS_PTRACE only",
			(int)pid, strerror(number));
}
