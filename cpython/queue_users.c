/* Which stuck queues nobody is left to use: see waits.h.
 *
 * A queue is stuck that is full and has putters, or is empty and has getters; its
 * circle is those, and all that wait for them.
 * A full one is deserted where no code can get at it that is yet to run (reach.h),
 * but for that of its circle: the frames of tasks and threads, and the callbacks of
 * loops.  Who might put into an empty one need not be near, and workers that have
 * nothing to do are no news: that one is deserted where every reference that CPython
 * counts is of a frame of its circle. */
#include <stdlib.h>

#include "base/alloc.h"
#include "cpython/objects.h"
#include "cpython/reach.h"
#include "cpython/referents.h"
#include "cpython/types.h"
#include "cpython/waits.h"

enum {
	STUCK_MAX = 63,
	GROUPS_MAX = 64,
	WORD = sizeof(uint64_t),
	REFERENCES_TOGETHER = 32,
};

struct stuck {
	remote_addr address;
	const struct wait *wait;
	uint64_t references; /* of frames of its circle, that are counted */
	bool is_used;
};

/* Tasks that are in the same circles, and what they can get at. */
struct group {
	uint64_t circles; /* a bit for each */
	struct reach reach;
};

struct search {
	struct reader *reader;
	struct python *python;
	struct stuck stuck[STUCK_MAX];
	size_t count;
	struct table places; /* of a queue, in `stuck` */
	struct table driven; /* coroutines and generators that are in the stack of a task */
	struct group groups[GROUPS_MAX];
	size_t group_count;
	bool is_full; /* there are more groups */
	/* Who waits for a task: places in `awaiters` where its part begins. */
	size_t *begin, *awaiters;
	uint64_t *circles; /* by the index of a task: those that it is in */
};

static bool is_stuck(const struct wait *wait)
{
	if (wait->kind == WAIT_QUEUE_PUT)
		return wait->queue.maxsize > 0 && wait->queue.size >= wait->queue.maxsize &&
		       wait->queue.getters == 0;
	return wait->kind == WAIT_QUEUE_GET && wait->queue.size == 0 && wait->queue.putters == 0;
}

static const struct wait *wait_of(const struct task_view *view)
{
	return view->read == TASK_PENDING && view->wait ? &view->wait->wait : NULL;
}

static void find_stuck(struct search *s, enum wait_kind kind)
{
	bool added;

	for (size_t i = 0; i < s->reader->tasks.count && s->count < STUCK_MAX; i++) {
		const struct wait *wait = wait_of(&s->reader->tasks.items[i]);
		if (!wait || wait->kind != kind || !is_stuck(wait))
			continue;
		uint64_t *place = table_add(&s->places, wait->object, &added);
		if (!added)
			continue;
		*place = s->count;
		s->stuck[s->count++] = (struct stuck){ .address = wait->object, .wait = wait };
	}
}

static uint32_t references_of_frame(
		struct python *python, const struct frame_view *frame, remote_addr object)
{
	uint64_t words[REFERENCES_TOGETHER];
	uint32_t count = 0;
	size_t size;

	for (remote_addr at = frame->locals, end = frame_end(frame); at < end; at += size) {
		size = end - at < sizeof(words) ? end - at : sizeof(words);
		if (!python_work(python, size / WORD) || !mem_read(python->mem, at, words, size))
			break;
		for (size_t i = 0; i < size / WORD; i++)
			count += words[i] == object;
	}
	return count;
}

uint32_t frame_references(
		struct python *python, const struct frame_views *frames, remote_addr object)
{
	uint32_t count = 0;

	for (size_t i = 0; i < frames->count; i++)
		if (frames->items[i].code)
			count += references_of_frame(python, &frames->items[i], object);
	return count;
}

/* Which of the stuck queues it waits for, on the side that is stuck; or NULL. */
static const uint64_t *place_of(const struct search *s, const struct task_view *view)
{
	const struct wait *wait = wait_of(view);
	const uint64_t *place =
			wait && is_stuck(wait) ? table_find(&s->places, wait->object) : NULL;

	return place && s->stuck[*place].wait->kind == wait->kind ? place : NULL;
}

