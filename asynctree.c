/* asynctree: shows the asyncio tasks of running CPython processes.
 *
 * main() takes a snapshot of each process that is named and gives it to a view.
 * Only this file prints errors and picks the exit status. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/array.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/version.h"
#include "cpython/take.h"
#include "model/fields.h"
#include "render.h"
#include "safe.h"
#include "target/process.h"
#include "target/source.h"
#include "view/json.h"
#include "view/live.h"

enum exit_status {
	STATUS_DONE = 0,
	STATUS_USAGE = 2,
	STATUS_FAILED = 3,     /* a target can't be inspected */
	STATUS_INCOMPLETE = 4, /* shown, but incomplete or not consistent */
};

enum view { VIEW_TREE, VIEW_LIST, VIEW_JSON, VIEW_LIVE };

struct settings {
	enum view view;
	bool stacks;
	bool no_fold;
	bool ascii;
	bool no_argv;
	bool no_pause;
	unsigned pause_limit_ms, second_look_ms;
	double interval_s; /* of the live view */
	enum color_when color;
	ARRAY(int) pids;
};

/* Options without a letter. */
enum {
	OPTION_COLOR = CHAR_MAX + 1,
	OPTION_NO_ARGV,
	OPTION_NO_PAUSE,
	OPTION_PAUSE_LIMIT,
	OPTION_SECOND_LOOK,
	OPTION_HELP,
	OPTION_VERSION
};

enum { PAUSE_LIMIT_MS = 500, SECOND_LOOK_MS = 100, MILLISECONDS_MAX = 3600 * 1000 };

#define INTERVAL_LEAST_S 0.1
#define INTERVAL_MOST_S 3600.0

/* Every option: getopt_long() and --help are made from this table. */
static const struct option_row {
	int code; /* its letter, or one of the above */
	const char *name;
	const char *argument; /* what --help calls it, in brackets where it may be left out; or NULL */
	const char *help;
} option_rows[] = {
	{ 't', "tree", NULL, "draw the tasks as a tree (the default)" },
	{ 'l', "list", NULL, "list the tasks in a table" },
	{ 'j', "json", NULL, "print JSON, schema asynctree-1" },
	{ 'i', "live", "[SECS]", "watch one process, a snapshot every SECS seconds (1)" },
	{ 's', "stacks", NULL, "show every frame of each task" },
	{ 'c', "no-fold", NULL, "show like tasks one by one" },
	{ 'A', "ascii", NULL, "draw with ASCII characters only" },
	{ OPTION_COLOR, "color", "WHEN", "use colours: auto, always or never" },
	{ OPTION_NO_ARGV, "no-argv", NULL, "leave out command lines, which may hold secrets" },
	{ OPTION_NO_PAUSE, "no-pause", NULL,
			"read the process while it runs, without stopping it" },
	{ OPTION_PAUSE_LIMIT, "pause-limit", "MS", "stop it for MS milliseconds at most (500)" },
	{ OPTION_SECOND_LOOK, "second-look", "MS",
			"look again after MS at what may only seem stuck (100)" },
	{ OPTION_HELP, "help", NULL, "print this help" },
	{ OPTION_VERSION, "version", NULL, "print the version" },
};

enum { OPTION_ROWS = sizeof(option_rows) / sizeof(option_rows[0]) };

static bool has_letter(const struct option_row *row)
{
	return row->code <= CHAR_MAX;
}

static bool may_lack_argument(const struct option_row *row)
{
	return row->argument && row->argument[0] == '[';
}

static _Noreturn void out_of_memory(void)
{
	static const char message[] = "asynctree: out of memory\n";

	live_abandon();
	ssize_t ignored = write(STDERR_FILENO, message, sizeof(message) - 1);
	(void)ignored;
	_exit(STATUS_FAILED);
}

/* Standard output that remembers why it failed: stdio alone forgets. */
struct output {
	FILE *file;
	int error; /* errno of the first write that failed, or 0 */
};

static ssize_t write_output(void *cookie, const char *data, size_t size)
{
	struct output *output = cookie;
	size_t done = 0;

	while (done < size && !output->error) {
		ssize_t count = write(STDOUT_FILENO, data + done, size - done);
		if (count >= 0)
			done += (size_t)count;
		else if (errno != EINTR)
			output->error = errno;
	}
	return output->error ? 0 : (ssize_t)size;
}

