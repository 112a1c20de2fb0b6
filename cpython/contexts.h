/* What the value stacks of suspended frames tell: the asynchronous context
 * managers that a task is inside of.
 *
 * `async with X` keeps X's exit on the stack, __aexit__ and its self, from before
 * X is entered until it is left.  So a task holds the lock X that it is inside of,
 * and a timeout that it is inside of may end its wait. */
#ifndef CPYTHON_CONTEXTS_H
#define CPYTHON_CONTEXTS_H

#include "cpython/tasks.h"

/* Adds to reader->holdings what the task that was read last holds; gives the
 * seconds until the first timeout that it is inside of, or NAN. */
double contexts_read(struct reader *reader, size_t index);

/* The lock that `object` stands for: it itself, or that of a Condition; 0 where it
 * is neither a lock nor a semaphore. */
remote_addr lock_of(struct python *python, struct asyncio_names *names, remote_addr object);

#endif
