/* Done tasks whose exception nobody has fetched: see unfetched.h. */
#include "cpython/unfetched.h"

#include "cpython/code.h"
#include "cpython/objects.h"
#include "cpython/tasks.h"
#include "cpython/types.h"

enum {
	/* Like connections are many, and their frames alike. */
	FRAMES_MAX = 64,     /* of one function */
	VARIABLES_MAX = 128, /* of one frame */
	ITEMS_MAX = 4096,    /* of one container */
	/* A module's variable, an object, its attribute, an item of that. */
	DEPTH_MAX = 4,
	OBJECTS_MAX = 8 * 1000,
	OBJECT_BYTES = 64,
};

typedef ARRAY(struct kept) kept_list;

void unfetched_deinit(struct unfetched *unfetched)
{
	array_free(&unfetched->kept);
	table_deinit(&unfetched->functions);
	table_deinit(&unfetched->modules);
	array_free(&unfetched->tasks);
}

/* ---- where it begins ---- */

static bool is_new_module(struct unfetched *unfetched, remote_addr globals)
{
	bool added;

	table_add(&unfetched->modules, globals, &added);
	return added;
}

static void keep(struct unfetched *unfetched, remote_addr object, size_t interpreter)
{
	if (object)
		*array_push(&unfetched->kept) = (struct kept){ object, (uint32_t)interpreter };
}

static void note_frame(struct reader *reader, const struct frame_view *frame, size_t interpreter)
{
	struct unfetched *unfetched = &reader->unfetched;
	uint64_t variables[VARIABLES_MAX];
	bool added;

	if (!frame->code || frame->code->origin != ORIGIN_USER)
		return;
	const struct code **enough =
			&unfetched->enough[frame->code->address / 32 %
					   (sizeof(unfetched->enough) /
							   sizeof(*unfetched->enough))];
	if (*enough == frame->code)
		return;
	uint64_t *seen = table_add(&unfetched->functions, frame->code->address, &added);
	if ((*seen)++ >= FRAMES_MAX) {
		*enough = frame->code;
		return;
	}
	if (is_new_module(unfetched, frame->globals))
		keep(unfetched, frame->globals, interpreter);
	size_t count = frame->code->local_count < VARIABLES_MAX ? frame->code->local_count
								: VARIABLES_MAX;
	if (!python_work(reader->python, count) ||
			!mem_read(reader->python->mem, frame->locals, variables,
					count * sizeof(*variables)))
		return;
	for (size_t i = 0; i < count; i++)
		keep(unfetched, stackref_object(variables[i]), interpreter);
}

void unfetched_note_task(struct reader *reader, size_t index)
{
	for (size_t i = 0; i < reader->chain.frames.count; i++)
		note_frame(reader, &reader->chain.frames.items[i],
				reader->tasks.items[index].interpreter);
}

static void note_threads(struct reader *reader)
{
	for (size_t t = 0; t < reader->threads.count; t++) {
		const struct thread_view *thread = &reader->threads.items[t];
		for (size_t i = 0; i < thread->frames.count; i++)
			note_frame(reader, &thread->frames.items[i], thread->interpreter);
	}
}

/* ---- the search ---- */

struct search {
	struct reader *reader;
	struct python *python;
	struct table seen;
	kept_list level, next;
};

/* A task that goes on has no exception yet, and there are many. */
static bool is_pending_task(const struct reader *reader, remote_addr object)
{
	const uint64_t *place = table_find(&reader->tasks.index, object);

	return place && reader->tasks.items[*place].read == TASK_PENDING;
}

static void look_later(struct search *s, remote_addr object, uint32_t interpreter)
{
	bool added;

	if (!object || object % sizeof(uint64_t) || s->seen.count >= OBJECTS_MAX ||
			is_pending_task(s->reader, object))
		return;
	table_add(&s->seen, object, &added);
	if (added)
		*array_push(&s->next) = (struct kept){ object, interpreter };
}

static bool is_own_object(const struct type *type)
{
	return type->flags & TYPE_HEAP && !(type->flags & (TYPE_IMMUTABLE | TYPE_TYPE)) &&
	       !type->is_future;
}

