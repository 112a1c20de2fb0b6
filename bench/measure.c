/* Two measurements that Python is too large and too slow for.
 *
 *	measure run COMMAND...    a whole process, its output thrown away: prints
 *	                          its wall time and CPU time in microseconds, its
 *	                          peak memory in kilobytes and its exit status
 *	measure limit PID TIMES   pages of PID, as fast as they can be copied: reads
 *	                          their addresses, as decimal numbers, from standard
 *	                          input; prints how many bytes, and the microseconds
 *	                          of each time */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	PAGE = 16 * 1024,
	BATCH = 1024, /* what process_vm_readv takes in one call */
	HUGE_PAGE = 2 * 1024 * 1024,
};

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "measure: %s: %s\n", what, strerror(errno));
	exit(EXIT_FAILURE);
}

static double seconds_us(struct timeval time)
{
	return (double)time.tv_sec * 1e6 + (double)time.tv_usec;
}

static void run_command(char **command)
{
	int nowhere = open("/dev/null", O_RDWR);

	dup2(nowhere, STDIN_FILENO);
	dup2(nowhere, STDOUT_FILENO);
	execvp(command[0], command);
	fail(command[0]);
}

/* A child's peak is at least what it had before its exec: little, from here. */
static int run(char **command)
{
	struct rusage used;
	int status;

	double begin = now_us();
	pid_t child = fork();
	if (child < 0)
		fail("fork");
	if (!child)
		run_command(command);
	if (wait4(child, &status, 0, &used) < 0)
		fail("wait4");
	printf("%.1f %.1f %ld %d\n", now_us() - begin,
			seconds_us(used.ru_utime) + seconds_us(used.ru_stime), used.ru_maxrss,
			WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
	return EXIT_SUCCESS;
}

struct pages {
	uint64_t *items;
	size_t count;
};

static struct pages read_pages(void)
{
	struct pages pages = { 0 };
	size_t room = 0;
	char line[64];

	while (fgets(line, sizeof(line), stdin)) {
		if (pages.count == room) {
			room = room ? 2 * room : 1024;
			pages.items = realloc(pages.items, room * sizeof(*pages.items));
			if (!pages.items)
				fail("realloc");
		}
		pages.items[pages.count++] = strtoull(line, NULL, 10);
	}
	return pages;
}

/* Gives the bytes that were copied. */
static size_t copy_batch(pid_t pid, const uint64_t *pages, size_t count, char *memory)
{
	struct iovec remote[BATCH];
	size_t bytes = 0, next = 0;

	for (size_t i = 0; i < count; i++)
		remote[i] = (struct iovec){ (void *)(uintptr_t)pages[i], PAGE };
	/* It stops at a page that reaches past what is mapped. */
	while (next < count) {
		struct iovec local = { memory, (count - next) * PAGE };
		ssize_t copied = process_vm_readv(pid, &local, 1, remote + next, count - next, 0);
		if (copied < 0 && errno != EFAULT)
			fail("process_vm_readv");
		size_t some = copied < 0 ? 0 : (size_t)copied;
		bytes += some;
		next += some / PAGE + (some != local.iov_len);
	}
	return bytes;
}

/* All batches go into the same memory, which is the fastest that there is. */
static int limit(pid_t pid, int times)
{
	struct pages pages = read_pages();
	size_t size = (size_t)BATCH * PAGE, bytes = 0;
	char *memory = aligned_alloc(HUGE_PAGE, size);

	if (!memory)
		fail("aligned_alloc");
	madvise(memory, size, MADV_HUGEPAGE);
	memset(memory, 1, size);
	for (int time = 0; time < times; time++) {
		double begin = now_us();
		bytes = 0;
		for (size_t i = 0; i < pages.count; i += BATCH)
			bytes += copy_batch(pid, pages.items + i,
					pages.count - i < BATCH ? pages.count - i : BATCH, memory);
		printf("%.1f ", now_us() - begin);
	}
	printf("%zu\n", bytes);
	free(memory);
	free(pages.items);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "run"))
		return run(argv + 2);
	if (argc == 4 && !strcmp(argv[1], "limit"))
		return limit((pid_t)strtol(argv[2], NULL, 10), (int)strtol(argv[3], NULL, 10));
	fprintf(stderr, "usage: measure run COMMAND... | measure limit PID TIMES\n");
	return 2;
}
