/* hostile 3.14|3.15 EVIL: is a CPython with that evil, until its input ends.
 * hostile list: the names of all evils.
 *
 * It says "ready", or "refused: why" and ends with 77.  Then each line "NUMBER
 * VALUE" of its input sets a word of the offsets that it publishes, and "a
 * NUMBER VALUE" one of asyncio's, until the next such line sets it back. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/hostile/evils.h"

static const struct evil *const all[] = { evil_objects, evil_lists, evil_volumes, evil_memory };

static int list_evils(void)
{
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		for (const struct evil *evil = all[i]; evil->name; evil++)
			puts(evil->name);
	return 0;
}

static const struct evil *find_evil(const char *name)
{
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		for (const struct evil *evil = all[i]; evil->name; evil++)
			if (!strcmp(evil->name, name))
				return evil;
	return NULL;
}

static void obey(struct world *w)
{
	uint64_t *changed = NULL, before = 0;
	char line[128];

	while (fgets(line, sizeof(line), stdin)) {
		uint64_t *words = line[0] == 'a' ? w->published_asyncio : w->published;
		char *at = line + (line[0] == 'a');
		unsigned long number = strtoul(at, &at, 0);
		if (changed)
			*changed = before;
		changed = &words[number];
		before = *changed;
		*changed = strtoull(at, NULL, 0);
		puts("done");
		fflush(stdout);
	}
}

int main(int argc, char **argv)
{
	static struct world world;

	if (argc == 2 && !strcmp(argv[1], "list"))
		return list_evils();
	const struct evil *evil = argc >= 3 ? find_evil(argv[2]) : NULL;
	if (!evil) {
		fputs("usage: hostile 3.14|3.15 EVIL, or hostile list\n", stderr);
		return 2;
	}
	world_build(&world, strcmp(argv[1], "3.15") ? BUILD_3_14 : BUILD_3_15);
	evil->spoil(&world);
	puts("ready");
	fflush(stdout);
	obey(&world);
	return 0;
}
