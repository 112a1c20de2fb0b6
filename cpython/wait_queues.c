/* Queues: see waits.h. */
#include "cpython/objects.h"
#include "cpython/waits.h"

static int64_t attribute_length(struct python *python, remote_addr object, const char *name)
{
	remote_addr value;

	return attribute_find(python, object, name, &value) ? length_of(python, value) : -1;
}

static void read_queue(struct waiting *w)
{
	remote_addr maxsize;
	int64_t limit = -1;

	w->wait->wait.queue.size = attribute_length(w->python, w->self, "_queue");
	w->wait->wait.queue.getters = attribute_length(w->python, w->self, "_getters");
	w->wait->wait.queue.putters = attribute_length(w->python, w->self, "_putters");
	if (attribute_find(w->python, w->self, "_maxsize", &maxsize) &&
			integer_read(w->python, maxsize, &limit) && limit < 0)
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
