/* Writes a snapshot into a file: see save.h. */
#include "view/save.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/thread.h"
#include "view/json.h"

enum { TRIES = 100 };

struct save {
	struct picture *picture;
	bool json;
	struct render_options render;
	pthread_t thread;
	int event;
	struct buffer message; /* the thread's */
};

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

static void write_text(
		const struct snapshot *snapshot, const struct render_options *render, FILE *out)
{
	struct render_options options = *render;

	options.width = options.height = 0;
	options.color = false;
	render_tree(snapshot, &options, out);
}

static void write_file(struct save *save)
{
	const struct snapshot *snapshot = save->picture->snapshot;
	char name[96];
	int fd = create(snapshot, save->json ? "json" : "txt", name, sizeof(name));
	FILE *out = fd < 0 ? NULL : fdopen(fd, "w");

	if (!out) {
		buffer_printf(&save->message, "cannot write %s: %s", name, strerror(errno));
		if (fd >= 0)
			close(fd);
		return;
	}
	if (save->json)
		write_json(snapshot, out);
	else
		write_text(snapshot, &save->render, out);
	bool failed = ferror(out);
	int error = errno;
	failed |= fclose(out) != 0;
	if (failed)
		buffer_printf(&save->message, "cannot write %s: %s", name,
				strerror(error ? error : errno));
	else
		buffer_printf(&save->message, "wrote %s", name);
}

static void *run(void *argument)
{
	struct save *save = argument;

	write_file(save);
	eventfd_write(save->event, 1);
	return NULL;
}

static void save_destroy(struct save *save)
{
	if (save->event >= 0)
		close(save->event);
	picture_destroy(save->picture);
	buffer_deinit(&save->message);
	free(save);
}

struct save *save_begin(struct picture *picture, bool json, const struct render_options *render)
{
	struct save *save = alloc_zeroed(1, sizeof(*save));

	picture_hold(picture);
	save->picture = picture;
	save->json = json;
	save->render = *render;
	save->event = eventfd(0, EFD_CLOEXEC);
	if (save->event >= 0 && thread_begin(&save->thread, run, save))
		return save;
	save_destroy(save);
	return NULL;
}

int save_fd(const struct save *save)
{
	return save->event;
}

void save_end(struct save *save, struct buffer *message)
{
	pthread_join(save->thread, NULL);
	buffer_puts(message, buffer_text(&save->message));
	save_destroy(save);
}
