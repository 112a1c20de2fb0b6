/* Where CPython keeps what, for the version in one target.
 *
 * From 3.13 on CPython publishes most of it: `_Py_DebugOffsets` at the start
 * of `_PyRuntime` (Include/internal/pycore_debug_offsets.h), and, for
 * asyncio, `_AsyncioDebug` (Modules/_asynciomodule.c), both arrays of 64-bit
 * words whose order is fixed for a minor version.  layout_decode() takes these
 * apart by a table a version, and validates them.  What is not published, and
 * that is all of it before 3.13, comes from one row a version in layout.c, each
 * field with its source.
 *
 * All members are offsets in bytes from the start of the structure that their
 * group names, except `size`, which is that of the structure.  An absent one
 * is 0. */
#ifndef CPYTHON_LAYOUT_H
#define CPYTHON_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* The values of gi_frame_state: they differ between versions. */
struct frame_states {
	int created;
	int suspended;         /* at a yield */
	int yield_from;        /* at an await or yield from; up to 3.12 as `suspended` */
	int yield_from_locked; /* the same, while another thread takes it; or equal to it */
	int executing;
};

/* The instruction that a coroutine goes on with tells how it was suspended up to
 * 3.12: RESUME, in the forms that it may have, with an argument that says what it
 * comes after. */
enum { RESUME_FORMS = 3 };

struct resume_rule {
	uint8_t forms[RESUME_FORMS]; /* opcodes; 0: none */
	uint8_t after_await;         /* the least argument after an await or yield from */
	uint8_t distance;            /* from the instruction of the frame, in bytes */
};

struct layout {
	uint32_t version; /* as PY_VERSION_HEX */
	bool free_threaded;

	/* ---- published ---- */
	struct {
		uint64_t size, finalizing, interpreters_head;
		uint64_t gil_locked, gil_holder; /* of the only GIL: in 3.11 */
	} runtime;
	struct {
		uint64_t size, id, next, threads_head, threads_main, gc, modules, sysdict, builtins,
				ceval_gil, gil_state, gil_enabled, gil_locked, gil_holder,
				code_object_generation, tlbc_generation;
	} interpreter;
	struct {
		uint64_t size, prev, next, interp, current_frame, base_frame, last_profiled_frame,
				last_profiled_frame_seq, thread_id, native_thread_id,
				datastack_chunk, status, holds_gil, gil_requested,
				current_exception, exc_state;
		uint64_t dict; /* where it leads to the running loop; before 3.13 */
	} thread;
	struct {
		/* Before 3.13 thread.current_frame leads to one of these. */
		uint64_t size, current_frame;
	} cframe;
	struct {
		uint64_t exc_value;
	} err_stackitem;
	struct {
		uint64_t size, previous, executable, instr_ptr, localsplus, owner, stackpointer,
				tlbc_index, globals, function;
		uint64_t stacktop; /* instead of stackpointer, before 3.14: a number of slots */
	} frame;
	struct {
		uint64_t size, filename, name, qualname, linetable, firstlineno, argcount,
				localsplusnames, localspluskinds, code_adaptive, tlbc, names, flags,
				stacksize, nlocalsplus;
	} code;
	struct {
		uint64_t size, type;
		/* Of references, where the count has two parts: without the GIL. */
		uint64_t local_count, shared_count;
	} object;
	struct {
		uint64_t size, name, repr, flags, basicsize, dictoffset, mro, dict;
	} type;
	struct {
		uint64_t size, cached_keys;
	} heap_type;
	struct {
		uint64_t size, items, length;
	} tuple, list, bytes;
	struct {
		uint64_t size, used, table, mask;
	} set;
	struct {
		uint64_t size, keys, values;
		uint64_t first_value; /* of the values of a split dict, and of an object */
	} dict;
	struct {
		uint64_t size, value;
	} real;
	struct {
		uint64_t size, tag, digits;
		bool by_length; /* the tag is the number of digits, with the sign: 3.11 */
	} integer;
	struct {
		uint64_t size, state, length, ascii_size, compact_size;
		unsigned kind_shift, compact_bit, ascii_bit; /* of the state word */
	} text;
	struct {
		uint64_t size, collecting, frame, generation_stats_size, generation_stats;
	} gc;
	struct {
		uint64_t size, name, iframe, frame_state, qualname, exc_value;
	} generator;
	struct {
		uint64_t next, prev;
	} llist;
	struct {
		uint64_t eval_breaker, remote_debugger_support, remote_debugging_enabled,
				debugger_pending_call, debugger_script_path,
				debugger_script_path_size;
	} debugger;

