/* The graph of who waits for whom: its edges and its cycles. */
#ifndef MODEL_GRAPH_H
#define MODEL_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/snapshot.h"

/* Two tasks by their place in snapshot.tasks: `awaiter` waits for `awaited`. */
struct edge {
	uint32_t awaiter, awaited;
};

/* Fills awaits and awaited_by of all tasks, each in the order of the tasks.
 * The edges may come in any order and several times.  All must name tasks of the
 * snapshot. */
void graph_link(struct snapshot *snapshot, const struct edge *edges, size_t count);

/* Fills snapshot.order and snapshot.cycles: one simple cycle for each set of tasks
 * that all wait for each other, in the order of the waiting.  The tasks must be
 * linked. */
void graph_find_cycles(struct snapshot *snapshot);

/* The same, where a task also waits for the only holder of what it waits for; after
 * the above.  The array is the snapshot's. */
struct task_list *graph_cycles_through_locks(struct snapshot *snapshot, size_t *count);

/* The same, where a task also waits for who likely is the only holder; NULL where there is
 * none.  Those above may be among them. */
struct task_list *graph_likely_cycles(struct snapshot *snapshot, size_t *count);

/* The one that holds the lock that the task waits for, where no other may, or
 * NULL.  Of semaphores those count that let one in. */
struct task *graph_blocker(const struct task *task);

/* The one that was found to hold a full semaphore that the task waits for, where it is not
 * known how many that lets in, or NULL: there may be others. */
struct task *graph_likely_blocker(const struct task *task);

/* Numbers the strongly connected components, tasks that all wait for each
 * other: component[i] is that of task i.  A component has a higher number than
 * those it waits for.  Where `within_loops`, edges between loops do not count.
 * Gives the number of components. */
uint32_t graph_components(const struct snapshot *snapshot, bool within_loops, uint32_t *component);

#endif
