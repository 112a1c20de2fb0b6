/* Tasks of one loop that wait at one of three places, for tests of what is found and said
 * of them.  To be included by one file of a program. */
#ifndef TESTS_UNIT_WAITING_TASKS_H
#define TESTS_UNIT_WAITING_TASKS_H

#include "tests/unit/one_loop.h"

static const struct stack *f, *g, *h;

static inline int set_up(void **state)
{
	(void)state;
	one_loop_init();
	f = build_at(&b, "f", "/srv/a.py", 1);
	g = build_at(&b, "g", "/srv/a.py", 2);
	h = build_at(&b, "h", "/srv/b.py", 3);
	return 0;
}

static inline struct task *add_waiting(
		const char *name, const struct stack *stack, enum wait_kind kind, uint64_t object)
{
	struct task *task = add(name, stack);

	build_wait(&b, task, kind, object);
	return task;
}

static inline struct wait *wait_of(struct task *task)
{
	return (struct wait *)(uintptr_t)task->waiting_on;
}

static inline struct task *add_locked(const char *name, const struct stack *stack, uint64_t lock,
		struct task_list holders)
{
	struct task *task = add_waiting(name, stack, WAIT_LOCK, lock);

	wait_of(task)->lock.holders = holders;
	return task;
}

#endif
