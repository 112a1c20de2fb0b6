/* The clock of a process in a time namespace: see clock.h. */
#include "target/clock.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "target/procfile.h"

static bool has_our_clock(pid_t pid)
{
	char *its = NULL, *ours = NULL;
	bool same = !procfile_link(pid, "ns/time", &its) &&
		    !procfile_link(getpid(), "ns/time", &ours) && !strcmp(its, ours);

	free(its);
	free(ours);
	return same;
}

/* The offset from the clock of the system; of the process's children, where it made
 * them a clock that it does not have itself. */
static double offset_of(pid_t pid)
{
	enum { FILE_MAX = 4096 };
	static const char name[] = "monotonic";
	char *text;
	double offset = 0;

	if (procfile_read(pid, "timens_offsets", FILE_MAX, &text, NULL))
		return 0; /* a kernel without time namespaces */
	char *line = strstr(text, name);
	if (line) {
		char *end;
		offset = (double)strtoll(line + strlen(name), &end, 10);
		offset += (double)strtoll(end, NULL, 10) / 1e9;
	}
	free(text);
	return offset;
}

double clock_ahead(pid_t pid)
{
	return has_our_clock(pid) ? 0 : offset_of(pid) - offset_of(getpid());
}
