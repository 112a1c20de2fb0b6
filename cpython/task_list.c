/* Walks a list of tasks: see task_list.h. */
#include "cpython/task_list.h"

#include "cpython/types.h"

enum {
	REPAIRS_MAX = 1000, /* of one list that changes while it is walked */
	POOL = 16 * 1024,   /* of CPython's allocator: of many tasks, so it is fetched whole */
};

/* A way through the list, from its head on. */
struct way {
	struct python *python;
	remote_addr head;
	uint64_t forward, back;              /* the offsets of the links, as the way goes */
	struct addresses nodes;              /* passed so far, the head first */
	ARRAY(const struct raw_task *) raws; /* what the tasks say, without the head */
};

static struct way way_from(struct python *python, remote_addr head, bool backwards)
{
	const struct layout *layout = python->layout;
	struct way way = {
		.python = python,
		.head = head,
		.forward = backwards ? layout->llist.prev : layout->llist.next,
		.back = backwards ? layout->llist.next : layout->llist.prev,
	};

	*array_push(&way.nodes) = head;
	return way;
}

static void way_deinit(struct way *way)
{
	array_free(&way->nodes);
	array_free(&way->raws);
}

static remote_addr last_of(const struct way *way)
{
	return way->nodes.items[way->nodes.count - 1];
}

static remote_addr task_at(const struct way *way, remote_addr node)
{
	return node - way->python->layout->task.node;
}

/* Where the way goes on; 0 where that cannot be read. */
static remote_addr next_of(const struct way *way)
{
	remote_addr next;

	return mem_read_u64(way->python->mem, last_of(way) + way->forward, &next) ? next : 0;
}

/* Whether a node leads back to where we are from. */
static bool leads_back(const struct way *way, remote_addr next)
{
	remote_addr back;

	return next && mem_read_u64(way->python->mem, next + way->back, &back) &&
	       back == last_of(way);
}

/* The next node, where it leads back and a task is at it. */
static bool next_node(const struct way *way, remote_addr *next)
{
	*next = next_of(way);
	if (!leads_back(way, *next))
		return false;
	if (*next == way->head)
		return true;
	const struct type *type = type_of(way->python, task_at(way, *next));
	return type && type->is_task;
}

/* ---- a list that may change ---- */

/* Goes back to a node that is still in the list. */
static bool repair(struct way *way, remote_addr *next)
{
	struct procmem *mem = way->python->mem;
	uint64_t size = way->python->layout->task.size;

	for (;;) {
		remote_addr from = last_of(way);
		mem_forget(mem, task_at(way, from), size);
		if (mem_read_u64(mem, from + way->forward, next) && *next) {
			mem_forget(mem, task_at(way, *next), size);
			if (next_node(way, next))
				return true;
		}
		if (way->nodes.count == 1 || !python_work(way->python, TASK_WORK))
			return false;
		way->nodes.count--;
	}
}

static void add_task(const struct way *way, remote_addr node, const struct raw_task *raw,
		struct listed_tasks *tasks)
{
	*array_push(tasks) = (struct listed_task){ task_at(way, node), raw };
}

/* False where the list could not be walked to its end. */
static bool walk(struct way *way, struct listed_tasks *tasks, bool *repaired)
{
	unsigned repairs = 0;
	remote_addr next;

	for (;;) {
		if (!python_work(way->python, TASK_WORK))
			return false;
		if (!next_node(way, &next)) {
			*repaired = true;
			if (repairs++ == REPAIRS_MAX || !repair(way, &next))
				return false;
		}
		if (next == way->head)
			return true;
		*array_push(&way->nodes) = next;
		add_task(way, next, NULL, tasks);
	}
}

static bool walk_one_way(struct python *python, remote_addr head, bool backwards,
		struct listed_tasks *tasks, bool *repaired)
{
	struct way way = way_from(python, head, backwards);
	bool whole = walk(&way, tasks, repaired);

	way_deinit(&way);
	return whole;
}

/* ---- a list that stands still ---- */

enum step { STEP_ON, STEP_MET, STEP_BAD };

static enum step step(
		struct way *way, remote_addr next, const struct way *other, struct arena *raws)
{
	if (!python_work(way->python, TASK_WORK) || !leads_back(way, next))
		return STEP_BAD;
	if (next == last_of(other))
		return STEP_MET;
	struct raw_task *raw = arena_take(raws, 1, sizeof(*raw));
	*array_push(&way->nodes) = next;
	*array_push(&way->raws) = raw;
	return raw_task_read(way->python, task_at(way, next), true, raw) ? STEP_ON : STEP_BAD;
}

/* As far as can be walked without asking the target, and to where that must be. */
static enum step walk_near(
		struct way *way, const struct way *other, struct arena *raws, remote_addr *next)
{
	struct procmem *mem = way->python->mem;
	uint64_t size = way->python->layout->task.size;

	while (*next = next_of(way), mem_is_near(mem, task_at(way, *next), size)) {
		enum step how = step(way, *next, other, raws);
		if (how != STEP_ON)
			return how;
	}
	return STEP_ON;
}

/* From both ends, until they meet: what each of them lacks comes in one call. */
static bool walk_both_ways(struct way *ahead, struct way *behind, struct arena *raws)
{
	struct procmem *mem = ahead->python->mem;
	remote_addr next[2];
	enum step how;

	for (;;) {
		if ((how = walk_near(ahead, behind, raws, &next[0])) != STEP_ON ||
				(how = walk_near(behind, ahead, raws, &next[1])) != STEP_ON)
			break;
		for (int i = 0; i < 2; i++)
			mem_want(mem, next[i] - next[i] % POOL, POOL);
		mem_fetch_wanted(mem);
		/* That alone may not do, and there may be nothing. */
		if ((how = step(ahead, next[0], behind, raws)) != STEP_ON)
			break;
	}
	return how == STEP_MET;
}

static bool read_still(struct python *python, remote_addr head, struct arena *raws,
		struct listed_tasks *tasks)
{
	struct way ahead = way_from(python, head, false), behind = way_from(python, head, true);
	bool whole = walk_both_ways(&ahead, &behind, raws);

	for (size_t i = 1; i < ahead.nodes.count && whole; i++)
		add_task(&ahead, ahead.nodes.items[i], ahead.raws.items[i - 1], tasks);
	for (size_t i = behind.nodes.count; i-- > 1 && whole;)
		add_task(&behind, behind.nodes.items[i], behind.raws.items[i - 1], tasks);
	way_deinit(&ahead);
	way_deinit(&behind);
	return whole;
}

bool task_list_read(struct python *python, remote_addr head, struct arena *raws,
		struct listed_tasks *tasks, bool *repaired)
{
	remote_addr first;

	/* A list that was never used may not even be initialised. */
	if (!mem_read_u64(python->mem, head + python->layout->llist.next, &first) || !first ||
			(raws && read_still(python, head, raws, tasks)) ||
			walk_one_way(python, head, false, tasks, repaired))
		return true;
	/* Take what can be reached from the other end. */
	walk_one_way(python, head, true, tasks, repaired);
	return false;
}
