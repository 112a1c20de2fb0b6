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
	bool alike;
	uint32_t *awaits; /* room for the sorted lists of all classes, and one more */
	ARRAY(struct class_entry) classes;
	struct table by_hash; /* to a class, plus 1 */
	uint32_t last;        /* the class that was found last, or NO_CLASS */
};

bool fold_in_cycle(const struct fold *fold, const struct task *task)
{
	return fold->in_cycle && fold->in_cycle[task->index];
}

uint32_t fold_held_from(const struct fold *fold, const struct task *task)
{
	return fold->held_from ? fold->held_from[task->index] : 0;
}

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

static uint64_t object_of(const struct fold *fold, const struct task *task)
{
	return fold->object ? fold->object[task->index] : 0;
}

static inline bool same_place(const struct fold *fold, const struct task *a, const struct task *b)
{
	return a->stack == b->stack && a->state == b->state && a->loop == b->loop &&
	       a->coroutine == b->coroutine && same_wait(a->waiting_on, b->waiting_on) &&
	       object_of(fold, a) == object_of(fold, b);
}

bool fold_same_place(const struct fold *fold, const struct task *a, const struct task *b)
{
	return same_place(fold, a, b);
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
	f->awaits += task->awaits.count;
	return (uint32_t)f->classes.count - 1;
}

static bool is_of_class(const struct fold *fold, const struct class_entry *entry,
		const struct task *task, const uint32_t *awaits)
{
	uint32_t count = task->awaits.count;

	return same_place(fold, entry->example, task) && same_awaiters(entry->example, task) &&
	       entry->example->awaits.count == count &&
	       (!count || memcmp(entry->awaits, awaits, count * sizeof(*awaits)) == 0);
}

