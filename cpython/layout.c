/* Published offsets taken apart and validated, and the rows of what is not
 * published: see layout.h. */
#include "cpython/layout.h"

#include <string.h>

enum {
	GIL_OBJECT_SIZE = 16, /* sizeof(PyObject) */
	FREE_THREADED_OBJECT_SIZE = 32,
	/* No structure of CPython is larger, PyInterpreterState included. */
	OFFSET_MAX = 4 * 1024 * 1024,
	FRAME_SIZE_MAX = 256,
	SMALL_OBJECT_MAX = 4096,
};

/* The tables are set by hand. */
/* clang-format off */
#define AT(member) ((uint16_t)offsetof(struct layout, member))

/* The groups that have not changed since they were first published. */
#define RUNTIME_STATE AT(runtime.size), AT(runtime.finalizing), AT(runtime.interpreters_head)
#define INTERPRETER_STATE                                                                    \
	AT(interpreter.size), AT(interpreter.id), AT(interpreter.next),                      \
			AT(interpreter.threads_head), AT(interpreter.threads_main),          \
			AT(interpreter.gc), AT(interpreter.modules), AT(interpreter.sysdict), \
			AT(interpreter.builtins), AT(interpreter.ceval_gil),                 \
			AT(interpreter.gil_state), AT(interpreter.gil_enabled),              \
			AT(interpreter.gil_locked), AT(interpreter.gil_holder),              \
			AT(interpreter.code_object_generation), AT(interpreter.tlbc_generation)
#define INTERPRETER_FRAME                                                                \
	AT(frame.size), AT(frame.previous), AT(frame.executable), AT(frame.instr_ptr),   \
			AT(frame.localsplus), AT(frame.owner), AT(frame.stackpointer),   \
			AT(frame.tlbc_index)
#define CODE_OBJECT                                                                      \
	AT(code.size), AT(code.filename), AT(code.name), AT(code.qualname),              \
			AT(code.linetable), AT(code.firstlineno), AT(code.argcount),     \
			AT(code.localsplusnames), AT(code.localspluskinds),              \
			AT(code.code_adaptive), AT(code.tlbc)
#define PYOBJECT AT(object.size), AT(object.type)
#define SEQUENCES                                                                        \
	AT(tuple.size), AT(tuple.items), AT(tuple.length), AT(list.size), AT(list.items), \
			AT(list.length)
#define SET_OBJECT AT(set.size), AT(set.used), AT(set.table), AT(set.mask)
#define DICT_OBJECT AT(dict.size), AT(dict.keys), AT(dict.values)
#define CONTAINERS SEQUENCES, SET_OBJECT, DICT_OBJECT
#define SCALARS                                                                          \
	AT(real.size), AT(real.value), AT(integer.size), AT(integer.tag),                \
			AT(integer.digits), AT(bytes.size), AT(bytes.length),            \
			AT(bytes.items), AT(text.size), AT(text.state), AT(text.length), \
			AT(text.ascii_size)
#define GENERATOR \
	AT(generator.size), AT(generator.name), AT(generator.iframe), AT(generator.frame_state)
#define LLIST_NODE AT(llist.next), AT(llist.prev)
#define DEBUGGER_SUPPORT                                                                 \
	AT(debugger.eval_breaker), AT(debugger.remote_debugger_support),                 \
			AT(debugger.remote_debugging_enabled),                           \
			AT(debugger.debugger_pending_call),                              \
			AT(debugger.debugger_script_path),                               \
			AT(debugger.debugger_script_path_size)

/* The words of _Py_DebugOffsets after the cookie, the version and
 * free_threaded, in their order: Include/internal/pycore_debug_offsets.h. */
