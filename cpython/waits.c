/* What a suspended task waits for: see waits.h. */
#include "cpython/waits.h"

#include <math.h>
#include <string.h>

#include "cpython/objects.h"

/* Functions of asyncio's in which a task waits.  The outermost of them in the
 * innermost run of asyncio's frames counts: a barrier waits by a condition. */
static const struct {
	enum module module;
	const char *function; /* qualified name */
	wait_reader *read;
} rows[] = {
	{ MODULE_TASKS, "sleep", wait_sleep },
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

/* Where the innermost run of asyncio's own frames begins. */
static size_t find_first(const struct asyncio_names *names, const struct frame_views *frames)
{
	size_t first = frames->count;

	while (first && is_asyncio(names, frames->items[first - 1].globals))
		first--;
	return first;
}

static bool read_row(struct waiting *w, size_t row)
{
	const struct frame_view *frame = &w->frames->items[w->at];

	if (frame->globals != w->names->modules[rows[row].module] ||
			strcmp(frame->code->function, rows[row].function))
		return false;
	w->self = 0;
	frame_local(w->python, frame, "self", &w->self);
	return rows[row].read(w);
}

static bool read_frames(struct waiting *w)
{
	for (w->at = w->first; w->at < w->frames->count; w->at++)
		for (size_t row = 0; row < ROWS; row++)
			if (read_row(w, row))
				return true;
	return false;
}

void wait_for_tasks(struct waiting *w, const remote_addr *tasks, size_t count)
{
	w->wait->tasks = arena_copy(&w->python->snapshot->arena, tasks, count * sizeof(*tasks));
	w->wait->task_count = count;
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

struct wait_view *wait_read(struct reader *reader, size_t index)
{
	const struct task_view *view = &reader->tasks.items[index];
	struct waiting w = {
		.reader = reader,
		.python = reader->python,
		.names = &reader->interpreters.items[view->interpreter].asyncio,
		.view = view,
		.frames = &reader->chain.frames,
	};

	w.wait = arena_alloc(&reader->python->snapshot->arena, 1, sizeof(*w.wait));
	w.wait->wait.timeout_s = NAN;
	w.first = find_first(w.names, w.frames);
	if (!read_frames(&w))
		wait_future(&w);
	return w.wait;
}