	/* ---- published by _AsyncioDebug; task.size is 0 while it is not known.  Before
	 * 3.14 there are no lists of tasks, and nothing knows what a task is awaited by:
	 * these members are 0. ---- */
	struct {
		uint64_t size, name, awaited_by, is_task, awaited_by_is_set, coro, node;
		/* derived from the ones before: see derive_task() */
		uint64_t loop, state, flags, num_cancels, fut_waiter, callback0, callbacks,
				source_tb, exception;
		uint8_t must_cancel;  /* the bit of the flags */
		uint64_t log_flags;   /* where the lowest bit says that the exception is told */
		uint64_t last_object; /* of a future; all from `loop` on are objects */
	} task;
	struct {
		uint64_t size, tasks_head;
	} asyncio_interpreter;
	struct {
		uint64_t size, running_loop, running_task, tasks_head;
		bool follows;       /* running_loop comes right after the published thread */
		uint64_t held_loop; /* what the thread's dict leads to has the loop there; 0: is it */
	} asyncio_thread;

	/* ---- not published ---- */
	struct {
		/* Of the module's state, where the module itself does not name them. */
		uint64_t task_type, non_asyncio_tasks, non_asyncio_eager_tasks;
	} asyncio_state;
	struct {
		uint64_t dict, state;
	} module;
	struct {
		uint64_t func, self;
	} method;
	struct {
		uint64_t globals, qualname, code, closure;
	} function;
	struct {
		uint64_t contents;
	} cell;
	struct {
		uint64_t definition, self; /* definition: a PyMethodDef, its name comes first */
	} builtin;
	struct {
		uint64_t function, arguments;
	} partial;
	struct {
		uint64_t length, left_block, left_index;
	} deque;
	struct {
		uint64_t first, items, capacity, length; /* a ring of items */
		uint64_t list; /* instead of the ring before 3.13: from `first` on */
	} simple_queue;
	struct {
		uint64_t object;
	} weakref;
	struct {
		uint64_t arguments, traceback;
	} exception;
	struct {
		uint64_t next, frame, instruction, line;
	} traceback;
	struct {
		uint64_t frame; /* the interpreter's own */
	} frame_object;
	struct {
		uint64_t fd;
	} socket;
	/* From the object: before it.  The values that are in no dict yet are behind
	 * the object from 3.13 on; where both are in one place, an odd word leads to
	 * the values, less one. */
	int64_t managed_dict;
	int64_t managed_values; /* 0: behind the object */
	unsigned text_moved;    /* by how many bits the fields of a str are, without the GIL */
	bool static_modules;    /* the types of C modules are static: in 3.11 */
	bool bound_exits;       /* `async with` keeps __aexit__ as a bound method */
	struct frame_states states;
	struct resume_rule resume;
	bool keeps_awaiters; /* futures and tasks, also Python's, know who awaits them */
	int awaited_slot;    /* of the value stack, counted from its top: -1 is the top */
};

enum {
	/* How many words each published structure has at most. */
	DEBUG_OFFSETS_WORDS = 111,
	ASYNCIO_DEBUG_WORDS = 13,
};

/* "xdebugpy", the first word of _Py_DebugOffsets. */
#define DEBUG_OFFSETS_COOKIE UINT64_C(0x7970677562656478)

/* Whether a minor version, as PY_VERSION_HEX, is known, or later than all that are:
 * that one is tried. */
bool layout_is_supported(uint32_t version);
/* The minor version as which a later one is read; 0: it is known itself. */
unsigned layout_read_as(uint32_t version);
/* The versions that are known, as words for an error. */
const char *layout_supported_versions(void);

/* How many words of _Py_DebugOffsets the version has; 0: it publishes none. */
size_t layout_words(uint32_t version);

/* Takes apart the words of _Py_DebugOffsets, of which there must be
 * layout_words(); `runtime_size` is the size of its section, 0 if unknown. */
struct error *layout_decode(const uint64_t *words, uint64_t runtime_size, struct layout *layout);

/* The layout of a version that publishes nothing: its row. */
struct error *layout_take(uint32_t hex, uint64_t runtime_size, struct layout *layout);

/* The same for _AsyncioDebug.  False where it does not fit: it is only then
 * that of this process if it agrees with what layout_decode() took. */
bool layout_decode_asyncio(const uint64_t words[ASYNCIO_DEBUG_WORDS], struct layout *layout);

#endif
