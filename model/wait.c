/* The words and the fields of waits: see wait.h. */
#include "model/wait.h"

const char *wait_kind_name(enum wait_kind kind)
{
	static const char *const names[WAIT_KINDS] = {
		[WAIT_UNKNOWN] = "unknown",
		[WAIT_SLEEP] = "sleep",
		[WAIT_TASK] = "task",
		[WAIT_GATHER] = "gather",
		[WAIT_WAIT] = "wait",
		[WAIT_AS_COMPLETED] = "as-completed",
		[WAIT_TASKGROUP] = "taskgroup",
		[WAIT_SHIELD] = "shield",
		[WAIT_FUTURE] = "future",
		[WAIT_EVENT] = "event",
		[WAIT_BARRIER] = "barrier",
		[WAIT_LOCK] = "lock",
		[WAIT_SEMAPHORE] = "semaphore",
		[WAIT_CONDITION] = "condition",
		[WAIT_QUEUE_GET] = "queue-get",
		[WAIT_QUEUE_PUT] = "queue-put",
		[WAIT_QUEUE_JOIN] = "queue-join",
		[WAIT_SOCKET] = "socket",
		[WAIT_STREAM] = "stream",
		[WAIT_PIPE] = "pipe",
		[WAIT_PROCESS] = "process",
		[WAIT_EXECUTOR] = "executor",
	};
	return names[kind];
}

#define AT(member) offsetof(struct wait, member)

const struct wait_field wait_fields[] = {
	{ WAIT_BIT(SLEEP), "remaining_s", WAIT_SECONDS, AT(sleep.remaining_s) },
	{ WAITS_FOR_GROUPS, "pending", WAIT_COUNT, AT(group.pending) },
	{ WAITS_FOR_GROUPS, "total", WAIT_COUNT, AT(group.total) },
	{ WAITS_FOR_LOCKS | WAIT_BIT(EVENT) | WAIT_BIT(BARRIER), "waiters", WAIT_COUNT,
			AT(lock.waiters) },
	{ WAITS_FOR_LOCKS, "holders", WAIT_TASKS, AT(lock.holders) },
	{ WAITS_FOR_LOCKS, "value", WAIT_COUNT, AT(lock.value) },
	{ WAITS_FOR_LOCKS, "bound", WAIT_COUNT, AT(lock.bound) },
	{ WAITS_FOR_QUEUES, "size", WAIT_COUNT, AT(queue.size) },
	{ WAITS_FOR_QUEUES, "maxsize", WAIT_COUNT, AT(queue.maxsize) },
	{ WAITS_FOR_QUEUES, "getters", WAIT_COUNT, AT(queue.getters) },
	{ WAITS_FOR_QUEUES, "putters", WAIT_COUNT, AT(queue.putters) },
	{ WAITS_FOR_IO, "fd", WAIT_COUNT, AT(io.fd) },
	{ WAITS_FOR_IO, "op", WAIT_TEXT, AT(io.op) },
	{ WAITS_FOR_IO, "local", WAIT_TEXT, AT(io.local) },
	{ WAITS_FOR_IO, "peer", WAIT_TEXT, AT(io.peer) },
	{ WAIT_BIT(PROCESS), "pid", WAIT_COUNT, AT(process.pid) },
	{ WAIT_BIT(PROCESS), "argv", WAIT_WORDS, AT(process.argv) },
	{ WAIT_BIT(EXECUTOR), "function", WAIT_TEXT, AT(executor.function) },
	{ WAIT_BIT(EXECUTOR), "state", WAIT_TEXT, AT(executor.state) },
	{ WAIT_BIT(EXECUTOR), "tid", WAIT_COUNT, AT(executor.tid) },
	{ WAIT_BIT(EXECUTOR), "pool_size", WAIT_COUNT, AT(executor.pool_size) },
	{ WAIT_BIT(EXECUTOR), "pool_queue", WAIT_COUNT, AT(executor.pool_queue) },
};

const size_t wait_field_count = sizeof(wait_fields) / sizeof(wait_fields[0]);
