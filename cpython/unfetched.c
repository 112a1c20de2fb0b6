/* Done tasks whose exception nobody has fetched: see unfetched.h. */
#include "cpython/unfetched.h"

#include <string.h>

#include "cpython/code.h"
#include "cpython/objects.h"
#include "cpython/tasks.h"
#include "cpython/types.h"

enum {
	/* Like connections are many, and their frames alike. */
	FRAMES_MAX = 64,     /* of one function */
	VARIABLES_MAX = 128, /* of one frame */
	ITEMS_MAX = 4096,    /* of one container, unless it is found to keep tasks */
	/* Of all that have more; and as many as the tasks, twice. */
	MANY_ITEMS_MAX = 64 * 1024,
	SAMPLE = 32, /* of them, to find what they keep */
	/* A module's variable, an object, its attribute, an item of that. */
	DEPTH_MAX = 4,
	OBJECTS_MAX = 8 * 1000,
	OBJECT_BYTES = 64,
	PASSED_MAX = 2, /* attributes */
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

/* False where no more frames of its function are looked at. */
static bool note_frame(struct reader *reader, const struct frame_view *frame, size_t interpreter)
{
	struct unfetched *unfetched = &reader->unfetched;
	uint64_t variables[VARIABLES_MAX];
	bool added;

	if (!frame->code || frame->code->origin != ORIGIN_USER)
		return false;
	const struct code **enough =
			&unfetched->enough[frame->code->address / 32 %
					   (sizeof(unfetched->enough) /
							   sizeof(*unfetched->enough))];
	if (*enough == frame->code)
		return false;
	uint64_t *seen = table_add(&unfetched->functions, frame->code->address, &added);
	if ((*seen)++ >= FRAMES_MAX) {
		*enough = frame->code;
		return false;
	}
	if (is_new_module(unfetched, frame->globals))
		keep(unfetched, frame->globals, interpreter);
	size_t count = frame->code->local_count < VARIABLES_MAX ? frame->code->local_count
								: VARIABLES_MAX;
	if (!python_work(reader->python, count) ||
			!mem_read(reader->python->mem, frame->locals, variables,
					count * sizeof(*variables)))
		return true;
	for (size_t i = 0; i < count; i++)
		keep(unfetched, stackref_object(variables[i]), interpreter);
	return true;
}

void unfetched_note_task(struct reader *reader, size_t index)
{
	bool more = false;

	if (reader->facts.is_noted)
		return;
	for (size_t i = 0; i < reader->chain.frames.count; i++)
		more |= note_frame(reader, &reader->chain.frames.items[i],
				reader->tasks.items[index].interpreter);
	reader->facts.is_noted = !more;
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
	uint64_t many_left; /* of MANY_ITEMS_MAX */
};

/* A task that goes on has no exception yet, and there are many. */
static bool is_pending_task(const struct reader *reader, remote_addr object)
{
	const uint64_t *place = table_find(&reader->tasks.index, object);

	return place && reader->tasks.items[*place].read == TASK_PENDING;
}

/* What is static leads to no task. */
static bool is_static(const struct python *python, remote_addr object)
{
	return object >= python->image_start && object < python->image_end;
}

static void look_later(struct search *s, remote_addr object, uint32_t interpreter)
{
	bool added;

	if (!object || object % sizeof(uint64_t) || s->seen.count >= OBJECTS_MAX ||
			is_static(s->python, object) || is_pending_task(s->reader, object))
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

static bool may_have_many(struct search *s, uint64_t length)
{
	if (length > s->many_left || !python_work(s->python, length))
		return false;
	s->many_left -= length;
	return true;
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
	if (length > ITEMS_MAX && !may_have_many(s, (uint64_t)length))
		return false;
	if (length >= 0 && !(type->flags & TYPE_DICT))
		return items_read(python, object, inside);
	return (type->flags & TYPE_DICT || is_own_object(type)) &&
	       attributes_read(python, object, inside);
}

static struct asyncio_names *names_of(struct search *s, size_t interpreter)
{
	return &s->reader->interpreters.items[interpreter].asyncio;
}

/* These attributes of an object need not be looked at. */
static void pass_over(struct search *s, remote_addr object, const char *const names[PASSED_MAX])
{
	remote_addr values[PASSED_MAX];
	bool added;

	attributes_find(s->python, object, names, PASSED_MAX, values);
	for (size_t i = 0; i < PASSED_MAX; i++)
		if (values[i])
			table_add(&s->seen, values[i], &added);
}

/* Handles lead to no task: they have slots alone. */
static void pass_over_handles(struct search *s)
{
	static const char *const names[PASSED_MAX] = { "_ready", "_scheduled" };
	const struct loop_views *loops = &s->reader->loops;

	for (size_t i = 0; i < loops->count; i++)
		if (is_instance(s->python, names_of(s, loops->items[i].interpreter),
				    loops->items[i].address, CLASS_BASE_LOOP))
			pass_over(s, loops->items[i].address, names);
}

/* It fetches the exceptions of its tasks itself.  The name tells most others apart: the
 * class is looked up only where it may be this one. */
static void pass_over_tasks(struct search *s, const struct kept *kept, const struct type *type)
{
	static const char *const names[PASSED_MAX] = { "_tasks", "_on_completed_fut" };

	if (!strcmp(type->name, "TaskGroup") &&
			is_instance(s->python, names_of(s, kept->interpreter), kept->object,
					CLASS_TASK_GROUP))
		pass_over(s, kept->object, names);
}

static bool is_kept_task(struct search *s, remote_addr object, uint32_t interpreter)
{
	bool native;

	return object && object % sizeof(uint64_t) == 0 &&
	       (is_pending_task(s->reader, object) ||
			       is_any_task(s->reader, object, interpreter, &native));
}

/* Whether some of the items from `first` on, of every other one, are tasks. */
static bool keeps_tasks(
		struct search *s, const struct addresses *items, size_t first, uint32_t interpreter)
{
	uint64_t sample[SAMPLE];
	size_t step = items->count / (2 * (size_t)SAMPLE) * 2;

	for (size_t i = 0; i < SAMPLE; i++)
		sample[i] = items->items[first + i * step];
	mem_prefetch(s->python->mem, sample, SAMPLE, OBJECT_BYTES);
	for (size_t i = 0; i < SAMPLE; i++)
		if (is_kept_task(s, sample[i], interpreter))
			return true;
	return false;
}

/* Of many, what is no task is passed over: keys and values of a dict take turns. */
static void look_inside(struct search *s, const struct addresses *inside, bool are_many,
		uint32_t interpreter)
{
	if (!are_many || inside->count < 2 * (size_t)SAMPLE) {
		for (size_t i = 0; i < inside->count; i++)
			look_later(s, inside->items[i], interpreter);
		return;
	}
	for (size_t first = 0; first < 2; first++)
		if (keeps_tasks(s, inside, first, interpreter))
			for (size_t i = first; i < inside->count; i += 2)
				look_later(s, inside->items[i], interpreter);
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
	pass_over_tasks(s, kept, type);
	if (!is_last && read_inside(s, kept->object, type, &inside))
		look_inside(s, &inside, length_of(s->python, kept->object) > ITEMS_MAX,
				kept->interpreter);
	array_free(&inside);
}

/* Fetches what read_inside() will read of objects whose types are known. */
static void prefetch_inside(struct search *s, const struct addresses *objects)
{
	struct addresses dicts = { 0 };

	for (size_t i = 0; i < objects->count; i++) {
		const struct type *type = type_of(s->python, objects->items[i]);
		if (!type || length_of(s->python, objects->items[i]) > ITEMS_MAX)
			continue;
		if (type->flags & TYPE_DICT)
			*array_push(&dicts) = objects->items[i];
		else if (is_own_object(type))
			attributes_want(s->python, objects->items[i], &dicts);
		items_want(s->python, objects->items[i], ITEMS_MAX);
	}
	mem_fetch_wanted(s->python->mem);
	dicts_prefetch(s->python, &dicts);
	array_free(&dicts);
}

static void prefetch(struct search *s, bool is_last)
{
	struct addresses objects = { 0 };

	for (size_t i = 0; i < s->level.count; i++)
		*array_push(&objects) = s->level.items[i].object;
	mem_prefetch(s->python->mem, objects.items, objects.count, OBJECT_BYTES);
	types_of_prefetch(s->python, &objects);
	if (!is_last)
		prefetch_inside(s, &objects);
	array_free(&objects);
}

static void go_down(struct search *s, bool is_last)
{
	kept_list done = s->level;

	s->level = s->next;
	s->next = done;
	s->next.count = 0;
	prefetch(s, is_last);
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
	struct search search = {
		.reader = reader,
		.python = reader->python,
		.many_left = MANY_ITEMS_MAX + 2 * (uint64_t)reader->tasks.count,
	};

	note_threads(reader);
	pass_over_handles(&search);
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
