/* Links the edges of the await graph and finds its cycles: see graph.h.
 *
 * Chains of awaits may be as long as there are tasks: nothing here recurses. */
#include "model/graph.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/array.h"

/* Sorts edges by one of their ends, and leaves equal ones in their order. */
static void sort_by(const struct edge *edges, size_t count, struct edge *sorted,
		size_t *places, uint32_t tasks, bool by_awaiter)
{
	memset(places, 0, ((size_t)tasks + 1) * sizeof(*places));
	for (size_t i = 0; i < count; i++)
		places[(by_awaiter ? edges[i].awaiter : edges[i].awaited) + 1]++;
	for (uint32_t i = 0; i < tasks; i++)
		places[i + 1] += places[i];
	for (size_t i = 0; i < count; i++)
		sorted[places[by_awaiter ? edges[i].awaiter : edges[i].awaited]++] = edges[i];
}

/* Sorts the edges by awaiter and then by what it awaits, in linear time. */
static void sort_edges(struct edge *edges, size_t count, uint32_t tasks)
{
	struct edge *by_awaited = alloc_zeroed(count, sizeof(*by_awaited));
	size_t *places = alloc_zeroed((size_t)tasks + 1, sizeof(*places));

	sort_by(edges, count, by_awaited, places, tasks, false);
	sort_by(by_awaited, count, edges, places, tasks, true);
	free(places);
	free(by_awaited);
}

static size_t drop_duplicates(struct edge *edges, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (!kept || edges[kept - 1].awaiter != edges[i].awaiter ||
				edges[kept - 1].awaited != edges[i].awaited)
			edges[kept++] = edges[i];
	return kept;
}

/* Gives each list its part of one array, as long as its count says, and empties it. */
static void share_out(struct task_list *list, struct task ***free_items)
{
	list->items = *free_items;
	*free_items += list->count;
	list->count = 0;
}

static void append(struct task_list *list, struct task *task)
{
	list->items[list->count++] = task;
}

void graph_link(struct snapshot *snapshot, struct edge *edges, size_t count)
{
	struct task **tasks = snapshot->tasks.items;

	sort_edges(edges, count, snapshot->tasks.count);
	count = drop_duplicates(edges, count);
	for (uint32_t i = 0; i < snapshot->tasks.count; i++)
		tasks[i]->awaits.count = tasks[i]->awaited_by.count = 0;
	for (size_t i = 0; i < count; i++) {
		tasks[edges[i].awaiter]->awaits.count++;
		tasks[edges[i].awaited]->awaited_by.count++;
	}
	struct task **items =
		arena_alloc(&snapshot->arena, 2 * count, sizeof(struct task *));
	for (uint32_t i = 0; i < snapshot->tasks.count; i++) {
		share_out(&tasks[i]->awaits, &items);
		share_out(&tasks[i]->awaited_by, &items);
	}
	for (size_t i = 0; i < count; i++) {
		struct task *awaiter = tasks[edges[i].awaiter];
		struct task *awaited = tasks[edges[i].awaited];

		append(&awaiter->awaits, awaited);
		append(&awaited->awaited_by, awaiter);
	}
}

/* Tarjan's algorithm, with a stack of its own in place of the call stack. */
struct tarjan {
	const struct snapshot *snapshot;
	bool within_loops;
	uint32_t *component;
	uint32_t components;
	uint32_t visited;
	uint32_t *order;  /* when a task was first seen, from 1; 0 for not yet */
	uint32_t *low;    /* the earliest task that can be reached */
	uint32_t *edge;   /* the next edge to follow */
	uint32_t *caller; /* the task from which this one was entered */
	uint32_t *open;   /* tasks that have no component yet */
	uint32_t open_count;
};

enum { NO_TASK = UINT32_MAX };

static void enter(struct tarjan *t, uint32_t i, uint32_t caller)
{
	t->order[i] = t->low[i] = ++t->visited;
	t->caller[i] = caller;
	t->open[t->open_count++] = i;
}

/* All of the tasks that were opened since `i` reach each other. */
static void close_component(struct tarjan *t, uint32_t i)
{
	uint32_t member;

	do {
		member = t->open[--t->open_count];
		t->component[member] = t->components;
	} while (member != i);
	t->components++;
}

