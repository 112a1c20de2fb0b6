/* Holds all threads of a process still while it is read.
 *
 * A process of ours traces them (ptrace(2)), and does nothing else: it never
 * reads the target, so nothing can keep it from ending, and when it ends, in
 * whatever way, the kernel lets every thread of the target go on.  That is all
 * the protection there is.  It ends with asynctree, also by a kill -9, and at
 * the limit where asynctree itself is stopped, or writes a core. */
#ifndef TARGET_PAUSE_H
#define TARGET_PAUSE_H

#include <stdbool.h>
#include <sys/types.h>

struct pause;

/* Stops the process `pid`, for `limit_us` microseconds at most.  Gives NULL
 * where it cannot be stopped, with the reason, a static text, in `*why`. */
struct pause *pause_begin(pid_t pid, double limit_us, const char **why);

/* Lets it go on.  Gives how long it was stopped, in microseconds; `*in_time`
 * says that it was stopped up to now, and was not let go at the limit. */
double pause_end(struct pause *pause, bool *in_time);

#endif
