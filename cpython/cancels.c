/* Tasks that wait although they were cancelled.
 *
 * cancel() wakes a task with a CancelledError, or cancels the task, the group or
 * gather() that it waits for, so that it is woken when that ends.  What it waits for
 * after it has caught the exception is something new. */
#include "cpython/facts.h"
#include "cpython/objects.h"
#include "cpython/types.h"
#include "cpython/waits.h"

enum { MEMBERS_MAX = 8 }; /* that are looked at */

static bool is_true(struct python *python, remote_addr object, const char *name)
{
	remote_addr value;
	int64_t number;

	return attribute_find(python, object, name, &value) &&
	       integer_read(python, value, &number) && number;
}

/* Whether the wait ends by what it waits for being cancelled in its turn. */
static bool is_passed_on(struct reader *reader, const struct wait_view *wait)
{
	if (wait->wait.kind == WAIT_GATHER &&
			is_true(reader->python, wait->wait.object, "_cancel_requested"))
		return true;
	if (wait->wait.kind == WAIT_TASKGROUP &&
			is_true(reader->python, wait->wait.object, "_aborting"))
		return true;
	if (wait->wait.kind == WAIT_SHIELD)
		return false;
	for (size_t i = 0; i < wait->task_count && i < MEMBERS_MAX; i++)
		if (task_is_cancelled(reader, wait->tasks[i]))
			return true;
	return false;
}

/* Whether a frame is inside the `except` or `finally` that the exception led to. */
static bool handles_it(struct reader *reader, struct asyncio_names *names)
{
	struct python *python = reader->python;

	for (size_t i = 0; i < reader->chain.frames.count; i++) {
		remote_addr exception, generator = reader->chain.frames.items[i].generator;
		if (!python_work(python, OBJECT_WORK))
			return false;
		if (mem_read_u64(python->mem, generator + python->layout->generator.exc_value,
				    &exception) &&
				exception &&
				is_instance(python, names, exception, CLASS_CANCELLED_ERROR))
			return true;
	}
	return false;
}

void cancel_read(struct reader *reader, size_t index)
{
	const struct task_view *view = &reader->tasks.items[index];
	struct task *task = view->task;

	if (task->state != TASK_WAITING || task->cancel_requests <= 0 || task->must_cancel ||
			is_passed_on(reader, view->wait))
		return;
	task->cancelled_yet_waiting = true;
	task->handles_cancel =
			handles_it(reader, &reader->interpreters.items[view->interpreter].asyncio);
}
