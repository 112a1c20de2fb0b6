/* What a process is called: see command.h. */
#include "model/command.h"

#include <string.h>

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

/* A process may write anything there: only what looks like Python's own
 * arguments is read as such. */
static bool runs_python(const struct snapshot *snapshot, char **argv)
{
	const char *name = base_name(argv[0]);

	return strncmp(name, "python", 6) == 0 ||
	       (snapshot->executable && strcmp(name, base_name(snapshot->executable)) == 0);
}

/* What Python runs according to its arguments. */
struct program {
	const char *script;
	const char *module;
	bool inline_code;
};

/* Reads one argument that is options, as "-uBm", where `next` follows.  Gives
 * whether it takes the next one too. */
static bool read_options(const char *argument, const char *next, struct program *program)
{
	if (argument[1] == '-')
		return strcmp(argument, "--check-hash-based-pycs") == 0;
	for (const char *option = argument + 1; *option; option++) {
		if (*option == 'm')
			program->module = option[1] ? option + 1 : next;
		else if (*option == 'c')
			program->inline_code = true;
		if (strchr("mcXW", *option))
			return !option[1];
	}
	return false;
}

static struct program read_arguments(char **argv)
{
	struct program program = { 0 };

	for (size_t i = 1; argv[i] && !program.module && !program.inline_code; i++) {
		if (strcmp(argv[i], "-") == 0)
			break;
		if (argv[i][0] != '-') {
			program.script = argv[i];
			break;
		}
		if (read_options(argv[i], argv[i + 1], &program) && argv[i + 1])
			i++;
	}
	return program;
}

/* The options of ld.so(8) that take the next argument too. */
static bool takes_argument(const char *option)
{
	static const char *const options[] = { "--library-path", "--preload", "--argv0", "--audit",
		"--inhibit-rpath", "--glibc-hwcaps-mask", "--glibc-hwcaps-prepend" };

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (strcmp(option, options[i]) == 0)
			return true;
	return false;
}

/* What the dynamic loader was told to run, where it was started by hand. */
static char **skip_loader(char **argv)
{
	const char *name = argv && argv[0] ? base_name(argv[0]) : "";

	/* ld-linux-x86-64.so.2, ld-musl-x86_64.so.1, and ld.so */
	if ((strncmp(name, "ld-", 3) != 0 && strncmp(name, "ld.", 3) != 0) || !strstr(name, ".so"))
		return argv;
	char **at = argv + 1;
	while (*at && strncmp(*at, "--", 2) == 0)
		at += takes_argument(at[0]) && at[1] ? 2 : 1;
	return *at ? at : argv;
}

void command_add_name(const struct snapshot *snapshot, struct buffer *out)
{
	char **argv = skip_loader(snapshot->command);
	struct program program = { 0 };

	if (argv && argv[0] && runs_python(snapshot, argv))
		program = read_arguments(argv);
	if (program.module) {
		buffer_puts(out, "-m ");
		buffer_puts(out, program.module);
	} else if (program.script) {
		buffer_puts(out, base_name(program.script));
	} else if (argv && argv[0] && argv[0][0]) {
		buffer_puts(out, base_name(argv[0]));
		buffer_puts(out, program.inline_code ? " -c" : "");
	} else {
		buffer_puts(out, base_name(snapshot->executable ? snapshot->executable : "?"));
	}
}
