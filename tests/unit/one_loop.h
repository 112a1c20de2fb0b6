/* What most tests of the model begin with: an empty snapshot of one loop, `b`.
 * To be included by one file of a program. */
#ifndef TESTS_UNIT_ONE_LOOP_H
#define TESTS_UNIT_ONE_LOOP_H

#include "tests/unit/build.h"

enum { ONE_LOOP_TID = 100 };

static struct build b;
static struct loop *loop;

static inline void one_loop_init(void)
{
	build_init(&b);
	loop = build_loop(&b, "Loop", ONE_LOOP_TID);
}

static inline int tear_down(void **state)
{
	(void)state;
	build_deinit(&b);
	return 0;
}

/* A task of that loop, which waits. */
static inline struct task *add(const char *name, const struct stack *stack)
{
	return build_task(&b, name, stack, TASK_WAITING, loop);
}

#endif
