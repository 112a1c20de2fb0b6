/* Threads that each start the next and end, as fast as they can.  The file
 * given is a counter of them, to be read. */
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { CHAINS = 8 };

static atomic_uint_fast64_t *count;
static pthread_attr_t attributes;

static void *link_of_chain(void *unused)
{
	pthread_t next;

	(*count)++;
	while (pthread_create(&next, &attributes, link_of_chain, NULL))
		;
	return unused;
}

int main(int argc, char **argv)
{
	int fd = argc == 2 ? open(argv[1], O_RDWR) : -1;

	if (fd < 0)
		return 2;
	count = mmap(NULL, sizeof(*count), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (count == MAP_FAILED)
		return 2;
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, 64 * 1024);
	for (int i = 0; i < CHAINS; i++)
		link_of_chain(NULL);
	for (;;)
		pause();
}
