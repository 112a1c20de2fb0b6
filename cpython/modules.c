/* asyncio's own modules in an interpreter: see modules.h. */
#include "cpython/modules.h"

#include <string.h>

#include "base/buffer.h"
#include "cpython/objects.h"
#include "cpython/text.h"
#include "cpython/types.h"

enum { THREAD_BYTES = 128 }; /* of a Thread, with its first attributes */

static const char *const module_names[MODULES] = {
	[MODULE_TASKS] = "asyncio.tasks",
	[MODULE_FUTURES] = "asyncio.futures",
	[MODULE_TASKGROUPS] = "asyncio.taskgroups",
	[MODULE_TIMEOUTS] = "asyncio.timeouts",
	[MODULE_EXCEPTIONS] = "asyncio.exceptions",
	[MODULE_LOCKS] = "asyncio.locks",
	[MODULE_QUEUES] = "asyncio.queues",
	[MODULE_STREAMS] = "asyncio.streams",
	[MODULE_THREADS] = "asyncio.threads",
	[MODULE_RUNNERS] = "asyncio.runners",
	[MODULE_STAGGERED] = "asyncio.staggered",
	[MODULE_EVENTS] = "asyncio.events",
	[MODULE_BASE_EVENTS] = "asyncio.base_events",
	[MODULE_SELECTOR_EVENTS] = "asyncio.selector_events",
	[MODULE_UNIX_EVENTS] = "asyncio.unix_events",
	[MODULE_SSLPROTO] = "asyncio.sslproto",
	[MODULE_SUBPROCESS] = "asyncio.subprocess",
	[MODULE_BASE_SUBPROCESS] = "asyncio.base_subprocess",
	[MODULE_TRSOCK] = "asyncio.trsock",
	[MODULE_C_ASYNCIO] = "_asyncio",
	[MODULE_THREADING] = "threading",
	[MODULE_CONTEXTLIB] = "contextlib",
	[MODULE_TRACEBACK] = "traceback",
	[MODULE_CONCURRENT_BASE] = "concurrent.futures._base",
	[MODULE_CONCURRENT_THREAD] = "concurrent.futures.thread",
	[MODULE_CONCURRENT_PROCESS] = "concurrent.futures.process",
	[MODULE_SOCKET] = "_socket",
	[MODULE_SELECTORS] = "selectors",
	[MODULE_UVLOOP] = "uvloop.loop",
};

/* The names wanted of each of them. */
static const struct {
	enum module module;
	const char *name;
	size_t value; /* in struct asyncio_names */
} wanted_names[] = {
	{ MODULE_TASKS, "_PyTask", offsetof(struct asyncio_names, py_task) },
	{ MODULE_TASKS, "_GatheringFuture", offsetof(struct asyncio_names, gathering_future) },
	{ MODULE_TASKS, "_AsCompletedIterator", offsetof(struct asyncio_names, as_completed) },
	{ MODULE_TASKS, "_scheduled_tasks", offsetof(struct asyncio_names, scheduled_tasks) },
	{ MODULE_TASKS, "_eager_tasks", offsetof(struct asyncio_names, eager_tasks) },
	{ MODULE_TASKS, "_all_tasks", /* in 3.11 */
			offsetof(struct asyncio_names, scheduled_tasks) },
	{ MODULE_TASKS, "_current_tasks", offsetof(struct asyncio_names, current_tasks[0]) },
	/* The same as the ones before, but where the C module came first; from 3.14 on
	 * it does not name them. */
	{ MODULE_C_ASYNCIO, "_scheduled_tasks", offsetof(struct asyncio_names, foreign_tasks) },
	{ MODULE_C_ASYNCIO, "_all_tasks", offsetof(struct asyncio_names, foreign_tasks) },
	{ MODULE_C_ASYNCIO, "_eager_tasks", offsetof(struct asyncio_names, foreign_eager_tasks) },
	{ MODULE_C_ASYNCIO, "_current_tasks", offsetof(struct asyncio_names, current_tasks[1]) },
	{ MODULE_FUTURES, "_PyFuture", offsetof(struct asyncio_names, py_future) },
	{ MODULE_THREADING, "_active", offsetof(struct asyncio_names, active_threads) },
};

