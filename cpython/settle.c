/* Reads the tasks of a target that runs on until they hold still.
 *
 * One that changes is good once all that was read of it is still there, in one
 * system call, or two readings of what one call has fetched are alike: readings in
 * many calls are soon alike by being torn at the same place.  At the end all are
 * looked at once more: one whose memory belongs to another task by now would link
 * tasks that never met. */
#include "cpython/tasks.h"
#include "cpython/waits.h"

enum {
	READINGS_MAX = 100, /* of one task */
	LOOKS_MAX = 10,     /* at whether it is the same */
	LOOKED_AT_TOGETHER = 64,
	ALL_READINGS_MAX = 100 * 1000, /* on top of a few for each task */
};

static bool has_time(const struct reader *reader)
{
	return reader->readings < ALL_READINGS_MAX + 4 * reader->tasks.count;
}

/* Reads a task again.  False where the work that is left is not enough: what was
 * read before is better than nothing then. */
static bool read_again(struct reader *reader, size_t index)
{
	const struct task_view before = reader->tasks.items[index];

	if (!reader->python->work_left)
		return false;
	task_read(reader, index);
	if (reader->python->work_left)
		return true;
	reader->tasks.items[index] = before;
	return false;
}

static void forget(struct reader *reader)
{
	mem_forget_all(reader->python->mem);
	waits_forget(reader);
}

/* Whether the task as it was read was there at one instant: all that was read of it
 * still is.  Fetches all of that together. */
static bool is_of_one_moment(const struct reader *reader, size_t index)
{
	return !mem_verify(reader->python->mem) && reader->tasks.items[index].read == TASK_PENDING;
}

static bool are_alike(const struct task_view *a, const struct task_view *b)
{
	return a->read == TASK_PENDING && b->read == TASK_PENDING &&
	       a->fingerprint == b->fingerprint;
}

/* Reads a task, from memory as it is now, until that is sure. */
static void settle_one(struct reader *reader, size_t index)
{
	struct task_view before = { .read = TASK_TORN };
	bool alike = false;

	for (int i = 0; i < READINGS_MAX && has_time(reader); i++) {
		forget(reader);
		if (!read_again(reader, index) || is_of_one_moment(reader, index))
			return;
		waits_forget(reader);
		if (!read_again(reader, index))
			return;
		const struct task_view *view = &reader->tasks.items[index];
		if (view->read == TASK_DONE)
			return;
		alike = are_alike(view, &before);
		if (alike && view->links == before.links)
			return;
		before = *view;
	}
	/* What it waits for may change faster than it can be read. */
	if (alike)
		reader->tasks.items[index].round++;
	else
		reader->tasks.items[index].read = TASK_TORN;
}

static void settle_unread(struct reader *reader, size_t index)
{
	settle_one(reader, index);
	if (reader->tasks.items[index].read == TASK_UNREAD)
		reader->tasks.items[index].read = TASK_TORN;
}

/* Reads all tasks again; adds those that have changed. */
static void find_unsettled(struct reader *reader, struct addresses *unsettled)
{
	for (size_t i = 0; i < reader->tasks.count; i++) {
		struct task_view before = reader->tasks.items[i];
		if (before.read == TASK_DONE)
			continue;
		if (!read_again(reader, i))
			return;
		const struct task_view *view = &reader->tasks.items[i];
		if (!are_alike(view, &before) || view->links != before.links)
			*array_push(unsettled) = i;
	}
}

/* The other end of a link must have been that task already when it was found;
 * that it still is, drop_replaced() sees to.  Memory is soon used again for a
 * task of the same name: where one of the two moves, only what the awaited one
 * itself keeps is sure. */
static bool is_certain(const struct reader *reader, const struct link *link)
{
	const struct task_view *awaiter = &reader->tasks.items[link->awaiter];
	const struct task_view *awaited = &reader->tasks.items[link->awaited];
	bool still = !awaiter->moved && !awaited->moved;

	return awaiter->since <= link->reading && awaited->since <= link->reading &&
	       (link->owner == link->awaited || still || !awaited->native);
}