static const uint16_t words_3_13[] = {
	RUNTIME_STATE,
	/* interpreter_state */
	AT(interpreter.size), AT(interpreter.id), AT(interpreter.next),
	AT(interpreter.threads_head), AT(interpreter.gc), AT(interpreter.modules),
	AT(interpreter.sysdict), AT(interpreter.builtins), AT(interpreter.ceval_gil),
	AT(interpreter.gil_state), AT(interpreter.gil_enabled), AT(interpreter.gil_locked),
	AT(interpreter.gil_holder),
	/* thread_state */
	AT(thread.size), AT(thread.prev), AT(thread.next), AT(thread.interp),
	AT(thread.current_frame), AT(thread.thread_id), AT(thread.native_thread_id),
	AT(thread.datastack_chunk), AT(thread.status),
	/* interpreter_frame */
	AT(frame.size), AT(frame.previous), AT(frame.executable), AT(frame.instr_ptr),
	AT(frame.localsplus), AT(frame.owner),
	/* code_object */
	AT(code.size), AT(code.filename), AT(code.name), AT(code.qualname), AT(code.linetable),
	AT(code.firstlineno), AT(code.argcount), AT(code.localsplusnames),
	AT(code.localspluskinds), AT(code.code_adaptive),
	PYOBJECT,
	/* type_object */
	AT(type.size), AT(type.name), AT(type.repr), AT(type.flags),
	SEQUENCES, DICT_OBJECT, SCALARS,
	/* gc */
	AT(gc.size), AT(gc.collecting),
};

static const uint16_t words_3_14[] = {
	RUNTIME_STATE, INTERPRETER_STATE,
	/* thread_state */
	AT(thread.size), AT(thread.prev), AT(thread.next), AT(thread.interp),
	AT(thread.current_frame), AT(thread.thread_id), AT(thread.native_thread_id),
	AT(thread.datastack_chunk), AT(thread.status),
	INTERPRETER_FRAME, CODE_OBJECT, PYOBJECT,
	/* type_object */
	AT(type.size), AT(type.name), AT(type.repr), AT(type.flags),
	CONTAINERS, SCALARS,
	/* gc */
	AT(gc.size), AT(gc.collecting),
	GENERATOR, LLIST_NODE, DEBUGGER_SUPPORT,
};

static const uint16_t words_3_15[] = {
	RUNTIME_STATE, INTERPRETER_STATE,
	/* thread_state */
	AT(thread.size), AT(thread.prev), AT(thread.next), AT(thread.interp),
	AT(thread.current_frame), AT(thread.base_frame), AT(thread.last_profiled_frame),
	AT(thread.last_profiled_frame_seq), AT(thread.thread_id), AT(thread.native_thread_id),
	AT(thread.datastack_chunk), AT(thread.status), AT(thread.holds_gil),
	AT(thread.gil_requested), AT(thread.current_exception), AT(thread.exc_state),
	AT(err_stackitem.exc_value),
	INTERPRETER_FRAME, CODE_OBJECT, PYOBJECT,
	/* type_object */
	AT(type.size), AT(type.name), AT(type.repr), AT(type.flags), AT(type.basicsize),
	AT(type.dictoffset),
	/* heap_type_object */
	AT(heap_type.size), AT(heap_type.cached_keys),
	CONTAINERS, SCALARS, AT(text.compact_size),
	/* gc */
	AT(gc.size), AT(gc.collecting), AT(gc.frame), AT(gc.generation_stats_size),
	AT(gc.generation_stats),
	GENERATOR, LLIST_NODE, DEBUGGER_SUPPORT,
};

/* _AsyncioDebug of 3.14 and 3.15: struct _Py_AsyncioModuleDebugOffsets. */
static const uint16_t asyncio_words[ASYNCIO_DEBUG_WORDS] = {
	AT(task.size), AT(task.name), AT(task.awaited_by), AT(task.is_task),
	AT(task.awaited_by_is_set), AT(task.coro), AT(task.node),
	AT(asyncio_interpreter.size), AT(asyncio_interpreter.tasks_head),
	AT(asyncio_thread.size), AT(asyncio_thread.running_loop),
	AT(asyncio_thread.running_task), AT(asyncio_thread.tasks_head),
};

