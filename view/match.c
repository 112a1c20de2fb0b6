/* Which tasks have a text in what is said of them: see match.h. */
#include "view/match.h"

#include <ctype.h>
#include <string.h>

#include "base/buffer.h"
#include "base/table.h"
#include "model/words.h"

typedef char *search(const char *in, const char *text);

static search *search_for(const char *text)
{
	for (; *text; text++)
		if (isupper((unsigned char)*text))
			return strstr;
	return strcasestr;
}

static bool has(search *find, const char *in, const char *text)
{
	return in && find(in, text);
}

static bool in_stack(search *find, const struct stack *stack, const char *text)
{
	for (uint32_t i = 0; stack && i < stack->depth; i++)
		if (has(find, stack->frames[i]->function, text) ||
				has(find, stack->frames[i]->file, text))
			return true;
	return false;
}

/* Many tasks share a stack. */
static bool in_known_stack(struct table *known, search *find, const struct stack *stack,
		const char *text)
{
	bool added;
	uint64_t *value = table_add(known, (uint64_t)(uintptr_t)stack, &added);

	if (added)
		*value = in_stack(find, stack, text);
	return *value;
}

void match_tasks(const struct snapshot *snapshot, const char *text, bool *found)
{
	search *find = search_for(text);
	struct table stacks = { 0 };
	struct buffer words = { 0 };

	for (uint32_t i = 0; i < snapshot->tasks.count; i++) {
		const struct task *task = snapshot->tasks.items[i];
		found[i] = has(find, task->name, text) ||
			   in_known_stack(&stacks, find, task->stack, text) ||
			   has(find, task->coroutine, text) ||
			   has(find, task_state_name(task->state), text);
		if (found[i] || !task->waiting_on)
			continue;
		buffer_clear(&words);
		words_wait(&words, (const struct task *const *)&snapshot->tasks.items[i], 1);
		found[i] = has(find, buffer_text(&words), text);
	}
	table_deinit(&stacks);
	buffer_deinit(&words);
}