static void output_open(struct output *output)
{
	const cookie_io_functions_t functions = { .write = write_output };

	output->error = 0;
	output->file = fopencookie(output, "w", functions);
	if (!output->file)
		out_of_memory();
}

/* A reader that has gone is no error: `asynctree PID | head` ends quietly. */
static enum exit_status output_close(struct output *output, enum exit_status status)
{
	fclose(output->file);
	if (!output->error || output->error == EPIPE)
		return status;
	fprintf(stderr, "asynctree: cannot write the output: %s\n", strerror(output->error));
	return STATUS_FAILED;
}

static void print_options(FILE *out)
{
	for (const struct option_row *row = option_rows; row < option_rows + OPTION_ROWS; row++) {
		struct buffer name = { 0 };
		if (has_letter(row))
			buffer_printf(&name, "-%c, ", row->code);
		else
			buffer_puts(&name, "    ");
		buffer_printf(&name, "--%s", row->name);
		if (may_lack_argument(row))
			buffer_printf(&name, "[=%s", row->argument + 1);
		else if (row->argument)
			buffer_printf(&name, " %s", row->argument);
		fprintf(out, "  %-20s  %s\n", buffer_text(&name), row->help);
		buffer_deinit(&name);
	}
}

static void print_columns(FILE *out)
{
	for (size_t i = 0; i < task_field_count; i++)
		if (task_fields[i].header)
			fprintf(out, "  %-20s  %s\n", task_fields[i].header,
					task_fields[i].meaning);
}

static void print_help(FILE *out)
{
	fputs("Usage: asynctree [options] PID ...\n"
	      "Show the asyncio tasks of running CPython 3.11 to 3.15 processes.\n"
	      "\nOptions:\n",
			out);
	print_options(out);
	fputs("\nColumns of --list:\n", out);
	print_columns(out);
	fputs("\nExit status: 0 done, 2 wrong usage, 3 a process can't be inspected,\n"
	      "4 shown, but incomplete or not consistent.\n"
	      "\nThe process is stopped while it is read. Native epoll_wait, sigtimedwait and\n"
	      "socket calls with a timeout may return EINTR then; --no-pause avoids it.\n"
	      "\nReading another process needs the same user and, where the system asks for it,\n"
	      "CAP_SYS_PTRACE: see asynctree(1).\n",
			out);
}

static void print_version(FILE *out)
{
	fputs("asynctree " ASYNCTREE_VERSION "\n"
	      "License MIT: free to use, change and share; there is no warranty.\n",
			out);
}

static enum exit_status print_and_end(void (*print)(FILE *))
{
	struct output output;

	output_open(&output);
	print(output.file);
	return output_close(&output, STATUS_DONE);
}

/* One line, whatever is in the text: a part of it may be an argument or come
 * from a target. */
static void print_error(const char *text)
{
	struct buffer line = { 0 };

	safe_add(&line, text, strcmp(nl_langinfo(CODESET), "UTF-8") != 0);
	fprintf(stderr, "asynctree: %s\n", buffer_text(&line));
	buffer_deinit(&line);
}

static bool usage_error(void)
{
	fputs("Try 'asynctree --help' for more information.\n", stderr);
	return false;
}

static bool wrong_argument(const char *what, const char *argument)
{
	struct buffer text = { 0 };

	buffer_printf(&text, "%s: %s", what, argument);
	print_error(buffer_text(&text));
	buffer_deinit(&text);
	return usage_error();
}

static bool parse_color(const char *text, enum color_when *when)
{
	static const char *const words[] = {
		[COLOR_AUTO] = "auto",
		[COLOR_ALWAYS] = "always",
		[COLOR_NEVER] = "never",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(text, words[i]) == 0) {
			*when = (enum color_when)i;
			return true;
		}
	}
	return wrong_argument("--color takes auto, always or never", text);
}

/* A decimal number from `least` to `most`, and nothing else. */
static bool parse_number(const char *text, long least, long most, long *number)
{
	errno = 0;
	*number = strtol(text, NULL, 10);
	return strspn(text, "0123456789") == strlen(text) && *text && !errno && *number >= least &&
	       *number <= most;
}