/* What 3.11 and 3.12 have in common, of what they do not publish. */
#define ROW_BEFORE_3_13                                                                      \
	/* Include/object.h: struct _object; Include/cpython/object.h */                     \
	.object = { .size = 16, .type = 8 },                                                 \
	.type = { .size = 408, .name = 24, .basicsize = 32, .repr = 88, .flags = 168,        \
		  .dict = 264, .dictoffset = 288, .mro = 344 },                              \
	/* Include/cpython/: tupleobject.h, listobject.h, setobject.h, dictobject.h,         \
	 * floatobject.h, bytesobject.h */                                                   \
	.tuple = { .size = 32, .length = 16, .items = 24 },                                  \
	.list = { .size = 40, .length = 16, .items = 24 },                                   \
	.set = { .size = 200, .used = 24, .mask = 32, .table = 40 },                         \
	.dict = { .size = 48, .keys = 32, .values = 40 },                                    \
	.real = { .size = 24, .value = 16 },                                                 \
	.bytes = { .size = 40, .length = 16, .items = 32 },                                  \
	/* pycore_moduleobject.h: PyModuleObject */                                          \
	.module = { .dict = 16, .state = 32 },                                               \
	/* Modules/_asynciomodule.c: FutureObj, TaskObj; each flag is an int */              \
	.task = { .size = 176, .loop = 16, .callback0 = 24, .callbacks = 40,                 \
		  .exception = 48, .source_tb = 72, .state = 88, .fut_waiter = 128,          \
		  .coro = 136, .name = 144, .flags = 160, .must_cancel = 1,                  \
		  .num_cancels = 168, .last_object = 80, .log_flags = 92 },                  \
	/* Modules/_queuemodule.c: simplequeueobject */                                      \
	.simple_queue = { .list = 32, .first = 40 },                                         \
	.bound_exits = true,                                                                 \
	/* pycore_frame.h: enum _framestate */                                               \
	.states = { .created = -2, .suspended = -1, .yield_from = -1,                        \
		    .yield_from_locked = -1, .executing = 0 },                               \
	.awaited_slot = -1

/* Modules/_queuemodule.c: simplequeueobject, with its RingBuf */
#define ROW_SIMPLE_QUEUE .simple_queue = { .first = 32, .items = 40, .capacity = 48, .length = 56 }

/* What is not published.  Offsets into objects are those of the default
 * build; a free-threaded one has a longer PyObject in front of all of them. */
