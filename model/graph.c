/* Links the edges of the await graph and finds its cycles: see graph.h.
 *
 * Chains of awaits may be as long as there are tasks: nothing here recurses. */
#include "model/graph.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/array.h"

/* Sorts edges by one of their ends, and leaves equal ones in their order. */
static void sort_by(const struct edge *edges, size_t count, struct edge *sorted, size_t *places,
		uint32_t tasks, bool by_awaiter)
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
	struct task **items = arena_alloc(&snapshot->arena, 2 * count, sizeof(struct task *));
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

struct task *graph_blocker(const struct task *task)
{
	const struct wait *wait = task->waiting_on;

	if (!wait || (wait->kind != WAIT_LOCK && wait->kind != WAIT_SEMAPHORE) ||
			wait->lock.holders.count != 1)
		return NULL;
	return wait->kind == WAIT_LOCK || wait->lock.bound == 1 ? wait->lock.holders.items[0]
								: NULL;
}

/* The next that a task waits for, by number; NULL after the last. */
static struct task *edge_of(const struct task *task, bool through_locks, uint32_t number)
{
	if (number < task->awaits.count)
		return task->awaits.items[number];
	return through_locks && number == task->awaits.count ? graph_blocker(task) : NULL;
}

/* Tarjan's algorithm, with a stack of its own in place of the call stack. */
struct tarjan {
	const struct snapshot *snapshot;
	bool within_loops, through_locks;
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

	const struct task *awaited;

	while ((awaited = edge_of(task, t->through_locks, t->edge[i])) != NULL) {
		uint32_t next = awaited->index;

		t->edge[i]++;
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

static uint32_t find_components(const struct snapshot *snapshot, bool within_loops,
		bool through_locks, uint32_t *component)
{
	uint32_t count = snapshot->tasks.count;
	uint32_t *memory = alloc_zeroed(5 * (size_t)count + 1, sizeof(*memory));
	struct tarjan t = {
		.snapshot = snapshot,
		.within_loops = within_loops,
		.through_locks = through_locks,
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

uint32_t graph_components(const struct snapshot *snapshot, bool within_loops, uint32_t *component)
{
	return find_components(snapshot, within_loops, false, component);
}

/* What the search for cycles works on. */
struct search {
	struct snapshot *snapshot;
	bool through_locks;
	uint32_t *component;
	uint32_t *place; /* of a task on the way, from 1 */
};

/* The first that `task` waits for of its own component, or NULL. */
static struct task *next_in_component(const struct search *s, const struct task *task)
{
	struct task *next;

	for (uint32_t i = 0; (next = edge_of(task, s->through_locks, i)) != NULL; i++)
		if (s->component[next->index] == s->component[task->index])
			return next;
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
 * second time: what lies between is a cycle. */
static struct task_list walk_cycle(const struct search *s, struct task *start)
{
	ARRAY(struct task *) way = { 0 };
	struct task *task = start;

	for (; !s->place[task->index]; task = next_in_component(s, task)) {
		*array_push(&way) = task;
		s->place[task->index] = (uint32_t)way.count;
	}
	uint32_t from = s->place[task->index] - 1;
	struct task_list cycle = { .count = (uint32_t)way.count - from };
	cycle.items = arena_copy(
			&s->snapshot->arena, way.items + from, cycle.count * sizeof(*cycle.items));
	array_free(&way);
	rotate(&cycle);
	return cycle;
}

static struct task_list *find_cycles(struct snapshot *snapshot, bool through_locks, size_t *found)
{
	uint32_t count = snapshot->tasks.count;
	uint32_t *memory = alloc_zeroed(2 * (size_t)count + 1, sizeof(*memory));
	const struct search s = { snapshot, through_locks, memory, memory + count };
	uint32_t components = find_components(snapshot, false, through_locks, memory);
	bool *seen = alloc_zeroed((size_t)components + 1, sizeof(*seen));
	ARRAY(struct task_list) cycles = { 0 };

	for (uint32_t i = 0; i < count; i++) {
		struct task *task = snapshot->tasks.items[i];

		if (seen[s.component[i]] || !next_in_component(&s, task))
			continue;
		seen[s.component[i]] = true;
		*array_push(&cycles) = walk_cycle(&s, task);
	}
	*found = cycles.count;
	struct task_list *copy = arena_copy(
			&snapshot->arena, cycles.items, cycles.count * sizeof(*cycles.items));
	array_free(&cycles);
	free(seen);
	free(memory);
	return copy;
}

void graph_find_cycles(struct snapshot *snapshot)
{
	snapshot->cycles.items = find_cycles(snapshot, false, &snapshot->cycles.count);
}

static bool any_is_blocked(const struct snapshot *snapshot)
{
	for (uint32_t i = 0; i < snapshot->tasks.count; i++)
		if (graph_blocker(snapshot->tasks.items[i]))
			return true;
	return false;
}

struct task_list *graph_cycles_through_locks(struct snapshot *snapshot, size_t *count)
{
	if (!any_is_blocked(snapshot)) {
		*count = snapshot->cycles.count;
		return snapshot->cycles.items;
	}
	return find_cycles(snapshot, true, count);
}
