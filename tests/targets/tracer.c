/* A debugger, as far as others can tell: traces one thread of a process, or all
 * of them, until its standard input ends.  tracer PID one|all */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

static int seize_all(const char *pid, int only_last)
{
	char path[64];
	long tid = 0;

	snprintf(path, sizeof(path), "/proc/%s/task", pid);
	DIR *directory = opendir(path);
	if (!directory)
		return -1;
	for (struct dirent *entry; (entry = readdir(directory));) {
		if (entry->d_name[0] == '.')
			continue;
		tid = atol(entry->d_name);
		if (!only_last && ptrace(PTRACE_SEIZE, (pid_t)tid, NULL, NULL))
			return -1;
	}
	closedir(directory);
	return only_last ? (int)ptrace(PTRACE_SEIZE, (pid_t)tid, NULL, NULL) : 0;
}

static void pass_on_signals(void)
{
	int status;
	pid_t tid;

	while ((tid = waitpid(-1, &status, __WALL | WNOHANG)) > 0)
		if (WIFSTOPPED(status))
			ptrace(PTRACE_CONT, tid, NULL,
					(void *)(intptr_t)(status >> 16 ? 0 : WSTOPSIG(status)));
}

int main(int argc, char **argv)
{
	struct pollfd input = { .fd = 0, .events = POLLIN };

	if (argc != 3 || seize_all(argv[1], !strcmp(argv[2], "one"))) {
		perror("tracer");
		return 1;
	}
	puts("tracing");
	fflush(stdout);
	while (!poll(&input, 1, 1))
		pass_on_signals();
	return 0;
}
