/* Findings about queues.
 *
 * queue: tasks are suspended in putting into a full queue, or in getting from an
 * empty one; no task is suspended on its other side; and nothing else was found that
 * may use it (wait.queue.deserted).  That is likely only: it was not looked for
 * everywhere. */
#include "model/finder.h"
#include "model/words.h"

static bool any_moved(const struct task_list *tasks)
{
	for (uint32_t i = 0; i < tasks->count; i++)
		if (tasks->items[i]->moved)
			return true;
	return false;
}

static bool is_deserted(const struct shared *shared)
{
	const struct wait *wait = shared->wait;

	if (wait->kind != WAIT_QUEUE_PUT && wait->kind != WAIT_QUEUE_GET)
		return false;
	if (!wait->queue.deserted || any_moved(&shared->waiters))
		return false;
	if (wait->kind == WAIT_QUEUE_PUT)
		return wait->queue.maxsize > 0 && wait->queue.size >= wait->queue.maxsize &&
		       wait->queue.getters <= 0;
	return wait->queue.size == 0 && wait->queue.putters <= 0;
}

static void tell_queue(struct finder *finder, const struct shared *shared)
{
	struct buffer *text = &finder->text;
	bool puts = shared->wait->kind == WAIT_QUEUE_PUT;
	uint64_t count = shared->waiters.count;

	words_number(text, count);
	if (puts) {
		buffer_printf(text, count == 1 ? " task waits to put into a full queue ("
					       : " wait to put into a full queue (");
		words_number(text, (uint64_t)shared->wait->queue.size);
		buffer_puts(text, ") that likely nobody gets from");
	} else {
		buffer_printf(text, count == 1 ? " task waits to get from an empty queue"
					       : " wait to get from an empty queue");
		buffer_puts(text, " that likely nobody puts into");
	}
	finder_part(finder);
	finder_tell(finder, &shared->waiters);
}

void find_queues(struct finder *finder)
{
	for (uint32_t i = 0; i < finder->motion.shared_count; i++) {
		const struct shared *shared = &finder->motion.shared[i];
		if (!is_deserted(shared))
			continue;
		tell_queue(finder, shared);
		finder_add(finder,
				(struct finding){
						.kind = FINDING_QUEUE,
						.likely = true,
						.count = shared->waiters.count,
						.tasks = shared->waiters,
				},
				hash_mix(shared->wait->kind,
						(uint64_t)(uintptr_t)shared->waiters.items[0]
								->stack));
	}
}
