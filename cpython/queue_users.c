/* Which stuck queues nobody is left to use: see waits.h.
 *
 * A queue is stuck that is full and has putters, or is empty and has getters; its
 * circle is those, and all that wait for them.
 * A full one is deserted where no frame of another task refers to it: by a variable,
 * or by an attribute or entry of an object in one.  Who might put into an empty one
 * need not be a task, and workers that have nothing to do are no news: that one is
 * deserted where every reference that CPython counts is of a frame of its circle. */
#include <stdlib.h>

#include "base/alloc.h"
#include "cpython/objects.h"
#include "cpython/types.h"
#include "cpython/waits.h"

enum {
	STUCK_MAX = 64,
	TASKS_TOGETHER = 256,
	WORD = sizeof(uint64_t),
	REFERENCES_TOGETHER = 32,
};

struct stuck {
	remote_addr address;
	const struct wait *wait;
	uint64_t references; /* of frames, that are counted */
};

/* A task that refers to stuck queues, by a bit of each. */
struct user {
	size_t task;
	uint64_t queues;
};

struct search {
	struct reader *reader;
	struct python *python;
	struct stuck stuck[STUCK_MAX];
	size_t count;
	struct table places; /* of a queue, in `stuck` */
	struct table within; /* object → the queues that its attributes refer to */
	ARRAY(struct user) users;
	/* Who waits for a task: places in `awaiters` where its part begins. */
	size_t *begin, *awaiters;
	bool *circle; /* by the index of a task: of the queue that is looked at */
	bool *seen;   /* its frames were looked at */
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

static uint64_t bit_of(const struct search *s, remote_addr object)
{
	const uint64_t *place = table_find(&s->places, object);

	return place ? UINT64_C(1) << *place : 0;
}

/* The queues among what an object refers to: the same one is in many frames. */
static uint64_t bits_within(struct search *s, remote_addr object)
{
	struct addresses values = { 0 };
	uint64_t bits = 0;
	bool added;

	uint64_t *known = table_add(&s->within, object, &added);
	if (!added)
		return *known;
	if (attributes_read(s->python, object, &values))
		for (size_t i = 0; i < values.count; i++)
			bits |= bit_of(s, values.items[i]);
	array_free(&values);
	*table_find(&s->within, object) = bits;
	return bits;
}

/* A strong reference has no low bits (Include/internal/pycore_stackref.h). */
static uint64_t look_at(struct search *s, uint64_t reference)
{
	remote_addr object = stackref_object(reference), inner;
	const struct type *type = object ? type_of(s->python, object) : NULL;
	const uint64_t *place = table_find(&s->places, object);

	if (place && reference == object)
		s->stuck[*place].references++;
	if (place || !type)
		return place ? UINT64_C(1) << *place : 0;
	if (type->kind == KIND_CELL && cell_read(s->python, object, &inner))
		return bit_of(s, inner) | bits_within(s, inner);
	return bits_within(s, object);
}

static remote_addr end_of(const struct frame_view *frame)
{
	remote_addr end = frame->locals + frame->code->local_count * (uint64_t)WORD;

	return frame->stack_pointer > end && frame->stack_pointer - end <=
						     frame->code->stack_size * (uint64_t)WORD
			       ? frame->stack_pointer
			       : end;
}

static uint32_t references_of_frame(struct python *python, const struct frame_view *frame,
		remote_addr object)
{
	uint64_t words[REFERENCES_TOGETHER];
	uint32_t count = 0;
	size_t size;

	for (remote_addr at = frame->locals, end = end_of(frame); at < end; at += size) {
		size = end - at < sizeof(words) ? end - at : sizeof(words);
		if (!python_work(python, size / WORD) || !mem_read(python->mem, at, words, size))
			break;
		for (size_t i = 0; i < size / WORD; i++)
			count += words[i] == object;
	}
	return count;
}

uint32_t queue_references(struct python *python, const struct frame_views *frames,
		remote_addr queue)
{
	uint32_t count = 0;

	for (size_t i = 0; i < frames->count; i++)
		if (frames->items[i].code)
			count += references_of_frame(python, &frames->items[i], queue);
	return count;
}

static uint64_t look_at_frame(struct search *s, const struct frame_view *frame)
{
	uint64_t bits = 0, reference;

	for (remote_addr at = frame->locals, end = end_of(frame); at < end; at += WORD) {
		if (!python_work(s->python, 1) || !mem_read_u64(s->python->mem, at, &reference))
			break;
		bits |= look_at(s, reference);
	}
	return bits;
}

static void look_at_task(struct search *s, size_t index)
{
	struct reader *reader = s->reader;
	uint64_t bits = 0;

	if (reader->tasks.items[index].read != TASK_PENDING || s->seen[index])
		return;
	s->seen[index] = true;
	chain_walk(s->python, reader->tasks.items[index].coroutine, &reader->chain);
	for (size_t i = 0; i < reader->chain.frames.count; i++)
		if (reader->chain.frames.items[i].code)
			bits |= look_at_frame(s, &reader->chain.frames.items[i]);
	if (bits)
		*array_push(&s->users) = (struct user){ index, bits };
}

static void look_at_all(struct search *s)
{
	const struct task_order *order = &s->reader->order;

	for (size_t i = 0; i < order->count; i++) {
		if (i % TASKS_TOGETHER == 0) {
			if (s->reader->still)
				mem_recycle(s->python->mem);
			tasks_prefetch(s->reader, i, TASKS_TOGETHER);
		}
		look_at_task(s, order->items[i]);
	}
}

static bool waits_for(const struct task_view *view, const struct stuck *stuck)
{
	const struct wait *wait = wait_of(view);

	return wait && wait->object == stuck->address && wait->kind == stuck->wait->kind;
}

/* Of those that get from the queue it was counted when they were read. */
static void look_at_circle(struct search *s, struct stuck *stuck)
{
	for (size_t i = 0; i < s->reader->tasks.count; i++) {
		const struct task_view *view = &s->reader->tasks.items[i];
		if (!s->circle[i] || s->seen[i])
			continue;
		if (waits_for(view, stuck))
			stuck->references += view->queue_references;
		else
			look_at_task(s, i);
	}
}

static bool is_valid(const struct reader *reader, const struct link *link)
{
	return reader->tasks.items[link->owner].round == link->round;
}

static void find_awaiters(struct search *s)
{
	const struct reader *reader = s->reader;
	size_t count = reader->tasks.count;

	s->begin = alloc_zeroed(count + 2, sizeof(*s->begin));
	s->awaiters = alloc_zeroed(reader->links.count + 1, sizeof(*s->awaiters));
	for (size_t i = 0; i < reader->links.count; i++)
		if (is_valid(reader, &reader->links.items[i]))
			s->begin[reader->links.items[i].awaited + 2]++;
	for (size_t i = 0; i < count; i++)
		s->begin[i + 2] += s->begin[i + 1];
	for (size_t i = 0; i < reader->links.count; i++) {
		const struct link *link = &reader->links.items[i];
		if (is_valid(reader, link))
			s->awaiters[s->begin[link->awaited + 1]++] = link->awaiter;
	}
}

static void find_circle(struct search *s, const struct stuck *stuck)
{
	ARRAY(size_t) found = { 0 };

	for (size_t i = 0; i < s->reader->tasks.count; i++) {
		s->circle[i] = waits_for(&s->reader->tasks.items[i], stuck);
		if (s->circle[i])
			*array_push(&found) = i;
	}
	for (size_t done = 0; done < found.count; done++) {
		size_t task = found.items[done];
		for (size_t i = s->begin[task]; i < s->begin[task + 1]; i++) {
			if (s->circle[s->awaiters[i]])
				continue;
			s->circle[s->awaiters[i]] = true;
			*array_push(&found) = s->awaiters[i];
		}
	}
	array_free(&found);
}

static bool is_deserted(struct search *s, size_t queue)
{
	struct stuck *stuck = &s->stuck[queue];
	uint32_t references;

	find_circle(s, stuck);
	if (stuck->wait->kind == WAIT_QUEUE_GET)
		look_at_circle(s, stuck);
	for (size_t i = 0; i < s->users.count; i++)
		if (s->users.items[i].queues >> queue & 1 && !s->circle[s->users.items[i].task])
			return false;
	if (stuck->wait->kind == WAIT_QUEUE_PUT)
		return true;
	return !s->python->layout->free_threaded &&
	       mem_read(s->python->mem, stuck->address, &references, sizeof(references)) &&
	       references == stuck->references;
}

static void judge(struct search *s)
{
	bool deserted[STUCK_MAX];

	for (size_t i = 0; i < s->count; i++)
		deserted[i] = is_deserted(s, i);
	for (size_t i = 0; i < s->reader->tasks.count; i++) {
		const struct wait *wait = wait_of(&s->reader->tasks.items[i]);
		const uint64_t *place = wait && is_stuck(wait)
						? table_find(&s->places, wait->object)
						: NULL;
		if (place)
			s->reader->tasks.items[i].wait->wait.queue.deserted = deserted[*place];
	}
}

static void search(struct search *s)
{
	s->circle = alloc_zeroed(s->reader->tasks.count + 1, sizeof(*s->circle));
	s->seen = alloc_zeroed(s->reader->tasks.count + 1, sizeof(*s->seen));
	find_awaiters(s);
	if (s->stuck[0].wait->kind == WAIT_QUEUE_PUT)
		look_at_all(s);
	judge(s);
	free(s->begin);
	free(s->awaiters);
	free(s->circle);
	free(s->seen);
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
	table_deinit(&s.within);
	array_free(&s.users);
}