static const struct version {
	unsigned minor;
	const uint16_t *words;
	size_t word_count;
	struct layout unpublished;
} versions[] = {
	{
		.minor = 11,
		.unpublished = {
			ROW_BEFORE_3_13,
			/* pycore_runtime.h: struct pyruntimestate; what comes after the GIL's
			 * mutex is elsewhere on another machine */
			.runtime = { .finalizing = 24, .interpreters_head = 40,
				     .gil_holder = 368, .gil_locked = 376 },
			/* pycore_interp.h: struct _is */
			.interpreter = { .size = 107752, .id = 48, .next = 0, .threads_head = 16,
					 .gc = 648, .modules = 888, .sysdict = 904,
					 .builtins = 912 },
			/* Include/cpython/pystate.h: struct _ts, _PyCFrame */
			.thread = { .size = 360, .prev = 0, .next = 8, .interp = 16,
				    .current_frame = 56, .dict = 128, .thread_id = 152,
				    .native_thread_id = 160 },
			.cframe = { .size = 24, .current_frame = 8 },
			/* pycore_frame.h: struct _PyInterpreterFrame */
			.frame = { .size = 80, .globals = 8, .executable = 32, .previous = 48,
				   .instr_ptr = 56, .stacktop = 64, .owner = 69,
				   .localsplus = 72 },
			/* Include/cpython/code.h: struct PyCodeObject */
			.code = { .size = 192, .names = 32, .flags = 48, .argcount = 56, .stacksize = 68,
				  .firstlineno = 72, .nlocalsplus = 76, .localsplusnames = 96,
				  .localspluskinds = 104, .filename = 112, .name = 120,
				  .qualname = 128, .linetable = 136, .code_adaptive = 184 },
			/* Include/cpython/object.h */
			.heap_type = { .cached_keys = 872 },
			/* Include/cpython/longintrepr.h: the length says the sign */
			.integer = { .size = 32, .tag = 16, .digits = 24, .by_length = true },
			/* Include/cpython/unicodeobject.h: with wstr and wstr_length */
			.text = { .size = 80, .length = 16, .state = 32, .ascii_size = 48,
				  .compact_size = 72 },
			/* Include/cpython/genobject.h: _PyGenObject_HEAD, with the code;
			 * the first slot of the frame is counted */
			.generator = { .size = 160, .name = 32, .qualname = 40, .exc_value = 48,
				       .frame_state = 75, .iframe = 80 },
			/* Modules/_asynciomodule.c: PyRunningLoopHolder.rl_loop */
			.asyncio_thread = { .held_loop = 16 },
			.managed_values = -32,
			.static_modules = true,
			/* Include/opcode.h: RESUME, RESUME_QUICK */
			.resume = { .forms = { 151, 150 }, .after_await = 2, .distance = 2 },
		},
	},
	{
		.minor = 12,
		.unpublished = {
			ROW_BEFORE_3_13,
			.runtime = { .finalizing = 24, .interpreters_head = 40 },
			/* pycore_interp.h; pycore_gil.h: struct _gil_runtime_state */
			.interpreter = { .size = 383552, .id = 8, .next = 0, .threads_head = 72,
					 .gc = 112, .modules = 944, .sysdict = 352,
					 .builtins = 360, .ceval_gil = 384, .gil_state = 1040,
					 .gil_locked = 1056, .gil_holder = 1048 },
			.thread = { .size = 288, .prev = 0, .next = 8, .interp = 16,
				    .current_frame = 56, .dict = 112, .thread_id = 136,
				    .native_thread_id = 144 },
			.cframe = { .size = 16, .current_frame = 0 },
			.frame = { .size = 80, .executable = 0, .previous = 8, .function = 16,
				   .globals = 24,
				   .instr_ptr = 56, .stacktop = 64, .owner = 70,
				   .localsplus = 72 },
			.code = { .size = 200, .names = 32, .flags = 48, .argcount = 52, .stacksize = 64,
				  .firstlineno = 68, .nlocalsplus = 72, .localsplusnames = 96,
				  .localspluskinds = 104, .filename = 112, .name = 120,
				  .qualname = 128, .linetable = 136, .code_adaptive = 192 },
			.heap_type = { .cached_keys = 880 },
			.integer = { .size = 32, .tag = 16, .digits = 24 },
			.text = { .size = 64, .length = 16, .state = 32, .ascii_size = 40,
				  .compact_size = 56 },
			.generator = { .size = 152, .name = 24, .qualname = 32, .exc_value = 40,
				       .frame_state = 67, .iframe = 72 },
			.managed_values = -24,
			/* Include/opcode.h: RESUME, INSTRUMENTED_RESUME */
			.resume = { .forms = { 151, 240 }, .after_await = 2, .distance = 2 },
		},
	},
	{
		.minor = 13,
		.words = words_3_13,
		.word_count = sizeof(words_3_13) / sizeof(*words_3_13),
		.unpublished = {
			.type = { .basicsize = 32, .dictoffset = 288, .mro = 344, .dict = 264 },
			.heap_type = { .cached_keys = 880 },
			/* pycore_frame.h: struct _PyInterpreterFrame */
			.frame = { .globals = 24, .function = 16, .stacktop = 64 },
			.code = { .names = 32, .flags = 48, .stacksize = 64, .nlocalsplus = 72 },
			.text = { .compact_size = 56 },
			/* Include/cpython/setobject.h: PySetObject */
			.set = { .size = 200, .used = 24, .mask = 32, .table = 40 },
			/* pycore_dict.h: struct _dictvalues */
			.dict = { .first_value = 8 },
			/* pycore_genobject.h, with the first slot of the frame */
			.generator = { .size = 152, .name = 24, .qualname = 32, .exc_value = 40,
				       .frame_state = 67, .iframe = 72 },
			.module = { .dict = 16, .state = 32 },
			/* Modules/_asynciomodule.c: FutureObj, TaskObj; flags are bits */
			.task = { .size = 144, .loop = 16, .callback0 = 24, .callbacks = 40,
				  .exception = 48, .source_tb = 72, .last_object = 88, .state = 96,
				  .flags = 100, .log_flags = 100, .must_cancel = 1 << 2,
				  .num_cancels = 104, .fut_waiter = 112,
				  .coro = 120, .name = 128 },
			/* pycore_tstate.h: _PyThreadStateImpl.asyncio_running_loop */
			.asyncio_thread = { .follows = true },
			ROW_SIMPLE_QUEUE,
			.bound_exits = true,
			.states = { .created = -3, .suspended = -2, .yield_from = -1,
				    .yield_from_locked = -1, .executing = 0 },
			.awaited_slot = -1,
		},
	},
	{
		.minor = 14,
		.words = words_3_14,
		.word_count = sizeof(words_3_14) / sizeof(*words_3_14),
		.unpublished = {
			ROW_SIMPLE_QUEUE,
			.keeps_awaiters = true,
			/* Include/cpython/object.h: struct _typeobject, PyHeapTypeObject */
			.type = { .basicsize = 32, .dictoffset = 288, .mro = 344, .dict = 264 },
			.heap_type = { .cached_keys = 880 },
			/* pycore_interpframe_structs.h: _PyInterpreterFrame.f_globals */
			.frame = { .function = 16, .globals = 24 },
			/* Include/cpython/code.h: struct PyCodeObject */
			.code = { .names = 32, .flags = 48, .stacksize = 64, .nlocalsplus = 72 },
			/* Include/cpython/unicodeobject.h: PyCompactUnicodeObject */
			.text = { .compact_size = 56 },
			.text_moved = 6,
			.dict = { .first_value = 8 },
			/* Modules/_asynciomodule.c: asyncio_state */
			.asyncio_state = { .task_type = 24, .non_asyncio_tasks = 48,
					   .non_asyncio_eager_tasks = 56 },
			/* pycore_genobject.h: _PyGenObject_HEAD */
			.generator = { .qualname = 32, .exc_value = 40 },
			/* Include/cpython/pystate.h: struct _ts.holds_gil */
			.thread = { .holds_gil = 36 },
			/* pycore_moduleobject.h: PyModuleObject */
			.module = { .dict = 16, .state = 32 },
			/* pycore_frame.h: enum _framestate */
			.states = { .created = -3, .suspended = -2, .yield_from = -1,
				    .yield_from_locked = -1, .executing = 0 },
			.awaited_slot = -1,
		},
	},
	{
		.minor = 15,
		.words = words_3_15,
		.word_count = sizeof(words_3_15) / sizeof(*words_3_15),
		.unpublished = {
			ROW_SIMPLE_QUEUE,
			.keeps_awaiters = true,
			.type = { .mro = 344, .dict = 264 },
			.frame = { .function = 16, .globals = 24 },
			.code = { .names = 32, .flags = 48, .stacksize = 64, .nlocalsplus = 72 },
			.text_moved = 6,
			.dict = { .first_value = 8 },
			.asyncio_state = { .task_type = 24, .non_asyncio_tasks = 48,
					   .non_asyncio_eager_tasks = 56 },
			.generator = { .qualname = 32, .exc_value = 40 },
			.module = { .dict = 16, .state = 24 },
			.states = { .created = 0, .suspended = 1, .yield_from = 2,
				    .yield_from_locked = 3, .executing = 4 },
			/* On top of it lies the index of an iteration over a tuple or
			 * list, or NULL: the awaited object is below. */
			.awaited_slot = -2,
		},
	},
};