static uint32_t look_up_class(struct folding *f, const struct task *task, const uint32_t *awaits)
{
	bool added;
	uint64_t hash = hash_of(task, object_of(f->fold, task), awaits);
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

/* Like tasks mostly follow each other. */
static uint32_t find_class(struct folding *f, const struct task *task, const uint32_t *awaits)
{
	if (f->last == NO_CLASS || !is_of_class(f->fold, &f->classes.items[f->last], task, awaits))
		f->last = look_up_class(f, task, awaits);
	return f->last;
}

/* The most that are equal among sorted numbers. */
static uint32_t most_equal(const uint32_t *numbers, uint32_t count)
{
	uint32_t most = 0;

	for (uint32_t from = 0, to; from < count; from = to) {
		for (to = from + 1; to < count && numbers[to] == numbers[from];)
			to++;
		if (to - from > most)
			most = to - from;
	}
	return most;
}

/* What it awaits has been classified, unless they wait for each other. */
static void classify(struct folding *f, const struct task *task)
{
	struct fold *fold = f->fold;
	uint32_t *awaits = f->awaits, count = task->awaits.count;
	uint32_t weight = fold_held_from(fold, task);

	for (uint32_t i = 0; i < count; i++) {
		uint32_t index = task->awaits.items[i]->index;
		awaits[i] = fold->class_of[index];
		if (fold->weight[index] > weight)
			weight = fold->weight[index];
	}
	sort_numbers(awaits, count);
	uint32_t most = most_equal(awaits, count);
	fold->weight[task->index] = most > weight ? most : weight;
	if (f->alike && !fold_in_cycle(fold, task))
		fold->class_of[task->index] = find_class(f, task, awaits);
}

/* A task that is in a cycle is alone in its class. */
static void classify_cycles(struct folding *f, const struct snapshot *snapshot)
{
	for (uint32_t i = 0; i < snapshot->tasks.count; i++)
		if (fold_in_cycle(f->fold, snapshot->tasks.items[i]))
			f->fold->class_of[i] = new_class(f, snapshot->tasks.items[i], NULL);
}

/* What a task awaits comes before it in the order, which is from the leaves up. */
static void classify_all(struct fold *fold, const struct snapshot *snapshot, const uint32_t *order,
		bool alike)
{
	const struct task_list *tasks = &snapshot->tasks;
	size_t edges = 0;

	for (uint32_t i = 0; i < tasks->count; i++)
		edges += tasks->items[i]->awaits.count;
	uint32_t *awaits = alloc_bytes((edges + tasks->count) * sizeof(*awaits));
	struct folding f = { .fold = fold, .alike = alike, .awaits = awaits, .last = NO_CLASS };
	for (uint32_t i = 0; !alike && i < tasks->count; i++)
		fold->class_of[i] = i;
	if (alike && fold->in_cycle)
		classify_cycles(&f, snapshot);
	for (uint32_t i = 0; i < tasks->count; i++)
		classify(&f, tasks->items[order[i]]);
	array_free(&f.classes);
	table_deinit(&f.by_hash);
	free(awaits);
}

/* Tasks of one kind, and those that wait for them. */
struct ranking {
	struct fold *fold;
	ARRAY(const struct task *) found;
};

/* Gives the task a rank unless it has a better one. */
static void rank(struct ranking *r, const struct task *task, enum fold_rank rank)
{
	if (r->fold->rank[task->index] <= rank)
		return;
	r->fold->rank[task->index] = (uint8_t)rank;
	*array_push(&r->found) = task;
}

/* Walks from the tasks that were ranked to all that wait for them. */
static void rank_awaiters(struct ranking *r, enum fold_rank awaits)
{
	for (size_t done = 0; done < r->found.count; done++) {
		const struct task_list *awaiters = &r->found.items[done]->awaited_by;

		for (uint32_t i = 0; i < awaiters->count; i++)
			rank(r, awaiters->items[i], awaits);
	}
	r->found.count = 0;
}

static void rank_findings(struct ranking *r, const struct snapshot *snapshot)
{
	for (size_t i = 0; i < snapshot->findings.count; i++) {
		const struct task_list *tasks = &snapshot->findings.items[i].tasks;

		for (uint32_t k = 0; k < tasks->count; k++) {
			const struct task *task = tasks->items[k];
			if (task->state != TASK_ENDED)
				rank(r, task,
						task->state == TASK_RUNNING ? RANK_FINDING_RUNNING
									    : RANK_FINDING);
		}
	}
	rank_awaiters(r, RANK_AWAITS_FINDING);
}

static void rank_state(struct ranking *r, const struct snapshot *snapshot, enum task_state state,
		enum fold_rank own, enum fold_rank awaits)
{
	const struct task_list *tasks = &snapshot->tasks;

	for (uint32_t i = 0; i < tasks->count; i++)
		if (tasks->items[i]->state == state)
			rank(r, tasks->items[i], own);
	rank_awaiters(r, awaits);
}

static void rank_all(struct fold *fold, const struct snapshot *snapshot)
{
	struct ranking r = { .fold = fold };

	memset(fold->rank, RANK_OTHER, snapshot->tasks.count);
	rank_findings(&r, snapshot);
	rank_state(&r, snapshot, TASK_RUNNING, RANK_RUNNING, RANK_AWAITS_RUNNING);
	rank_state(&r, snapshot, TASK_READY, RANK_READY, RANK_AWAITS_READY);
	array_free(&r.found);
}

/* What a task waits for has a lower component, or in a cycle the same. */
static void sort_by_component(
		const uint32_t *component, uint32_t components, uint32_t *order, uint32_t count)
{
	uint32_t *next = alloc_zeroed((size_t)components + 1, sizeof(*next));

	for (uint32_t i = 0; i < count; i++)
		next[component[i] + 1]++;
	for (uint32_t i = 0; i < components; i++)
		next[i + 1] += next[i];
	for (uint32_t i = 0; i < count; i++)
		order[next[component[i]]++] = i;
	free(next);
}

static void find_cycles(struct fold *fold, const struct snapshot *snapshot, uint32_t *order)
{
	uint32_t count = snapshot->tasks.count;

	fold->component = alloc_bytes(count * sizeof(*fold->component));
	fold->in_cycle = alloc_zeroed(count, sizeof(*fold->in_cycle));
	uint32_t components = graph_components(snapshot, false, fold->component);
	sort_by_component(fold->component, components, order, count);
	for (uint32_t i = 0; i < count; i++) {
		const struct task *task = snapshot->tasks.items[i];
		for (uint32_t k = 0; k < task->awaits.count; k++) {
			uint32_t next = task->awaits.items[k]->index;
			if (fold->component[next] == fold->component[i])
				fold->in_cycle[i] = true;
		}
	}
}

/* Counts for each task those that wait for what it holds.  Who waits for one object, or
 * for conditions of one lock, has one list of holders: each is gone through once. */
static void find_holders(struct fold *fold, const struct snapshot *snapshot)
{
	const struct task_list *tasks = &snapshot->tasks;
	ARRAY(struct task_list) held = { 0 };
	struct table waiters = { 0 }; /* by the address of the list */
	bool added;

	for (uint32_t i = 0; i < tasks->count; i++) {
		const struct wait *wait = tasks->items[i]->waiting_on;
		if (!wait || !wait_has_holders(wait->kind) || !wait->lock.holders.count)
			continue;
		++*table_add(&waiters, (uint64_t)(uintptr_t)wait->lock.holders.items, &added);
		if (added)
			*array_push(&held) = wait->lock.holders;
	}
	if (held.count)
		fold->held_from = alloc_zeroed(tasks->count, sizeof(*fold->held_from));
	for (size_t i = 0; i < held.count; i++)
		for (uint32_t k = 0; k < held.items[i].count; k++)
			fold->held_from[held.items[i].items[k]->index] += (uint32_t)*table_find(
					&waiters, (uint64_t)(uintptr_t)held.items[i].items);
	array_free(&held);
	table_deinit(&waiters);
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
		if (!fold->object)
			fold->object = alloc_zeroed(tasks->count, sizeof(*fold->object));
		fold->object[i] = wait->object;
		++*table_add(&waiters, wait->object, &added);
	}
	for (uint32_t i = 0; fold->object && i < tasks->count; i++)
		if (fold->object[i] && *table_find(&waiters, fold->object[i]) < FOLD_LEAST)
			fold->object[i] = 0;
	table_deinit(&waiters);
}

void fold_init(struct fold *fold, const struct snapshot *snapshot, bool alike)
{
	size_t count = snapshot->tasks.count;
	uint32_t *by_component = NULL;

	*fold = (struct fold){
		.class_of = alloc_bytes(count * sizeof(*fold->class_of)),
		.rank = alloc_bytes(count * sizeof(*fold->rank)),
		.weight = alloc_zeroed(count, sizeof(*fold->weight)),
	};
	if (!snapshot->order) {
		by_component = alloc_bytes(count * sizeof(*by_component));
		find_cycles(fold, snapshot, by_component);
	}
	rank_all(fold, snapshot);
	find_objects(fold, snapshot);
	find_holders(fold, snapshot);
	classify_all(fold, snapshot, by_component ? by_component : snapshot->order, alike);
	free(by_component);
}

void fold_deinit(struct fold *fold)
{
	free(fold->class_of);
	free(fold->component);
	free(fold->rank);
	free(fold->in_cycle);
	free(fold->weight);
	free(fold->held_from);
	free(fold->object);
	*fold = (struct fold){ 0 };
}