/* Follows the next edge of `i`, and gives the task to go on with. */
static uint32_t step(struct tarjan *t, uint32_t i)
{
	const struct task *task = t->snapshot->tasks.items[i];

	while (t->edge[i] < task->awaits.count) {
		const struct task *awaited = task->awaits.items[t->edge[i]++];
		uint32_t next = awaited->index;

		if (t->within_loops && awaited->loop != task->loop)
			continue;
		if (!t->order[next]) {
			enter(t, next, i);
			return next;
		}
		if (t->component[next] == NO_TASK && t->order[next] < t->low[i])
			t->low[i] = t->order[next];
	}
	uint32_t caller = t->caller[i];
	if (t->low[i] == t->order[i])
		close_component(t, i);
	else if (caller != NO_TASK && t->low[i] < t->low[caller])
		t->low[caller] = t->low[i];
	return caller;
}

uint32_t graph_components(
	const struct snapshot *snapshot, bool within_loops, uint32_t *component)
{
	uint32_t count = snapshot->tasks.count;
	uint32_t *memory = alloc_zeroed(5 * (size_t)count + 1, sizeof(*memory));
	struct tarjan t = {
		.snapshot = snapshot,
		.within_loops = within_loops,
		.component = component,
		.order = memory,
		.low = memory + count,
		.edge = memory + 2 * (size_t)count,
		.caller = memory + 3 * (size_t)count,
		.open = memory + 4 * (size_t)count,
	};

	for (uint32_t i = 0; i < count; i++)
		component[i] = NO_TASK;
	for (uint32_t i = 0; i < count; i++) {
		if (t.order[i])
			continue;
		enter(&t, i, NO_TASK);
		for (uint32_t at = i; at != NO_TASK;)
			at = step(&t, at);
	}
	free(memory);
	return t.components;
}

/* The first that `task` awaits of its own component, or NULL. */
static struct task *next_in_component(const struct task *task, const uint32_t *component)
{
	for (uint32_t i = 0; i < task->awaits.count; i++)
		if (component[task->awaits.items[i]->index] == component[task->index])
			return task->awaits.items[i];
	return NULL;
}

/* Puts the task that was created first at the front. */
static void rotate(struct task_list *cycle)
{
	uint32_t first = 0;
	struct task **copy = alloc_bytes(cycle->count * sizeof(*copy));

	for (uint32_t i = 1; i < cycle->count; i++)
		if (cycle->items[i]->index < cycle->items[first]->index)
			first = i;
	for (uint32_t i = 0; i < cycle->count; i++)
		copy[i] = cycle->items[(first + i) % cycle->count];
	memcpy(cycle->items, copy, cycle->count * sizeof(*copy));
	free(copy);
}

/* Walks from `start` within its component until it comes to a task for the
 * second time: what lies between is a cycle.  `place` holds the places on the
 * way, from 1, and is 0 for all tasks of the component. */
static struct task_list walk_cycle(struct snapshot *snapshot, struct task *start,
	const uint32_t *component, uint32_t *place)
{
	ARRAY(struct task *) way = { 0 };
	struct task *task = start;

	for (; !place[task->index]; task = next_in_component(task, component)) {
		*array_push(&way) = task;
		place[task->index] = (uint32_t)way.count;
	}
	uint32_t from = place[task->index] - 1;
	struct task_list cycle = { .count = (uint32_t)way.count - from };
	cycle.items = arena_copy(
		&snapshot->arena, way.items + from, cycle.count * sizeof(*cycle.items));
	array_free(&way);
	rotate(&cycle);
	return cycle;
}

void graph_find_cycles(struct snapshot *snapshot)
{
	uint32_t count = snapshot->tasks.count;
	uint32_t *component = alloc_zeroed(2 * (size_t)count + 1, sizeof(*component));
	uint32_t *place = component + count;
	uint32_t components = graph_components(snapshot, false, component);
	bool *seen = alloc_zeroed((size_t)components + 1, sizeof(*seen));
	ARRAY(struct task_list) cycles = { 0 };

	for (uint32_t i = 0; i < count; i++) {
		struct task *task = snapshot->tasks.items[i];

		if (seen[component[i]] || !next_in_component(task, component))
			continue;
		seen[component[i]] = true;
		*array_push(&cycles) = walk_cycle(snapshot, task, component, place);
	}
	snapshot->cycles.count = cycles.count;
	snapshot->cycles.items = arena_copy(
		&snapshot->arena, cycles.items, cycles.count * sizeof(*cycles.items));
	array_free(&cycles);
	free(seen);
	free(component);
}
