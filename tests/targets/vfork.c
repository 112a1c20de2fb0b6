/* A library that keeps its caller in vfork until the descriptor can be read. */
#include <unistd.h>

int sleep_in_vfork(int fd);

int sleep_in_vfork(int fd)
{
	char byte;
	volatile int end = fd;
	pid_t child = vfork();

	if (!child) {
		_exit(read(end, &byte, 1) != 1);
	}
	return child > 0 ? 0 : -1;
}