static bool read_inside(struct search *s, remote_addr object, const struct type *type,
		struct addresses *inside)
{
	struct python *python = s->python;
	remote_addr value;

	if (type->kind == KIND_CELL || type->kind == KIND_WEAKREF) {
		uint64_t at = type->kind == KIND_CELL ? python->layout->cell.contents
						      : python->layout->weakref.object;
		if (mem_read_u64(python->mem, object + at, &value))
			*array_push(inside) = value;
		return true;
	}
	int64_t length = length_of(python, object);
	if (length >= 0 && !(type->flags & TYPE_DICT))
		return length <= ITEMS_MAX && items_read(python, object, inside);
	if (type->flags & TYPE_DICT)
		return length <= ITEMS_MAX && dict_read(python, object, inside);
	return is_own_object(type) && attributes_read(python, object, inside);
}

static void look_at(struct search *s, const struct kept *kept, bool is_last)
{
	struct reader *reader = s->reader;
	const struct type *type = type_of(s->python, kept->object);
	struct addresses inside = { 0 };
	bool native;
	remote_addr loop;

	if (!type || !python_work(s->python, OBJECT_WORK))
		return;
	if (is_any_task(reader, kept->object, kept->interpreter, &native)) {
		struct task *task = task_read_unfetched(
				reader, kept->object, kept->interpreter, native, &loop);
		if (task)
			*array_push(&reader->unfetched.tasks) = (struct ended){ task, loop };
		return;
	}
	if (!is_last && read_inside(s, kept->object, type, &inside))
		for (size_t i = 0; i < inside.count; i++)
			look_later(s, inside.items[i], kept->interpreter);
	array_free(&inside);
}

static void prefetch_types(struct search *s)
{
	struct addresses types = { 0 };
	remote_addr type;

	for (size_t i = 0; i < s->level.count; i++)
		if (type_address_of(s->python, s->level.items[i].object, &type))
			*array_push(&types) = type;
	types_prefetch(s->python, &types);
	array_free(&types);
}

static void prefetch(struct search *s)
{
	for (size_t i = 0; i < s->level.count; i++)
		mem_want(s->python->mem, s->level.items[i].object, OBJECT_BYTES);
	mem_fetch_wanted(s->python->mem);
	prefetch_types(s);
	for (size_t i = 0; i < s->level.count; i++)
		items_want(s->python, s->level.items[i].object, ITEMS_MAX);
	mem_fetch_wanted(s->python->mem);
}

static void go_down(struct search *s, bool is_last)
{
	kept_list done = s->level;

	s->level = s->next;
	s->next = done;
	s->next.count = 0;
	prefetch(s);
	for (size_t i = 0; i < s->level.count; i++)
		look_at(s, &s->level.items[i], is_last);
}

/* A gather() that goes on, for one, fetches it in the end. */
static void drop_awaited(struct reader *reader)
{
	struct unfetched *unfetched = &reader->unfetched;
	struct table awaited = { 0 };
	size_t kept = 0;
	bool added;

	if (unfetched->tasks.count)
		for (size_t i = 0; i < reader->links.count; i++)
			table_add(&awaited,
					reader->tasks.items[reader->links.items[i].awaited].address,
					&added);
	for (size_t i = 0; i < unfetched->tasks.count; i++)
		if (!table_find(&awaited, unfetched->tasks.items[i].task->id))
			unfetched->tasks.items[kept++] = unfetched->tasks.items[i];
	unfetched->tasks.count = kept;
	table_deinit(&awaited);
}

void unfetched_find(struct reader *reader)
{
	struct search search = { .reader = reader, .python = reader->python };

	note_threads(reader);
	reader->unfetched.tasks.count = 0;
	for (size_t i = 0; i < reader->unfetched.kept.count; i++)
		look_later(&search, reader->unfetched.kept.items[i].object,
				reader->unfetched.kept.items[i].interpreter);
	for (int depth = 0; depth < DEPTH_MAX; depth++)
		go_down(&search, depth + 1 == DEPTH_MAX);
	drop_awaited(reader);
	table_deinit(&search.seen);
	array_free(&search.level);
	array_free(&search.next);
}
