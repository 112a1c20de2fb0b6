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

#define KIND(kind) (1u << WAIT_##kind)
#define GROUPS (KIND(GATHER) | KIND(WAIT) | KIND(AS_COMPLETED) | KIND(TASKGROUP))
#define LOCKS (KIND(LOCK) | KIND(SEMAPHORE) | KIND(CONDITION))
#define QUEUES (KIND(QUEUE_GET) | KIND(QUEUE_PUT) | KIND(QUEUE_JOIN))
#define STREAMS (KIND(SOCKET) | KIND(STREAM) | KIND(PIPE))
#define AT(member) offsetof(struct wait, member)

bool wait_is_shared(enum wait_kind kind)
{
	return (LOCKS | QUEUES | KIND(EVENT) | KIND(BARRIER)) >> kind & 1;
}

bool wait_is_group(enum wait_kind kind)
{
	return GROUPS >> kind & 1;
}

bool wait_is_io(enum wait_kind kind)
{
	return STREAMS >> kind & 1;
}

const struct wait_field wait_fields[] = {
	{ KIND(SLEEP), "remaining_s", WAIT_SECONDS, AT(sleep.remaining_s) },
	{ GROUPS, "pending", WAIT_COUNT, AT(group.pending) },
	{ GROUPS, "total", WAIT_COUNT, AT(group.total) },
	{ LOCKS | KIND(EVENT) | KIND(BARRIER), "waiters", WAIT_COUNT, AT(lock.waiters) },
	{ LOCKS, "holders", WAIT_TASKS, AT(lock.holders) },
	{ LOCKS, "value", WAIT_COUNT, AT(lock.value) },
	{ LOCKS, "bound", WAIT_COUNT, AT(lock.bound) },
	{ QUEUES, "size", WAIT_COUNT, AT(queue.size) },
	{ QUEUES, "maxsize", WAIT_COUNT, AT(queue.maxsize) },
	{ QUEUES, "getters", WAIT_COUNT, AT(queue.getters) },
	{ QUEUES, "putters", WAIT_COUNT, AT(queue.putters) },
	{ STREAMS, "fd", WAIT_COUNT, AT(io.fd) },
	{ STREAMS, "op", WAIT_TEXT, AT(io.op) },
	{ STREAMS, "local", WAIT_TEXT, AT(io.local) },
	{ STREAMS, "peer", WAIT_TEXT, AT(io.peer) },
	{ KIND(PROCESS), "pid", WAIT_COUNT, AT(process.pid) },
	{ KIND(PROCESS), "argv", WAIT_WORDS, AT(process.argv) },
	{ KIND(EXECUTOR), "function", WAIT_TEXT, AT(executor.function) },
	{ KIND(EXECUTOR), "state", WAIT_TEXT, AT(executor.state) },
	{ KIND(EXECUTOR), "tid", WAIT_COUNT, AT(executor.tid) },
	{ KIND(EXECUTOR), "pool_size", WAIT_COUNT, AT(executor.pool_size) },
	{ KIND(EXECUTOR), "pool_queue", WAIT_COUNT, AT(executor.pool_queue) },
};

const size_t wait_field_count = sizeof(wait_fields) / sizeof(wait_fields[0]);
