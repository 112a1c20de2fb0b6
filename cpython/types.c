/* Types, read once each and told apart: see types.h. */
#include "cpython/types.h"

#include <string.h>

enum {
	NAME_MAX_BYTES = 4096,
	MRO_MAX = 4096,
	BASICSIZE_MAX = 16 * 1024 * 1024, /* uvloop's loop has 256 KiB */
	TYPE_WORK = 64,                   /* words of a type, with its name */
	TYPE_SIZE = 416,                  /* of struct _typeobject, or a little more */
	/* Of most names and MROs. */
	NAME_BYTES = 64,
	MRO_BYTES = 64,
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

static bool is_by_c_module(const struct python *python, uint64_t flags)
{
	return flags & TYPE_HEAP ? flags & TYPE_IMMUTABLE : python->layout->static_modules;
}

static enum kind kind_of(const struct python *python, const struct type *type, const char *name)
{
	bool in_image = type->address >= python->image_start && type->address < python->image_end;
	bool is_static = !(type->flags & TYPE_HEAP) && in_image;
	bool by_c_module = is_by_c_module(python, type->flags);

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

/* Whether a type may be Future or Task: of no other one the name is read. */
static bool may_be_future(struct python *python, remote_addr type)
{
	uint64_t flags;

	return mem_read_u64(python->mem, type + python->layout->type.flags, &flags) &&
	       is_by_c_module(python, flags);
}

static enum kind kind_of_ancestor(struct python *python, remote_addr address)
{
	const uint64_t *cached = table_find(&python->types, address);
	struct type ancestor = { .address = address };
	char name[NAME_MAX_BYTES];

	if (cached)
		return ((const struct type *)(uintptr_t)*cached)->kind;
	return may_be_future(python, address) && read_scalars(python, &ancestor, name)
			       ? kind_of(python, &ancestor, name)
			       : KIND_OTHER;
}

static void want_flags(struct python *python, const remote_addr *types, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!table_find(&python->types, types[i]))
			mem_want(python->mem, types[i] + python->layout->type.flags,
					sizeof(uint64_t));
	mem_fetch_wanted(python->mem);
}

static void inherit(struct python *python, struct type *type)
{
	want_flags(python, type->mro, type->mro_count);
	type->is_task = type->kind == KIND_TASK;
	type->is_future = type->is_task || type->kind == KIND_FUTURE;
	/* The MRO lists every ancestor, so none of them needs its own. */
	for (size_t i = 1; i < type->mro_count && !type->is_task; i++) {
		enum kind kind = kind_of_ancestor(python, type->mro[i]);
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

/* What a word of these types leads to. */
static void want_members(
		struct python *python, const struct addresses *types, uint64_t member, size_t size)
{
	remote_addr object;

	for (size_t i = 0; i < types->count; i++)
		if (mem_read_u64(python->mem, types->items[i] + member, &object))
			mem_want(python->mem, object, size);
}

/* Static types are read without theirs. */
static bool has_mro(struct python *python, remote_addr type)
{
	uint64_t flags;

	return mem_read_u64(python->mem, type + python->layout->type.flags, &flags) &&
	       flags & TYPE_HEAP;
}

static void add_ancestors(struct python *python, remote_addr address, struct addresses *ancestors)
{
	struct type type = { .address = address };

	if (read_mro(python, &type))
		for (size_t i = 1; i < type.mro_count; i++)
			*array_push(ancestors) = type.mro[i];
}

/* Fetches what inherit() will look at. */
static void prefetch_ancestors(
		struct python *python, const struct addresses *heap_types, struct table *seen)
{
	struct addresses ancestors = { 0 }, unknown = { 0 }, futures = { 0 };

	for (size_t i = 0; i < heap_types->count; i++)
		add_ancestors(python, heap_types->items[i], &ancestors);
	add_unknown(python, &ancestors, seen, &unknown);
	want_flags(python, unknown.items, unknown.count);
	for (size_t i = 0; i < unknown.count; i++)
		if (may_be_future(python, unknown.items[i]))
			*array_push(&futures) = unknown.items[i];
	mem_prefetch(python->mem, futures.items, futures.count, TYPE_SIZE);
	want_members(python, &futures, python->layout->type.name, NAME_BYTES);
	mem_fetch_wanted(python->mem);
	array_free(&ancestors);
	array_free(&unknown);
	array_free(&futures);
}

void types_prefetch(struct python *python, const struct addresses *types)
{
	const struct layout *layout = python->layout;
	struct table seen = { 0 };
	struct addresses unknown = { 0 }, heap_types = { 0 };

	add_unknown(python, types, &seen, &unknown);
	mem_prefetch(python->mem, unknown.items, unknown.count, TYPE_SIZE);
	for (size_t i = 0; i < unknown.count; i++)
		if (has_mro(python, unknown.items[i]))
			*array_push(&heap_types) = unknown.items[i];
	want_members(python, &unknown, layout->object.type, TYPE_SIZE);
	want_members(python, &unknown, layout->type.name, NAME_BYTES);
	want_members(python, &heap_types, layout->type.mro, MRO_BYTES);
	mem_fetch_wanted(python->mem);
	prefetch_ancestors(python, &heap_types, &seen);
	for (size_t i = 0; i < unknown.count; i++)
		type_find(python, unknown.items[i]);
	array_free(&unknown);
	array_free(&heap_types);
	table_deinit(&seen);
}

void types_of_prefetch(struct python *python, const struct addresses *objects)
{
	struct addresses types = { 0 };
	remote_addr type;

	for (size_t i = 0; i < objects->count; i++)
		if (type_address_of(python, objects->items[i], &type))
			*array_push(&types) = type;
	types_prefetch(python, &types);
	array_free(&types);
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
