/* Finds the tasks that CPython lists.
 *
 * From 3.14 on each thread has a list of the pending _asyncio.Task objects that
 * were made in it, and each interpreter one of those whose thread has ended;
 * the tasks of other classes are in sets of weak references.  Before, all tasks
 * are in such sets, also those that are done. */
#include <stdlib.h>

#include "cpython/objects.h"
#include "cpython/task_list.h"
#include "cpython/tasks.h"
#include "cpython/types.h"

size_t task_add(struct reader *reader, remote_addr address, size_t interpreter, bool native)
{
	bool added;

	/* Siblings name the same awaiter one after the other. */
	if (reader->tasks.count && reader->tasks.items[reader->tasks.last].address == address)
		return reader->tasks.last;
	uint64_t *place = table_add(&reader->tasks.index, address, &added);
	if (!added)
		return reader->tasks.last = *place;
	*place = reader->tasks.count;
	reader->tasks.any_foreign |= !native;
	*array_push(&reader->tasks) = (struct task_view){
		.address = address,
		.interpreter = (uint32_t)interpreter,
		.awaiter = NOBODY,
		.native = native,
	};
	return reader->tasks.count - 1;
}

static bool discover_list(struct reader *reader, remote_addr head, size_t interpreter)
{
	struct listed_tasks listed = { 0 };
	bool whole = task_list_read(reader->python, head, reader->still ? &reader->raws : NULL,
			&listed, &reader->repaired);

	array_reserve(&reader->tasks, listed.count);
	table_reserve(&reader->tasks.index, listed.count);
	for (size_t i = 0; i < listed.count; i++) {
		size_t index = task_add(reader, listed.items[i].address, interpreter, true);
		reader->tasks.items[index].raw = listed.items[i].raw;
	}
	array_free(&listed);
	return whole;
}

static int compare_addresses(const void *a, const void *b)
{
	remote_addr left = *(const remote_addr *)a, right = *(const remote_addr *)b;

	return (left > right) - (left < right);
}

/* A task of a third party has what asyncio asks of it; what the memory of a task was
 * given to since, while the target ran, mostly has not. */
static bool may_be_task(struct reader *reader, const struct type *type, size_t interpreter)
{
	const struct asyncio_names *names = &reader->interpreters.items[interpreter].asyncio;
	remote_addr method;

	return type &&
	       (type->is_task || type_is_a(type, names->py_task) ||
			       (type->kind != KIND_FUTURE &&
					       class_find(reader->python, type, "done", &method)));
}

static void discover_set(struct reader *reader, remote_addr set, bool weak, size_t interpreter)
{
	struct addresses found = { 0 };
	const struct layout *layout = reader->python->layout;

	if (!set)
		return;
	if (weak ? !weakset_read(reader->python, set, &found)
		 : !items_read(reader->python, set, &found))
		reader->complete = false;
	/* The order of a set is that of hashes; this one is the same in each snapshot. */
	if (found.count)
		qsort(found.items, found.count, sizeof(*found.items), compare_addresses);
	mem_prefetch(reader->python->mem, found.items, found.count, layout->object.size);
	for (size_t i = 0; i < found.count && python_work(reader->python, TASK_WORK); i++) {
		const struct type *type = type_of(reader->python, found.items[i]);
		if (may_be_task(reader, type, interpreter))
			task_add(reader, found.items[i], interpreter,
					type->is_task && layout->task.size);
	}
	array_free(&found);
}

void tasks_discover(struct reader *reader)
{
	const struct layout *layout = reader->python->layout;
	bool has_lists = layout->task.size && layout->task.node;
	bool whole = true; /* all lists could be walked to their end */

	for (size_t i = reader->threads.count; has_lists && i-- > 0;)
		whole &= discover_list(reader,
				reader->threads.items[i].address +
						layout->asyncio_thread.tasks_head,
				reader->threads.items[i].interpreter);
	for (size_t i = reader->interpreters.count; i-- > 0;) {
		const struct interpreter_view *interpreter = &reader->interpreters.items[i];
		const struct asyncio_names *names = &interpreter->asyncio;
		if (has_lists)
			whole &= discover_list(reader,
					interpreter->address +
							layout->asyncio_interpreter.tasks_head,
					i);
		reader->unlocated |= names->native && layout->keeps_awaiters && !has_lists;
		discover_set(reader, names->scheduled_tasks, true, i);
		discover_set(reader, names->eager_tasks, false, i);
		discover_set(reader, names->foreign_tasks, true, i);
		discover_set(reader, names->foreign_eager_tasks, false, i);
	}
	reader->complete &= whole && !reader->unlocated;
}
