/* Findings about who holds what others wait for.
 *
 * cycle: tasks wait for each other, or one for itself, by awaiting and by locks
 * whose only holder is known; or all that a bounded semaphore let in were found, and
 * wait for it again.  Likely, where of a full semaphore one holder was found,
 * and it is not known how many it lets in: if no timeout ends a wait, and none is for
 * the first of several.
 * contention: at least CONTENTION_LEAST tasks wait for one lock, semaphore or
 * condition; holders of it were found, and none of these moves on by itself or
 * by a timer (motion.h). */
#include <math.h>

#include "model/finder.h"
#include "model/graph.h"
#include "model/words.h"

enum { CONTENTION_LEAST = 10, CYCLE_SHOWN = 3 };

/* ---- cycle ---- */

static void tell_task(struct finder *finder, const struct task *task)
{
	words_name(&finder->text, task);
	buffer_puts(&finder->text, " in ");
	words_place(&finder->text, task->stack, &finder->paths);
}

static bool by_lock(const struct task *task, const struct task *next)
{
	for (uint32_t i = 0; i < task->awaits.count; i++)
		if (task->awaits.items[i] == next)
			return false;
	return true;
}

static void tell_arrow(struct finder *finder, const struct task *task, const struct task *next)
{
	buffer_puts(&finder->text, " " WORDS_ARROW " ");
	if (by_lock(task, next))
		buffer_printf(&finder->text, "%s held by ", wait_kind_name(task->waiting_on->kind));
}

static void tell_cycle(struct finder *finder, const struct task_list *cycle, bool likely)
{
	const char *likely_word = likely ? "likely " : "";
	struct buffer *text = &finder->text;
	uint32_t shown = cycle->count <= CYCLE_SHOWN + 1 ? cycle->count : CYCLE_SHOWN;

	if (cycle->count == 1) {
		buffer_printf(text, "1 task %swaits for itself: ", likely_word);
	} else {
		words_count(text, cycle->count, "task");
		buffer_printf(text, " %swait for each other: ", likely_word);
	}
	for (uint32_t i = 0; i < shown; i++) {
		tell_task(finder, cycle->items[i]);
		tell_arrow(finder, cycle->items[i], cycle->items[(i + 1) % cycle->count]);
	}
	if (shown < cycle->count) {
		words_number(text, cycle->count - shown);
		buffer_puts(text, " more " WORDS_ARROW " ");
	}
	words_name(text, cycle->items[0]);
}

static void add_cycle(struct finder *finder, const struct task_list *cycle, bool likely)
{
	tell_cycle(finder, cycle, likely);
	finder_add(finder,
			(struct finding){ .kind = FINDING_CYCLE,
					.likely = likely,
					.count = cycle->count,
					.tasks = *cycle },
			hash_mix(cycle->count, (uint64_t)(uintptr_t)cycle->items[0]->stack));
}

/* Whether it ends by nothing but an end of what the next in the cycle does. */
static bool waits_on(const struct task *task, const struct task *next)
{
	enum {
		FOR_ALL = WAIT_BIT(TASK) | WAIT_BIT(SHIELD) | WAIT_BIT(GATHER) | WAIT_BIT(TASKGROUP)
	};
	const struct wait *wait = task->waiting_on;

	if (task->state != TASK_WAITING || !wait || !isnan(wait->timeout_s))
		return false;
	return by_lock(task, next) || FOR_ALL >> wait->kind & 1;
}

/* Whether it is through a semaphore of which there may be other holders, and ends by
 * nothing else. */
static bool is_likely(const struct task_list *cycle)
{
	bool any = false;

	for (uint32_t i = 0; i < cycle->count; i++) {
		const struct task *task = cycle->items[i];
		const struct task *next = cycle->items[(i + 1) % cycle->count];
		if (!waits_on(task, next))
			return false;
		any |= by_lock(task, next) && graph_likely_blocker(task) == next;
	}
	return any;
}

/* Whether all that may hold the semaphore were found, and wait for it again, for ever. */
static bool is_exhausted(const struct shared *shared)
{
	const struct wait *wait = shared->wait;
	const struct task_list *holders = &wait->lock.holders;

	if (wait->kind != WAIT_SEMAPHORE || wait->lock.value != 0 || wait->lock.bound < 2 ||
			holders->count != (uint64_t)wait->lock.bound)
		return false;
	for (uint32_t i = 0; i < holders->count; i++) {
		const struct task *task = holders->items[i];
		if (task->state != TASK_WAITING || !task->waiting_on ||
				task->waiting_on->kind != WAIT_SEMAPHORE ||
				task->waiting_on->object != wait->object ||
				!isnan(task->waiting_on->timeout_s))
			return false;
	}
	return true;
}

void find_cycles(struct finder *finder)
{
	size_t count;
	struct task_list *cycles = graph_cycles_through_locks(finder->snapshot, &count);

	for (size_t i = 0; i < count; i++)
		add_cycle(finder, &cycles[i], false);
	for (uint32_t i = 0; i < finder->motion.shared_count; i++)
		if (is_exhausted(&finder->motion.shared[i]))
			add_cycle(finder, &finder->motion.shared[i].wait->lock.holders, false);
	cycles = graph_likely_cycles(finder->snapshot, &count);
	for (size_t i = 0; i < count; i++)
		if (is_likely(&cycles[i]))
			add_cycle(finder, &cycles[i], true);
}

/* ---- contention ---- */

static bool is_contended(struct finder *finder, const struct shared *shared)
{
	enum wait_kind kind = shared->wait->kind;
	const struct task_list *holders = &shared->wait->lock.holders;

	if (!wait_has_holders(kind) || shared->waiters.count < CONTENTION_LEAST || !holders->count)
		return false;
	for (uint32_t i = 0; i < holders->count; i++)
		if (motion_moves(&finder->motion, holders->items[i]))
			return false;
	return true;
}

static void tell_contention(struct finder *finder, const struct shared *shared)
{
	struct buffer *text = &finder->text;
	const struct task_list *holders = &shared->wait->lock.holders;

	words_number(text, shared->waiters.count);
	buffer_printf(text, " wait for a %s", wait_kind_name(shared->wait->kind));
	finder_part(finder);
	if (holders->count == 1) {
		buffer_puts(text, "held by ");
	} else {
		words_number(text, holders->count);
		buffer_puts(text, " holders found, ");
	}
	finder_tell(finder, holders);
}

void find_contention(struct finder *finder)
{
	for (uint32_t i = 0; i < finder->motion.shared_count; i++) {
		const struct shared *shared = &finder->motion.shared[i];
		if (!is_contended(finder, shared))
			continue;
		const struct task_list *holders = &shared->wait->lock.holders;
		tell_contention(finder, shared);
		finder_add(finder,
				(struct finding){
						.kind = FINDING_CONTENTION,
						.count = shared->waiters.count,
						.tasks = finder_join(
								finder, holders, &shared->waiters),
				},
				hash_mix(shared->wait->kind,
						(uint64_t)(uintptr_t)holders->items[0]->stack));
	}
}
