/* Reads a task: what it is, where it stands, in which state. */
#include "cpython/tasks.h"

#include <stdlib.h>
#include <string.h>

#include "cpython/contexts.h"
#include "cpython/exceptions.h"
#include "cpython/facts.h"
#include "cpython/objects.h"
#include "cpython/text.h"
#include "cpython/types.h"
#include "cpython/waits.h"

static const struct asyncio_names *names_of(const struct reader *reader, size_t interpreter)
{
	return &reader->interpreters.items[interpreter].asyncio;
}

bool is_any_task(struct reader *reader, remote_addr object, size_t interpreter, bool *native)
{
	const struct type *type = type_of(reader->python, object);

	*native = false;
	if (!type)
		return false;
	*native = type->is_task && reader->python->layout->task.size;
	/* Of a class of a third party it is only known by being in a list. */
	return *native || type_is_a(type, names_of(reader, interpreter)->py_task) ||
	       (reader->tasks.any_foreign && table_find(&reader->tasks.index, object));
}

/* As "Task-%lld" would; there may be a million of them. */
static const char *default_name(struct python *python, int64_t number)
{
	static const char prefix[] = "Task-";
	char text[sizeof(prefix) + 24];
	size_t at = sizeof(text);
	uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;

	do
		text[--at] = (char)('0' + left % 10);
	while (left /= 10);
	if (number < 0)
		text[--at] = '-';
	at -= sizeof(prefix) - 1;
	memcpy(text + at, prefix, sizeof(prefix) - 1);
	return arena_string(&python->snapshot->arena, text + at, sizeof(text) - at);
}

/* From 3.12 on a default name is only a number until somebody asks for it. */
const char *task_name_read(struct reader *reader, remote_addr object)
{
	struct python *python = reader->python;
	struct buffer *text = &reader->text;
	const struct type *type = type_of(python, object);
	int64_t number;

	if (type && type->flags & TYPE_INT && integer_read(python, object, &number))
		return default_name(python, number);
	buffer_clear(text);
	if (!text_read(python, object, text))
		return NULL;
	return arena_string(&python->snapshot->arena, buffer_text(text), text->length);
}

/* The coroutine, generator or async generator that a task's coroutine is or, as
 * what asend() gives, stands for: 0 for an object of another class. */
static remote_addr outermost(const struct reader *reader)
{
	const struct chain *chain = &reader->chain;

	return chain->frames.count ? chain->frames.items[0].generator : 0;
}

/* The __qualname__ of the outermost function, which a decorator may have set;
 * what has no frame names none.  False where it cannot be read. */
static bool coroutine_name(struct reader *reader, remote_addr coroutine, const char **name)
{
	struct python *python = reader->python;
	const struct type *type = type_of(python, coroutine);
	remote_addr text;

	*name = NULL;
	if (!type)
		return false;
	if (type->kind != KIND_COROUTINE && type->kind != KIND_GENERATOR &&
			type->kind != KIND_ASYNC_GENERATOR)
		coroutine = outermost(reader);
	if (!coroutine)
		return true;
	if (!mem_read_u64(python->mem, coroutine + python->layout->generator.qualname, &text))
		return false;
	/* Nearly all are called as their code is, which has been read. */
	const struct code *code =
			coroutine == outermost(reader) ? reader->chain.frames.items[0].code : NULL;
	*name = code && text == code->qualname ? code->function : text_intern(python, text);
	return *name;
}

const struct stack *chain_stack(struct python *python, const struct chain *chain)
{
	const struct frame *few[64], **frames = few;
	size_t count = chain->frames.count;

	few[0] = NULL; /* gcc takes it for unset where there is no frame */
	if (count > sizeof(few) / sizeof(*few))
		frames = alloc_zeroed(count, sizeof(*frames));
	for (size_t i = 0; i < count; i++)
		frames[i] = chain->frames.items[i].place;
	const struct stack *stack = intern_stack(&python->intern, frames, (uint32_t)count);
	if (frames != few)
		free(frames);
	return stack;
}

/* Remembers where in a thread's frames the coroutine of a task is. */
static void note_running(struct reader *reader, size_t index)
{
	struct chain *chain = &reader->chain;

	if (!chain_enter_thrown(reader->python, chain, &reader->executing))
		return;
	const struct frame_view *last = &chain->frames.items[--chain->frames.count];
	const uint64_t *place = table_find(&reader->executing, last->generator);
	if (place)
		*array_push(&reader->running) = (struct running){
			.task = index,
			.thread = (size_t)(*place >> 32),
			.frame = (size_t)(*place & UINT32_MAX),
			.outer = chain_stack(reader->python, chain),
			.round = reader->tasks.items[index].round,
		};
	chain->frames.count = 1;
}

