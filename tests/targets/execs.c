/* Becomes itself again and again by exec, called by the leader or by another
 * of its threads. */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum { THREADS = 20 };

static char **arguments;

static void *idle(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static void *become(void *unused)
{
	execv("/proc/self/exe", arguments);
	return unused;
}

int main(int argc, char **argv)
{
	struct timespec time;
	pthread_t thread;

	(void)argc;
	arguments = argv;
	for (int i = 0; i < THREADS; i++)
		pthread_create(&thread, NULL, idle, NULL);
	clock_gettime(CLOCK_MONOTONIC, &time);
	usleep((useconds_t)(time.tv_nsec / 64 % 400));
	if (time.tv_nsec / 32 % 2)
		become(NULL);
	pthread_create(&thread, NULL, become, NULL);
	idle(NULL);
}