/* Those that are the same in all versions above. */
static const struct layout common = {
	.method = { .func = 16, .self = 24 },           /* PyMethodObject */
	/* Include/cpython/funcobject.h: PyFunctionObject */
	.function = { .globals = 16, .qualname = 40, .code = 48, .closure = 72 },
	.cell = { .contents = 16 },                     /* PyCellObject */
	.weakref = { .object = 16 },                    /* struct _PyWeakReference */
	.builtin = { .definition = 16, .self = 24 },    /* PyCFunctionObject */
	.partial = { .function = 16, .arguments = 24 }, /* Modules/_functoolsmodule.c */
	/* Modules/_collectionsmodule.c: dequeobject */
	.deque = { .length = 16, .left_block = 24, .left_index = 40 },
	.socket = { .fd = 16 },                         /* Modules/socketmodule.h */
	.exception = { .arguments = 24, .traceback = 40 }, /* PyBaseExceptionObject */
	/* Include/cpython/traceback.h: PyTracebackObject */
	.traceback = { .next = 16, .frame = 24, .instruction = 32, .line = 36 },
	.frame_object = { .frame = 24 },                /* pycore_frame.h: struct _frame */
};

/* The unpublished members that lie in objects, behind the PyObject. */
static const uint16_t in_objects[] = {
	AT(type.basicsize), AT(type.dictoffset), AT(type.mro), AT(type.dict),
	AT(heap_type.cached_keys), AT(code.names), AT(code.flags), AT(code.stacksize), AT(code.nlocalsplus),
	AT(text.compact_size), AT(generator.qualname), AT(generator.exc_value), AT(module.dict), AT(module.state),
	AT(method.func), AT(method.self), AT(function.globals), AT(function.qualname),
	AT(function.code), AT(function.closure), AT(cell.contents), AT(weakref.object), AT(builtin.definition),
	AT(builtin.self), AT(partial.function), AT(partial.arguments), AT(deque.length),
	AT(deque.left_block), AT(deque.left_index), AT(socket.fd), AT(simple_queue.first),
	AT(simple_queue.items), AT(simple_queue.capacity), AT(simple_queue.length),
	AT(exception.arguments), AT(exception.traceback), AT(traceback.next), AT(traceback.frame),
	AT(traceback.instruction), AT(traceback.line), AT(frame_object.frame),
	AT(set.size), AT(set.used), AT(set.table), AT(set.mask), AT(generator.size),
	AT(generator.name), AT(generator.iframe), AT(generator.frame_state), AT(task.size),
	AT(task.loop), AT(task.callback0), AT(task.callbacks), AT(task.exception),
	AT(task.source_tb), AT(task.last_object), AT(task.state), AT(task.flags),
	AT(task.log_flags), AT(task.num_cancels), AT(task.fut_waiter), AT(task.coro),
	AT(task.name),
};
/* clang-format on */

