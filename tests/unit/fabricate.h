/* Objects of a CPython that does not exist, in fabricated memory, laid out as
 * any of the builds in layouts.h lays them out.
 *
 *	static void a_list_is_read(void **state)
 *	{
 *		struct world *w = *state;
 *		remote_addr list = make_list(w, 2, (remote_addr[]){ a, b });
 *		... items_read(&w->python, list, &items) ...
 *	}
 *
 *	const struct CMUnitTest tests[] = { IN_EVERY_BUILD(a_list_is_read) };
 *
 * What is read is cached: a new object is seen at once, but an old one that is
 * changed after it was read is only after world_read_anew(). */
#ifndef TESTS_UNIT_FABRICATE_H
#define TESTS_UNIT_FABRICATE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cpython/python.h"
#include "tests/unit/builtins.h"
#include "tests/unit/layouts.h"
#include "tests/unit/memory.h"

struct world {
	const struct published *published;
	struct memory memory;
	struct procmem *mem;
	struct layout layout;
	struct snapshot *snapshot;
	struct python python;
	remote_addr image_next, heap_next;
	remote_addr builtin[BUILTINS];
	remote_addr none;
};

int world_setup(void **state);
int world_teardown(void **state);

#define IN_BUILD(test, build)                                                                      \
	{                                                                                          \
#test " " #build, test, world_setup, world_teardown, (void *)&published[build]     \
	}
#define IN_EVERY_BUILD(test)                                                                       \
	IN_BUILD(test, BUILD_3_14), IN_BUILD(test, BUILD_3_14D), IN_BUILD(test, BUILD_3_14T),      \
			IN_BUILD(test, BUILD_3_15), IN_BUILD(test, BUILD_3_15T)

/* Drops all that was cached of the target, as another attempt does. */
void world_read_anew(struct world *w);

/* Zeroed memory of an object; a little in front of it is mapped too. */
remote_addr make_block(struct world *w, size_t size);
/* A block of `size` bytes that ends where the mapped memory does. */
remote_addr make_tail_block(struct world *w, size_t size);
/* An object of `type`, and room for `size` bytes. */
remote_addr make_object(struct world *w, remote_addr type, size_t size);

struct type_spec {
	const char *name;
	uint64_t flags;
	uint64_t basicsize; /* 0: a small one */
	uint64_t dictoffset;
	remote_addr base; /* 0: object */
	bool in_image;
	remote_addr cached_keys;
};
/* The MRO is the type itself and that of its base. */
remote_addr make_type(struct world *w, const struct type_spec *spec);
/* A class statement's: on the heap, not immutable. */
remote_addr make_class(struct world *w, const char *name, remote_addr base);

remote_addr make_str(struct world *w, const char *ascii);
struct text_spec {
	unsigned width; /* bytes a character */
	bool ascii, not_compact;
	uint64_t length;
	const void *data;
	size_t size;      /* of data */
	remote_addr type; /* 0: str */
	bool at_end;      /* of the mapped memory */
};
remote_addr make_text(struct world *w, const struct text_spec *spec);
remote_addr make_int(struct world *w, int64_t value);
remote_addr make_bytes(struct world *w, const void *data, size_t size);
remote_addr make_tuple(struct world *w, size_t count, const remote_addr *items);
remote_addr make_list(struct world *w, size_t count, const remote_addr *items);
/* Words are keys and hashes in turn. */
remote_addr make_set(struct world *w, size_t slots, const uint64_t *words);
/* A set of `count` objects in a table of its own. */
remote_addr make_set_of(struct world *w, size_t count, const remote_addr *items);

enum keys_kind { KEYS_GENERAL, KEYS_UNICODE, KEYS_SPLIT };
/* The keys object; entries are key and value in turn. */
remote_addr make_keys(struct world *w, enum keys_kind kind, size_t count, const uint64_t *entries);
remote_addr make_dict(struct world *w, remote_addr keys, remote_addr values);
/* A dict of str keys: name and value in turn. */
remote_addr make_dict_of(
		struct world *w, size_t count, const char *const *names, const remote_addr *values);
/* The values of a split dict, or those inside an instance. */
void put_values(struct world *w, remote_addr at, bool valid, size_t count, const uint64_t *values);

struct code_spec {
	const char *function, *file;
	int first_line;
	uint32_t locals, stack_size;
	const void *lines; /* NULL: one unit a line, LINES_UNITS of them */
	size_t lines_size;
	uint64_t units; /* 0: LINES_UNITS */
	remote_addr names;
};
enum { LINES_UNITS = 20 };
remote_addr make_code(struct world *w, const struct code_spec *spec);
/* One of three locals and a stack of four, whose unit n is on line 10 + n. */
remote_addr make_plain_code(struct world *w, const char *function);

struct frame_spec {
	remote_addr code;
	uint64_t unit;
	remote_addr previous;
	uint8_t owner;
	uint32_t thread_copy; /* index of the bytecode that runs */
	remote_addr start;    /* of that bytecode, 0: of the code object */
	size_t stack;         /* words on the stack */
	const uint64_t *stack_words;
	bool untagged_code;
};
/* Writes a frame of code with three locals at `at`. */
void put_frame(struct world *w, remote_addr at, const struct frame_spec *spec);
remote_addr make_frame(struct world *w, const struct frame_spec *spec);

enum step { CREATED, SUSPENDED, AWAITING, EXECUTING, FINISHED };
/* A coroutine, generator or async generator. */
remote_addr make_generator(
		struct world *w, enum builtin type, enum step step, const struct frame_spec *spec);
/* One at its unit 2, in a state, that awaits an object (0: nothing). */
remote_addr make_awaiting(
		struct world *w, enum builtin type, remote_addr code, remote_addr awaited);
/* An object that passes on to another: asend, FutureIter and the like. */
remote_addr make_passing(struct world *w, enum builtin type, remote_addr to);

remote_addr make_future(struct world *w, int32_t fut_state);
struct task_spec {
	remote_addr type, name, coroutine, waiter, loop;
	int32_t fut_state;
};
remote_addr make_task(struct world *w, const struct task_spec *spec);
/* Task-1 and so on, suspended in a coroutine on a pending future. */
remote_addr make_waiting_task(struct world *w, int number);
/* Links the nodes of tasks into a list with its head. */
void link_tasks(struct world *w, remote_addr head, size_t count, const remote_addr *tasks);

#endif