static enum task_state state_of(
		const struct reader *reader, const struct task_view *view, bool is_current)
{
	switch (reader->chain.end) {
	case CHAIN_EXECUTING:
		return TASK_RUNNING;
	case CHAIN_OPAQUE:
	case CHAIN_FINISHED:
		if (is_current)
			return TASK_RUNNING;
		break;
	case CHAIN_CREATED:
		if (reader->chain.frames.count == 1)
			return TASK_READY;
		break;
	default:
		break;
	}
	return view->waiter && future_is_pending(reader->python,
					       names_of(reader, view->interpreter), view->waiter)
			       ? TASK_WAITING
			       : TASK_READY;
}

/* What suspended frames hold: a task that has come to the same place again mostly holds
 * something else there, and what it awaits may be another object at the same address. */
static uint64_t hash_locals(struct reader *reader, uint64_t hash)
{
	struct python *python = reader->python;
	uint64_t word;

	if (reader->chain.end == CHAIN_EXECUTING || reader->chain.end == CHAIN_DRIVEN)
		return hash;
	for (size_t i = 0; i < reader->chain.frames.count; i++) {
		const struct frame_view *frame = &reader->chain.frames.items[i];
		remote_addr end = frame->code ? frame_end(frame) : 0;
		for (remote_addr at = frame->locals; at < end; at += sizeof(word)) {
			if (!python_work(python, 1) || !mem_read_u64(python->mem, at, &word))
				break;
			hash = hash_mix(hash, word);
		}
	}
	return hash;
}

/* Of a target that stands still nothing is ever compared. */
static void take_hashes(struct reader *reader, struct task_view *view)
{
	if (reader->still)
		return;
	uint64_t identity = hash_mix(
			hash_bytes(view->task->name, strlen(view->task->name)), view->coroutine);
	uint64_t hash = hash_mix(identity, view->waiter);

	if (identity != view->identity)
		view->since = reader->readings;
	view->identity = identity;
	hash = hash_mix(hash, view->loop);
	hash = hash_mix(hash, view->task->state);
	/* Where a link was read too late, the memory behind it may be that of a
	 * coroutine like it: the same frames alone do not say that all was so. */
	hash = hash_mix(hash, (uintptr_t)view->task->stack);
	hash = hash_locals(reader, hash_mix(hash, reader->chain.hash));
	view->moved |= view->fingerprint && view->fingerprint != hash;
	view->fingerprint = hash;
	view->links = 0;
}

/* A chain is resumed from the outside in: where only an inner part executes, it
 * was read too late, unless somebody else has called that part's send(), throw()
 * or close(), which a thread's frames show. */
static bool is_torn(const struct reader *reader)
{
	const struct chain *chain = &reader->chain;

	/* What a suspended frame awaits has not ended, as good as never. */
	if (chain->end == CHAIN_FINISHED && chain->frames.count && !reader->still)
		return true;
	return chain->end == CHAIN_TORN ||
	       (chain->end == CHAIN_DRIVEN &&
			       !table_find(&reader->executing,
					       chain->frames.items[chain->frames.count - 1]
							       .generator));
}

/* What the task waits for, and what is found on the way. */
static void fill_wait(struct reader *reader, size_t index)
{
	double timeout = contexts_read(reader, index);
	bool waits = reader->tasks.items[index].task->state == TASK_WAITING;
	struct wait_view *wait = waits ? wait_read(reader, index) : NULL;

	if (wait)
		wait->wait.timeout_s = sooner(wait->wait.timeout_s, timeout);
	reader->tasks.items[index].wait = wait;
	if (wait)
		orphans_look(reader, index, wait);
	cancel_read(reader, index);
	unfetched_note_task(reader, index);
}

