/* Files of /proc/PID: see procfile.h. */
#include "target/procfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buffer.h"

static void proc_path(char path[PATH_MAX], pid_t pid, const char *name)
{
	snprintf(path, PATH_MAX, "/proc/%d/%s", (int)pid, name);
}

int procfile_read(pid_t pid, const char *name, size_t limit, char **text, size_t *length)
{
	char path[PATH_MAX], chunk[16384];
	struct buffer buffer = { 0 };
	ssize_t n = 0;

	proc_path(path, pid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno;
	while (buffer.length < limit) {
		size_t want = limit - buffer.length < sizeof(chunk) ? limit - buffer.length
								    : sizeof(chunk);
		n = read(fd, chunk, want);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		buffer_add(&buffer, chunk, (size_t)n);
	}
	int failed = n < 0 ? errno : 0;
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
