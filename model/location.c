/* Which frame of a stack is shown: see location.h. */
#include "model/location.h"

#include <string.h>

uint32_t stack_location(const struct frame *const *frames, uint32_t depth)
{
	for (enum origin most = ORIGIN_USER; most < ORIGIN_STDLIB; most++)
		for (uint32_t i = depth; i-- > 0;)
			if (frames[i]->origin <= most)
				return i;
	return depth ? depth - 1 : 0;
}

struct stack stack_above_loop(const struct stack *stack)
{
	struct stack part = *stack;
	uint32_t first = 0;

	for (uint32_t i = 0; i < stack->depth; i++)
		if (stack->frames[i]->origin == ORIGIN_STDLIB && stack->frames[i]->function &&
				strcmp(stack->frames[i]->function, "BaseEventLoop._run_once") == 0)
			first = i + 1;
	part.frames += first;
	part.depth -= first;
	part.location = stack_location(part.frames, part.depth);
	return part;
}

uint32_t task_depth(const struct task *task)
{
	return task->stack ? task->stack->depth : 0;
}

const struct frame *task_location(const struct task *task)
{
	return task_depth(task) ? task->stack->frames[task->stack->location] : NULL;
}
