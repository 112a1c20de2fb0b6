/* Which frame of a stack is shown: see location.h. */
#include "model/location.h"

uint32_t stack_location(const struct frame *const *frames, uint32_t depth)
{
	for (enum origin most = ORIGIN_USER; most < ORIGIN_STDLIB; most++)
		for (uint32_t i = depth; i-- > 0;)
			if (frames[i]->origin <= most)
				return i;
	return depth ? depth - 1 : 0;
}

uint32_t task_depth(const struct task *task)
{
	return task->stack ? task->stack->depth : 0;
}

const struct frame *task_location(const struct task *task)
{
	return task_depth(task) ? task->stack->frames[task->stack->location] : NULL;
}
