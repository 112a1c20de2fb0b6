/* Which tasks each task awaits, by what those say when they are found.
 *
 * It is known before any of them is read, where the target stands still and keeps who
 * awaits a task (`awaited_by`, Modules/_asynciomodule.c), and only of tasks that one
 * other task awaits. */
#ifndef CPYTHON_AWAITED_H
#define CPYTHON_AWAITED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All are indexes of tasks.  Those of one are together, in the order of the tasks. */
struct awaited {
	uint32_t *items;
	uint32_t *ends;    /* of each task, where its own end in `items` */
	size_t task_count; /* that had been found then */
	bool any_shared;   /* some have several awaiters, and are not in `items` */
};

struct reader;

void awaited_read(struct reader *reader);
void awaited_deinit(struct awaited *awaited);

/* Gives how many the task awaits, and the first of them. */
size_t awaited_of(const struct awaited *awaited, size_t task, const uint32_t **items);

#endif
