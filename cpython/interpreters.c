/* Interpreters and their threads: see interpreters.h. */
#include "cpython/interpreters.h"

#include "cpython/objects.h"
#include "cpython/text.h"
#include "cpython/types.h"

enum {
	INTERPRETERS_MAX = 100 * 1000,
	THREADS_MAX = 100 * 1000, /* of all interpreters together */
	THREADS_FEW = 16,
	READINGS_MAX = 100, /* of the threads of one interpreter */
};

/* A lock keeps its last holder when it is released. */
static bool is_held_by(struct python *python, remote_addr locked_at, remote_addr holder_at,
		remote_addr thread)
{
	remote_addr holder;
	int32_t locked;

	return mem_read_u64(python->mem, holder_at, &holder) &&
	       mem_read(python->mem, locked_at, &locked, sizeof(locked)) && locked &&
	       holder == thread;
}

/* Whether a thread holds the lock of its interpreter.  A GIL may be that of
 * another interpreter; the published offsets are those of the main one's. */
static bool holds_gil(struct python *python, remote_addr runtime,
		const struct interpreter_view *main_interpreter, remote_addr interpreter,
		remote_addr thread)
{
	const struct layout *layout = python->layout;
	remote_addr main_gil, gil;

	if (layout->runtime.gil_holder)
		return is_held_by(python, runtime + layout->runtime.gil_locked,
				runtime + layout->runtime.gil_holder, thread);
	if (!mem_read_u64(python->mem, main_interpreter->address + layout->interpreter.ceval_gil,
			    &main_gil) ||
			!mem_read_u64(python->mem, interpreter + layout->interpreter.ceval_gil,
					&gil))
		return false;
	remote_addr from_main = gil + (main_interpreter->address - main_gil);
	return is_held_by(python, from_main + layout->interpreter.gil_locked,
			from_main + layout->interpreter.gil_holder, thread);
}

/* Before 3.13 a dict of the thread leads to the loop, or to what has it. */
static remote_addr loop_of_dict(struct python *python, remote_addr thread)
{
	const struct layout *layout = python->layout;
	remote_addr dict, loop;

	if (!mem_read_u64(python->mem, thread + layout->thread.dict, &dict) || !dict ||
			!dict_find(python, dict, "__asyncio_running_event_loop__", &loop))
		return 0;
	if (layout->asyncio_thread.held_loop &&
			!mem_read_u64(python->mem, loop + layout->asyncio_thread.held_loop, &loop))
		return 0;
	const struct type *type = type_of(python, loop);
	return type && type->kind != KIND_NONE ? loop : 0;
}

static bool read_current_frame(struct python *python, struct thread_view *thread)
{
	const struct layout *layout = python->layout;
	remote_addr at = thread->address + layout->thread.current_frame;

	/* A thread that has just begun has none yet. */
	if (layout->cframe.size && (!mem_read_u64(python->mem, at, &at) || !at))
		return !at;
	return mem_read_u64(python->mem, at + layout->cframe.current_frame, &thread->current_frame);
}

static bool read_thread(struct python *python, remote_addr address, struct thread_view *thread)
{
	const struct layout *layout = python->layout;
	struct procmem *mem = python->mem;

	*thread = (struct thread_view){ .address = address };
	if (!mem_read_u64(mem, address + layout->thread.native_thread_id, &thread->inner_tid) ||
			!mem_read_u64(mem, address + layout->thread.thread_id, &thread->ident) ||
			!read_current_frame(python, thread))
		return false;
	if (layout->thread.dict)
		thread->running_loop = loop_of_dict(python, address);
	/* Both are unknown where asyncio's C module is not there. */
	if (layout->asyncio_thread.running_loop &&
			!mem_read_u64(mem, address + layout->asyncio_thread.running_loop,
					&thread->running_loop))
		return false;
	return !layout->asyncio_thread.running_task ||
	       mem_read_u64(mem, address + layout->asyncio_thread.running_task,
			       &thread->running_task);
}

/* Fetches its lock and its first thread together, which most have alone. */
static void prefetch(struct python *python, remote_addr interpreter, remote_addr thread)
{
	const struct layout *layout = python->layout;
	struct procmem *mem = python->mem;

	mem_want(mem, interpreter + layout->interpreter.ceval_gil, sizeof(remote_addr));
	mem_want(mem, interpreter + layout->interpreter.gil_locked, sizeof(uint32_t));
	mem_want(mem, interpreter + layout->interpreter.gil_holder, sizeof(remote_addr));
	mem_want(mem, thread + layout->thread.current_frame, sizeof(remote_addr));
	mem_want(mem, thread + layout->asyncio_thread.running_loop, sizeof(remote_addr));
	mem_fetch_wanted(mem);
}