static bool parse_milliseconds(
		const char *text, long least, const char *wrong, unsigned *milliseconds)
{
	long number;

	if (!parse_number(text, least, MILLISECONDS_MAX, &number))
		return wrong_argument(wrong, text);
	*milliseconds = (unsigned)number;
	return true;
}

/* Digits with a point among them: no sign, exponent, or other locale. */
static bool parse_interval(const char *text, double *seconds)
{
	char *end;

	errno = 0;
	*seconds = strtod(text, &end);
	if (!*text || *end || strspn(text, "0123456789.") != strlen(text) || errno ||
			*seconds < INTERVAL_LEAST_S || *seconds > INTERVAL_MOST_S)
		return wrong_argument("--live takes seconds, from 0.1 to 3600", text);
	return true;
}

static bool parse_pid(const char *text, int *pid)
{
	long number;

	if (!parse_number(text, 1, INT_MAX, &number))
		return wrong_argument("not a process id", text);
	*pid = (int)number;
	return true;
}

/* One option into the settings; false after a usage error. */
static bool apply_option(struct settings *settings, int code)
{
	switch (code) {
	case 't':
		settings->view = VIEW_TREE;
		return true;
	case 'l':
		settings->view = VIEW_LIST;
		return true;
	case 'j':
		settings->view = VIEW_JSON;
		return true;
	case 'i':
		settings->view = VIEW_LIVE;
		return !optarg || parse_interval(optarg, &settings->interval_s);
	case 's':
		settings->stacks = true;
		return true;
	case 'c':
		settings->no_fold = true;
		return true;
	case 'A':
		settings->ascii = true;
		return true;
	case OPTION_COLOR:
		return parse_color(optarg, &settings->color);
	case OPTION_NO_ARGV:
		settings->no_argv = true;
		return true;
	case OPTION_NO_PAUSE:
		settings->no_pause = true;
		return true;
	case OPTION_PAUSE_LIMIT:
		return parse_milliseconds(optarg, 1,
				"--pause-limit takes milliseconds, from 1 to 3600000",
				&settings->pause_limit_ms);
	case OPTION_SECOND_LOOK:
		return parse_milliseconds(optarg, 0,
				"--second-look takes milliseconds, from 0 to 3600000",
				&settings->second_look_ms);
	}
	return false;
}

static const struct option_row *find_row(int code)
{
	for (int i = 0; i < OPTION_ROWS; i++)
		if (option_rows[i].code == code)
			return &option_rows[i];
	return NULL;
}

/* What getopt_long() would say, but safe to print.  `code` is what it gave, and
 * `argument` where it stopped. */
static bool wrong_option(int code, const char *argument)
{
	const char letter[] = { '-', (char)optopt, '\0' };

	if (code == ':')
		return wrong_argument("an argument is missing", argument);
	if (find_row(optopt))
		return wrong_argument("the option takes no argument", argument);
	if (optopt)
		return wrong_argument("unknown option", letter);
	return wrong_argument("unknown or ambiguous option", argument);
}

static void fill_getopt_tables(struct option *longs, char *shorts)
{
	for (int i = 0; i < OPTION_ROWS; i++) {
		const struct option_row *row = &option_rows[i];
		longs[i] = (struct option){
			.name = row->name,
			.has_arg = may_lack_argument(row) ? optional_argument
				   : row->argument        ? required_argument
							  : no_argument,
			.val = row->code,
		};
		if (has_letter(row))
			*shorts++ = (char)row->code;
		if (has_letter(row) && row->argument)
			*shorts++ = ':';
		if (has_letter(row) && may_lack_argument(row))
			*shorts++ = ':';
	}
}

static bool parse_pids(struct settings *settings, char **arguments)
{
	if (!*arguments) {
		print_error("no process id is given");
		return usage_error();
	}
	for (; *arguments; arguments++)
		if (!parse_pid(*arguments, array_push(&settings->pids)))
			return false;
	return true;
}