/* Reads those tasks again whose links lead to tasks that were read after them. */
static void settle_owners(struct reader *reader)
{
	size_t count = reader->links.count;

	for (size_t i = 0; i < count; i++) {
		const struct link link = reader->links.items[i];
		if (link_is_current(reader, &link) && !is_certain(reader, &link) &&
				reader->tasks.items[link.owner].read == TASK_PENDING)
			settle_one(reader, link.owner);
	}
}

static void drop_uncertain_links(struct reader *reader)
{
	size_t kept = 0;

	for (size_t i = 0; i < reader->links.count; i++)
		if (is_certain(reader, &reader->links.items[i]))
			reader->links.items[kept++] = reader->links.items[i];
	reader->links.count = kept;
}

/* Whether it is the same task still, by what was there at one instant. */
static bool is_same_still(struct reader *reader, size_t index)
{
	struct procmem *mem = reader->python->mem;

	for (int i = 0; i < LOOKS_MAX; i++) {
		mem_forget_all(mem);
		bool same = task_is_same(reader, index);
		if (!mem_verify(mem))
			return same;
		if (task_is_same(reader, index))
			return true;
	}
	return false;
}

/* The same of some tasks together, whose pages come in few calls.  Where one of them
 * changes meanwhile each is looked at alone. */
static void add_replaced(
		struct reader *reader, size_t first, size_t end, struct addresses *replaced)
{
	struct procmem *mem = reader->python->mem;
	const struct task_view *tasks = reader->tasks.items;
	bool same[LOOKED_AT_TOGETHER] = { false };

	mem_forget_all(mem);
	for (size_t i = first; i < end; i++)
		mem_want(mem, tasks[i].address, reader->python->layout->task.size);
	mem_fetch_wanted(mem);
	for (size_t i = first; i < end; i++)
		same[i - first] = tasks[i].read == TASK_PENDING && task_is_same(reader, i);
	bool sure = !mem_verify(mem);
	for (size_t i = first; i < end; i++)
		if (tasks[i].read == TASK_PENDING &&
				!(sure ? same[i - first] : is_same_still(reader, i)) &&
				reader->python->work_left)
			*array_push(replaced) = i;
}

static void find_replaced(struct reader *reader, struct addresses *replaced)
{
	const size_t count = reader->tasks.count;

	replaced->count = 0;
	for (size_t i = 0; i < count; i += LOOKED_AT_TOGETHER)
		add_replaced(reader, i,
				count - i > LOOKED_AT_TOGETHER ? i + LOOKED_AT_TOGETHER : count,
				replaced);
}

/* What is there now may be the same task by a new name, and is read again. */
static void settle_replaced(struct reader *reader, struct addresses *replaced)
{
	find_replaced(reader, replaced);
	for (size_t i = 0; i < replaced->count; i++)
		settle_one(reader, (size_t)replaced->items[i]);
}

static void drop_replaced(struct reader *reader, struct addresses *replaced)
{
	find_replaced(reader, replaced);
	for (size_t i = 0; i < replaced->count; i++)
		reader->tasks.items[replaced->items[i]].read = TASK_DONE;
}

void tasks_settle(struct reader *reader)
{
	struct addresses unsettled = { 0 }, replaced = { 0 };

	for (size_t i = 0; i < reader->tasks.count; i++)
		reader->tasks.items[i].awaiter = NOBODY; /* no more than the first reading knew */

	mem_verify(reader->python->mem);
	waits_forget(reader);
	find_unsettled(reader, &unsettled);
	for (size_t i = 0; i < unsettled.count; i++)
		settle_one(reader, (size_t)unsettled.items[i]);
	array_free(&unsettled);
	settle_owners(reader);
	settle_replaced(reader, &replaced);
	/* Tasks that only a link led to. */
	for (size_t i = 0; i < reader->tasks.count; i++)
		if (reader->tasks.items[i].read == TASK_UNREAD) {
			*array_push(&reader->order) = (uint32_t)i;
			settle_unread(reader, i);
		}
	drop_uncertain_links(reader);
	drop_replaced(reader, &replaced);
	array_free(&replaced);
}