static bool read_threads(struct python *python, remote_addr runtime,
		const struct interpreter_views *interpreters, size_t which,
		struct thread_views *threads)
{
	const struct layout *layout = python->layout;
	const struct interpreter_view *interpreter = &interpreters->items[which];
	const struct interpreter_view *main_one = &interpreters->items[interpreters->count - 1];
	remote_addr at, owner, passed = 0;

	if (!mem_read_u64(python->mem, interpreter->address + layout->interpreter.threads_head,
			    &at))
		return false;
	if (at)
		prefetch(python, interpreter->address, at);
	while (at) {
		struct thread_view thread;
		/* A thread that is being ended is in no list; its memory may be anything. */
		if (threads->count == THREADS_MAX || at == passed ||
				!mem_read_u64(python->mem, at + layout->thread.interp, &owner) ||
				owner != interpreter->address || !read_thread(python, at, &thread))
			return false;
		/* Many of them lie together. */
		mem_read_around(python->mem, threads->count > THREADS_FEW);
		thread.interpreter = which;
		thread.holds_gil = holds_gil(python, runtime, main_one, interpreter->address, at);
		/* A list that runs in a circle meets one of these again. */
		if (!(threads->count & (threads->count + 1)))
			passed = at;
		*array_push(threads) = thread;
		if (!mem_read_u64(python->mem, at + layout->thread.next, &at))
			return false;
	}
	return true;
}

uint64_t loop_ident(struct python *python, remote_addr loop)
{
	remote_addr value;
	int64_t ident;

	return attribute_find(python, loop, "_thread_id", &value) &&
					       integer_read(python, value, &ident)
			       ? (uint64_t)ident
			       : 0;
}

/* Tasks of Python's own make are current by a dict, not by the thread, and before
 * 3.14 all are; and without asyncio's C module a thread does not know its loop either. */
static void take_python_current(struct python *python, const struct interpreter_view *interpreter,
		struct thread_view *threads, size_t count)
{
	struct addresses entries = { 0 };
	struct table by_loop = { 0 }, by_ident = { 0 };
	bool added;

	for (int i = 0; i < CURRENT_DICTS; i++)
		if (interpreter->asyncio.current_tasks[i])
			dict_read(python, interpreter->asyncio.current_tasks[i], &entries);
	for (size_t t = 0; t < count; t++) {
		if (threads[t].running_loop)
			*table_add(&by_loop, threads[t].running_loop, &added) = t;
		else
			*table_add(&by_ident, threads[t].ident, &added) = t;
	}
	for (size_t i = 0; i + 1 < entries.count; i += 2) {
		const uint64_t *t = table_find(&by_loop, entries.items[i]);
		if (!t)
			t = table_find(&by_ident, loop_ident(python, entries.items[i]));
		if (t && !threads[*t].running_task)
			threads[*t].running_task = entries.items[i + 1];
	}
	table_deinit(&by_loop);
	table_deinit(&by_ident);
	array_free(&entries);
}

/* The names that the threading module gives. */
static void name_threads(struct python *python, const struct interpreter_view *interpreter,
		struct thread_view *threads, size_t count)
{
	struct addresses names = { 0 };
	struct table by_ident = { 0 };
	bool added;

	thread_names_read(python, &interpreter->asyncio, &names);
	for (size_t i = 0; i + 1 < names.count; i += 2)
		*table_add(&by_ident, names.items[i], &added) = names.items[i + 1];
	for (size_t t = 0; t < count; t++) {
		const uint64_t *name = table_find(&by_ident, threads[t].ident);
		if (name)
			threads[t].name = text_intern(python, *name);
	}
	table_deinit(&by_ident);
	array_free(&names);
}

static bool read_interpreter(
		struct python *python, remote_addr address, struct interpreter_view *interpreter)
{
	const struct layout *layout = python->layout;
	remote_addr modules;
	uint64_t id;

	*interpreter = (struct interpreter_view){ .address = address };
	if (!mem_read_u64(python->mem, address + layout->interpreter.id, &id) ||
			!mem_read_u64(python->mem, address + layout->interpreter.sysdict,
					&interpreter->sysdict) ||
			!mem_read_u64(python->mem, address + layout->interpreter.modules, &modules))
		return false;
	interpreter->id = (int64_t)id;
	interpreter->main = !id;
	asyncio_names_read(python, modules, interpreter->sysdict, &interpreter->asyncio);
	return true;
}

