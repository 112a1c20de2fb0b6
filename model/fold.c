/* Which tasks are alike: see fold.h.
 *
 * Classes are found from the leaves up: a task's class is looked up by what it
 * is itself and by the sorted classes of what it awaits. */
#include "model/fold.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/array.h"
#include "base/table.h"
#include "model/finding.h"
#include "model/graph.h"
#include "model/words.h"

enum { NO_CLASS = UINT32_MAX };

struct class_entry {
	const struct task *example;
	const uint32_t *awaits; /* the classes of what it awaits, sorted */
	uint32_t next;          /* another class with the same hash */
};

struct folding {
	struct fold *fold;
	uint32_t *awaits; /* room for all sorted lists of classes */
	ARRAY(struct class_entry) classes;
	struct table by_hash; /* to a class, plus 1 */
};

/* The kind, and what goes on there: seconds left and the like are no part of it. */
static bool same_wait(const struct wait *a, const struct wait *b)
{
	if (!a || !b || a == b)
		return a == b;
	if (a->kind != b->kind)
		return false;
	if (a->kind == WAIT_EXECUTOR)
		return words_are_equal(a->executor.state, b->executor.state);
	return !wait_is_io(a->kind) || words_are_equal(a->io.op, b->io.op);
}

bool fold_same_place(const struct fold *fold, const struct task *a, const struct task *b)
{
	return a->stack == b->stack && a->state == b->state && a->loop == b->loop &&
	       a->coroutine == b->coroutine && same_wait(a->waiting_on, b->waiting_on) &&
	       fold->object[a->index] == fold->object[b->index];
}

