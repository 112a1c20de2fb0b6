/* Queues: see waits.h. */
#include "cpython/objects.h"
#include "cpython/waits.h"

static int64_t length_at(struct python *python, remote_addr object)
{
	return object ? length_of(python, object) : -1;
}

static void read_queue(struct waiting *w)
{
	enum { ITEMS, GETTERS, PUTTERS, MAXSIZE, COUNT };
	static const char *const names[COUNT] = { "_queue", "_getters", "_putters", "_maxsize" };
	remote_addr values[COUNT];
	int64_t limit = -1;

	attributes_find(w->python, w->self, names, COUNT, values);
	w->wait->wait.queue.size = length_at(w->python, values[ITEMS]);
	w->wait->wait.queue.getters = length_at(w->python, values[GETTERS]);
	w->wait->wait.queue.putters = length_at(w->python, values[PUTTERS]);
	if (values[MAXSIZE] && integer_read(w->python, values[MAXSIZE], &limit) && limit < 0)
		limit = 0; /* as good as none */
	w->wait->wait.queue.maxsize = limit;
}

static bool wait_queue(struct waiting *w, enum wait_kind kind)
{
	if (!wait_once(w, CLASS_QUEUE, read_queue))
		return false;
	w->wait->wait.kind = kind;
	return true;
}

bool wait_queue_get(struct waiting *w)
{
	return wait_queue(w, WAIT_QUEUE_GET);
}

bool wait_queue_put(struct waiting *w)
{
	return wait_queue(w, WAIT_QUEUE_PUT);
}

bool wait_queue_join(struct waiting *w)
{
	return wait_queue(w, WAIT_QUEUE_JOIN);
}