/* The list begins with the newest threads: where one of them ends just now, all
 * others would be lost with it. */
static bool read_threads_again(struct python *python, remote_addr runtime,
		const struct interpreter_views *interpreters, size_t which,
		struct thread_views *threads, bool *repaired)
{
	size_t first = threads->count;

	for (int i = 0; !read_threads(python, runtime, interpreters, which, threads); i++) {
		if (i == READINGS_MAX)
			return false;
		*repaired = true;
		threads->count = first;
		mem_forget_all(python->mem);
	}
	return true;
}

static bool read_once(struct python *python, remote_addr runtime,
		struct interpreter_views *interpreters, struct thread_views *threads,
		bool *repaired)
{
	const struct layout *layout = python->layout;
	remote_addr at, passed = 0;
	bool complete = true;

	if (!mem_read_u64(python->mem, runtime + layout->runtime.interpreters_head, &at))
		return false;
	while (at) {
		struct interpreter_view interpreter;
		if (interpreters->count == INTERPRETERS_MAX || at == passed ||
				!read_interpreter(python, at, &interpreter)) {
			complete = false;
			break;
		}
		if (!(interpreters->count & (interpreters->count + 1)))
			passed = at;
		*array_push(interpreters) = interpreter;
		if (!mem_read_u64(python->mem, at + layout->interpreter.next, &at)) {
			complete = false;
			break;
		}
	}
	/* The list begins with the newest; the main one, the oldest, is its last. */
	for (size_t i = 0; i < interpreters->count; i++) {
		size_t first = threads->count;
		complete &= read_threads_again(python, runtime, interpreters, i, threads, repaired);
		if (threads->count == first)
			continue;
		take_python_current(python, &interpreters->items[i], threads->items + first,
				threads->count - first);
		name_threads(python, &interpreters->items[i], threads->items + first,
				threads->count - first);
	}
	return complete && interpreters->count;
}

/* The addresses of all threads, by the shortest way. */
static bool list_threads(struct python *python, remote_addr runtime, struct addresses *threads)
{
	const struct layout *layout = python->layout;
	remote_addr interpreter, thread;
	size_t interpreters = 0;

	if (!mem_read_u64(python->mem, runtime + layout->runtime.interpreters_head, &interpreter))
		return false;
	while (interpreter) {
		if (interpreters++ == INTERPRETERS_MAX ||
				!mem_read_u64(python->mem,
						interpreter + layout->interpreter.threads_head,
						&thread))
			return false;
		while (thread) {
			if (threads->count == THREADS_MAX)
				return false;
			mem_read_around(python->mem, threads->count > THREADS_FEW);
			*array_push(threads) = thread;
			if (!mem_read_u64(python->mem, thread + layout->thread.next, &thread))
				return false;
		}
		if (!mem_read_u64(python->mem, interpreter + layout->interpreter.next,
				    &interpreter))
			return false;
	}
	return true;
}

static bool are_listed(const struct thread_views *threads, const struct addresses *listed)
{
	if (threads->count != listed->count)
		return false;
	for (size_t i = 0; i < listed->count; i++)
		if (threads->items[i].address != listed->items[i])
			return false;
	return true;
}

static bool read_running(struct python *python, remote_addr runtime,
		struct interpreter_views *interpreters, struct thread_views *threads,
		bool *repaired)
{
	struct addresses listed = { 0 };
	bool complete = false, alike = false;

	for (int i = 0; i < READINGS_MAX && !alike; i++) {
		listed.count = interpreters->count = threads->count = 0;
		bool known = list_threads(python, runtime, &listed);
		mem_forget_all(python->mem);
		complete = read_once(python, runtime, interpreters, threads, repaired);
		alike = !known || !complete || are_listed(threads, &listed);
	}
	array_free(&listed);
	return complete && alike;
}

bool interpreters_read(struct python *python, remote_addr runtime, bool still,
		struct interpreter_views *interpreters, struct thread_views *threads,
		bool *repaired)
{
	bool complete = (still ? read_once : read_running)(
			python, runtime, interpreters, threads, repaired);

	mem_read_around(python->mem, false);
	return complete;
}

void threads_deinit(struct thread_views *threads)
{
	for (size_t i = 0; i < threads->count; i++)
		array_free(&threads->items[i].frames);
	array_free(threads);
}
