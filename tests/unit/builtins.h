/* Types of CPython, for those who build its objects by hand. */
#ifndef TESTS_UNIT_BUILTINS_H
#define TESTS_UNIT_BUILTINS_H

#include <stdint.h>

#include "cpython/types.h"

enum builtin {
	T_TYPE,
	T_OBJECT,
	T_STR,
	T_INT,
	T_TUPLE,
	T_LIST,
	T_DICT,
	T_SET,
	T_BYTES,
	T_CODE,
	T_COROUTINE,
	T_GENERATOR,
	T_ASYNC_GENERATOR,
	T_COROUTINE_WRAPPER,
	T_ASEND,
	T_ATHROW,
	T_ANEXT,
	T_NONE,
	T_FUNCTION,
	T_CELL,
	T_MODULE,
	T_WEAKREF,
	T_FUTURE, /* these three are made by a C module */
	T_TASK,
	T_FUTURE_ITER,
	BUILTINS
};

/* Those that are no heap types lie in the image of the program. */
static const struct {
	const char *name;
	uint64_t flags;
} builtins[BUILTINS] = {
	[T_TYPE] = { "type", TYPE_TYPE },
	[T_OBJECT] = { "object", 0 },
	[T_STR] = { "str", TYPE_TEXT },
	[T_INT] = { "int", TYPE_INT },
	[T_TUPLE] = { "tuple", TYPE_TUPLE },
	[T_LIST] = { "list", TYPE_LIST },
	[T_DICT] = { "dict", TYPE_DICT },
	[T_SET] = { "set", 0 },
	[T_BYTES] = { "bytes", TYPE_BYTES },
	[T_CODE] = { "code", 0 },
	[T_COROUTINE] = { "coroutine", 0 },
	[T_GENERATOR] = { "generator", 0 },
	[T_ASYNC_GENERATOR] = { "async_generator", 0 },
	[T_COROUTINE_WRAPPER] = { "coroutine_wrapper", 0 },
	[T_ASEND] = { "async_generator_asend", 0 },
	[T_ATHROW] = { "async_generator_athrow", 0 },
	[T_ANEXT] = { "anext_awaitable", 0 },
	[T_NONE] = { "NoneType", 0 },
	[T_FUNCTION] = { "function", 0 },
	[T_CELL] = { "cell", 0 },
	[T_MODULE] = { "module", 0 },
	[T_WEAKREF] = { "weakref.ReferenceType", 0 },
	[T_FUTURE] = { "_asyncio.Future", TYPE_HEAP | TYPE_IMMUTABLE },
	[T_TASK] = { "_asyncio.Task", TYPE_HEAP | TYPE_IMMUTABLE },
	[T_FUTURE_ITER] = { "_asyncio.FutureIter", TYPE_HEAP | TYPE_IMMUTABLE },
};

#endif
