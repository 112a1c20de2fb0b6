/* Files of /proc/PID: see procfile.h. */
#include "target/procfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buffer.h"

static void proc_path(char path[PATH_MAX], pid_t pid, const char *name)
{
	snprintf(path, PATH_MAX, "/proc/%d/%s", (int)pid, name);
}

/* Reads until nothing is left, or where `short_is_end`, until less comes than might. */
static int read_file(int fd, size_t limit, bool short_is_end, struct buffer *buffer)
{
	char chunk[16384];

	while (buffer->length < limit) {
		size_t want = limit - buffer->length < sizeof(chunk) ? limit - buffer->length
								     : sizeof(chunk);
		ssize_t n = read(fd, chunk, want);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? errno : 0;
		buffer_add(buffer, chunk, (size_t)n);
		if (short_is_end && (size_t)n < want)
			return 0;
	}
	return 0;
}

static int open_and_read(pid_t pid, const char *name, size_t limit, bool short_is_end, char **text,
		size_t *length)
{
	char path[PATH_MAX];
	struct buffer buffer = { 0 };

	proc_path(path, pid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	int failed = read_file(fd, limit, short_is_end, &buffer);
	close(fd);
	if (failed) {
		buffer_deinit(&buffer);
		return failed;
	}
	*text = buffer.text ? buffer.text : alloc_string("");
	if (length)
		*length = buffer.length;
	return 0;
}

int procfile_read(pid_t pid, const char *name, size_t limit, char **text, size_t *length)
{
	return open_and_read(pid, name, limit, true, text, length);
}

int procfile_read_list(pid_t pid, const char *name, size_t limit, char **text)
{
	return open_and_read(pid, name, limit, false, text, NULL);
}

int procfile_link(pid_t pid, const char *name, char **text)
{
	char path[PATH_MAX], link[PATH_MAX];

	proc_path(path, pid, name);
	ssize_t n = readlink(path, link, sizeof(link) - 1);
	if (n < 0)
		return errno;
	link[n] = '\0';
	*text = alloc_string(link);
	return 0;
}
