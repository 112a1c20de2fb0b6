/* Writes a snapshot into a file: see save.h. */
#include "view/save.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "view/json.h"

enum { TRIES = 100 };

/* A file that was not there before, named by the process and the time. */
static int create(const struct snapshot *snapshot, const char *ending, char *name, size_t size)
{
	char stamp[32] = "", number[16] = "";
	struct tm time;
	int fd = -1;

	if (gmtime_r(&snapshot->taken_at.tv_sec, &time))
		strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &time);
	for (int i = 1; i <= TRIES && fd < 0; i++) {
		if (i > 1)
			snprintf(number, sizeof(number), "-%d", i);
		snprintf(name, size, "asynctree-%d-%s%s.%s", snapshot->pid, stamp, number, ending);
		fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (fd < 0 && errno != EEXIST)
			break;
	}
	return fd;
}

static void write_json(const struct snapshot *snapshot, FILE *out)
{
	struct json_output output;

	json_output_begin(&output, out);
	json_output_snapshot(&output, snapshot);
	json_output_end(&output);
}

static void write_text(const struct snapshot *snapshot, const struct render_options *render,
		FILE *out)
{
	struct render_options options = *render;

	options.width = options.height = 0;
	options.color = false;
	render_tree(snapshot, &options, out);
}

void save_snapshot(const struct snapshot *snapshot, bool json, const struct render_options *render,
		struct buffer *message)
{
	char name[96];
	int fd = create(snapshot, json ? "json" : "txt", name, sizeof(name));
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	if (!out) {
		buffer_printf(message, "cannot write %s: %s", name, strerror(errno));
		if (fd >= 0)
			close(fd);
		return;
	}
	if (json)
		write_json(snapshot, out);
	else
		write_text(snapshot, render, out);
	bool failed = ferror(out);
	int error = errno;
	failed |= fclose(out) != 0;
	if (failed)
		buffer_printf(message, "cannot write %s: %s", name, strerror(error ? error : errno));
	else
		buffer_printf(message, "wrote %s", name);
}
