/* Sleeping tasks, and the timers of loops: see waits.h. */
#include <math.h>

#include "cpython/objects.h"
#include "cpython/waits.h"

double timer_left(struct reader *reader, struct asyncio_names *names, remote_addr handle)
{
	struct python *python = reader->python;
	remote_addr when;
	double due;

	if (!is_instance(python, names, handle, CLASS_TIMER_HANDLE) ||
			!slot_find(python, handle, "_when", &when) ||
			!real_read(python, when, &due))
		return NAN;
	return due - reader->now_s;
}

double sooner(double a, double b)
{
	return isnan(a) || b < a ? b : a;
}

bool wait_sleep(struct waiting *w)
{
	remote_addr handle;

	w->wait->wait.kind = WAIT_SLEEP;
	w->wait->wait.object = w->view->waiter;
	w->wait->wait.sleep.remaining_s =
			frame_local(w->python, &w->frames->items[w->at], "h", &handle)
					? timer_left(w->reader, w->names, handle)
					: NAN;
	return true;
}
