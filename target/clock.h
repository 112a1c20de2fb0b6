/* The clock of a process in a time namespace. */
#ifndef TARGET_CLOCK_H
#define TARGET_CLOCK_H

#include <sys/types.h>

/* By how many seconds its CLOCK_MONOTONIC is ahead of ours
 * (time_namespaces(7)). */
double clock_ahead(pid_t pid);

#endif