static uint64_t *member(struct layout *layout, uint16_t at)
{
	return (uint64_t *)(void *)((char *)layout + at);
}

static const struct version *newest(void)
{
	return &versions[sizeof(versions) / sizeof(*versions) - 1];
}

static bool is_later(uint32_t hex)
{
	return hex >> 24 == 3 && (hex >> 16 & 255) > newest()->minor;
}

/* A later one is read by the newest row: layout_decode() tells whether it can be. */
static const struct version *find_version(uint32_t hex)
{
	/* Alphas and betas had other orders; a release candidate is final. */
	unsigned level = hex >> 4 & 15;

	if (is_later(hex))
		return newest();
	if (hex >> 24 != 3 || level < 0xc)
		return NULL;
	for (size_t i = 0; i < sizeof(versions) / sizeof(*versions); i++)
		if (versions[i].minor == (hex >> 16 & 255))
			return &versions[i];
	return NULL;
}

bool layout_is_supported(uint32_t version)
{
	return find_version(version);
}

unsigned layout_read_as(uint32_t version)
{
	return is_later(version) ? newest()->minor : 0;
}

const char *layout_supported_versions(void)
{
	return "3.11 to 3.15";
}

enum { HEADER_WORDS = 3 }; /* cookie, version, free_threaded */

size_t layout_words(uint32_t version)
{
	const struct version *known = find_version(version);
	return known && known->words ? HEADER_WORDS + known->word_count : 0;
}

static void take_unpublished(const struct version *version, struct layout *layout)
{
	*layout = version->unpublished;
	layout->method = common.method;
	layout->function = common.function;
	layout->cell = common.cell;
	layout->weakref = common.weakref;
	layout->builtin = common.builtin;
	layout->partial = common.partial;
	layout->deque = common.deque;
	layout->socket = common.socket;
	layout->exception = common.exception;
	layout->traceback = common.traceback;
	layout->frame_object = common.frame_object;
}

/* Adjusts what was written for the default build to a free-threaded one. */
static void adjust_for_build(struct layout *layout)
{
	const uint64_t shift = FREE_THREADED_OBJECT_SIZE - GIL_OBJECT_SIZE;

	if (layout->free_threaded)
		for (size_t i = 0; i < sizeof(in_objects) / sizeof(*in_objects); i++)
			if (*member(layout, in_objects[i]))
				*member(layout, in_objects[i]) += shift;
	if (layout->free_threaded) {
		/* Include/object.h: struct _object.ob_ref_local, ob_ref_shared */
		layout->object.local_count = 12;
		layout->object.shared_count = 16;
	}
	/* Objects/typeobject.c: the dict is before the GC head, which only the
	 * default build has. */
	layout->managed_dict = layout->free_threaded ? -8 : -24;
	/* PyASCIIObject.state: wider fields in free-threaded builds from 3.14 on. */
	unsigned moved = layout->free_threaded ? layout->text_moved : 0;
	layout->text.kind_shift = 2 + moved;
	layout->text.compact_bit = 5 + moved;
	layout->text.ascii_bit = 6 + moved;
}

/* A member that must lie within the structure whose size stands with it, with the
 * word that is read there. */
struct bound {
	uint16_t size, offset;
};

/* clang-format off */
/* NOLINTNEXTLINE(bugprone-macro-parentheses): names of members cannot have any */
#define WITHIN(group, field) { AT(group.size), AT(group.field) }