static int compare_numbers(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

/* They are mostly all of one class. */
static void sort_numbers(uint32_t *numbers, size_t count)
{
	size_t sorted = 1;

	while (sorted < count && numbers[sorted - 1] <= numbers[sorted])
		sorted++;
	if (sorted < count)
		qsort(numbers, count, sizeof(*numbers), compare_numbers);
}

static bool same_awaiters(const struct task *a, const struct task *b)
{
	uint32_t count = a->awaited_by.count;

	if (count <= 1 && b->awaited_by.count <= 1)
		return true;
	return count == b->awaited_by.count &&
	       memcmp(a->awaited_by.items, b->awaited_by.items,
			       count * sizeof(*a->awaited_by.items)) == 0;
}

static uint64_t hash_of(const struct task *task, uint64_t object, const uint32_t *awaits)
{
	uint64_t hash = hash_mix((uint64_t)task->state, (uint64_t)(uintptr_t)task->stack);

	hash = hash_mix(hash, (uint64_t)(uintptr_t)task->loop);
	hash = hash_mix(hash, (uint64_t)(uintptr_t)task->coroutine);
	hash = hash_mix(hash, object);
	if (task->waiting_on)
		hash = hash_mix(hash, task->waiting_on->kind);
	for (uint32_t i = 0; i < task->awaits.count; i++)
		hash = hash_mix(hash, awaits[i]);
	if (task->awaited_by.count > 1)
		for (uint32_t i = 0; i < task->awaited_by.count; i++)
			hash = hash_mix(hash, task->awaited_by.items[i]->index);
	return hash;
}

static uint32_t new_class(struct folding *f, const struct task *task, const uint32_t *awaits)
{
	*array_push(&f->classes) = (struct class_entry){ task, awaits, NO_CLASS };
	return (uint32_t)f->classes.count - 1;
}

static bool is_of_class(const struct fold *fold, const struct class_entry *entry,
		const struct task *task, const uint32_t *awaits)
{
	uint32_t count = task->awaits.count;

	return fold_same_place(fold, entry->example, task) && same_awaiters(entry->example, task) &&
	       entry->example->awaits.count == count &&
	       (!count || memcmp(entry->awaits, awaits, count * sizeof(*awaits)) == 0);
}

static uint32_t find_class(struct folding *f, const struct task *task, const uint32_t *awaits)
{
	bool added;
	uint64_t hash = hash_of(task, f->fold->object[task->index], awaits);
	uint64_t *first = table_add(&f->by_hash, hash, &added);
	uint32_t class = (uint32_t)*first - 1;

	for (; class != NO_CLASS; class = f->classes.items[class].next)
		if (is_of_class(f->fold, &f->classes.items[class], task, awaits))
			return class;
	class = new_class(f, task, awaits);
	f->classes.items[class].next = (uint32_t)*first - 1;
	*first = (uint64_t) class + 1;
	return class;
}

static void classify(struct folding *f, const struct task *task)
{
	uint32_t *awaits = f->awaits;

	for (uint32_t i = 0; i < task->awaits.count; i++)
		awaits[i] = f->fold->class_of[task->awaits.items[i]->index];
	sort_numbers(awaits, task->awaits.count);
	f->awaits += task->awaits.count;
	f->fold->class_of[task->index] = find_class(f, task, awaits);
}

static void classify_all(struct fold *fold, const struct snapshot *snapshot, uint32_t components)
{
	const struct task_list *tasks = &snapshot->tasks;
	size_t edges = 0;

	for (uint32_t i = 0; i < tasks->count; i++)
		edges += tasks->items[i]->awaits.count;
	/* What a task awaits has a lower component: their order is from the leaves up. */
	uint32_t *memory = alloc_zeroed(edges + tasks->count + 1, sizeof(*memory));
	uint32_t *order = memory + edges;
	struct folding f = { .fold = fold, .awaits = memory };
	for (uint32_t i = 0; i < tasks->count; i++) {
		order[fold->component[i]] = i;
		if (fold->in_cycle[i])
			fold->class_of[i] = new_class(&f, tasks->items[i], NULL);
	}
	for (uint32_t i = 0; i < components; i++)
		if (!fold->in_cycle[order[i]])
			classify(&f, tasks->items[order[i]]);
	array_free(&f.classes);
	table_deinit(&f.by_hash);
	free(memory);
}

/* Gives `own` to the tasks that are marked, and walks from them to all that wait
 * for them and have no better rank yet. */
static void rank_from(struct fold *fold, const struct snapshot *snapshot, const bool *marked,
		enum fold_rank own, enum fold_rank awaits)
{
	const struct task_list *tasks = &snapshot->tasks;
	ARRAY(const struct task *) found = { 0 };

	for (uint32_t i = 0; i < tasks->count; i++) {
		if (!marked[i] || fold->rank[i] < own)
			continue;
		fold->rank[i] = own;
		*array_push(&found) = tasks->items[i];
	}
	for (size_t done = 0; done < found.count; done++) {
		const struct task_list *awaiters = &found.items[done]->awaited_by;
		for (uint32_t i = 0; i < awaiters->count; i++) {
			uint8_t *rank = &fold->rank[awaiters->items[i]->index];
			if (*rank <= awaits)
				continue;
			*rank = awaits;
			*array_push(&found) = awaiters->items[i];
		}
	}
	array_free(&found);
}

static void rank_all(struct fold *fold, const struct snapshot *snapshot)
{
	uint32_t count = snapshot->tasks.count;
	bool *marked = alloc_zeroed((size_t)count + 1, sizeof(*marked));

	memset(fold->rank, RANK_OTHER, count);
	for (size_t i = 0; i < snapshot->findings.count; i++) {
		const struct task_list *tasks = &snapshot->findings.items[i].tasks;
		for (uint32_t k = 0; k < tasks->count; k++)
			if (tasks->items[k]->state != TASK_ENDED)
				marked[tasks->items[k]->index] = true;
	}
	rank_from(fold, snapshot, marked, RANK_FINDING, RANK_AWAITS_FINDING);
	for (uint32_t i = 0; i < count; i++) {
		bool running = snapshot->tasks.items[i]->state == TASK_RUNNING;
		if (running && marked[i])
			fold->rank[i] = RANK_FINDING_RUNNING;
		marked[i] = running;
	}
	rank_from(fold, snapshot, marked, RANK_RUNNING, RANK_AWAITS_RUNNING);
	for (uint32_t i = 0; i < count; i++)
		marked[i] = snapshot->tasks.items[i]->state == TASK_READY;
	rank_from(fold, snapshot, marked, RANK_READY, RANK_AWAITS_READY);
	free(marked);
}

static void mark_cycles(struct fold *fold, const struct snapshot *snapshot)
{
	for (uint32_t i = 0; i < snapshot->tasks.count; i++) {
		const struct task *task = snapshot->tasks.items[i];
		for (uint32_t k = 0; k < task->awaits.count; k++) {
			uint32_t next = task->awaits.items[k]->index;
			if (fold->component[next] == fold->component[i])
				fold->in_cycle[i] = true;
		}
	}
}

/* An object that few wait for is their own: it does not tell them from others. */
static void find_objects(struct fold *fold, const struct snapshot *snapshot)
{
	const struct task_list *tasks = &snapshot->tasks;
	struct table waiters = { 0 };
	bool added;

	for (uint32_t i = 0; i < tasks->count; i++) {
		const struct wait *wait = tasks->items[i]->waiting_on;
		if (!wait || !wait_is_shared(wait->kind))
			continue;
		fold->object[i] = wait->object;
		++*table_add(&waiters, wait->object, &added);
	}
	for (uint32_t i = 0; i < tasks->count; i++)
		if (fold->object[i] && *table_find(&waiters, fold->object[i]) < FOLD_LEAST)
			fold->object[i] = 0;
	table_deinit(&waiters);
}

/* The most of one class among what the task awaits. */
static uint32_t most_alike(const struct fold *fold, const struct task *task, uint32_t *classes)
{
	uint32_t count = task->awaits.count, most = 0;

	for (uint32_t i = 0; i < count; i++)
		classes[i] = fold->class_of[task->awaits.items[i]->index];
	sort_numbers(classes, count);
	for (uint32_t from = 0, to; from < count; from = to) {
		for (to = from + 1; to < count && classes[to] == classes[from];)
			to++;
		if (to - from > most)
			most = to - from;
	}
	return most;
}

/* What a task waits for has a lower component, or in a cycle the same. */
static void weigh(struct fold *fold, const struct snapshot *snapshot, uint32_t components)
{
	const struct task_list *tasks = &snapshot->tasks;
	size_t count = tasks->count;
	uint32_t *order = alloc_zeroed(2 * count + 1, sizeof(*order)), *classes = order + count;
	uint32_t *next = alloc_zeroed((size_t)components + 1, sizeof(*next));

	for (uint32_t i = 0; i < count; i++)
		next[fold->component[i] + 1]++;
	for (uint32_t i = 0; i < components; i++)
		next[i + 1] += next[i];
	for (uint32_t i = 0; i < count; i++)
		order[next[fold->component[i]]++] = i;
	for (uint32_t i = 0; i < count; i++) {
		const struct task *task = tasks->items[order[i]];
		uint32_t *weight = &fold->weight[task->index];
		*weight = most_alike(fold, task, classes);
		for (uint32_t k = 0; k < task->awaits.count; k++)
			if (fold->weight[task->awaits.items[k]->index] > *weight)
				*weight = fold->weight[task->awaits.items[k]->index];
	}
	free(next);
	free(order);
}

void fold_init(struct fold *fold, const struct snapshot *snapshot, bool alike)
{
	size_t count = snapshot->tasks.count;

	fold->class_of = alloc_zeroed(count + 1, sizeof(*fold->class_of));
	fold->component = alloc_zeroed(count + 1, sizeof(*fold->component));
	fold->rank = alloc_zeroed(count + 1, sizeof(*fold->rank));
	fold->in_cycle = alloc_zeroed(count + 1, sizeof(*fold->in_cycle));
	fold->weight = alloc_zeroed(count + 1, sizeof(*fold->weight));
	fold->object = alloc_zeroed(count + 1, sizeof(*fold->object));
	uint32_t components = graph_components(snapshot, false, fold->component);
	mark_cycles(fold, snapshot);
	rank_all(fold, snapshot);
	for (uint32_t i = 0; i < count; i++)
		fold->class_of[i] = i;
	find_objects(fold, snapshot);
	if (alike)
		classify_all(fold, snapshot, components);
	weigh(fold, snapshot, components);
}

void fold_deinit(struct fold *fold)
{
	free(fold->class_of);
	free(fold->component);
	free(fold->rank);
	free(fold->in_cycle);
	free(fold->weight);
	free(fold->object);
	*fold = (struct fold){ 0 };
}