static bool fill(struct reader *reader, size_t index, const struct raw_task *raw)
{
	struct python *python = reader->python;
	struct task_view *view = &reader->tasks.items[index];
	const char *name = raw->name ? task_name_read(reader, raw->name) : NULL;
	const char *coroutine = NULL;

	if (view->native && (!name || !raw->coroutine))
		return false;
	reader->chain.hashes = !reader->still;
	chain_walk(python, raw->coroutine, &reader->chain);
	if (!reader->chain.alike || !reader->still)
		reader->facts = (struct place_facts){ 0 };
	if (is_torn(reader) ||
			(raw->coroutine && !coroutine_name(reader, raw->coroutine, &coroutine)))
		return false;
	view->loop = raw->loop;
	view->coroutine = raw->coroutine;
	/* A task of another class may keep its waiter anywhere. */
	view->waiter = raw->waiter || view->native ? raw->waiter : reader->chain.leaf;
	struct task *task = arena_alloc(&python->snapshot->arena, 1, sizeof(*task));
	task->id = view->address;
	task->type = raw->type->name;
	task->name = name ? name : task->type;
	task->interpreter = reader->interpreters.items[view->interpreter].id;
	task->must_cancel = raw->must_cancel;
	task->cancel_requests = raw->cancel_requests;
	task->coroutine = coroutine;
	task->created_at =
			raw->source ? creation_read(python,
						      &reader->interpreters.items[view->interpreter]
								       .asyncio,
						      raw->source)
				    : NULL;
	if (!reader->facts.stack)
		reader->facts.stack = chain_stack(python, &reader->chain);
	task->stack = reader->facts.stack;
	task->current = table_find(&reader->current, view->address);
	task->state = state_of(reader, view, task->current);
	if (reader->chain.end == CHAIN_EXECUTING)
		note_running(reader, index);
	view->task = task;
	if (WAITS)
		fill_wait(reader, index);
	take_hashes(reader, &reader->tasks.items[index]);
	return true;
}

/* Of a target that stands still it may be known from when the task was found. */
bool task_raw(const struct reader *reader, const struct task_view *view, struct raw_task *raw)
{
	if (reader->still && view->raw) {
		*raw = *view->raw;
		return true;
	}
	return raw_task_read(reader->python, view->address, view->native, raw);
}

void task_read(struct reader *reader, size_t index)
{
	struct task_view *view = &reader->tasks.items[index];
	struct raw_task raw;

	view->read = TASK_TORN;
	view->round++;
	reader->readings++;
	if (!task_raw(reader, view, &raw)) {
		/* Its memory is that of something else by now. */
		const struct type *type = type_of(reader->python, view->address);
		if (view->native && type && !type->is_task)
			view->read = TASK_DONE;
		return;
	}
	if (!raw.pending) {
		view->read = TASK_DONE;
		return;
	}
	bool filled = fill(reader, index, &raw);
	view = &reader->tasks.items[index];
	if (!filled)
		return;
	view->read = TASK_PENDING;
	/* One that keeps no state of its own is done when its coroutine is. */
	if (!view->native && reader->chain.end == CHAIN_FINISHED)
		view->read = TASK_DONE;
	else
		task_link(reader, index);
}

struct task *task_read_unfetched(struct reader *reader, remote_addr address, size_t interpreter,
		bool native, remote_addr *loop)
{
	struct python *python = reader->python;
	struct raw_task raw;

	if (!raw_task_read(python, address, native, &raw) || !raw.unfetched)
		return NULL;
	struct task *task = arena_alloc(&python->snapshot->arena, 1, sizeof(*task));
	task->id = address;
	task->type = raw.type->name;
	task->name = raw.name ? task_name_read(reader, raw.name) : NULL;
	task->name = task->name ? task->name : task->type;
	task->interpreter = reader->interpreters.items[interpreter].id;
	task->state = TASK_ENDED;
	task->cancel_requests = raw.cancel_requests;
	reader->chain.frames.count = 0; /* it has no frames any more */
	if (raw.coroutine)
		coroutine_name(reader, raw.coroutine, &task->coroutine);
	task->stack = exception_stack(python, raw.exception);
	task->exception = exception_text(python, raw.exception);
	task->created_at = raw.source ? creation_read(python,
							&reader->interpreters.items[interpreter]
									 .asyncio,
							raw.source)
				      : NULL;
	*loop = raw.loop;
	return task;
}

bool task_is_cancelled(struct reader *reader, remote_addr address)
{
	const uint64_t *place = table_find(&reader->tasks.index, address);
	struct raw_task raw;

	return place && task_raw(reader, &reader->tasks.items[*place], &raw) && raw.pending &&
	       (raw.must_cancel || raw.cancel_requests > 0);
}

bool task_is_same(struct reader *reader, size_t index)
{
	const struct task_view *view = &reader->tasks.items[index];
	struct raw_task raw;

	if (!task_raw(reader, view, &raw) || !raw.pending)
		return false;
	const char *name = raw.name ? task_name_read(reader, raw.name) : view->task->type;
	return name && hash_mix(hash_bytes(name, strlen(name)), raw.coroutine) == view->identity;
}
