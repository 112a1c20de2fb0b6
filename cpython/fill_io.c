/* What the system knows of what tasks wait for: the addresses of sockets, the command
 * lines of children.  It is asked when the target runs on. */
#include "cpython/fill.h"
#include "cpython/waits.h"
#include "target/children.h"
#include "target/descriptors.h"

static bool has_descriptor(const struct wait *wait)
{
	return (wait->kind == WAIT_SOCKET || wait->kind == WAIT_STREAM ||
			       wait->kind == WAIT_PIPE) &&
	       wait->io.fd >= 0;
}

static void fill_descriptors(const struct reader *reader, const struct process *process,
		const struct addresses *waiting)
{
	struct descriptors descriptors = { 0 };

	for (size_t i = 0; i < waiting->count; i++)
		descriptors_want(&descriptors,
				reader->tasks.items[waiting->items[i]].wait->wait.io.fd);
	descriptors_read(&descriptors, process->living, &reader->python->snapshot->arena);
	for (size_t i = 0; i < waiting->count; i++) {
		struct wait *wait = &reader->tasks.items[waiting->items[i]].wait->wait;
		const struct descriptor *descriptor = descriptors_find(&descriptors, wait->io.fd);
		wait->io.local = descriptor->local;
		wait->io.peer = descriptor->peer;
	}
	descriptors_deinit(&descriptors);
}

/* The target says which process it is by the numbers of its own namespace. */
static void fill_processes(const struct reader *reader, const struct process *process,
		const struct addresses *waiting, bool no_argv)
{
	struct arena *arena = &reader->python->snapshot->arena;
	struct children children;

	children_init(&children, process);
	for (size_t i = 0; i < waiting->count; i++) {
		struct wait *wait = &reader->tasks.items[waiting->items[i]].wait->wait;
		pid_t pid = children_find(&children, wait->process.pid);
		wait->process.pid = pid ? pid : -1;
		if (pid && !no_argv)
			wait->process.argv = children_command(&children, pid, arena);
	}
	children_deinit(&children);
}

void fill_io(struct reader *reader, const struct process *process, bool no_argv)
{
	struct addresses with_descriptor = { 0 }, with_child = { 0 };

	for (size_t i = 0; i < reader->tasks.count; i++) {
		const struct task_view *view = &reader->tasks.items[i];
		if (view->read != TASK_PENDING || !view->wait)
			continue;
		if (has_descriptor(&view->wait->wait))
			*array_push(&with_descriptor) = i;
		else if (view->wait->wait.kind == WAIT_PROCESS)
			*array_push(&with_child) = i;
	}
	if (with_descriptor.count)
		fill_descriptors(reader, process, &with_descriptor);
	if (with_child.count)
		fill_processes(reader, process, &with_child, no_argv);
	array_free(&with_descriptor);
	array_free(&with_child);
}
