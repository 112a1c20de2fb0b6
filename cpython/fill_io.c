/* What the system knows of what tasks wait for: see fill.h. */
#include "cpython/fill.h"

#include "base/array.h"
#include "target/children.h"
#include "target/descriptors.h"

struct waits {
	struct wait **items;
	size_t count, capacity;
};

static bool has_descriptor(const struct wait *wait)
{
	return wait_is_io(wait->kind) && wait->io.fd >= 0;
}

/* Gives the tasks waits of their own where the system may know more. */
static void copy_waits(struct snapshot *snapshot, struct waits *waits)
{
	for (size_t i = 0; i < snapshot->tasks.count; i++) {
		struct task *task = snapshot->tasks.items[i];
		const struct wait *wait = task->waiting_on;
		if (!wait || (wait->kind != WAIT_PROCESS && !has_descriptor(wait)))
			continue;
		struct wait *copy = arena_copy(&snapshot->arena, wait, sizeof(*wait));
		*array_push(waits) = copy;
		task->waiting_on = copy;
	}
}

static void fill_descriptors(
		struct waits *waits, const struct process *process, struct arena *arena)
{
	struct descriptors descriptors = { 0 };

	for (size_t i = 0; i < waits->count; i++)
		if (has_descriptor(waits->items[i]))
			descriptors_want(&descriptors, waits->items[i]->io.fd);
	if (descriptors.count)
		descriptors_read(&descriptors, process->living, arena);
	for (size_t i = 0; i < waits->count; i++) {
		struct wait *wait = waits->items[i];
		if (!has_descriptor(wait))
			continue;
		const struct descriptor *descriptor = descriptors_find(&descriptors, wait->io.fd);
		wait->io.local = descriptor->local;
		wait->io.peer = descriptor->peer;
	}
	descriptors_deinit(&descriptors);
}

/* The target says which process it is by the numbers of its own namespace. */
static void fill_children(struct waits *waits, const struct process *process, bool no_argv,
		struct arena *arena)
{
	struct children children = { 0 };

	for (size_t i = 0; i < waits->count; i++) {
		struct wait *wait = waits->items[i];
		if (wait->kind != WAIT_PROCESS)
			continue;
		if (!children.process)
			children_init(&children, process);
		pid_t pid = children_find(&children, wait->process.pid);
		wait->process.pid = pid ? pid : -1;
		if (pid && !no_argv)
			wait->process.argv = children_command(&children, pid, arena);
	}
	children_deinit(&children);
}

void fill_io(struct snapshot *snapshot, const struct process *process, bool no_argv)
{
	struct waits waits = { 0 };

	copy_waits(snapshot, &waits);
	fill_descriptors(&waits, process, &snapshot->arena);
	fill_children(&waits, process, no_argv, &snapshot->arena);
	array_free(&waits);
}
