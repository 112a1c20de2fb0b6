/* Tasks that only weak references keep from outside: see facts.h.
 *
 * As the garbage collector does, but from a few objects on: of the references to
 * each of them those are taken off that come from the others.  What then has some
 * left is kept from outside, and all that it leads to; a task that is not among
 * these will be destroyed. */
#include "cpython/facts.h"
#include "cpython/objects.h"
#include "cpython/referents.h"
#include "cpython/types.h"
#include "cpython/waits.h"

enum {
	OBJECTS_MAX = 256,
	/* One that has more is kept by others than a task's few objects. */
	REFERENCES_MAX = 64,
	/* The callback of the waiter. */
	OWN_REFERENCES = 1,
	/* The parent of a task group. */
	GROUP_REFERENCES = 1,
};

struct edge {
	uint32_t from, to;
};

struct garbage {
	struct python *python;
	struct addresses objects;
	struct table index;         /* object → its place */
	ARRAY(uint32_t) references; /* to each, less those from the others */
	ARRAY(struct edge) edges;
	struct addresses referents; /* of the one that is looked at */
};

/* The place of an object among the others, where it may be one of them. */
static bool place_of(struct garbage *garbage, remote_addr object, uint32_t *place)
{
	const uint64_t *known = table_find(&garbage->index, object);
	bool added;

	if (known) {
		*place = (uint32_t)*known;
		return true;
	}
	const struct type *type = type_of(garbage->python, object);
	if (!type || type->kind == KIND_CODE || type->kind == KIND_MODULE ||
			type->flags & (TYPE_TYPE | TYPE_TEXT | TYPE_INT | TYPE_BYTES) ||
			garbage->objects.count == OBJECTS_MAX)
		return false;
	uint32_t count = reference_count(garbage->python, object);
	if (!count || count > REFERENCES_MAX)
		return false;
	*place = (uint32_t)garbage->objects.count;
	*table_add(&garbage->index, object, &added) = *place;
	*array_push(&garbage->objects) = object;
	*array_push(&garbage->references) = count;
	return true;
}

static void look_at(struct garbage *garbage, uint32_t from)
{
	garbage->referents.count = 0;
	referents_add(garbage->python, garbage->objects.items[from], &garbage->referents);
	for (size_t i = 0; i < garbage->referents.count; i++) {
		uint32_t to;
		if (!place_of(garbage, garbage->referents.items[i], &to))
			continue;
		*array_push(&garbage->edges) = (struct edge){ from, to };
		/* More than are counted: it changes, or was misread. */
		if (!garbage->references.items[to])
			garbage->references.items[to] = REFERENCES_MAX;
		else
			garbage->references.items[to]--;
	}
}

/* What is kept from outside keeps what it refers to. */
static void keep_reachable(struct garbage *garbage)
{
	bool more = true;

	while (more && python_work(garbage->python, garbage->edges.count)) {
		more = false;
		for (size_t i = 0; i < garbage->edges.count; i++) {
			const struct edge *edge = &garbage->edges.items[i];
			if (!garbage->references.items[edge->from] ||
					garbage->references.items[edge->to])
				continue;
			garbage->references.items[edge->to] = 1;
			more = true;
		}
	}
}

static void add_orphans(struct reader *reader, const struct garbage *garbage)
{
	bool added;

	for (size_t i = 0; i < garbage->references.count; i++)
		if (!garbage->references.items[i])
			table_add(&reader->orphans, garbage->objects.items[i], &added);
}

/* Notes the task, and what goes with it, where nobody keeps them. */
static void note_orphans(struct reader *reader, remote_addr task)
{
	struct python *python = reader->python;
	struct garbage garbage = { .python = python };
	uint32_t place;
	bool ok = place_of(&garbage, task, &place);

	for (uint32_t i = 0; ok && i < garbage.objects.count; i++) {
		ok = python_work(python, OBJECT_WORK);
		look_at(&garbage, i);
	}
	if (ok)
		keep_reachable(&garbage);
	if (ok && python->work_left)
		add_orphans(reader, &garbage);
	array_free(&garbage.objects);
	table_deinit(&garbage.index);
	array_free(&garbage.references);
	array_free(&garbage.edges);
	array_free(&garbage.referents);
}

/* Whether a frame of the task that was read last refers to it. */
static bool refers_to_itself(struct reader *reader, remote_addr task)
{
	for (size_t i = 0; i < reader->chain.frames.count; i++) {
		const struct frame_view *frame = &reader->chain.frames.items[i];
		for (uint32_t k = 0; k < frame->code->local_count; k++) {
			uint64_t reference;
			if (mem_read_u64(reader->python->mem, frame->locals + k * sizeof(reference),
					    &reference) &&
					stackref_object(reference) == task)
				return true;
		}
	}
	return false;
}

/* What wakes these is kept by the loop: its timers, its selector, its threads. */
static bool is_kept_by_loop(enum wait_kind kind)
{
	return kind == WAIT_SLEEP || kind == WAIT_SOCKET || kind == WAIT_STREAM ||
	       kind == WAIT_PIPE || kind == WAIT_PROCESS || kind == WAIT_EXECUTOR;
}

/* What a task made to wait for others refers back to it: each of these does too. */
static size_t references_of_group(const struct raw_task *raw, const struct wait_view *wait)
{
	bool is_group = wait_is_group(wait->wait.kind) || wait->wait.kind == WAIT_SHIELD;

	return is_group && !raw->awaited_by ? GROUP_REFERENCES + wait->task_count : 0;
}

/* Whether it is worth a look: somebody keeps most tasks, and few references show it. */
static bool may_be_orphan(
		struct reader *reader, const struct task_view *view, const struct wait_view *wait)
{
	struct raw_task raw;

	if (is_kept_by_loop(wait->wait.kind) || !task_raw(reader, view, &raw) || !raw.references)
		return false;
	/* Where it is kept who awaits what, the waiter has a list of them. */
	uint32_t own = OWN_REFERENCES + reader->python->layout->keeps_awaiters;
	return raw.references <= own + references_of_group(&raw, wait) ||
	       refers_to_itself(reader, view->address);
}

void orphans_look(struct reader *reader, size_t index, const struct wait_view *wait)
{
	const struct task_view *view = &reader->tasks.items[index];

	if (reader->still && view->native && may_be_orphan(reader, view, wait))
		note_orphans(reader, view->address);
}