static const struct bound bounds[] = {
	WITHIN(runtime, interpreters_head),
	WITHIN(interpreter, id), WITHIN(interpreter, next), WITHIN(interpreter, threads_head),
	WITHIN(interpreter, modules), WITHIN(interpreter, sysdict),
	WITHIN(interpreter, ceval_gil), WITHIN(interpreter, gil_locked),
	WITHIN(interpreter, gil_holder),
	WITHIN(thread, next), WITHIN(thread, interp), WITHIN(thread, current_frame),
	WITHIN(thread, thread_id), WITHIN(thread, native_thread_id), WITHIN(thread, holds_gil),
	WITHIN(frame, previous), WITHIN(frame, executable), WITHIN(frame, instr_ptr),
	WITHIN(frame, localsplus), WITHIN(frame, owner), WITHIN(frame, stackpointer),
	WITHIN(frame, globals), WITHIN(frame, tlbc_index),
	WITHIN(code, filename), WITHIN(code, qualname), WITHIN(code, linetable),
	WITHIN(code, firstlineno), WITHIN(code, localsplusnames), WITHIN(code, localspluskinds),
	WITHIN(code, code_adaptive), WITHIN(code, flags), WITHIN(code, stacksize),
	WITHIN(code, nlocalsplus),
	WITHIN(object, type),
	WITHIN(type, name), WITHIN(type, flags), WITHIN(type, basicsize), WITHIN(type, mro),
	WITHIN(tuple, items), WITHIN(tuple, length), WITHIN(list, items), WITHIN(list, length),
	WITHIN(bytes, items), WITHIN(bytes, length),
	WITHIN(set, table), WITHIN(set, mask), WITHIN(dict, keys), WITHIN(dict, values),
	WITHIN(real, value), WITHIN(integer, tag), WITHIN(integer, digits),
	WITHIN(text, state), WITHIN(text, length),
	WITHIN(generator, iframe), WITHIN(generator, frame_state), WITHIN(generator, qualname),
	WITHIN(generator, exc_value),
};
/* clang-format on */

static struct error *implausible(const char *what)
{
	return error_create(ERROR_UNREADABLE, 0,
			"the offsets that this CPython publishes make no sense (%s): it is "
			"damaged, or a build that asynctree does not know",
			what);
}

static struct error *validate(struct layout *layout, uint64_t runtime_size)
{
	uint64_t object_size = layout->free_threaded ? FREE_THREADED_OBJECT_SIZE : GIL_OBJECT_SIZE;

	if (layout->object.size != object_size || layout->object.type != object_size - 8)
		return implausible("the size of an object");
	if (runtime_size && layout->runtime.size != runtime_size)
		return implausible("the size of the runtime");
	if (layout->frame.size > FRAME_SIZE_MAX)
		return implausible("the size of a frame");
	if (layout->generator.size > SMALL_OBJECT_MAX || layout->code.size > SMALL_OBJECT_MAX ||
			layout->type.size > SMALL_OBJECT_MAX ||
			layout->text.size > SMALL_OBJECT_MAX)
		return implausible("the size of an object");
	for (size_t i = 0; i < sizeof(bounds) / sizeof(*bounds); i++)
		if (*member(layout, bounds[i].offset) + sizeof(uint64_t) >
				*member(layout, bounds[i].size))
			return implausible("an offset beyond its structure");
	/* Both are read at once. */
	if (layout->generator.frame_state >= layout->generator.iframe ||
			layout->generator.iframe + layout->frame.localsplus >
					layout->generator.size)
		return implausible("the frame of a generator");
	return NULL;
}

/* What a later version must publish as the newest row's does, with no word more or less
 * before the last of these.  They stand around the members that are not published, which
 * then are where the row has them. */
static const struct anchor {
	uint16_t at, value;
	bool in_object; /* behind the PyObject */
} anchors[] = {
	{ AT(frame.executable), 0, false },
	{ AT(frame.previous), 8, false },
	{ AT(frame.instr_ptr), 56, false },
	{ AT(code.argcount), 52, true },
	{ AT(code.firstlineno), 68, true },
	{ AT(code.localsplusnames), 96, true },
	{ AT(type.size), 424, true },
	{ AT(type.name), 24, true },
	{ AT(type.repr), 88, true },
	{ AT(type.flags), 168, true },
	{ AT(type.dictoffset), 288, true },
	{ AT(text.length), 16, true },
	{ AT(text.state), 32, true },
	{ AT(text.ascii_size), 40, true },
	{ AT(text.compact_size), 56, true },
	{ AT(dict.keys), 32, true },
	{ AT(dict.values), 40, true },
	{ AT(generator.name), 24, true },
	{ AT(generator.iframe), 72, true },
	{ AT(generator.frame_state), 67, true },
	{ AT(llist.next), 0, false },
	{ AT(llist.prev), 8, false },
};