static remote_addr *field(struct asyncio_names *names, size_t offset)
{
	return (remote_addr *)(void *)((char *)names + offset);
}

/* The sets that the C module keeps in its state for tasks of third parties. */
static void read_module_state(
		struct python *python, remote_addr module, struct asyncio_names *names)
{
	const struct layout *layout = python->layout;
	remote_addr state, task_type;

	if (!layout->asyncio_state.task_type ||
			!mem_read_u64(python->mem, module + layout->module.state, &state) ||
			!state ||
			!mem_read_u64(python->mem, state + layout->asyncio_state.task_type,
					&task_type))
		return;
	types_prefetch(python, &(struct addresses){ &task_type, 1, 0 });
	const struct type *type = type_at(python, task_type);
	if (!type || type->kind != KIND_TASK)
		return; /* not laid out as expected: leave it alone */
	mem_read_u64(python->mem, state + layout->asyncio_state.non_asyncio_tasks,
			&names->foreign_tasks);
	mem_read_u64(python->mem, state + layout->asyncio_state.non_asyncio_eager_tasks,
			&names->foreign_eager_tasks);
}

/* The place of a module's name among those wanted; MODULES: it is not. */
static size_t place_of(const char *name)
{
	size_t m = 0;

	/* Most are told apart by the first letter. */
	while (m < MODULES && (*name != *module_names[m] || strcmp(name, module_names[m]) != 0))
		m++;
	return m;
}

/* The types of modules and their names come in few calls. */
static void prefetch_modules(struct python *python, const struct addresses *entries)
{
	struct addresses first = { entries->items, entries->count < 2 ? 0 : 2, 0 };

	names_want(python, entries);
	mem_prefetch(python->mem, first.items, first.count, python->layout->object.size);
	types_of_prefetch(python, &first);
}

static void find_modules(struct python *python, remote_addr modules, remote_addr found[MODULES + 1])
{
	struct addresses entries = { 0 };
	struct buffer name = { 0 };

	dicts_prefetch(python, &(struct addresses){ &modules, 1, 0 });
	dict_read(python, modules, &entries);
	prefetch_modules(python, &entries);
	for (size_t i = 0; i + 1 < entries.count; i += 2) {
		buffer_clear(&name);
		text_read(python, entries.items[i], &name);
		found[place_of(buffer_text(&name))] = entries.items[i + 1];
	}
	mem_prefetch(python->mem, found, MODULES, python->layout->module.state + sizeof(*found));
	buffer_deinit(&name);
	array_free(&entries);
}

/* Whether names are wanted of a module.  The C module has none of them where the layout
 * of its state is known. */
static bool has_names(const struct python *python, enum module module)
{
	bool found = false;

	for (size_t n = 0; n < sizeof(wanted_names) / sizeof(*wanted_names); n++)
		found |= wanted_names[n].module == module;
	return found && (module != MODULE_C_ASYNCIO || !python->layout->asyncio_state.task_type);
}

/* All dicts together take few calls: those of which names are wanted, and of sys. */
static void prefetch_names(
		struct python *python, const struct asyncio_names *names, remote_addr sysdict)
{
	struct addresses dicts = { 0 }, entries = { 0 };

	*array_push(&dicts) = sysdict;
	for (enum module m = 0; m < MODULES; m++)
		if (has_names(python, m) && names->modules[m])
			*array_push(&dicts) = names->modules[m];
	dicts_prefetch(python, &dicts);
	for (size_t i = 0; i < dicts.count; i++) {
		size_t kept = entries.count;
		if (!dict_read(python, dicts.items[i], &entries))
			entries.count = kept;
	}
	names_want(python, &entries);
	mem_fetch_wanted(python->mem);
	array_free(&dicts);
	array_free(&entries);
}

