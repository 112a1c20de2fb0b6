/* The clock of a process in a time namespace: see clock.h. */
#include "target/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "target/procfile.h"

/* The offset from the clock of the system. */
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
	return offset_of(pid) - offset_of(getpid());
}