/* Fills the settings and gives true, or ends with `*status`. */
static bool parse_arguments(
		struct settings *settings, int argc, char **argv, enum exit_status *status)
{
	struct option longs[OPTION_ROWS + 1] = { 0 };
	char shorts[3 * OPTION_ROWS + 2] = ":"; /* a missing argument gives ':' */
	int code;

	*status = STATUS_USAGE;
	opterr = 0;
	fill_getopt_tables(longs, shorts + 1);
	while ((code = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (code == OPTION_HELP || code == OPTION_VERSION) {
			*status = print_and_end(code == OPTION_HELP ? print_help : print_version);
			return false;
		}
		if (code == '?' || code == ':')
			return wrong_option(code, argv[optind - 1]);
		if (!apply_option(settings, code))
			return false;
	}
	return parse_pids(settings, argv + optind);
}

static struct take_options take_options_of(const struct settings *settings)
{
	return (struct take_options){
		.no_argv = settings->no_argv,
		.no_pause = settings->no_pause,
		.pause_limit_us = settings->pause_limit_ms * 1000.0,
		.second_look_s = settings->second_look_ms / 1000.0,
	};
}

/* Where the snapshots go. */
struct report {
	const struct settings *settings;
	struct output output;
	struct render_options render;
	struct json_output json;
	bool separate; /* text was printed: a blank line comes before the next */
};

static void report_begin(struct report *report, const struct settings *settings)
{
	*report = (struct report){ .settings = settings };
	output_open(&report->output);
	render_options_init(&report->render, STDOUT_FILENO, settings->color);
	report->render.stacks = settings->stacks;
	report->render.fold = !settings->no_fold;
	report->render.ascii |= settings->ascii;
	if (settings->view == VIEW_JSON)
		json_output_begin(&report->json, report->output.file);
}

static void report_snapshot(struct report *report, const struct snapshot *snapshot)
{
	FILE *out = report->output.file;

	if (report->settings->view == VIEW_JSON) {
		json_output_snapshot(&report->json, snapshot);
		return;
	}
	if (report->separate)
		fputc('\n', out);
	report->separate = true;
	if (report->settings->view == VIEW_LIST)
		render_list(snapshot, &report->render, out);
	else
		render_tree(snapshot, &report->render, out);
	/* What was read stands before an error about the next process. */
	fflush(out);
}

static void report_error(struct report *report, int pid, const struct error *error)
{
	print_error(error->message);
	if (report->settings->view == VIEW_JSON)
		json_output_error(&report->json, pid, error);
}

static enum exit_status report_end(struct report *report, enum exit_status status)
{
	if (report->settings->view == VIEW_JSON)
		json_output_end(&report->json);
	return output_close(&report->output, status);
}

static enum exit_status inspect(struct report *report, int pid)
{
	const struct take_options options = take_options_of(report->settings);
	struct snapshot *snapshot = NULL;
	enum exit_status status = STATUS_DONE;

	struct error *error = take_snapshot(pid, &options, &snapshot);
	if (error) {
		report_error(report, pid, error);
		error_free(error);
		return STATUS_FAILED;
	}
	if (snapshot->dropped || !snapshot->consistent)
		status = STATUS_INCOMPLETE;
	report_snapshot(report, snapshot);
	snapshot_destroy(snapshot);
	return status;
}

/* Of several processes the worst decides: what failed comes before what is
 * incomplete, and that before what is done. */
static enum exit_status worse(enum exit_status a, enum exit_status b)
{
	if (a == STATUS_FAILED || b == STATUS_FAILED)
		return STATUS_FAILED;
	return a > b ? a : b;
}

static enum exit_status inspect_all(const struct settings *settings)
{
	struct report report;
	enum exit_status status = STATUS_DONE;

	report_begin(&report, settings);
	for (size_t i = 0; i < settings->pids.count && !report.output.error; i++)
		status = worse(status, inspect(&report, settings->pids.items[i]));
	return report_end(&report, status);
}

/* ---- the live view ---- */

/* The one process that is watched.  It outlives main(): the thread that takes
 * snapshots may be in the middle of one when the program ends. */
static struct watched {
	struct process process; /* held, so that it stays the same one */
	struct take_options options;
} watched;

/* Whether the process may not be read any more: what is found then looks like
 * another program. */
static struct error *explain_denial(int pid)
{
	struct process process;
	struct error *error = process_open(pid, &process);

