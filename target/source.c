/* Source files as a process sees them: see source.h. */
#include "target/source.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buffer.h"

enum { SOURCE_BYTES_MAX = 4 * 1024 * 1024, CHUNK = 64 * 1024 };

/* The kernel keeps links of the name within the directory. */
static int open_within(pid_t pid, const char *file)
{
	const struct open_how how = {
		/* What is no file must neither block nor become our terminal. */
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.resolve = RESOLVE_NO_MAGICLINKS |
			   (*file == '/' ? RESOLVE_IN_ROOT : RESOLVE_BENEATH),
	};
	char directory[64];

	snprintf(directory, sizeof(directory), "/proc/%d/%s", (int)pid,
			*file == '/' ? "root" : "cwd");
	int root = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -1;
	int fd = (int)syscall(SYS_openat2, root, file, &how, sizeof(how));
	close(root);
	return fd;
}

char *source_read(pid_t pid, const char *file, size_t *length)
{
	struct buffer text = { 0 };
	struct stat stat;
	ssize_t n = 0;
	int fd = open_within(pid, file);

	if (fd < 0)
		return NULL;
	if (fstat(fd, &stat) || !S_ISREG(stat.st_mode) || stat.st_size > SOURCE_BYTES_MAX) {
		close(fd);
		return NULL;
	}
	char *chunk = alloc_bytes(CHUNK);
	while (text.length < SOURCE_BYTES_MAX) {
		n = read(fd, chunk, CHUNK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		buffer_add(&text, chunk, (size_t)n);
	}
	free(chunk);
	close(fd);
	if (n < 0) {
		buffer_deinit(&text);
		return NULL;
	}
	*length = text.length;
	return text.text ? text.text : alloc_string("");
}
