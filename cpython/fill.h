/* Makes the model of what was read. */
#ifndef CPYTHON_FILL_H
#define CPYTHON_FILL_H

#include "cpython/tasks.h"
#include "target/process.h"

/* Fills reader->python->snapshot; `version` as PY_VERSION_HEX. */
void fill_snapshot(struct reader *reader, const struct process *process, uint32_t version);

/* Fills in what the system knows of sockets and children, in the snapshot that was
 * filled; with `no_argv` without their command lines, which may hold secrets. */
void fill_io(struct reader *reader, const struct process *process, bool no_argv);

/* The task of the model at an address, or NULL. */
struct task *fill_find_task(const struct reader *reader, remote_addr address);

#endif
