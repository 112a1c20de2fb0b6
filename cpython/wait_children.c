/* Tasks that wait for child processes: see waits.h. */
#include "cpython/objects.h"
#include "cpython/transports.h"
#include "cpython/types.h"
#include "cpython/waits.h"

static bool fill(struct waiting *w, remote_addr object, int64_t pid)
{
	w->wait->wait.kind = WAIT_PROCESS;
	w->wait->wait.object = object;
	w->wait->wait.process.pid = pid;
	return true;
}

/* Whoever waits for a process, by whatever call, waits for its transport. */
bool wait_process(struct waiting *w)
{
	remote_addr transport;

	return is_instance(w->python, w->names, w->self, CLASS_PROCESS) &&
	       attribute_find(w->python, w->self, "_transport", &transport) &&
	       fill(w, transport, attribute_number(w->python, w->self, "pid"));
}

/* It reads and feeds the pipes first, by tasks of its own. */
bool wait_communicate(struct waiting *w)
{
	remote_addr children;

	if (!wait_process(w))
		return false;
	const struct type *type = type_of(w->python, w->view->waiter);
	if (type && w->names->gathering_future && type_is_a(type, w->names->gathering_future) &&
			attribute_find(w->python, w->view->waiter, "_children", &children))
		wait_for_items(w, children);
	return true;
}

bool wait_process_transport(struct waiting *w)
{
	return is_instance(w->python, w->names, w->self, CLASS_SUBPROCESS_TRANSPORT) &&
	       fill(w, w->self, attribute_number(w->python, w->self, "_pid"));
}

/* It was started, and its pipes are being connected. */
bool wait_process_made(struct waiting *w)
{
	remote_addr transport;

	return frame_local(w->python, &w->frames->items[w->at], "transp", &transport) &&
	       is_instance(w->python, w->names, transport, CLASS_SUBPROCESS_TRANSPORT) &&
	       fill(w, transport, attribute_number(w->python, transport, "_pid"));
}

/* On a loop that is not asyncio's own there is nothing to be seen below. */
bool wait_process_starts(struct waiting *w)
{
	return w->at + 1 == w->frames->count && fill(w, 0, -1);
}
