/* What a future stands for that a task is suspended on: see waits.h. */
#include "cpython/types.h"
#include "cpython/waits.h"

void wait_future(struct waiting *w)
{
	bool native;

	w->wait->wait.object = w->view->waiter;
	if (is_any_task(w->reader, w->view->waiter, w->view->interpreter, &native)) {
		w->wait->wait.kind = WAIT_TASK;
		wait_for_tasks(w, &w->view->waiter, 1);
	} else {
		w->wait->wait.kind = WAIT_FUTURE;
	}
}
