/* Links the edges of the await graph and finds its cycles: see graph.h.
 *
 * Chains of awaits may be as long as there are tasks: nothing here recurses. */
#include "model/graph.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/array.h"

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

/* Appended in the order of the awaiters, equal edges follow each other. */
static void append_once(struct task_list *list, struct task *task)
{
	if (!list->count || list->items[list->count - 1] != task)
		append(list, task);
}

/* Gives each task room for its edges, and notes what it awaits, as they come. */
static void spread(struct snapshot *snapshot, const struct edge *edges, size_t count)
{
	struct task **tasks = snapshot->tasks.items;
	struct task **items = arena_alloc(&snapshot->arena, 2 * count, sizeof(struct task *));

	for (uint32_t i = 0; i < snapshot->tasks.count; i++)
		tasks[i]->awaits.count = tasks[i]->awaited_by.count = 0;
	for (size_t i = 0; i < count; i++) {
		tasks[edges[i].awaiter]->awaits.count++;
		tasks[edges[i].awaited]->awaited_by.count++;
	}
	for (uint32_t i = 0; i < snapshot->tasks.count; i++) {
		share_out(&tasks[i]->awaits, &items);
		share_out(&tasks[i]->awaited_by, &items);
	}
	for (size_t i = 0; i < count; i++)
		append(&tasks[edges[i].awaiter]->awaits, tasks[edges[i].awaited]);
}

/* Turned around twice, the edges are sorted by both ends. */
void graph_link(struct snapshot *snapshot, const struct edge *edges, size_t count)
{
	struct task **tasks = snapshot->tasks.items;

	spread(snapshot, edges, count);
	for (uint32_t i = 0; i < snapshot->tasks.count; i++) {
		struct task_list *awaits = &tasks[i]->awaits;

		for (uint32_t k = 0; k < awaits->count; k++)
			append_once(&awaits->items[k]->awaited_by, tasks[i]);
		awaits->count = 0;
	}
	for (uint32_t i = 0; i < snapshot->tasks.count; i++) {
		const struct task_list *awaiters = &tasks[i]->awaited_by;

		for (uint32_t k = 0; k < awaiters->count; k++)
			append(&awaiters->items[k]->awaits, tasks[i]);
	}
}

static struct task *only_holder(const struct task *task, enum wait_kind kind)
{
	const struct wait *wait = task->waiting_on;

	return wait && wait->kind == kind && wait->lock.holders.count == 1
			       ? wait->lock.holders.items[0]
			       : NULL;
}

/* A semaphore that is full, of so many. */
static bool is_full(const struct wait *wait, int64_t bound)
{
	return wait->lock.value == 0 && wait->lock.bound == bound;
}

struct task *graph_blocker(const struct task *task)
{
	struct task *holder = only_holder(task, WAIT_SEMAPHORE);

	if (holder)
		return is_full(task->waiting_on, 1) ? holder : NULL;
	return only_holder(task, WAIT_LOCK);
}

struct task *graph_likely_blocker(const struct task *task)
{
	struct task *holder = only_holder(task, WAIT_SEMAPHORE);

	return holder && is_full(task->waiting_on, -1) ? holder : NULL;
}

/* What a task waits for besides those that it awaits: each has those before it too. */
enum edges { EDGES_AWAITS, EDGES_LOCKS, EDGES_LIKELY };

static struct task *blocker(const struct task *task, enum edges edges)
{
	struct task *certain = edges >= EDGES_LOCKS ? graph_blocker(task) : NULL;

	return certain || edges < EDGES_LIKELY ? certain : graph_likely_blocker(task);
}

/* The next that a task waits for, by number; NULL after the last. */
static struct task *edge_of(const struct task *task, enum edges edges, uint32_t number)
{
	if (number < task->awaits.count)
		return task->awaits.items[number];
	return number == task->awaits.count ? blocker(task, edges) : NULL;
}

/* Tarjan's algorithm, with a stack of its own in place of the call stack. */
struct tarjan {
	const struct snapshot *snapshot;
	bool within_loops;
	enum edges edges;
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

	while ((awaited = edge_of(task, t->edges, t->edge[i])) != NULL) {
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
		enum edges edges, uint32_t *component)
{
	uint32_t count = snapshot->tasks.count;
	uint32_t *memory = alloc_zeroed(5 * (size_t)count + 1, sizeof(*memory));
	struct tarjan t = {
		.snapshot = snapshot,
		.within_loops = within_loops,
		.edges = edges,
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
	return find_components(snapshot, within_loops, EDGES_AWAITS, component);
}

/* What the search for cycles works on. */
struct search {
	struct snapshot *snapshot;
	enum edges edges;
	uint32_t *component;
	uint32_t *place; /* of a task on the way, from 1 */
};

/* The first that `task` waits for of its own component, or NULL. */
static struct task *next_in_component(const struct search *s, const struct task *task)
{
	struct task *next;

	for (uint32_t i = 0; (next = edge_of(task, s->edges, i)) != NULL; i++)
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

static struct task_list *find_cycles(struct snapshot *snapshot, enum edges edges, size_t *found)
{
	uint32_t count = snapshot->tasks.count;
	uint32_t *memory = alloc_zeroed(2 * (size_t)count + 1, sizeof(*memory));
	const struct search s = { snapshot, edges, memory, memory + count };
	uint32_t components = find_components(snapshot, false, edges, memory);
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

/* Takes away, one after the other, the tasks that wait for none of those that are left.
 * False where some remain: these wait for each other, or for those that do. */
static bool peel(const struct snapshot *snapshot, uint32_t *order)
{
	const struct task_list *tasks = &snapshot->tasks;
	uint32_t *left = alloc_bytes(tasks->count * sizeof(*left)); /* that it waits for */
	uint32_t found = 0;

	for (uint32_t i = 0; i < tasks->count; i++) {
		left[i] = tasks->items[i]->awaits.count;
		if (!left[i])
			order[found++] = i;
	}
	for (uint32_t done = 0; done < found; done++) {
		const struct task_list *awaiters = &tasks->items[order[done]]->awaited_by;

		for (uint32_t i = 0; i < awaiters->count; i++)
			if (!--left[awaiters->items[i]->index])
				order[found++] = awaiters->items[i]->index;
	}
	free(left);
	return found == tasks->count;
}

void graph_find_cycles(struct snapshot *snapshot)
{
	uint32_t *order = arena_alloc(&snapshot->arena, snapshot->tasks.count, sizeof(*order));
	bool none = peel(snapshot, order);

	snapshot->order = none ? order : NULL;
	snapshot->cycles.count = 0;
	if (!none)
		snapshot->cycles.items =
				find_cycles(snapshot, EDGES_AWAITS, &snapshot->cycles.count);
}

static bool any_is_blocked(const struct snapshot *snapshot,
		struct task *(*blocker_of)(const struct task *task))
{
	for (uint32_t i = 0; i < snapshot->tasks.count; i++)
		if (blocker_of(snapshot->tasks.items[i]))
			return true;
	return false;
}

struct task_list *graph_cycles_through_locks(struct snapshot *snapshot, size_t *count)
{
	if (!any_is_blocked(snapshot, graph_blocker)) {
		*count = snapshot->cycles.count;
		return snapshot->cycles.items;
	}
	return find_cycles(snapshot, EDGES_LOCKS, count);
}

struct task_list *graph_likely_cycles(struct snapshot *snapshot, size_t *count)
{
	*count = 0;
	return any_is_blocked(snapshot, graph_likely_blocker)
			       ? find_cycles(snapshot, EDGES_LIKELY, count)
			       : NULL;
}
