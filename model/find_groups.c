/* Findings about groups of tasks.
 *
 * holdup: a task waits for at least HOLDUP_LEAST members of a gather, a wait, an
 * as_completed or a task group; at most one of HOLDUP_SHARE is pending still; and
 * none of these moves on by itself or by a timer (motion.h).  Of an as_completed and a
 * task group it is known how many there were at least, and of the latter only where none
 * can be added any more. */
#include "model/finder.h"
#include "model/words.h"

enum { HOLDUP_LEAST = 10, HOLDUP_SHARE = 10 };

static bool is_total_known(const struct wait *wait)
{
	return wait->group.total >= 0;
}

static int64_t total_of(const struct wait *wait)
{
	return is_total_known(wait) ? wait->group.total : wait->group.least;
}

static bool is_held_up(struct finder *finder, const struct task *task)
{
	const struct wait *wait = task->waiting_on;

	if (!wait || !wait_is_group(wait->kind) || total_of(wait) < HOLDUP_LEAST ||
			wait->group.pending < 1 ||
			wait->group.pending > total_of(wait) / HOLDUP_SHARE)
		return false;
	/* Members that are no tasks can't be told. */
	if (wait->tasks.count != (uint64_t)wait->group.pending)
		return false;
	for (uint32_t i = 0; i < wait->tasks.count; i++)
		if (motion_moves(&finder->motion, wait->tasks.items[i]))
			return false;
	return !motion_moves(&finder->motion, task);
}

static void tell_holdup(struct finder *finder, const struct task *task)
{
	const struct wait *wait = task->waiting_on;
	struct buffer *text = &finder->text;

	words_name(text, task);
	buffer_printf(text, " waits for the last %s", wait->group.pending == 1 ? "one" : "");
	if (wait->group.pending > 1)
		words_number(text, (uint64_t)wait->group.pending);
	buffer_puts(text, is_total_known(wait) ? " of " : " of at least ");
	words_number(text, (uint64_t)total_of(wait));
	buffer_puts(text, ": ");
	finder_tell(finder, &wait->tasks);
}

void find_holdups(struct finder *finder)
{
	const struct task_list *tasks = &finder->snapshot->tasks;

	if (!(finder->seen.waits & WAITS_FOR_GROUPS))
		return;
	for (uint32_t i = 0; i < tasks->count; i++) {
		struct task *task = tasks->items[i];
		if (!is_held_up(finder, task))
			continue;
		const struct task_list *members = &task->waiting_on->tasks;
		tell_holdup(finder, task);
		finder_add(finder,
				(struct finding){
						.kind = FINDING_HOLDUP,
						.count = members->count,
						.tasks = finder_join(finder, members,
								&(struct task_list){ 1, &task }),
				},
				hash_mix((uint64_t)(uintptr_t)members->items[0]->stack,
						(uint64_t)(uintptr_t)task->stack));
	}
}
