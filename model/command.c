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
static bool runs_python(const struct snapshot *snapshot)
{
	const char *name = base_name(snapshot->command[0]);

	return strncmp(name, "python", 6) == 0 ||
	       (snapshot->executable &&
		       strcmp(name, base_name(snapshot->executable)) == 0);
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

void command_add_name(const struct snapshot *snapshot, struct buffer *out)
{
	char **argv = snapshot->command;
	struct program program = { 0 };

	if (argv && argv[0] && runs_python(snapshot))
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
		buffer_puts(out,
			base_name(snapshot->executable ? snapshot->executable : "?"));
	}
}
