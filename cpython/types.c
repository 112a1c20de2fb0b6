/* Types, read once each and told apart: see types.h. */
#include "cpython/types.h"

#include <string.h>

enum {
	NAME_MAX_BYTES = 4096,
	MRO_MAX = 4096,
	BASICSIZE_MAX = 16 * 1024 * 1024, /* uvloop's loop has 256 KiB */
	TYPE_WORK = 64,                   /* words of a type, with its name */
	TYPE_SIZE = 416,                 /* of struct _typeobject, or a little more */
};

/* Where a type is made, which no class of a user can share: a class statement makes
 * neither static types nor immutable ones. */
enum made { STATIC, BY_C_MODULE };

static const struct {
	const char *name;
	enum made made;
	enum kind kind;
} known[] = {
	{ "coroutine", STATIC, KIND_COROUTINE },
	{ "generator", STATIC, KIND_GENERATOR },
	{ "async_generator", STATIC, KIND_ASYNC_GENERATOR },
	{ "coroutine_wrapper", STATIC, KIND_COROUTINE_WRAPPER },
	{ "async_generator_asend", STATIC, KIND_ASEND },
	{ "async_generator_athrow", STATIC, KIND_ATHROW },
	{ "anext_awaitable", STATIC, KIND_ANEXT },
	{ "code", STATIC, KIND_CODE },
	{ "set", STATIC, KIND_SET },
	{ "function", STATIC, KIND_FUNCTION },
	{ "method", STATIC, KIND_METHOD },
	{ "module", STATIC, KIND_MODULE },
	{ "cell", STATIC, KIND_CELL },
	{ "weakref.ReferenceType", STATIC, KIND_WEAKREF },
	{ "weakref", STATIC, KIND_WEAKREF }, /* up to 3.11 */
	{ "float", STATIC, KIND_FLOAT },
	{ "builtin_function_or_method", STATIC, KIND_BUILTIN },
	{ "NoneType", STATIC, KIND_NONE },
	{ "traceback", STATIC, KIND_TRACEBACK },
	{ "functools.partial", BY_C_MODULE, KIND_PARTIAL },
	{ "collections.deque", BY_C_MODULE, KIND_DEQUE },
	{ "_queue.SimpleQueue", BY_C_MODULE, KIND_SIMPLE_QUEUE },
	{ "_asyncio.FutureIter", BY_C_MODULE, KIND_FUTURE_ITER },
	{ "_asyncio.Future", BY_C_MODULE, KIND_FUTURE },
	{ "_asyncio.Task", BY_C_MODULE, KIND_TASK },
};

static enum kind kind_of(const struct python *python, const struct type *type, const char *name)
{
	bool in_image = type->address >= python->image_start && type->address < python->image_end;
	bool is_static = !(type->flags & TYPE_HEAP) && in_image;
	bool by_c_module = type->flags & TYPE_HEAP ? type->flags & TYPE_IMMUTABLE
						   : python->layout->static_modules;

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if ((known[i].made == STATIC ? is_static : by_c_module) &&
				!strcmp(known[i].name, name))
			return known[i].kind;
	return KIND_OTHER;
}

static bool read_mro(struct python *python, struct type *type)
{
	const struct layout *layout = python->layout;
	remote_addr mro;
	uint64_t count;

	if (!mem_read_u64(python->mem, type->address + layout->type.mro, &mro) ||
			!mem_read_u64(python->mem, mro + layout->tuple.length, &count) || !count ||
			count > MRO_MAX || !python_work(python, count * TYPE_WORK))
		return false;
	type->mro = arena_alloc(&python->snapshot->arena, count, sizeof(*type->mro));
	type->mro_count = count;
	return mem_read(python->mem, mro + layout->tuple.items, type->mro,
			       count * sizeof(*type->mro)) &&
	       type->mro[0] == type->address;
}

static bool read_scalars(struct python *python, struct type *type, char name[NAME_MAX_BYTES])
{
	const struct layout *layout = python->layout;
	struct procmem *mem = python->mem;
	remote_addr at = type->address, name_at;
	uint64_t dictoffset;

	if (!mem_read_u64(mem, at + layout->type.flags, &type->flags) ||
			!mem_read_u64(mem, at + layout->type.basicsize, &type->basicsize) ||
			!mem_read_u64(mem, at + layout->type.dictoffset, &dictoffset) ||
			!mem_read_u64(mem, at + layout->type.name, &name_at) ||
			!mem_read_cstring(mem, name_at, name, NAME_MAX_BYTES))
		return false;
	type->dictoffset = (int64_t)dictoffset;
	return type->basicsize >= layout->object.size && type->basicsize <= BASICSIZE_MAX;
}

