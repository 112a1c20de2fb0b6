/* Groups of like tasks that only grow: see growth.h. */
#include "model/growth.h"

static void look_deinit(struct growth_look *look)
{
	array_free(&look->groups);
	table_deinit(&look->index);
}

void growth_deinit(struct growth *growth)
{
	look_deinit(&growth->last);
	look_deinit(&growth->next);
}

static struct growth_group *find(const struct growth_look *look, uint64_t key)
{
	const uint64_t *place = table_find(&look->index, key);

	return place ? &look->groups.items[*place - 1] : NULL;
}

void growth_add(struct growth *growth, uint64_t key)
{
	struct growth_look *next = &growth->next;
	bool added;
	uint64_t *place = table_add(&next->index, key, &added);

	if (added) {
		*place = next->groups.count + 1;
		*array_push(&next->groups) = (struct growth_group){ .key = key };
	}
	next->groups.items[*place - 1].count++;
}

void growth_move(struct growth *growth, uint64_t key)
{
	struct growth_group *group = find(&growth->last, key);

	if (group)
		group->moved = true;
}

/* What is known of the group goes on, or begins. */
static void go_on(const struct growth *growth, struct growth_group *group, double now_s)
{
	const struct growth_group *old = find(&growth->last, group->key);
	uint32_t count = group->count;

	if (!old || old->moved || count < old->count) {
		group->before = count;
		group->began_s = group->rose_s = now_s;
		return;
	}
	*group = *old;
	group->count = count;
	group->looks++;
	if (count > old->count) {
		group->rises++;
		group->rose_s = now_s;
	}
}

void growth_end_look(struct growth *growth, double now_s)
{
	struct growth_look last = growth->last;

	for (size_t i = 0; i < growth->next.groups.count; i++)
		go_on(growth, &growth->next.groups.items[i], now_s);
	growth->last = growth->next;
	growth->last_s = now_s;
	/* The memory is used again; a table has to be made anew. */
	table_deinit(&last.index);
	last.groups.count = 0;
	growth->next = last;
}

const struct growth_group *growth_of(const struct growth *growth, uint64_t key)
{
	const struct growth_group *group = find(&growth->last, key);

	if (!group)
		return NULL;
	bool long_enough = group->looks >= GROWTH_LOOKS_ALONE ||
			   (group->looks >= GROWTH_LOOKS &&
					   growth->last_s - group->began_s >= GROWTH_SECONDS);
	bool grows = group->count >= group->before + GROWTH_TASKS && group->rises >= GROWTH_RISES &&
		     growth->last_s - group->rose_s <= GROWTH_SECONDS;
	return long_enough && grows ? group : NULL;
}
