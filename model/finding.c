/* Findings: see finding.h. */
#include "model/finding.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/array.h"
#include "base/table.h"
#include "model/finder.h"
#include "model/words.h"

/* More are not looked at again. */
enum { SUSPECTS_MAX = 10 * 1000 };

static const struct {
	const char *name;
	finder_search *search;
	bool may_pass; /* busy tasks may look so for a moment */
} kinds[FINDING_KINDS] = {
	[FINDING_BLOCKED] = { "blocked", find_blocked, false },
	[FINDING_CYCLE] = { "cycle", find_cycles, false },
	[FINDING_CONTENTION] = { "contention", find_contention, true },
	[FINDING_EXECUTOR] = { "executor", find_executors, true },
	[FINDING_QUEUE] = { "queue", find_queues, true },
	[FINDING_CANCELLED] = { "cancelled", find_cancelled, true },
	[FINDING_ORPHAN] = { "orphan", find_orphans, false },
	[FINDING_EXCEPTION] = { "exception", find_exceptions, false },
	[FINDING_HOLDUP] = { "holdup", find_holdups, true },
	[FINDING_GROWTH] = { "growth", NULL, false }, /* no snapshot shows it alone */
};

const char *finding_kind_name(enum finding_kind kind)
{
	return kinds[kind].name;
}

static void see(struct finder *finder)
{
	const struct task_list *tasks = &finder->snapshot->tasks;

	for (uint32_t i = 0; i < tasks->count; i++) {
		const struct task *task = tasks->items[i];

		if (task->waiting_on)
			finder->seen.waits |= 1u << task->waiting_on->kind;
		finder->seen.cancelled |= task->cancelled_yet_waiting;
		finder->seen.orphan |= task->orphan;
	}
}

void finder_add(struct finder *finder, struct finding finding, uint64_t like)
{
	finding.message = arena_string(
			&finder->snapshot->arena, buffer_text(&finder->text), finder->text.length);
	buffer_clear(&finder->text);
	*array_push(&finder->drafts) = (struct draft){
		.finding = finding,
		.like = hash_mix(hash_mix(finding.kind, finding.likely), like),
		.order = (uint32_t)finder->drafts.count,
	};
}

void finder_part(struct finder *finder)
{
	buffer_puts(&finder->text, " " WORDS_DOT " ");
}

struct task_list finder_join(
		struct finder *finder, const struct task_list *a, const struct task_list *b)
{
	struct task_list both = { .count = a->count + b->count };

	both.items = arena_alloc(&finder->snapshot->arena, both.count, sizeof(*both.items));
	if (a->count)
		memcpy(both.items, a->items, a->count * sizeof(*a->items));
	if (b->count)
		memcpy(both.items + a->count, b->items, b->count * sizeof(*b->items));
	return both;
}

struct task_list finder_pick(struct finder *finder, bool (*is_so)(const struct task *task))
{
	const struct task_list *tasks = &finder->snapshot->tasks;
	ARRAY(struct task *) found = { 0 };

	for (uint32_t i = 0; i < tasks->count; i++)
		if (is_so(tasks->items[i]))
			*array_push(&found) = tasks->items[i];
	struct task_list list = { .count = (uint32_t)found.count };
	list.items = arena_copy(
			&finder->snapshot->arena, found.items, list.count * sizeof(*list.items));
	array_free(&found);
	return list;
}

/* ---- those that are alike become one ---- */

