/* Runs a harness over files, in the place of libFuzzer: any compiler will do.
 *
 *	fuzz_layout FILE|FOLDER ...
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/alloc.h"
#include "base/buffer.h"
#include "tests/fuzz/fuzz.h"

static unsigned long replayed;
static double slowest;
static char *slowest_path;

__attribute__((weak)) int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return 0;
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void replay_file(const char *path, size_t size)
{
	/* Of just that size, so that reading past it is found. */
	uint8_t *data = alloc_bytes(size);
	FILE *file = fopen(path, "rb");

	if (!file || fread(data, 1, size, file) != size) {
		fprintf(stderr, "%s: cannot be read\n", path);
		exit(1);
	}
	fclose(file);
	double start = now();
	LLVMFuzzerTestOneInput(data, size);
	if (now() - start >= slowest) {
		slowest = now() - start;
		free(slowest_path);
		slowest_path = alloc_string(path);
	}
	replayed++;
	free(data);
}

static void replay(const char *path)
{
	struct stat status;
	struct dirent **names;

	if (stat(path, &status)) {
		perror(path);
		exit(1);
	}
	if (!S_ISDIR(status.st_mode)) {
		replay_file(path, (size_t)status.st_size);
		return;
	}
	int count = scandir(path, &names, NULL, alphasort);
	for (int i = 0; i < count; i++) {
		struct buffer name = { 0 };
		buffer_printf(&name, "%s/%s", path, names[i]->d_name);
		if (names[i]->d_name[0] != '.')
			replay(buffer_text(&name));
		buffer_deinit(&name);
		free(names[i]);
	}
	free(names);
}

int main(int argc, char **argv)
{
	const char *slash = strrchr(argv[0], '/');

	LLVMFuzzerInitialize(&argc, &argv);
	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	if (!replayed) {
		fprintf(stderr, "%s: no inputs\n", argv[0]);
		return 1;
	}
	printf("%s: %lu inputs replayed, the slowest in %.3f s: %s\n", slash ? slash + 1 : argv[0],
			replayed, slowest, slowest_path);
	free(slowest_path);
	return 0;
}