static bool keeps_to_anchors(struct layout *layout)
{
	uint64_t shift = layout->free_threaded ? FREE_THREADED_OBJECT_SIZE - GIL_OBJECT_SIZE : 0;

	for (size_t i = 0; i < sizeof(anchors) / sizeof(*anchors); i++)
		if (*member(layout, anchors[i].at) !=
				anchors[i].value + (anchors[i].in_object ? shift : 0))
			return false;
	return true;
}

struct error *layout_decode(const uint64_t *words, uint64_t runtime_size, struct layout *layout)
{
	const struct version *version = find_version((uint32_t)words[1]);

	if (words[0] != DEBUG_OFFSETS_COOKIE || words[1] > UINT32_MAX || words[2] > 1 || !version ||
			!version->words)
		return implausible("the header");
	take_unpublished(version, layout);
	layout->version = (uint32_t)words[1];
	layout->free_threaded = words[2];
	adjust_for_build(layout);
	for (size_t i = 0; i < version->word_count; i++) {
		uint64_t value = words[HEADER_WORDS + i];
		if (value > OFFSET_MAX)
			return implausible("an offset larger than any structure");
		*member(layout, version->words[i]) = value;
	}
	if (layout->asyncio_thread.follows)
		layout->asyncio_thread.running_loop = layout->thread.size;
	if (is_later(layout->version) && !keeps_to_anchors(layout))
		return implausible("the members of a later version");
	return validate(layout, runtime_size);
}

struct error *layout_take(uint32_t hex, uint64_t runtime_size, struct layout *layout)
{
	const struct version *version = find_version(hex);

	if (!version || version->words)
		return implausible("the version");
	take_unpublished(version, layout);
	layout->version = hex;
	adjust_for_build(layout);
	/* It differs between builds, and nothing of it is known but what is read. */
	layout->runtime.size = runtime_size ? runtime_size : OFFSET_MAX;
	return validate(layout, runtime_size);
}

/* The members of FutureObj and TaskObj that are not published stand in a
 * fixed order around the ones that are (Modules/_asynciomodule.c). */
static bool derive_task(struct layout *layout)
{
	uint64_t awaited_by = layout->task.awaited_by, coro = layout->task.coro;
	uint64_t node_end = layout->task.node + 2 * sizeof(uint64_t);

	if (awaited_by < 80 || awaited_by - 80 != layout->object.size ||
			layout->task.is_task != awaited_by + 12 ||
			layout->task.awaited_by_is_set != awaited_by + 13 ||
			coro != awaited_by + 32 || layout->task.name != coro + 8 ||
			layout->task.node != coro + 24 ||
			layout->task.size != node_end + (layout->free_threaded ? 8 : 0))
		return false;
	layout->task.loop = awaited_by - 80;
	layout->task.callback0 = awaited_by - 72;
	layout->task.callbacks = awaited_by - 56;
	layout->task.exception = awaited_by - 48;
	layout->task.source_tb = awaited_by - 24;
	layout->task.state = awaited_by + 8;
	layout->task.flags = layout->task.awaited_by_is_set + 1;
	layout->task.log_flags = layout->task.flags;
	layout->task.must_cancel = 1 << 2;
	layout->task.last_object = awaited_by;
	layout->task.num_cancels = awaited_by + 16;
	layout->task.fut_waiter = coro - 8;
	return true;
}

bool layout_decode_asyncio(const uint64_t words[ASYNCIO_DEBUG_WORDS], struct layout *layout)
{
	struct layout with = *layout;

	for (size_t i = 0; i < ASYNCIO_DEBUG_WORDS; i++) {
		if (words[i] > OFFSET_MAX)
			return false;
		*member(&with, asyncio_words[i]) = words[i];
	}
	if (with.asyncio_interpreter.size != layout->interpreter.size ||
			with.asyncio_interpreter.tasks_head >= layout->interpreter.size ||
			with.asyncio_thread.size < layout->thread.size ||
			with.asyncio_thread.tasks_head >= with.asyncio_thread.size ||
			with.asyncio_thread.running_loop >= with.asyncio_thread.size ||
			with.asyncio_thread.running_task >= with.asyncio_thread.size ||
			with.task.size > SMALL_OBJECT_MAX || !derive_task(&with))
		return false;
	*layout = with;
	return true;
}