static int compare_likeness(const void *a, const void *b)
{
	const struct draft *x = a, *y = b;

	if (x->like != y->like)
		return x->like < y->like ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static int compare_rank(const void *a, const void *b)
{
	const struct draft *x = a, *y = b;

	if (x->finding.likely != y->finding.likely)
		return x->finding.likely ? 1 : -1;
	if (x->finding.kind != y->finding.kind)
		return x->finding.kind < y->finding.kind ? -1 : 1;
	if (x->finding.count != y->finding.count)
		return x->finding.count > y->finding.count ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

/* The first of the drafts, with the tasks of all. */
static void merge(struct finder *finder, struct draft *drafts, size_t count)
{
	struct finding *first = &drafts[0].finding;
	struct task_list all = { 0 };

	if (count == 1)
		return;
	for (size_t i = 0; i < count; i++)
		all.count += drafts[i].finding.tasks.count;
	all.items = arena_alloc(&finder->snapshot->arena, all.count, sizeof(*all.items));
	all.count = 0;
	for (size_t i = 0; i < count; i++) {
		const struct task_list *tasks = &drafts[i].finding.tasks;
		if (tasks->count)
			memcpy(all.items + all.count, tasks->items,
					tasks->count * sizeof(*tasks->items));
		all.count += tasks->count;
		first->count += i ? drafts[i].finding.count : 0;
	}
	first->tasks = all;
	buffer_puts(&finder->text, first->message);
	finder_part(finder);
	words_number(&finder->text, count - 1);
	buffer_puts(&finder->text, " more like it");
	first->message = arena_string(
			&finder->snapshot->arena, buffer_text(&finder->text), finder->text.length);
	buffer_clear(&finder->text);
}

static void merge_alike(struct finder *finder)
{
	struct draft *drafts = finder->drafts.items;
	size_t count = finder->drafts.count, kept = 0;

	if (!count)
		return;
	qsort(drafts, count, sizeof(*drafts), compare_likeness);
	for (size_t from = 0, to; from < count; from = to) {
		for (to = from + 1; to < count && drafts[to].like == drafts[from].like;)
			to++;
		merge(finder, &drafts[from], to - from);
		drafts[kept++] = drafts[from];
	}
	qsort(drafts, kept, sizeof(*drafts), compare_rank);
	finder->drafts.count = kept;
}

static void fill(struct finder *finder)
{
	struct snapshot *snapshot = finder->snapshot;
	size_t count = finder->drafts.count;

	snapshot->findings.count = count;
	snapshot->findings.items =
			arena_alloc(&snapshot->arena, count, sizeof(*snapshot->findings.items));
	for (size_t i = 0; i < count; i++)
		snapshot->findings.items[i] = finder->drafts.items[i].finding;
}

void findings_find(struct snapshot *snapshot)
{
	struct finder finder = { .snapshot = snapshot };

	paths_init(&finder.paths, snapshot);
	see(&finder);
	motion_init(&finder.motion, snapshot, finder.seen.waits & WAITS_FOR_SHARED);
	for (size_t kind = 0; kind < FINDING_KINDS; kind++)
		if (kinds[kind].search)
			kinds[kind].search(&finder);
	merge_alike(&finder);
	fill(&finder);
	motion_deinit(&finder.motion);
	paths_deinit(&finder.paths);
	buffer_deinit(&finder.text);
	array_free(&finder.drafts);
}

/* ---- what may pass ---- */

/* Those that were found, each once, in the order in which they are gone through. */
struct suspects {
	struct task_list found;
	bool *is_found; /* by the index of a task */
};

static void suspect_all(struct suspects *suspects, const struct task_list *tasks)
{
	for (uint32_t i = 0; i < tasks->count; i++) {
		struct task *task = tasks->items[i];
		if (suspects->found.count == SUSPECTS_MAX || suspects->is_found[task->index])
			continue;
		suspects->is_found[task->index] = true;
		suspects->found.items[suspects->found.count++] = task;
	}
}

struct task_list findings_suspects(struct snapshot *snapshot)
{
	const uint32_t most =
			snapshot->tasks.count < SUSPECTS_MAX ? snapshot->tasks.count : SUSPECTS_MAX;
	struct suspects suspects = { 0 };

	suspects.found.items = arena_alloc(&snapshot->arena, most, sizeof(*suspects.found.items));
	suspects.is_found = alloc_zeroed(snapshot->tasks.count, sizeof(bool));
	for (size_t i = 0; i < snapshot->findings.count; i++)
		if (kinds[snapshot->findings.items[i].kind].may_pass)
			suspect_all(&suspects, &snapshot->findings.items[i].tasks);
	for (uint32_t i = 0; i < suspects.found.count; i++) {
		const struct task *task = suspects.found.items[i];
		suspect_all(&suspects, &task->awaits);
		if (task->waiting_on && wait_has_holders(task->waiting_on->kind))
			suspect_all(&suspects, &task->waiting_on->lock.holders);
	}
	free(suspects.is_found);
	return suspects.found;
}

void findings_add(struct snapshot *snapshot, const struct finding *finding)
{
	const struct finding *old = snapshot->findings.items;
	size_t count = snapshot->findings.count, at = 0;
	struct finding *items = arena_alloc(&snapshot->arena, count + 1, sizeof(*items));

	while (at < count && old[at].likely <= finding->likely &&
			(old[at].likely < finding->likely || old[at].kind <= finding->kind))
		at++;
	if (at)
		memcpy(items, old, at * sizeof(*items));
	items[at] = *finding;
	if (at < count)
		memcpy(items + at + 1, old + at, (count - at) * sizeof(*items));
	snapshot->findings.items = items;
	snapshot->findings.count = count + 1;
}
