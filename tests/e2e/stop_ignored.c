/* To be loaded before the others (LD_PRELOAD): ends a program that ignores the signal
 * to stop, if only for a moment, since one that is pending is lost then. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <unistd.h>

int sigaction(int number, const struct sigaction *action, struct sigaction *before)
{
	int (*next)(int, const struct sigaction *, struct sigaction *) = (int (*)(int,
			const struct sigaction *, struct sigaction *))dlsym(RTLD_NEXT, "sigaction");

	if (number == SIGTSTP && action && action->sa_handler == SIG_IGN)
		_exit(99);
	return next(number, action, before);
}