static void find_awaiters(struct search *s)
{
	const struct reader *reader = s->reader;
	size_t count = reader->tasks.count;

	s->begin = alloc_zeroed(count + 2, sizeof(*s->begin));
	s->awaiters = alloc_zeroed(reader->links.count + 1, sizeof(*s->awaiters));
	for (size_t i = 0; i < reader->links.count; i++)
		if (link_is_current(reader, &reader->links.items[i]))
			s->begin[reader->links.items[i].awaited + 2]++;
	for (size_t i = 0; i < count; i++)
		s->begin[i + 2] += s->begin[i + 1];
	for (size_t i = 0; i < reader->links.count; i++) {
		const struct link *link = &reader->links.items[i];
		if (link_is_current(reader, link))
			s->awaiters[s->begin[link->awaited + 1]++] = link->awaiter;
	}
}

/* From those that wait for a queue to all that wait for these. */
static void find_circles(struct search *s)
{
	ARRAY(size_t) found = { 0 };

	for (size_t i = 0; i < s->reader->tasks.count; i++) {
		const uint64_t *place = place_of(s, &s->reader->tasks.items[i]);
		if (!place)
			continue;
		s->circles[i] = UINT64_C(1) << *place;
		*array_push(&found) = i;
	}
	while (found.count) {
		size_t task = found.items[--found.count];
		for (size_t i = s->begin[task]; i < s->begin[task + 1]; i++) {
			if (!(s->circles[task] & ~s->circles[s->awaiters[i]]))
				continue;
			s->circles[s->awaiters[i]] |= s->circles[task];
			*array_push(&found) = s->awaiters[i];
		}
	}
	array_free(&found);
}

/* ---- empty queues ---- */

static void count_in_chain(struct search *s, const struct task_view *view, uint64_t circles)
{
	struct chain *chain = &s->reader->chain;

	chain_walk(s->python, view->coroutine, chain);
	for (size_t queue = 0; circles >> queue; queue++)
		if (circles >> queue & 1)
			s->stuck[queue].references += frame_references(
					s->python, &chain->frames, s->stuck[queue].address);
}

/* Of those that get from a queue it was counted when they were read; `empty` has a
 * bit for each queue. */
static void count_references(struct search *s, uint64_t empty)
{
	for (size_t i = 0; i < s->reader->tasks.count; i++) {
		const struct task_view *view = &s->reader->tasks.items[i];
		uint64_t circles = s->circles[i] & empty;
		const uint64_t *place = circles ? place_of(s, view) : NULL;
		if (place) {
			s->stuck[*place].references += view->queue_references;
			circles &= ~(UINT64_C(1) << *place);
		}
		if (circles && view->read == TASK_PENDING)
			count_in_chain(s, view, circles);
	}
}

static bool has_others(const struct search *s, const struct stuck *stuck)
{
	uint32_t references = reference_count(s->python, stuck->address);

	return !references || references != stuck->references;
}

/* ---- full queues ---- */

/* NULL where there are too many: what a task can get at is not known then. */
static struct reach *reach_of(struct search *s, uint64_t circles)
{
	const struct reader *reader = s->reader;
	size_t i = 0;

	while (i < s->group_count && s->groups[i].circles != circles)
		i++;
	if (i == GROUPS_MAX)
		return NULL;
	if (i == s->group_count) {
		s->groups[i].circles = circles;
		reach_init(&s->groups[i].reach, s->python,
				&s->reader->interpreters.items[0].asyncio, &s->places, &s->driven);
		for (size_t loop = 0; loop < reader->loops.count; loop++)
			reach_avoid(&s->groups[i].reach, reader->loops.items[loop].address);
		s->group_count++;
	}
	return &s->groups[i].reach;
}

static void begin_at_task(struct search *s, size_t index)
{
	struct reader *reader = s->reader;
	struct reach *reach;
	bool added;

	if (reader->tasks.items[index].read != TASK_PENDING)
		return;
	reach = reach_of(s, s->circles[index]);
	if (!reach) {
		s->is_full = true;
		return;
	}
	chain_walk(s->python, reader->tasks.items[index].coroutine, &reader->chain);
	for (size_t i = 0; i < reader->chain.frames.count; i++) {
		const struct frame_view *frame = &reader->chain.frames.items[i];
		table_add(&s->driven, frame->generator, &added);
		reach_frame(reach, frame);
	}
}

static void begin_at_tasks(struct search *s)
{
	const struct task_order *order = &s->reader->order;
	struct batches batches = { 0 };

	for (size_t i = 0; i < order->count; i++) {
		batches_reach(s->reader, &batches, i);
		begin_at_task(s, order->items[i]);
	}
}

