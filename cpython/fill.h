/* Makes the model of what was read. */
#ifndef CPYTHON_FILL_H
#define CPYTHON_FILL_H

#include "cpython/tasks.h"
#include "target/process.h"

/* Fills reader->python->snapshot; `version` as PY_VERSION_HEX. */
void fill_snapshot(struct reader *reader, const struct process *process, uint32_t version);

/* fill_executors.c: those that work for asyncio, once the threads are there. */
void fill_executors(struct reader *reader);

/* Adds what the system knows of what tasks wait for, once the target runs on: the
 * addresses of sockets, and the children, with `no_argv` without their command
 * lines, which may hold secrets.  Once a snapshot. */
void fill_io(struct snapshot *snapshot, const struct process *process, bool no_argv);

/* The task of the model at an address, or NULL. */
struct task *fill_find_task(const struct reader *reader, remote_addr address);

#endif
