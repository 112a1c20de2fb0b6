/* A program that is no Python by name and runs CPython out of a shared library:
 * embed LIBRARY ARGUMENT ...
 * With EMBED_IN_THREAD set, not in the thread that the process began with. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static int count;
static char **words;
static int (*run)(int, char **);

static void *run_in_thread(void *unused)
{
	(void)unused;
	exit(run(count, words));
}

int main(int argc, char **argv)
{
	void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL) : NULL;
	pthread_t thread;

	if (library)
		*(void **)&run = dlsym(library, "Py_BytesMain");
	if (!run) {
		fprintf(stderr, "embed: %s\n", dlerror());
		return 1;
	}
	count = argc - 1;
	words = argv + 1;
	if (!getenv("EMBED_IN_THREAD"))
		return run(count, words);
	if (!pthread_create(&thread, NULL, run_in_thread, NULL))
		pthread_join(thread, NULL);
	return 1;
}
