/* For LD_PRELOAD: lets something happen at the Nth read of remote memory.
 *
 *	FAULT_AT=N   FAULT_HOW=count | fail | refuse | crash | exit | stop
 *
 * "count" says on standard error how many reads there were. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static long calls, at;
static const char *how = "count";

__attribute__((constructor)) static void begin(void)
{
	if (getenv("FAULT_AT"))
		at = atol(getenv("FAULT_AT"));
	if (getenv("FAULT_HOW"))
		how = getenv("FAULT_HOW");
}

__attribute__((destructor)) static void end(void)
{
	if (!strcmp(how, "count"))
		fprintf(stderr, "%ld\n", calls);
}

static int fault(void)
{
	if (!strcmp(how, "fail"))
		return EFAULT;
	if (!strcmp(how, "refuse"))
		return EPERM;
	if (calls > at)
		return 0;
	if (!strcmp(how, "crash"))
		abort();
	if (!strcmp(how, "exit"))
		_exit(70);
	if (!strcmp(how, "stop"))
		raise(SIGSTOP);
	return 0;
}

ssize_t process_vm_readv(pid_t pid, const struct iovec *local, unsigned long locals,
		const struct iovec *remote, unsigned long remotes, unsigned long flags)
{
	calls++;
	if (strcmp(how, "count") && calls >= at && (errno = fault()))
		return -1;
	return syscall(SYS_process_vm_readv, pid, local, locals, remote, remotes, flags);
}
