/* Which tasks have a text in what is said of them: see match.h. */
#include "view/match.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "model/words.h"

static bool has_capital(const char *text)
{
	for (; *text; text++)
		if (isupper((unsigned char)*text))
			return true;
	return false;
}

void match_begin(struct match *match, const struct snapshot *snapshot, const char *text)
{
	free(match_end(match));
	match->snapshot = snapshot;
	match->text = alloc_string(text);
	match->found = alloc_zeroed((size_t)snapshot->tasks.count + 1, sizeof(bool));
	match->find = has_capital(text) ? strstr : strcasestr;
}

bool *match_end(struct match *match)
{
	bool *found = match->found;

	free(match->text);
	table_deinit(&match->stacks);
	buffer_deinit(&match->words);
	*match = (struct match){ 0 };
	return found;
}

static bool has(const struct match *match, const char *in)
{
	return in && match->find(in, match->text);
}

static bool in_stack(const struct match *match, const struct stack *stack)
{
	for (uint32_t i = 0; stack && i < stack->depth; i++)
		if (has(match, stack->frames[i]->function) || has(match, stack->frames[i]->file))
			return true;
	return false;
}

/* Many tasks share a stack. */
static bool in_known_stack(struct match *match, const struct stack *stack)
{
	bool added;
	uint64_t *value = table_add(&match->stacks, (uint64_t)(uintptr_t)stack, &added);

	if (added)
		*value = in_stack(match, stack);
	return *value;
}

static bool in_wait(struct match *match, const struct task *task)
{
	if (!task->waiting_on)
		return false;
	buffer_clear(&match->words);
	words_wait(&match->words, &task, 1, NULL);
	return has(match, buffer_text(&match->words));
}

bool match_go_on(struct match *match, uint32_t tasks)
{
	const struct task_list *all = &match->snapshot->tasks;
	uint32_t end = all->count - match->next > tasks ? match->next + tasks : all->count;

	for (; match->next < end; match->next++) {
		const struct task *task = all->items[match->next];
		match->found[match->next] =
				has(match, task->name) || in_known_stack(match, task->stack) ||
				has(match, task->coroutine) ||
				has(match, task_state_name(task->state)) || in_wait(match, task);
	}
	return end < all->count;
}

bool *match_tasks(const struct snapshot *snapshot, const char *text)
{
	struct match match = { 0 };

	match_begin(&match, snapshot, text);
	match_go_on(&match, snapshot->tasks.count);
	return match_end(&match);
}
