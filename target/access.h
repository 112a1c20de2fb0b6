/* Why the system refuses to let us read a process, and what a user can do. */
#ifndef TARGET_ACCESS_H
#define TARGET_ACCESS_H

#include <sys/types.h>

#include "base/error.h"

/* An error for the errno that opening or reading /proc/PID gave. */
struct error *access_explain(pid_t pid, int number);

#endif
