/* What a future stands for that a task is suspended on: see waits.h. */
#include "cpython/behind.h"
#include "cpython/types.h"
#include "cpython/waits.h"

static void wait_for_one(struct waiting *w, enum wait_kind kind, remote_addr task)
{
	w->wait->wait.kind = kind;
	if (task)
		wait_for_tasks(w, &task, 1);
}

/* A future that was made of another: of an executor's, or of one of another
 * thread or loop. */
static void wait_chained(struct waiting *w, remote_addr source)
{
	remote_addr behind;

	if (wait_job(w, source))
		return;
	behind = behind_concurrent(w->python, w->names, source);
	wait_for_one(w, WAIT_FUTURE, behind ? behind : source);
}

static bool is_gathering(struct waiting *w, remote_addr future)
{
	const struct type *type = type_of(w->python, future);

	return type && type_is_a(type, w->names->gathering_future);
}

static void tell_future(struct waiting *w, remote_addr future)
{
	remote_addr behind = 0;
	bool native;

	w->wait->wait.object = future;
	if (is_any_task(w->reader, future, w->view->interpreter, &native)) {
		wait_for_one(w, WAIT_TASK, future);
	} else if (is_gathering(w, future)) {
		wait_gather(w, future);
	} else {
		switch (behind_future(w->python, w->names, future, &behind)) {
		case TIE_SHIELD:
			wait_for_one(w, WAIT_SHIELD, behind);
			break;
		case TIE_CHAIN:
			wait_chained(w, behind);
			break;
		case TIE_NONE:
			wait_for_one(w, WAIT_FUTURE, 0);
			break;
		}
	}
}

void wait_future(struct waiting *w)
{
	tell_future(w, w->view->waiter);
}

/* wait_for() in 3.11 waits for a future of its own, which its timer sets, or what it
 * was given once that is done.  Later it has a Timeout, and no such variable. */
bool wait_in_time(struct waiting *w)
{
	remote_addr future, timer;

	if (w->at + 1 != w->frames->count || !wait_variable(w, "timeout_handle", &timer) ||
			!wait_variable(w, "fut", &future))
		return false;
	tell_future(w, future);
	w->wait->wait.timeout_s = timer_left(w->reader, w->names, timer);
	return true;
}

/* wait_for() without any time left: it has cancelled what it was given, and waits
 * for that to end. */
bool wait_cancelled(struct waiting *w)
{
	remote_addr future;
	bool native;

	if (!wait_variable(w, "fut", &future))
		return false;
	w->wait->wait.object = future;
	wait_for_one(w,
			is_any_task(w->reader, future, w->view->interpreter, &native) ? WAIT_TASK
										      : WAIT_FUTURE,
			future);
	return true;
}