/* Looks up all the names wanted of one module in one pass over its dict. */
static void find_names(struct python *python, enum module module, struct asyncio_names *names)
{
	struct addresses entries = { 0 };
	struct buffer name = { 0 };

	if (names->modules[module])
		dict_read(python, names->modules[module], &entries);
	for (size_t i = 0; i + 1 < entries.count; i += 2) {
		buffer_clear(&name);
		text_read(python, entries.items[i], &name);
		for (size_t n = 0; n < sizeof(wanted_names) / sizeof(*wanted_names); n++)
			if (wanted_names[n].module == module &&
					!strcmp(buffer_text(&name), wanted_names[n].name))
				*field(names, wanted_names[n].value) = entries.items[i + 1];
	}
	buffer_deinit(&name);
	array_free(&entries);
}

/* What all threads are looked up in. */
static void prefetch_threads(struct python *python, const struct asyncio_names *names)
{
	remote_addr dicts[CURRENT_DICTS + 1] = { names->active_threads };

	memcpy(dicts + 1, names->current_tasks, sizeof(names->current_tasks));
	dicts_prefetch(python, &(struct addresses){ dicts, CURRENT_DICTS + 1, 0 });
}

void asyncio_names_read(struct python *python, remote_addr modules, remote_addr sysdict,
		struct asyncio_names *names)
{
	remote_addr found[MODULES + 1] = { 0 }; /* the last one has no names that are wanted */

	*names = (struct asyncio_names){ 0 };
	find_modules(python, modules, found);
	for (enum module m = 0; m < MODULES; m++)
		if (found[m])
			module_dict(python, found[m], &names->modules[m]);
	names->imported = names->modules[MODULE_TASKS];
	const struct type *type = type_of(python, found[MODULE_C_ASYNCIO]);
	names->native = type && type->kind == KIND_MODULE;
	mem_prefetch(python->mem, names->modules, MODULES, DICT_BYTES);
	prefetch_names(python, names, sysdict);
	for (enum module m = 0; m < MODULES; m++)
		if (has_names(python, m))
			find_names(python, m, names);
	if (names->native)
		read_module_state(python, found[MODULE_C_ASYNCIO], names);
	if (names->foreign_tasks == names->scheduled_tasks)
		names->foreign_tasks = 0;
	prefetch_threads(python, names);
}

/* ---- classes, looked up when a frame of their module is met ---- */

