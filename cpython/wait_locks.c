/* The primitives of asyncio.locks: see waits.h. */
#include "cpython/contexts.h"
#include "cpython/objects.h"
#include "cpython/waits.h"

#include <string.h>

/* asyncio makes the deque when the first one waits. */
static int64_t count_waiters(struct python *python, remote_addr object)
{
	remote_addr waiters;

	return attribute_find(python, object, "_waiters", &waiters) ? length_of(python, waiters)
								    : -1;
}

static int64_t attribute_count(struct python *python, remote_addr object, const char *name)
{
	remote_addr value;
	int64_t count;

	return attribute_find(python, object, name, &value) && integer_read(python, value, &count)
			       ? count
			       : -1;
}

static void read_event(struct waiting *w)
{
	w->wait->wait.kind = WAIT_EVENT;
	w->wait->wait.lock.waiters = count_waiters(w->python, w->self);
}

bool wait_event(struct waiting *w)
{
	return wait_once(w, CLASS_EVENT, read_event);
}

/* Whoever waits at a barrier waits for its condition. */
static void read_barrier(struct waiting *w)
{
	remote_addr condition;

	w->wait->wait.kind = WAIT_BARRIER;
	w->wait->wait.lock.waiters = attribute_find(w->python, w->self, "_cond", &condition)
						     ? count_waiters(w->python, condition)
						     : -1;
	w->wait->wait.lock.parties = attribute_count(w->python, w->self, "_parties");
}

bool wait_barrier(struct waiting *w)
{
	return wait_once(w, CLASS_BARRIER, read_barrier);
}

static void read_held(struct waiting *w, enum wait_kind kind)
{
	w->wait->wait.kind = kind;
	w->wait->wait.lock.waiters = count_waiters(w->python, w->self);
	w->wait->wait.lock.value = w->wait->wait.lock.bound = -1;
	w->wait->held = lock_of(w->python, w->names, w->self);
}

static void read_lock(struct waiting *w)
{
	read_held(w, WAIT_LOCK);
	/* The first waiter will take it, when its turn comes. */
	if (attribute_count(w->python, w->self, "_locked") == 0)
		w->wait->held = 0;
}

bool wait_lock(struct waiting *w)
{
	return wait_once(w, CLASS_LOCK, read_lock);
}

static void read_semaphore(struct waiting *w)
{
	read_held(w, WAIT_SEMAPHORE);
	w->wait->wait.lock.value = attribute_count(w->python, w->self, "_value");
	if (is_instance(w->python, w->names, w->self, CLASS_BOUNDED_SEMAPHORE))
		w->wait->wait.lock.bound = attribute_count(w->python, w->self, "_bound_value");
}

bool wait_semaphore(struct waiting *w)
{
	return wait_once(w, CLASS_SEMAPHORE, read_semaphore);
}

static void read_condition(struct waiting *w)
{
	read_held(w, WAIT_CONDITION);
}

/* Once notified, it waits for its lock. */
bool wait_condition(struct waiting *w)
{
	const struct frame_view *inner = &w->frames->items[w->at + 1];

	if (w->at + 1 < w->frames->count && inner->globals == w->names->modules[MODULE_LOCKS] &&
			!strcmp(inner->code->function, "Lock.acquire"))
		return false;
	return wait_once(w, CLASS_CONDITION, read_condition);
}
