/* What event loops do: see iterations.h. */
#include "cpython/iterations.h"

#include <math.h>
#include <string.h>

#include "cpython/objects.h"

enum { TIMERS_MAX = 100 * 1000 }; /* looked at for one that is not cancelled */

static bool local_real(struct python *python, const struct frame_view *frame, const char *name,
		double *value)
{
	remote_addr object;
	return frame_local(python, frame, name, &object) && real_read(python, object, value);
}

remote_addr iteration_loop(struct python *python, const struct asyncio_names *names,
		const struct frame_view *frame)
{
	remote_addr self;

	return frame->code && frame->globals == names->modules[MODULE_BASE_EVENTS] &&
					       !strcmp(frame->code->function,
							       "BaseEventLoop._run_once") &&
					       frame_local(python, frame, "self", &self)
			       ? self
			       : 0;
}

/* What select() called itself is of its module: the system lets Python run others only
 * where a signal interrupts it. */
static void find_handler(const struct asyncio_names *names, const struct frame_views *frames,
		size_t place, struct iteration *iteration)
{
	remote_addr selectors = names->modules[MODULE_SELECTORS];
	size_t above = place; /* how many are above what was looked at */

	while (above && frames->items[above - 1].globals != selectors)
		above--;
	while (above && frames->items[above - 1].globals == selectors)
		above--;
	if (!selectors || !above)
		return;
	iteration->handler = frames->items[above - 1].address;
	iteration->handler_code = frames->items[above - 1].code->address;
}

/* Its variables are set in this order as it goes: each iteration has a frame of
 * its own. */
void iteration_read(struct python *python, const struct asyncio_names *names,
		const struct frame_views *frames, size_t place, struct iteration *iteration)
{
	const struct frame_view *frame = &frames->items[place];

	*iteration = (struct iteration){ .found = true, .frame = frame->address };
	iteration->calls = local_real(python, frame, "end_time", &iteration->began_s) &&
			   frame_local_integer(python, frame, "ntodo", &iteration->count) &&
			   frame_local_integer(python, frame, "i", &iteration->index);
	if (!iteration->calls)
		find_handler(names, frames, place, iteration);
}

bool iteration_is_same(const struct iteration *a, const struct iteration *b)
{
	if (a->frame != b->frame || a->calls != b->calls)
		return false;
	return a->calls ? a->began_s == b->began_s && a->index == b->index
			: a->handler && a->handler == b->handler &&
					       a->handler_code == b->handler_code;
}

static int64_t attribute_length(struct python *python, remote_addr object, const char *name)
{
	remote_addr value;
	return attribute_find(python, object, name, &value) ? length_of(python, value) : -1;
}

static bool is_cancelled(struct python *python, remote_addr handle)
{
	remote_addr value;
	int64_t cancelled;

	return slot_find(python, handle, "_cancelled", &value) &&
	       integer_read(python, value, &cancelled) && cancelled;
}

/* The timers are a heap: below one that is not cancelled there is none that is
 * due earlier, so that few of them are read. */
static double earliest(struct python *python, remote_addr heap, uint64_t count)
{
	ARRAY(uint64_t) places = { 0 };
	double first = NAN;

	if (count)
		*array_push(&places) = 0;
	for (size_t seen = 0; places.count && seen < TIMERS_MAX; seen++) {
		uint64_t place = places.items[--places.count];
		remote_addr handle, when;
		double due;
		if (!item_at(python, heap, place, &handle))
			continue;
		if (is_cancelled(python, handle)) {
			for (uint64_t child = 2 * place + 1; child <= 2 * place + 2; child++)
				if (child < count)
					*array_push(&places) = child;
		} else if (slot_find(python, handle, "_when", &when) &&
				real_read(python, when, &due) && !(due >= first)) {
			first = due;
		}
	}
	array_free(&places);
	return first;
}

static void read_timers(struct python *python, remote_addr loop, struct loop_work *work)
{
	remote_addr heap, value;
	int64_t cancelled = 0;

	if (!attribute_find(python, loop, "_scheduled", &heap))
		return;
	int64_t count = length_of(python, heap);
	if (count < 0 || (uint64_t)count > python->items_max)
		return;
	work->next_timer = earliest(python, heap, (uint64_t)count);
	if (attribute_find(python, loop, "_timer_cancelled_count", &value) &&
			integer_read(python, value, &cancelled) && cancelled >= 0 &&
			cancelled <= count)
		work->timers = count - cancelled;
}

void loop_work_read(struct python *python, struct asyncio_names *names, remote_addr loop,
		struct loop_work *work)
{
	*work = (struct loop_work){ .ready = -1, .timers = -1, .next_timer = NAN };
	if (!is_instance(python, names, loop, CLASS_BASE_LOOP))
		return;
	work->ready = attribute_length(python, loop, "_ready");
	read_timers(python, loop, work);
}