static void begin_at_items(struct reach *reach, remote_addr loop, const char *name)
{
	struct addresses handles = { 0 };
	remote_addr list;

	if (attribute_find(reach->python, loop, name, &list))
		items_read(reach->python, list, &handles);
	for (size_t i = 0; i < handles.count; i++)
		reach_object(reach, handles.items[i]);
	array_free(&handles);
}

/* What is called when a descriptor is ready, or a signal has come. */
static void begin_at_values(struct reach *reach, remote_addr object, const char *name)
{
	struct addresses entries = { 0 };
	remote_addr dict;

	if (attribute_find(reach->python, object, name, &dict))
		dict_read(reach->python, dict, &entries);
	for (size_t i = 0; i + 1 < entries.count; i += 2)
		reach_object(reach, entries.items[i + 1]);
	array_free(&entries);
}

static void begin_at_loops(struct search *s, struct reach *reach)
{
	const struct reader *reader = s->reader;

	for (size_t i = 0; i < reader->loops.count; i++) {
		remote_addr loop = reader->loops.items[i].address, selector;
		begin_at_items(reach, loop, "_ready");
		begin_at_items(reach, loop, "_scheduled");
		begin_at_values(reach, loop, "_signal_handlers");
		if (attribute_find(s->python, loop, "_selector", &selector))
			begin_at_values(reach, selector, "_fd_to_key");
	}
}

/* Whether a frame runs a loop: those outside of it go on only when that has ended. */
static bool runs_loop(const struct search *s, const struct thread_view *thread,
		const struct frame_view *frame)
{
	const struct asyncio_names *names =
			&s->reader->interpreters.items[thread->interpreter].asyncio;

	return frame->globals &&
	       (frame->globals == names->modules[MODULE_EVENTS] ||
			       frame->globals == names->modules[MODULE_BASE_EVENTS] ||
			       frame->globals == names->modules[MODULE_RUNNERS]);
}

static void begin_at_threads(struct search *s, struct reach *reach)
{
	const struct thread_views *threads = &s->reader->threads;

	for (size_t i = 0; i < threads->count; i++) {
		const struct thread_view *thread = &threads->items[i];
		for (size_t f = 0; f < thread->frames.count; f++) {
			if (runs_loop(s, thread, &thread->frames.items[f]))
				break;
			reach_frame(reach, &thread->frames.items[f]);
		}
	}
}

static void find_users(struct search *s)
{
	struct reach *reach = reach_of(s, 0);
	uint64_t found;

	begin_at_tasks(s);
	begin_at_loops(s, reach);
	begin_at_threads(s, reach);
	for (size_t i = 0; i < s->group_count; i++) {
		found = reach_targets(&s->groups[i].reach) & ~s->groups[i].circles;
		for (size_t queue = 0; queue < s->count; queue++)
			if (s->is_full || found >> queue & 1)
				s->stuck[queue].is_used = true;
	}
}

/* ---- */

static void judge(struct search *s)
{
	for (size_t i = 0; i < s->reader->tasks.count; i++) {
		const uint64_t *place = place_of(s, &s->reader->tasks.items[i]);
		if (place)
			s->reader->tasks.items[i].wait->wait.queue.deserted =
					!s->stuck[*place].is_used;
	}
}

static void search(struct search *s)
{
	uint64_t empty = 0;

	s->circles = alloc_zeroed(s->reader->tasks.count + 1, sizeof(*s->circles));
	find_awaiters(s);
	find_circles(s);
	for (size_t i = 0; i < s->count; i++)
		if (s->stuck[i].wait->kind == WAIT_QUEUE_GET)
			empty |= UINT64_C(1) << i;
	count_references(s, empty);
	for (size_t i = 0; i < s->count; i++)
		if (empty >> i & 1)
			s->stuck[i].is_used = has_others(s, &s->stuck[i]);
	if (s->stuck[0].wait->kind == WAIT_QUEUE_PUT)
		find_users(s);
	judge(s);
	for (size_t i = 0; i < s->group_count; i++)
		reach_deinit(&s->groups[i].reach);
	free(s->begin);
	free(s->awaiters);
	free(s->circles);
}

void queue_users_read(struct reader *reader)
{
	struct search s = { .reader = reader, .python = reader->python };

	/* A task that runs may do anything. */
	if (!reader->running.count) {
		find_stuck(&s, WAIT_QUEUE_PUT);
		find_stuck(&s, WAIT_QUEUE_GET);
	}
	if (s.count)
		search(&s);
	table_deinit(&s.places);
	table_deinit(&s.driven);
}
