/* Types, read once each and told apart.
 *
 * A name alone proves nothing, since a user may name a class anything:
 * CPython's static types lie in its own image, and those of its C modules are
 * static too or immutable, which no class statement makes. */
#ifndef CPYTHON_TYPES_H
#define CPYTHON_TYPES_H

#include "cpython/python.h"

enum kind {
	KIND_OTHER,
	KIND_COROUTINE,
	KIND_GENERATOR,
	KIND_ASYNC_GENERATOR,
	KIND_COROUTINE_WRAPPER,
	KIND_ASEND,
	KIND_ATHROW,
	KIND_ANEXT,
	KIND_FUTURE_ITER,
	KIND_FUTURE,
	KIND_TASK,
	KIND_CODE,
	KIND_SET,
	KIND_FUNCTION,
	KIND_METHOD,
	KIND_MODULE,
	KIND_CELL,
	KIND_WEAKREF,
	KIND_FLOAT,
	KIND_BUILTIN,
	KIND_PARTIAL,
	KIND_DEQUE,
	KIND_SIMPLE_QUEUE,
	KIND_TRACEBACK,
	KIND_NONE,
};

/* tp_flags: Include/object.h */
#define TYPE_INLINE_VALUES (UINT64_C(1) << 2)
#define TYPE_MANAGED_DICT (UINT64_C(1) << 4)
#define TYPE_IMMUTABLE (UINT64_C(1) << 8)
#define TYPE_HEAP (UINT64_C(1) << 9)
#define TYPE_INT (UINT64_C(1) << 24)
#define TYPE_LIST (UINT64_C(1) << 25)
#define TYPE_TUPLE (UINT64_C(1) << 26)
#define TYPE_BYTES (UINT64_C(1) << 27)
#define TYPE_TEXT (UINT64_C(1) << 28)
#define TYPE_DICT (UINT64_C(1) << 29)
#define TYPE_EXCEPTION (UINT64_C(1) << 30)
#define TYPE_TYPE (UINT64_C(1) << 31)

struct type {
	remote_addr address;
	enum kind kind;
	const char *name; /* as __name__ */
	uint64_t flags;
	uint64_t basicsize;
	int64_t dictoffset;
	bool is_future; /* _asyncio.Future or a subclass, Task too */
	bool is_task;
	remote_addr *mro; /* itself first; empty for a static type */
	size_t mro_count;
	const struct manager *manager; /* contexts.c; NULL until it is asked for */
	/* The slot that was asked for last, and its offset, 0: it has none. */
	const char *slot;
	uint64_t slot_offset;
	/* Names of the attributes that inline values hold, in their order. */
	bool keys_read;
	const char **keys;
	size_t key_count;
	struct {
		const char *name; /* a literal that was asked for, and its place or -1 */
		int place;
	} values[12];
};

/* Reads these types with few calls.  A hint: it cannot fail. */
void types_prefetch(struct python *python, const struct addresses *types);
/* The same of the types of these objects, which were fetched. */
void types_of_prefetch(struct python *python, const struct addresses *objects);

/* Past the shortcut below: in the table, or from the target. */
struct type *type_find(struct python *python, remote_addr address);

static inline struct type **type_recent(struct python *python, remote_addr address)
{
	enum { RECENT = sizeof(python->recent_types) / sizeof(*python->recent_types) };

	return &python->recent_types[address / 32 % RECENT];
}

/* NULL where no type can be read there.  All objects are asked for theirs, and
 * nearly all are of few types. */
static inline struct type *type_at(struct python *python, remote_addr address)
{
	struct type *recent = *type_recent(python, address);

	return recent && recent->address == address ? recent : type_find(python, address);
}

bool type_is_a(const struct type *type, remote_addr ancestor);

/* The address of the type of an object, without reading the type. */
static inline bool type_address_of(struct python *python, remote_addr object, remote_addr *type)
{
	return object && object % sizeof(uint64_t) == 0 &&
	       mem_read_u64(python->mem, object + python->layout->object.type, type);
}

static inline struct type *type_of(struct python *python, remote_addr object)
{
	remote_addr type;

	return type_address_of(python, object, &type) ? type_at(python, type) : NULL;
}

/* None is static: what lies elsewhere need not be looked at. */
static inline bool is_none(struct python *python, remote_addr object)
{
	if (python->image_end && (object < python->image_start || object >= python->image_end))
		return false;
	const struct type *type = type_of(python, object);
	return !type || type->kind == KIND_NONE;
}

#endif