/* The type of a type is `type` or a metaclass, which both say so in a flag. */
static bool is_a_type(struct python *python, remote_addr address)
{
	remote_addr meta;
	uint64_t flags;

	return type_address_of(python, address, &meta) &&
	       mem_read_u64(python->mem, meta + python->layout->type.flags, &flags) &&
	       flags & TYPE_TYPE;
}

static void inherit(struct python *python, struct type *type)
{
	if (type->mro_count)
		mem_prefetch(python->mem, type->mro, type->mro_count, python->layout->type.flags);
	type->is_task = type->kind == KIND_TASK;
	type->is_future = type->is_task || type->kind == KIND_FUTURE;
	/* The MRO lists every ancestor, so none of them needs its own. */
	for (size_t i = 1; i < type->mro_count && !type->is_task; i++) {
		struct type ancestor = { .address = type->mro[i] };
		char name[NAME_MAX_BYTES];
		if (!read_scalars(python, &ancestor, name))
			continue;
		enum kind kind = kind_of(python, &ancestor, name);
		type->is_task |= kind == KIND_TASK;
		type->is_future |= kind == KIND_TASK || kind == KIND_FUTURE;
	}
}

static struct type *read_type(struct python *python, remote_addr address)
{
	struct type type = { .address = address };
	char name[NAME_MAX_BYTES];

	if (!address || address % sizeof(uint64_t) || !python_work(python, TYPE_WORK) ||
			!is_a_type(python, address) || !read_scalars(python, &type, name))
		return NULL;
	if (type.flags & TYPE_HEAP && !read_mro(python, &type))
		return NULL;
	type.kind = kind_of(python, &type, name);
	const char *dot = strrchr(name, '.');
	const char *last = dot ? dot + 1 : name;
	type.name = intern_text(&python->intern, last, strlen(last));
	inherit(python, &type);
	return arena_copy(&python->snapshot->arena, &type, sizeof(type));
}

static void add_unknown(struct python *python, const struct addresses *types, struct table *seen,
		struct addresses *unknown)
{
	for (size_t i = 0; i < types->count; i++) {
		bool added = false;
		if (!table_find(&python->types, types->items[i]))
			table_add(seen, types->items[i], &added);
		if (added)
			*array_push(unknown) = types->items[i];
	}
}

/* What words of these types lead to. */
static void want_members(struct python *python, const struct addresses *types, uint64_t member,
		size_t size)
{
	remote_addr object;

	for (size_t i = 0; i < types->count; i++)
		if (mem_read_u64(python->mem, types->items[i] + member, &object))
			mem_want(python->mem, object, size);
	mem_fetch_wanted(python->mem);
}

static void add_ancestors(struct python *python, remote_addr address, struct addresses *ancestors)
{
	struct type type = { .address = address };

	if (read_mro(python, &type))
		for (size_t i = 1; i < type.mro_count; i++)
			*array_push(ancestors) = type.mro[i];
}

void types_prefetch(struct python *python, const struct addresses *types)
{
	enum { NAME_BYTES = 64, MRO_BYTES = 64 };
	const struct layout *layout = python->layout;
	struct table seen = { 0 };
	struct addresses unknown = { 0 };

	add_unknown(python, types, &seen, &unknown);
	mem_prefetch(python->mem, unknown.items, unknown.count, TYPE_SIZE);
	want_members(python, &unknown, layout->type.mro, MRO_BYTES);
	size_t count = unknown.count;
	struct addresses ancestors = { 0 };
	for (size_t i = 0; i < count; i++)
		add_ancestors(python, unknown.items[i], &ancestors);
	add_unknown(python, &ancestors, &seen, &unknown);
	mem_prefetch(python->mem, unknown.items + count, unknown.count - count, TYPE_SIZE);
	want_members(python, &unknown, layout->type.name, NAME_BYTES);
	array_free(&ancestors);
	array_free(&unknown);
	table_deinit(&seen);
}

struct type *type_find(struct python *python, remote_addr address)
{
	uint64_t *cached = table_find(&python->types, address);
	struct type *type = cached ? (struct type *)(uintptr_t)*cached : read_type(python, address);
	bool added;

	/* A failure is not kept: what is torn now may be whole when read again. */
	if (!type)
		return NULL;
	*table_add(&python->types, address, &added) = (uintptr_t)type;
	*type_recent(python, address) = type;
	return type;
}

bool type_is_a(const struct type *type, remote_addr ancestor)
{
	if (!ancestor)
		return false;
	for (size_t i = 0; i < type->mro_count; i++)
		if (type->mro[i] == ancestor)
			return true;
	return type->address == ancestor;
}
