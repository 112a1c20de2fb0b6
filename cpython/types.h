/* Types, read once each and told apart.
 *
 * A name alone proves nothing, since a user may name a class anything:
 * CPython's static types lie in its own image, and those of its C modules are
 * immutable, which no class statement makes. */
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
	/* Names of the attributes that inline values hold, in their order. */
	bool keys_read;
	const char **keys;
	size_t key_count;
};

/* NULL where no type can be read there. */
struct type *type_at(struct python *python, remote_addr address);
struct type *type_of(struct python *python, remote_addr object);

bool type_is_a(const struct type *type, remote_addr ancestor);

/* The address of the type of an object, without reading the type. */
bool type_address_of(struct python *python, remote_addr object, remote_addr *type);

#endif
