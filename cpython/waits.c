/* What a suspended task waits for: see waits.h. */
#include "cpython/waits.h"

#include <math.h>
#include <string.h>

#include "cpython/objects.h"

/* Functions of asyncio's in which a task waits.  The outermost of them in the
 * innermost run of asyncio's frames counts: a barrier waits by a condition. */
static const struct wait_row {
	enum module module;
	const char *function; /* qualified name */
	wait_reader *read;
} rows[] = {
	{ MODULE_TASKS, "sleep", wait_sleep },
	{ MODULE_LOCKS, "Event.wait", wait_event },
	{ MODULE_LOCKS, "Barrier.wait", wait_barrier },
	{ MODULE_LOCKS, "Lock.acquire", wait_lock },
	{ MODULE_LOCKS, "Semaphore.acquire", wait_semaphore },
	{ MODULE_LOCKS, "Condition.wait", wait_condition },
	{ MODULE_QUEUES, "Queue.get", wait_queue_get },
	{ MODULE_QUEUES, "Queue.put", wait_queue_put },
	{ MODULE_QUEUES, "Queue.join", wait_queue_join },
	{ MODULE_SELECTOR_EVENTS, "BaseSelectorEventLoop.sock_recv", wait_socket_read },
	{ MODULE_SELECTOR_EVENTS, "BaseSelectorEventLoop.sock_recv_into", wait_socket_read },
	{ MODULE_SELECTOR_EVENTS, "BaseSelectorEventLoop.sock_recvfrom", wait_socket_read },
	{ MODULE_SELECTOR_EVENTS, "BaseSelectorEventLoop.sock_recvfrom_into", wait_socket_read },
	{ MODULE_SELECTOR_EVENTS, "BaseSelectorEventLoop.sock_sendall", wait_socket_write },
	{ MODULE_SELECTOR_EVENTS, "BaseSelectorEventLoop.sock_sendto", wait_socket_write },
	{ MODULE_SELECTOR_EVENTS, "BaseSelectorEventLoop.sock_connect", wait_socket_connect },
	{ MODULE_SELECTOR_EVENTS, "BaseSelectorEventLoop.sock_accept", wait_socket_accept },
	{ MODULE_SELECTOR_EVENTS, "BaseSelectorEventLoop._accept_connection2",
			wait_socket_accepted },
	{ MODULE_SELECTOR_EVENTS, "BaseSelectorEventLoop._sendfile_native", wait_sendfile },
	{ MODULE_UNIX_EVENTS, "_UnixSelectorEventLoop._sock_sendfile_native", wait_socket_write },
	{ MODULE_BASE_EVENTS, "BaseEventLoop._create_connection_transport", wait_socket_made },
	{ MODULE_BASE_EVENTS, "BaseEventLoop.create_datagram_endpoint", wait_socket_made },
	{ MODULE_BASE_EVENTS, "BaseEventLoop.start_tls", wait_handshake },
	{ MODULE_BASE_EVENTS, "BaseEventLoop.connect_read_pipe", wait_pipe_made },
	{ MODULE_BASE_EVENTS, "BaseEventLoop.connect_write_pipe", wait_pipe_made },
	{ MODULE_BASE_EVENTS, "_SendfileFallbackProtocol.drain", wait_sendfile_drain },
	{ MODULE_BASE_EVENTS, "Server.serve_forever", wait_server },
	{ MODULE_BASE_EVENTS, "Server.wait_closed", wait_server_closed },
	{ MODULE_STREAMS, "open_connection", wait_open_connection },
	{ MODULE_STREAMS, "open_unix_connection", wait_open_connection },
	{ MODULE_STREAMS, "StreamReader._wait_for_data", wait_stream_read },
	{ MODULE_STREAMS, "StreamWriter.drain", wait_stream_drain },
	{ MODULE_STREAMS, "StreamWriter.wait_closed", wait_stream_close },
	{ MODULE_STREAMS, "StreamWriter.start_tls", wait_stream_handshake },
	{ MODULE_STREAMS, "FlowControlMixin._drain_helper", wait_protocol_drain },
	{ MODULE_SUBPROCESS, "Process.wait", wait_process },
	{ MODULE_SUBPROCESS, "Process.communicate", wait_communicate },
	{ MODULE_SUBPROCESS, "create_subprocess_exec", wait_process_starts },
	{ MODULE_SUBPROCESS, "create_subprocess_shell", wait_process_starts },
	{ MODULE_BASE_SUBPROCESS, "BaseSubprocessTransport._wait", wait_process_transport },
	{ MODULE_UNIX_EVENTS, "_UnixSelectorEventLoop._make_subprocess_transport",
			wait_process_made },
	{ MODULE_TASKS, "_wait", wait_set },
	{ MODULE_TASKS, "wait_for", wait_in_time },
	{ MODULE_TASKS, "_cancel_and_wait", wait_cancelled },
	{ MODULE_TASKS, "as_completed.<locals>._wait_for_one", wait_completion },
	{ MODULE_TASKS, "_AsCompletedIterator._wait_for_one", wait_as_completed },
	{ MODULE_TASKGROUPS, "TaskGroup.__aexit__", wait_task_group },
	{ MODULE_TASKGROUPS, "TaskGroup._aexit", wait_task_group },
	{ MODULE_STAGGERED, "staggered_race", wait_staggered },
	{ MODULE_THREADS, "to_thread", wait_to_thread },
	{ MODULE_BASE_EVENTS, "BaseEventLoop.shutdown_default_executor", wait_executor_ends },
	{ MODULE_BASE_EVENTS, "BaseEventLoop.getaddrinfo", wait_resolver },
	{ MODULE_BASE_EVENTS, "BaseEventLoop.getnameinfo", wait_resolver },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

/* Where the innermost run of asyncio's own frames begins. */
static size_t find_first(struct asyncio_names *names, const struct frame_views *frames)
{
	size_t first = frames->count;

	while (first && is_asyncio(names, frames->items[first - 1].globals))
		first--;
	return first;
}

static const struct wait_row *find_row(
		const struct asyncio_names *names, const struct frame_view *frame)
{
	for (size_t row = 0; row < ROWS; row++)
		if (frame->globals == names->modules[rows[row].module] &&
				!strcmp(frame->code->function, rows[row].function))
			return &rows[row];
	return NULL;
}

/* Many tasks wait in few functions. */
static const struct wait_row *row_of(struct waiting *w, const struct frame_view *frame)
{
	struct known_row *known = &w->reader->known_rows[frame->code->address / 32 % KNOWN_ROWS];

	if (known->code != frame->code || known->globals != frame->globals)
		*known = (struct known_row){ frame->code, frame->globals,
			find_row(w->names, frame) };
	return known->row;
}

static bool read_frames(struct waiting *w)
{
	for (w->at = w->first; w->at < w->frames->count; w->at++) {
		const struct frame_view *frame = &w->frames->items[w->at];
		const struct wait_row *row = row_of(w, frame);
		if (!row)
			continue;
		w->self = 0;
		frame_local(w->python, frame, "self", &w->self);
		if (row->read(w))
			return true;
	}
	return false;
}

void wait_for_tasks(struct waiting *w, const remote_addr *tasks, size_t count)
{
	w->wait->tasks = arena_copy(&w->python->snapshot->arena, tasks, count * sizeof(*tasks));
	w->wait->task_count = (uint32_t)count;
}

bool wait_variable(struct waiting *w, const char *name, remote_addr *value)
{
	return frame_variable(w->python, &w->frames->items[w->at], name, value);
}

bool wait_for_items(struct waiting *w, remote_addr object)
{
	struct addresses items = { 0 };
	bool ok = items_read(w->python, object, &items);

	if (ok)
		wait_for_tasks(w, items.items, items.count);
	array_free(&items);
	return ok;
}

bool wait_once(struct waiting *w, enum class class, wait_facts *read)
{
	bool added;

	if (!is_instance(w->python, w->names, w->self, class))
		return false;
	uint64_t *known = table_add(&w->reader->known_waits, w->self, &added);
	if (added) {
		w->wait->wait.object = w->self;
		read(w);
		*known = (uintptr_t)w->wait;
	} else {
		*w->wait = *(const struct wait_view *)(uintptr_t)*known;
		w->wait->wait.timeout_s = NAN;
	}
	return true;
}

void waits_forget(struct reader *reader)
{
	table_deinit(&reader->known_waits);
	pools_deinit(&reader->pools);
}

struct wait_view *wait_read(struct reader *reader, size_t index)
{
	/* A copy: the tasks that are found on the way make the array move. */
	const struct task_view task = reader->tasks.items[index], *view = &task;
	struct waiting w = {
		.reader = reader,
		.python = reader->python,
		.names = &reader->interpreters.items[view->interpreter].asyncio,
		.index = index,
		.view = view,
		.frames = &reader->chain.frames,
	};

	w.wait = arena_alloc(&reader->python->snapshot->arena, 1, sizeof(*w.wait));
	w.wait->wait.timeout_s = NAN;
	w.first = find_first(w.names, w.frames);
	if (!read_frames(&w))
		wait_future(&w);
	if (w.wait->wait.kind == WAIT_QUEUE_GET)
		reader->tasks.items[index].queue_references =
				frame_references(w.python, w.frames, w.wait->wait.object);
	return w.wait;
}