	process_close(&process);
	if (!error || error->kind == ERROR_DENIED)
		return error;
	error_free(error);
	return NULL;
}

static struct error *recheck_watched(struct watched *target)
{
	struct error *error = process_recheck(&target->process);

	if (!error || error->kind != ERROR_GONE)
		return error;
	struct error *better = error->number ? NULL : explain_denial(target->process.pid);
	if (!better)
		better = error_create(ERROR_GONE, error->number, "%s",
				error->number ? "the process has ended"
					      : "the process has become another program (exec)");
	error_free(error);
	return better;
}

static struct error *take_watched(void *context, bool pauses, struct snapshot **snapshot)
{
	struct watched *target = context;
	struct take_options options = target->options;

	options.no_pause = !pauses;
	struct error *error = recheck_watched(target);
	if (error)
		return error;
	error = take_snapshot(target->process.pid, &options, snapshot);
	/* What is read again is by its number: that may be another's by now. */
	struct error *changed = recheck_watched(target);
	if (!changed)
		return error;
	if (!error)
		snapshot_destroy(*snapshot);
	error_free(error);
	return changed;
}

static struct error *check_watched(void *context)
{
	return recheck_watched(context);
}

static char *read_watched_source(void *context, const char *file, size_t *length)
{
	struct watched *target = context;

	return source_read(target->process.living, file, length);
}

static enum exit_status tell_no_terminal(void)
{
	print_error("--live needs a terminal for standard input and output; --help tells of the "
		    "other views");
	return STATUS_USAGE;
}

static enum exit_status end_live(const struct live_result *result)
{
	switch (result->end) {
	case LIVE_QUIT:
		return STATUS_DONE;
	case LIVE_SIGNAL:
		/* Who sent it learns that we ended by it. */
		signal(result->signal, SIG_DFL);
		raise(result->signal);
		return STATUS_FAILED;
	case LIVE_FAILED:
		print_error(result->error->message);
		return STATUS_FAILED;
	case LIVE_NO_TERMINAL:
		return tell_no_terminal();
	case LIVE_UNKNOWN_TERMINAL:
		wrong_argument("--live does not know this kind of terminal, which TERM names",
				getenv("TERM") ? getenv("TERM") : "");
		return STATUS_USAGE;
	default:
		print_error("--live cannot start a thread");
		return STATUS_FAILED;
	}
}

static enum exit_status inspect_live(const struct settings *settings)
{
	const struct live_source source = { take_watched, check_watched, read_watched_source,
		&watched };
	struct live_options options = {
		.interval_s = settings->interval_s,
		.pauses = !settings->no_pause,
	};
	struct error *error;

	if (settings->pids.count != 1) {
		print_error("--live watches one process");
		return STATUS_USAGE;
	}
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return tell_no_terminal();
	watched.options = take_options_of(settings);
	render_options_init(&options.render, STDOUT_FILENO, settings->color);
	options.render.ascii |= settings->ascii;
	options.render.stacks = settings->stacks;
	options.render.fold = !settings->no_fold;
	error = process_open(settings->pids.items[0], &watched.process);
	struct live_result result = error ? (struct live_result){ LIVE_FAILED, 0, error }
					  : live_run(&source, &options);
	enum exit_status status = end_live(&result);
	error_free(result.error);
	return status;
}

/* A file that we open must never become our standard output. */
static void hold_standard_files(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	struct settings settings = {
		.pause_limit_ms = PAUSE_LIMIT_MS,
		.second_look_ms = SECOND_LOOK_MS,
		.interval_s = 1,
	};
	enum exit_status status;

	alloc_prepare();
	hold_standard_files();
	signal(SIGPIPE, SIG_IGN);
	alloc_on_failure(out_of_memory);
	/* Only the characters: numbers and messages are the same everywhere. */
	setlocale(LC_CTYPE, "");
	if (parse_arguments(&settings, argc, argv, &status))
		status = settings.view == VIEW_LIVE ? inspect_live(&settings)
						    : inspect_all(&settings);
	array_free(&settings.pids);
	return (int)status;
}