static const struct {
	enum module module;
	const char *name;
} class_rows[CLASSES] = {
	[CLASS_LOCK] = { MODULE_LOCKS, "Lock" },
	[CLASS_EVENT] = { MODULE_LOCKS, "Event" },
	[CLASS_CONDITION] = { MODULE_LOCKS, "Condition" },
	[CLASS_SEMAPHORE] = { MODULE_LOCKS, "Semaphore" },
	[CLASS_BOUNDED_SEMAPHORE] = { MODULE_LOCKS, "BoundedSemaphore" },
	[CLASS_BARRIER] = { MODULE_LOCKS, "Barrier" },
	[CLASS_QUEUE] = { MODULE_QUEUES, "Queue" },
	[CLASS_TASK_GROUP] = { MODULE_TASKGROUPS, "TaskGroup" },
	[CLASS_TIMEOUT] = { MODULE_TIMEOUTS, "Timeout" },
	[CLASS_HANDLE] = { MODULE_EVENTS, "Handle" },
	[CLASS_TIMER_HANDLE] = { MODULE_EVENTS, "TimerHandle" },
	[CLASS_BASE_LOOP] = { MODULE_BASE_EVENTS, "BaseEventLoop" },
	[CLASS_SERVER] = { MODULE_BASE_EVENTS, "Server" },
	[CLASS_STREAM_READER] = { MODULE_STREAMS, "StreamReader" },
	[CLASS_FLOW_CONTROL] = { MODULE_STREAMS, "FlowControlMixin" },
	[CLASS_SELECTOR_TRANSPORT] = { MODULE_SELECTOR_EVENTS, "_SelectorTransport" },
	[CLASS_SUBPROCESS_TRANSPORT] = { MODULE_BASE_SUBPROCESS, "BaseSubprocessTransport" },
	[CLASS_ASYNC_GENERATOR_MANAGER] = { MODULE_CONTEXTLIB, "_AsyncGeneratorContextManager" },
	[CLASS_ASYNC_EXIT_STACK] = { MODULE_CONTEXTLIB, "AsyncExitStack" },
	[CLASS_ACLOSING] = { MODULE_CONTEXTLIB, "aclosing" },
	[CLASS_CANCELLED_ERROR] = { MODULE_EXCEPTIONS, "CancelledError" },
	[CLASS_FRAME_SUMMARY] = { MODULE_TRACEBACK, "FrameSummary" },
	[CLASS_CONCURRENT_FUTURE] = { MODULE_CONCURRENT_BASE, "Future" },
	[CLASS_WORK_ITEM] = { MODULE_CONCURRENT_THREAD, "_WorkItem" },
	[CLASS_THREAD_POOL] = { MODULE_CONCURRENT_THREAD, "ThreadPoolExecutor" },
	[CLASS_PROCESS_POOL] = { MODULE_CONCURRENT_PROCESS, "ProcessPoolExecutor" },
	[CLASS_STREAM_WRITER] = { MODULE_STREAMS, "StreamWriter" },
	[CLASS_SENDFILE_PROTOCOL] = { MODULE_BASE_EVENTS, "_SendfileFallbackProtocol" },
	[CLASS_READ_PIPE_TRANSPORT] = { MODULE_UNIX_EVENTS, "_UnixReadPipeTransport" },
	[CLASS_WRITE_PIPE_TRANSPORT] = { MODULE_UNIX_EVENTS, "_UnixWritePipeTransport" },
	[CLASS_TLS_TRANSPORT] = { MODULE_SSLPROTO, "_SSLProtocolTransport" },
	[CLASS_TLS_PROTOCOL] = { MODULE_SSLPROTO, "SSLProtocol" },
	[CLASS_PROCESS] = { MODULE_SUBPROCESS, "Process" },
	[CLASS_TRANSPORT_SOCKET] = { MODULE_TRSOCK, "TransportSocket" },
	[CLASS_SOCKET] = { MODULE_SOCKET, "socket" },
	[CLASS_UVLOOP_TCP] = { MODULE_UVLOOP, "TCPTransport" },
	[CLASS_UVLOOP_UNIX] = { MODULE_UVLOOP, "UnixTransport" },
	[CLASS_UVLOOP_READ_PIPE] = { MODULE_UVLOOP, "ReadUnixTransport" },
	[CLASS_UVLOOP_WRITE_PIPE] = { MODULE_UVLOOP, "WriteUnixTransport" },
};

remote_addr asyncio_class(struct python *python, struct asyncio_names *names, enum class class)
{
	remote_addr dict = names->modules[class_rows[class].module];

	if (!names->class_sought[class] && dict)
		dict_find(python, dict, class_rows[class].name, &names->classes[class]);
	names->class_sought[class] = true;
	return names->classes[class];
}

bool is_instance(struct python *python, struct asyncio_names *names, remote_addr object,
		enum class class)
{
	const struct type *type = type_of(python, object);

	return type && type_is_a(type, asyncio_class(python, names, class));
}

bool is_asyncio(struct asyncio_names *names, remote_addr globals)
{
	if (globals == names->other)
		return false;
	for (size_t i = 0; i < ASYNCIO_MODULES; i++)
		if (globals == names->modules[i])
			return globals;
	names->other = globals;
	return false;
}

const char *sys_text(struct python *python, remote_addr sysdict, const char *name)
{
	remote_addr value;

	return dict_find(python, sysdict, name, &value) ? text_intern(python, value) : NULL;
}

void thread_names_read(struct python *python, const struct asyncio_names *names,
		struct addresses *idents_and_names)
{
	struct addresses entries = { 0 };

	if (names->active_threads)
		dict_read(python, names->active_threads, &entries);
	mem_prefetch(python->mem, entries.items, entries.count, THREAD_BYTES);
	types_of_prefetch(python, &entries);
	for (size_t i = 0; i + 1 < entries.count; i += 2) {
		int64_t ident;
		remote_addr name;
		if (!integer_read(python, entries.items[i], &ident) ||
				!attribute_find(python, entries.items[i + 1], "_name", &name))
			continue;
		*array_push(idents_and_names) = (uint64_t)ident;
		*array_push(idents_and_names) = name;
	}
	array_free(&entries);
}
