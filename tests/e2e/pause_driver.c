/* Pauses a process many times by asynctree's own target/pause.c, and says how
 * that went: pause_driver PID COUNT LIMIT_US HOLD_US GAP_US [FILE]
 *
 * FILE begins with a number that the target changes while it runs. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "target/pause.h"

static const volatile uint64_t *map_number(const char *path)
{
	int fd = open(path, O_RDONLY);

	return mmap(NULL, sizeof(uint64_t), PROT_READ, MAP_SHARED, fd, 0);
}

enum { REASONS = 8 };
static const char *reasons[REASONS];

static void note_reason(const char *reason)
{
	for (int i = 0; i < REASONS; i++) {
		if (!reasons[i])
			reasons[i] = reason;
		if (!strcmp(reasons[i], reason))
			return;
	}
}

int main(int argc, char **argv)
{
	long refused = 0, in_time = 0, moved = 0;
	double longest = 0;

	if (argc < 6)
		return 2;
	const volatile uint64_t still = 0, *number = argc > 6 ? map_number(argv[6]) : &still;
	if (number == MAP_FAILED)
		return 2;
	pid_t pid = (pid_t)atol(argv[1]);
	long count = atol(argv[2]);
	for (long i = 0; i < count; i++) {
		const char *reason;
		bool was_in_time;
		struct pause *pause = pause_begin(pid, atof(argv[3]), &reason);
		if (pause) {
			uint64_t before = *number;
			usleep((useconds_t)atol(argv[4]));
			moved += *number != before;
			double length = pause_end(pause, &was_in_time);
			in_time += was_in_time;
			longest = length > longest ? length : longest;
		} else {
			refused++;
			note_reason(reason);
		}
		usleep((useconds_t)atol(argv[5]));
	}
	printf("{\"refused\": %ld, \"in_time\": %ld, \"moved\": %ld, \"longest_us\": %.0f, "
	       "\"reasons\": [",
			refused, in_time, moved, longest);
	for (int i = 0; i < REASONS && reasons[i]; i++)
		printf("%s\"%s\"", i ? ", " : "", reasons[i]);
	puts("]}");
	return 0;
}
