/* Objects as values: see objects.h. */
#include "cpython/objects.h"

#include <string.h>

#include "cpython/text.h"
#include "cpython/types.h"

enum {
	CHUNK_WORDS = 512,      /* read at a time */
	INLINE_VALUES_MAX = 64, /* SHARED_KEYS_MAX_SIZE is 30 */
	AHEAD_MAX = 128 * 1024, /* words that are fetched ahead */
};

/* Include/internal/pycore_dict.h: struct _dictkeysobject.  It is no PyObject,
 * so it is the same in all builds. */
enum {
	KEYS_LOG2_INDEX_BYTES = 9,
	KEYS_KIND = 10,
	KEYS_ENTRY_COUNT = 24,
	KEYS_HEADER = 32,
	KEYS_GENERAL = 0, /* the kind: entries are hash, key, value */
	KEYS_LOG2_INDEX_MAX = 34,
};

/* The same header: struct _dictvalues, where it has one. */
enum { VALUES_VALID = 3, VALUES_HEADER = 8 };

uint64_t object_word(struct python *python, remote_addr address)
{
	uint64_t word;
	return mem_read_u64(python->mem, address, &word) ? word : 0;
}

/* Words that are read in chunks come in few calls, and of a torn count not too many. */
static void want_chunks(struct python *python, remote_addr address, uint64_t count)
{
	if (count > CHUNK_WORDS)
		mem_prefetch(python->mem, &address, 1,
				(count < AHEAD_MAX ? count : AHEAD_MAX) * sizeof(address));
}

/* Adds the `count` words at `address`. */
static bool add_words(
		struct python *python, remote_addr address, uint64_t count, struct addresses *items)
{
	remote_addr chunk[CHUNK_WORDS];

	if (count > python->items_max)
		return false;
	want_chunks(python, address, count);
	while (count) {
		size_t n = count < CHUNK_WORDS ? count : CHUNK_WORDS;
		/* As it is read: a torn count must not use up all work at once. */
		if (!python_work(python, n) ||
				!mem_read(python->mem, address, chunk, n * sizeof(*chunk)))
			return false;
		for (size_t i = 0; i < n; i++)
			*array_push(items) = chunk[i];
		address += n * sizeof(*chunk);
		count -= n;
	}
	return true;
}

static bool tuple_read(struct python *python, remote_addr object, struct addresses *items)
{
	const struct layout *layout = python->layout;
	uint64_t count;

	return mem_read_u64(python->mem, object + layout->tuple.length, &count) &&
	       add_words(python, object + layout->tuple.items, count, items);
}

static bool list_read(struct python *python, remote_addr object, struct addresses *items)
{
	const struct layout *layout = python->layout;
	uint64_t count;
	remote_addr at;

	return mem_read_u64(python->mem, object + layout->list.length, &count) &&
	       mem_read_u64(python->mem, object + layout->list.items, &at) &&
	       add_words(python, at, count, items);
}

/* A slot of a set is a key and its hash: no key, no item; and the hash of a
 * deleted one is -1, which no object has (Objects/setobject.c). */
static bool set_read(struct python *python, remote_addr object, struct addresses *items)
{
	const struct layout *layout = python->layout;
	remote_addr table, chunk[CHUNK_WORDS];
	uint64_t mask;

	if (!mem_read_u64(python->mem, object + layout->set.mask, &mask) ||
			!mem_read_u64(python->mem, object + layout->set.table, &table) ||
			mask >= python->items_max / 2 || (mask & (mask + 1)))
		return false;
	want_chunks(python, table, 2 * (mask + 1));
	for (uint64_t left = 2 * (mask + 1), n; left; left -= n, table += n * sizeof(*chunk)) {
		n = left < CHUNK_WORDS ? left : CHUNK_WORDS;
		if (!python_work(python, n) ||
				!mem_read(python->mem, table, chunk, n * sizeof(*chunk)))
			return false;
		for (uint64_t i = 0; i < n; i += 2)
			if (chunk[i] && chunk[i + 1] != UINT64_MAX)
				*array_push(items) = chunk[i];
	}
	return true;
}

/* A deque is a chain of blocks: struct BLOCK, Modules/_collectionsmodule.c. */
static bool deque_read(struct python *python, remote_addr object, struct addresses *items)
{
	enum { BLOCK_ITEMS = 64, BLOCK_DATA = 8, BLOCK_RIGHT = BLOCK_DATA + BLOCK_ITEMS * 8 };
	const struct layout *layout = python->layout;
	uint64_t left, index;
	remote_addr block;

	if (!mem_read_u64(python->mem, object + layout->deque.length, &left) ||
			!mem_read_u64(python->mem, object + layout->deque.left_block, &block) ||
			!mem_read_u64(python->mem, object + layout->deque.left_index, &index) ||
			left > python->items_max || index >= BLOCK_ITEMS)
		return false;
	while (left) {
		uint64_t n = BLOCK_ITEMS - index < left ? BLOCK_ITEMS - index : left;
		if (!add_words(python, block + BLOCK_DATA + index * sizeof(remote_addr), n, items))
			return false;
		left -= n;
		index = 0;
		if (left && !mem_read_u64(python->mem, block + BLOCK_RIGHT, &block))
			return false;
	}
	return true;
}

/* The list of a SimpleQueue, of which the first ones are gone, and what is left. */
static bool queue_list(struct python *python, remote_addr object, remote_addr *at, uint64_t *count)
{
	const struct layout *layout = python->layout;
	uint64_t first;
	remote_addr list;

	if (!mem_read_u64(python->mem, object + layout->simple_queue.first, &first) ||
			!mem_read_u64(python->mem, object + layout->simple_queue.list, &list) ||
			!mem_read_u64(python->mem, list + layout->list.length, count) ||
			!mem_read_u64(python->mem, list + layout->list.items, at) || first > *count)
		return false;
	*at += first * sizeof(remote_addr);
	*count -= first;
	return true;
}

/* A ring of `capacity` items, of which the one at `first` is the oldest. */
static bool ring_read(struct python *python, remote_addr object, struct addresses *items)
{
	const struct layout *layout = python->layout;
	uint64_t first, capacity, length;
	remote_addr ring;

	if (!mem_read_u64(python->mem, object + layout->simple_queue.first, &first) ||
			!mem_read_u64(python->mem, object + layout->simple_queue.items, &ring) ||
			!mem_read_u64(python->mem, object + layout->simple_queue.capacity,
					&capacity) ||
			!mem_read_u64(python->mem, object + layout->simple_queue.length, &length) ||
			capacity > python->items_max || length > capacity || first > capacity)
		return false;
	uint64_t to_end = capacity - first < length ? capacity - first : length;
	return add_words(python, ring + first * sizeof(remote_addr), to_end, items) &&
	       add_words(python, ring, length - to_end, items);
}

static bool simple_queue_read(struct python *python, remote_addr object, struct addresses *items)
{
	remote_addr at;
	uint64_t count;

	if (!python->layout->simple_queue.list)
		return ring_read(python, object, items);
	return queue_list(python, object, &at, &count) && add_words(python, at, count, items);
}

bool items_read(struct python *python, remote_addr object, struct addresses *items)
{
	const struct type *type = type_of(python, object);

	if (!type)
		return false;
	if (type->flags & TYPE_TUPLE)
		return tuple_read(python, object, items);
	if (type->flags & TYPE_LIST)
		return list_read(python, object, items);
	if (type->kind == KIND_DEQUE)
		return deque_read(python, object, items);
	if (type->kind == KIND_SIMPLE_QUEUE)
		return simple_queue_read(python, object, items);
	return type->kind == KIND_SET && set_read(python, object, items);
}

void items_want(struct python *python, remote_addr object, uint64_t most)
{
	const struct layout *layout = python->layout;
	const struct type *type = type_of(python, object);
	uint64_t count, width = 1;
	remote_addr at;
	bool ok = false;

	if (type && type->flags & TYPE_LIST) {
		ok = mem_read_u64(python->mem, object + layout->list.length, &count) &&
		     mem_read_u64(python->mem, object + layout->list.items, &at);
	} else if (type && type->kind == KIND_SET) {
		ok = mem_read_u64(python->mem, object + layout->set.mask, &count) &&
		     mem_read_u64(python->mem, object + layout->set.table, &at);
		width = 2; /* its hash */
	}
	/* A set has fewer than one item to two places. */
	if (ok && count < width * width * most)
		mem_want(python->mem, at, (count + width) * width * sizeof(remote_addr));
}

bool item_at(struct python *python, remote_addr object, uint64_t place, remote_addr *item)
{
	const struct layout *layout = python->layout;
	const struct type *type = type_of(python, object);
	remote_addr at = object + layout->tuple.items;
	uint64_t count;

	if (!type || !(type->flags & (TYPE_TUPLE | TYPE_LIST)) ||
			!mem_read_u64(python->mem, object + layout->tuple.length, &count) ||
			place >= count)
		return false;
	if (type->flags & TYPE_LIST && !mem_read_u64(python->mem, object + layout->list.items, &at))
		return false;
	return mem_read_u64(python->mem, at + place * sizeof(*item), item);
}

bool item_first(struct python *python, remote_addr object, remote_addr *item)
{
	return item_at(python, object, 0, item);
}

bool weakset_read(struct python *python, remote_addr object, struct addresses *items)
{
	struct addresses references = { 0 };
	remote_addr data;
	bool ok = attribute_find(python, object, "data", &data) &&
		  items_read(python, data, &references);

	mem_prefetch(python->mem, references.items, references.count,
			python->layout->weakref.object + sizeof(remote_addr));
	for (size_t i = 0; i < references.count && python_work(python, 1); i++) {
		const struct type *type = type_of(python, references.items[i]);
		remote_addr referent;
		/* One that has just gone costs only itself. */
		if (!type || type->kind != KIND_WEAKREF ||
				!mem_read_u64(python->mem,
						references.items[i] +
								python->layout->weakref.object,
						&referent)) {
			ok = false;
			continue;
		}
		/* A dead reference leads to None. */
		type = type_of(python, referent);
		if (type && type->kind != KIND_NONE)
			*array_push(items) = referent;
	}
	array_free(&references);
	return ok;
}

struct keys {
	remote_addr entries;
	uint64_t count;
	bool general;
};

static bool keys_locate(struct python *python, remote_addr address, struct keys *keys)
{
	uint8_t header[KEYS_HEADER];

	if (!address || !mem_read(python->mem, address, header, sizeof(header)) ||
			header[KEYS_LOG2_INDEX_BYTES] > KEYS_LOG2_INDEX_MAX)
		return false;
	memcpy(&keys->count, header + KEYS_ENTRY_COUNT, sizeof(keys->count));
	keys->general = header[KEYS_KIND] == KEYS_GENERAL;
	keys->entries = address + KEYS_HEADER + (UINT64_C(1) << header[KEYS_LOG2_INDEX_BYTES]);
	return keys->count <= python->items_max;
}

/* Key and value of each entry, the empty ones too. */
static bool entries_read(struct python *python, const struct keys *keys, struct addresses *out)
{
	size_t start = out->count;

	if (!keys->general)
		return add_words(python, keys->entries, 2 * keys->count, out);
	if (!add_words(python, keys->entries, 3 * keys->count, out))
		return false;
	if (!out->items)
		return !keys->count;
	for (size_t i = 0; i < keys->count; i++) {
		out->items[start + 2 * i] = out->items[start + 3 * i + 1];
		out->items[start + 2 * i + 1] = out->items[start + 3 * i + 2];
	}
	out->count = start + 2 * keys->count;
	return true;
}

/* A split dict has its values apart from its keys. */
static bool take_split_values(
		struct python *python, remote_addr values, struct addresses *out, size_t start)
{
	for (size_t i = start; i + 1 < out->count; i += 2)
		if (!mem_read_u64(python->mem,
				    values + python->layout->dict.first_value +
						    (i - start) / 2 * sizeof(remote_addr),
				    &out->items[i + 1]))
			return false;
	return true;
}

bool dict_read(struct python *python, remote_addr object, struct addresses *entries)
{
	const struct layout *layout = python->layout;
	const struct type *type = type_of(python, object);
	remote_addr keys_at, values;
	struct keys keys;
	size_t start = entries->count;

	if (!type || !(type->flags & TYPE_DICT) ||
			!mem_read_u64(python->mem, object + layout->dict.keys, &keys_at) ||
			!mem_read_u64(python->mem, object + layout->dict.values, &values) ||
			!keys_locate(python, keys_at, &keys) ||
			!entries_read(python, &keys, entries) ||
			(values && !take_split_values(python, values, entries, start)))
		return false;
	size_t kept = start;
	for (size_t i = start; i + 1 < entries->count; i += 2) {
		if (!entries->items[i] || !entries->items[i + 1])
			continue;
		entries->items[kept] = entries->items[i];
		entries->items[kept + 1] = entries->items[i + 1];
		kept += 2;
	}
	entries->count = kept;
	return true;
}

void names_want(struct python *python, const struct addresses *entries)
{
	enum { NAME_BYTES = 80 }; /* a str header and most names */

	for (size_t i = 0; i + 1 < entries->count; i += 2)
		mem_want(python->mem, entries->items[i], NAME_BYTES);
}

/* Wants the entries of a dict that was fetched itself. */
static void want_entries(struct python *python, remote_addr dict)
{
	enum { ITEM_BYTES = 28 }; /* hash, key, value, and a part of the index */
	const struct layout *layout = python->layout;
	remote_addr keys;
	uint64_t used;

	if (mem_read_u64(python->mem, dict + layout->dict.keys, &keys) &&
			mem_read_u64(python->mem, dict + layout->deque.length, &used)) /* ma_used */
		mem_want(python->mem, keys,
				KEYS_HEADER + (used < AHEAD_MAX ? used : AHEAD_MAX) * ITEM_BYTES);
}

void dicts_prefetch(struct python *python, const struct addresses *dicts)
{
	mem_prefetch(python->mem, dicts->items, dicts->count, DICT_BYTES);
	for (size_t i = 0; i < dicts->count; i++)
		if (dicts->items[i])
			want_entries(python, dicts->items[i]);
	types_of_prefetch(python, dicts);
	mem_fetch_wanted(python->mem);
}

bool dict_find(struct python *python, remote_addr dict, const char *name, remote_addr *value)
{
	struct addresses entries = { 0 };
	bool found = false;

	if (dict_read(python, dict, &entries)) {
		names_want(python, &entries);
		mem_fetch_wanted(python->mem);
	}
	for (size_t i = 0; i + 1 < entries.count && !found; i += 2) {
		found = text_is(python, entries.items[i], name);
		*value = entries.items[i + 1];
	}
	array_free(&entries);
	return found;
}

static remote_addr cached_keys(struct python *python, const struct type *type)
{
	return object_word(python, type->address + python->layout->heap_type.cached_keys);
}

/* How many inline values the objects of a type have. */
static bool count_cached_keys(struct python *python, const struct type *type, struct keys *keys)
{
	return keys_locate(python, cached_keys(python, type), keys) &&
	       keys->count <= INLINE_VALUES_MAX;
}

/* The names of the inline values of a type, in their order. */
static void read_cached_keys(struct python *python, struct type *type)
{
	struct keys keys;
	struct addresses entries = { 0 };

	if (!count_cached_keys(python, type, &keys) || !entries_read(python, &keys, &entries)) {
		array_free(&entries);
		return;
	}
	names_want(python, &entries);
	mem_fetch_wanted(python->mem);
	type->keys = arena_alloc(&python->snapshot->arena, keys.count, sizeof(*type->keys));
	type->key_count = keys.count;
	type->keys_read = true;
	for (size_t i = 0; i < keys.count; i++)
		type->keys[i] = text_intern(python, entries.items[2 * i]);
	array_free(&entries);
}

/* Where the values of an object are that its type has the names of, or 0. */
static remote_addr values_of(struct python *python, remote_addr object, const struct type *type)
{
	const struct layout *layout = python->layout;
	uint8_t header[VALUES_HEADER];
	remote_addr values;

	if (layout->managed_values)
		return type->flags & TYPE_MANAGED_DICT &&
						       mem_read_u64(python->mem,
								       object + (uint64_t)layout->managed_values,
								       &values)
				       ? values + (values & 1)
				       : 0;
	values = object + type->basicsize;
	return type->flags & TYPE_INLINE_VALUES &&
					       mem_read(python->mem, values, header,
							       sizeof(header)) &&
					       header[VALUES_VALID] == 1
			       ? values + layout->dict.first_value
			       : 0;
}

/* The dict of an object; 0 where it has none, or not yet. */
static remote_addr dict_of(struct python *python, remote_addr object, const struct type *type)
{
	remote_addr dict = 0;

	if (type->flags & TYPE_MANAGED_DICT)
		mem_read_u64(python->mem, object + (uint64_t)python->layout->managed_dict, &dict);
	else if (type->dictoffset > 0 && (uint64_t)type->dictoffset < type->basicsize)
		mem_read_u64(python->mem, object + (uint64_t)type->dictoffset, &dict);
	return dict & 1 ? 0 : dict;
}

bool inline_values_add(struct python *python, remote_addr object, struct addresses *values)
{
	const struct type *type = type_of(python, object);
	remote_addr at = type ? values_of(python, object, type) : 0;
	struct keys keys;

	if (!at)
		return false;
	if (type->keys_read)
		return add_words(python, at, type->key_count, values);
	return !count_cached_keys(python, type, &keys) || add_words(python, at, keys.count, values);
}

/* The place of an inline value, or -1.  Objects of a type are asked for the same few,
 * by the same literals. */
static int place_of_value(struct type *type, const char *name)
{
	enum { KNOWN = sizeof(type->values) / sizeof(*type->values) };
	size_t at = 0;
	int place = -1;

	for (; at < KNOWN && type->values[at].name; at++)
		if (type->values[at].name == name)
			return type->values[at].place;
	for (size_t i = 0; i < type->key_count && place < 0; i++)
		if (type->keys[i] && !strcmp(type->keys[i], name))
			place = (int)i;
	if (at < KNOWN) {
		type->values[at].name = name;
		type->values[at].place = place;
	}
	return place;
}

static bool value_find(struct python *python, remote_addr object, struct type *type,
		const char *name, remote_addr *value)
{
	remote_addr values = values_of(python, object, type);

	if (!values)
		return false;
	if (!type->keys_read)
		read_cached_keys(python, type);
	if (!type->keys_read)
		return false;
	int place = place_of_value(type, name);
	return place >= 0 &&
	       mem_read_u64(python->mem, values + (unsigned)place * sizeof(remote_addr), value) &&
	       *value;
}

bool attribute_find(struct python *python, remote_addr object, const char *name, remote_addr *value)
{
	struct type *type = type_of(python, object);

	if (!type)
		return false;
	/* A dict, once made, is where the values are, or knows where. */
	remote_addr dict = dict_of(python, object, type);
	return dict ? dict_find(python, dict, name, value)
		    : value_find(python, object, type, name, value);
}

size_t attributes_find(struct python *python, remote_addr object, const char *const *names,
		size_t count, remote_addr *found)
{
	struct type *type = type_of(python, object);
	remote_addr dict = type ? dict_of(python, object, type) : 0, values;
	size_t known = 0;

	memset(found, 0, count * sizeof(*found));
	if (dict || !type) {
		for (size_t i = 0; type && i < count; i++)
			known += dict_find(python, dict, names[i], &found[i]);
		return known;
	}
	values = values_of(python, object, type);
	if (values && !type->keys_read)
		read_cached_keys(python, type);
	for (size_t i = 0; values && type->keys_read && i < count; i++) {
		int place = place_of_value(type, names[i]);
		known += place >= 0 &&
			 mem_read_u64(python->mem, values + (unsigned)place * sizeof(remote_addr),
					 &found[i]) &&
			 found[i];
	}
	return known;
}

/* Adds the values of a dict, and its keys where they may be more than names. */
static bool contents_add(struct python *python, remote_addr dict, struct addresses *contents)
{
	struct addresses entries = { 0 };
	struct keys keys = { 0 };
	bool ok = dict_read(python, dict, &entries) &&
		  keys_locate(python, object_word(python, dict + python->layout->dict.keys), &keys);

	for (size_t i = keys.general ? 0 : 1; ok && i < entries.count; i += keys.general ? 1 : 2)
		*array_push(contents) = entries.items[i];
	array_free(&entries);
	return ok;
}

bool attributes_read(struct python *python, remote_addr object, struct addresses *values)
{
	const struct type *type = type_of(python, object);

	if (!type)
		return false;
	if (type->flags & TYPE_DICT)
		return contents_add(python, object, values);
	if (!(type->flags & TYPE_HEAP))
		return false;
	remote_addr dict = dict_of(python, object, type);
	return dict ? contents_add(python, dict, values)
		    : inline_values_add(python, object, values);
}

void attributes_want(struct python *python, remote_addr object, struct addresses *dicts)
{
	const struct type *type = type_of(python, object);
	remote_addr dict = type ? dict_of(python, object, type) : 0;

	if (dict)
		*array_push(dicts) = dict;
	else if (type && type->flags & TYPE_MANAGED_DICT && !type->keys_read)
		mem_want(python->mem, cached_keys(python, type), KEYS_HEADER);
}

bool class_find(struct python *python, const struct type *type, const char *name,
		remote_addr *value)
{
	remote_addr dict;

	for (size_t i = 0; i < type->mro_count; i++)
		if (mem_read_u64(python->mem, type->mro[i] + python->layout->type.dict, &dict) &&
				dict_find(python, dict, name, value))
			return true;
	return false;
}

/* The slots that a class itself adds: a PyMemberDef each, behind the type
 * (Objects/typeobject.c, Include/descrobject.h). */
enum { MEMBER_NAME = 0, MEMBER_OFFSET = 16, MEMBER_SIZE = 40, MEMBERS_MAX = 256 };

static bool own_slots(
		struct python *python, const struct type *type, remote_addr *at, uint64_t *count)
{
	const struct type *meta = type_of(python, type->address);

	if (!meta || !(type->flags & TYPE_HEAP) ||
			!mem_read_u64(python->mem, type->address + python->layout->tuple.length,
					count) ||
			*count > MEMBERS_MAX || !python_work(python, *count))
		return false;
	*at = type->address + meta->basicsize;
	return true;
}

static void fetch_slot_names(struct python *python, remote_addr at, uint64_t count)
{
	enum { NAME_BYTES = 32 };
	remote_addr members = at;

	mem_prefetch(python->mem, &members, 1, count * MEMBER_SIZE);
	for (; count; count--, at += MEMBER_SIZE)
		mem_want(python->mem, object_word(python, at + MEMBER_NAME), NAME_BYTES);
	mem_fetch_wanted(python->mem);
}

static bool own_slot(
		struct python *python, const struct type *type, const char *name, uint64_t *offset)
{
	char text[MEMBERS_MAX];
	uint64_t count;
	remote_addr at, name_at;

	if (!own_slots(python, type, &at, &count))
		return false;
	fetch_slot_names(python, at, count);
	for (; count; count--, at += MEMBER_SIZE) {
		if (!mem_read_u64(python->mem, at + MEMBER_NAME, &name_at) ||
				!mem_read_cstring(python->mem, name_at, text, sizeof(text)))
			return false;
		if (!strcmp(text, name))
			return mem_read_u64(python->mem, at + MEMBER_OFFSET, offset);
	}
	return false;
}

static void own_slots_read(struct python *python, remote_addr object, const struct type *class,
		uint64_t size, struct addresses *values)
{
	uint64_t count, offset;
	remote_addr at, value;

	if (!own_slots(python, class, &at, &count))
		return;
	for (; count; count--, at += MEMBER_SIZE)
		if (mem_read_u64(python->mem, at + MEMBER_OFFSET, &offset) && offset < size &&
				mem_read_u64(python->mem, object + offset, &value))
			*array_push(values) = value;
}

void slots_read(struct python *python, remote_addr object, struct addresses *values)
{
	const struct type *type = type_of(python, object);

	for (size_t i = 0; type && i < type->mro_count; i++) {
		const struct type *class = type_at(python, type->mro[i]);
		if (class)
			own_slots_read(python, object, class, type->basicsize, values);
	}
}

static bool slot_offset(
		struct python *python, const struct type *type, const char *name, uint64_t *offset)
{
	if (own_slot(python, type, name, offset))
		return *offset < type->basicsize;
	for (size_t i = 1; i < type->mro_count; i++) {
		const struct type *ancestor = type_at(python, type->mro[i]);
		if (ancestor && own_slot(python, ancestor, name, offset))
			return *offset < type->basicsize;
	}
	return false;
}

/* Names are literals: where one lies tells it from others. */
static uint64_t known_slot(struct python *python, const struct type *type, const char *name)
{
	uint64_t key = hash_mix(type->address, (uintptr_t)name);
	bool added;
	uint64_t *offset = table_add(&python->slots, key, &added);

	if (added && !slot_offset(python, type, name, offset))
		*offset = 0;
	return *offset;
}

bool slot_find(struct python *python, remote_addr object, const char *name, remote_addr *value)
{
	struct type *type = type_of(python, object);

	if (!type)
		return false;
	if (type->slot != name) {
		type->slot_offset = known_slot(python, type, name);
		type->slot = name;
	}
	return type->slot_offset && mem_read_u64(python->mem, object + type->slot_offset, value) &&
	       *value;
}

bool real_read(struct python *python, remote_addr object, double *value)
{
	const struct type *type = type_of(python, object);

	return type && type->kind == KIND_FLOAT &&
	       mem_read(python->mem, object + python->layout->real.value, value, sizeof(*value));
}

bool number_read(struct python *python, remote_addr object, double *value)
{
	int64_t integer;

	if (real_read(python, object, value))
		return true;
	if (!integer_read(python, object, &integer))
		return false;
	*value = (double)integer;
	return true;
}

static int64_t simple_queue_length(struct python *python, remote_addr object)
{
	const struct layout *layout = python->layout;
	remote_addr at;
	uint64_t length;
	bool ok = layout->simple_queue.list
				  ? queue_list(python, object, &at, &length)
				  : mem_read_u64(python->mem, object + layout->simple_queue.length,
						    &length);

	return ok && length <= INT64_MAX ? (int64_t)length : -1;
}

int64_t length_of(struct python *python, remote_addr object)
{
	const struct layout *layout = python->layout;
	const struct type *type = type_of(python, object);
	uint64_t at, length;

	if (!type)
		return -1;
	if (type->kind == KIND_SIMPLE_QUEUE)
		return simple_queue_length(python, object);
	if (type->flags & (TYPE_TUPLE | TYPE_LIST))
		at = layout->list.length;
	else if (type->flags & TYPE_DICT || type->kind == KIND_DEQUE)
		at = layout->deque.length; /* as ma_used of a dict */
	else if (type->kind == KIND_SET)
		at = layout->set.used;
	else
		return -1;
	return mem_read_u64(python->mem, object + at, &length) && length <= INT64_MAX
			       ? (int64_t)length
			       : -1;
}

/* Include/cpython/setobject.h: PySetObject.fill, which counts the places of deleted items
 * too, stands before `used` in all versions. */
bool set_counts(struct python *python, remote_addr object, int64_t *left, int64_t *added)
{
	const struct layout *layout = python->layout;
	const struct type *type = type_of(python, object);
	uint64_t fill, used, mask;

	if (!type || type->kind != KIND_SET ||
			!mem_read_u64(python->mem, object + layout->set.used - sizeof(fill),
					&fill) ||
			!mem_read_u64(python->mem, object + layout->set.used, &used) ||
			!mem_read_u64(python->mem, object + layout->set.mask, &mask) ||
			mask > INT64_MAX || fill > mask || used > fill)
		return false;
	*left = (int64_t)used;
	*added = (int64_t)fill;
	return true;
}

bool integer_read(struct python *python, remote_addr object, int64_t *value)
{
	enum { SIGN_MASK = 3, NEGATIVE = 2, DIGITS_SHIFT = 3, DIGIT_BITS = 30, DIGITS_MAX = 3 };
	const struct layout *layout = python->layout;
	const struct type *type = type_of(python, object);
	uint64_t tag, number = 0;
	uint8_t room[DIGITS_MAX * sizeof(uint32_t)];
	uint32_t digit;

	if (!type || !(type->flags & TYPE_INT) ||
			!mem_read_u64(python->mem, object + layout->integer.tag, &tag))
		return false;
	int64_t length = (int64_t)tag;
	bool negative = layout->integer.by_length ? length < 0 : (tag & SIGN_MASK) == NEGATIVE;
	uint64_t count = !layout->integer.by_length ? tag >> DIGITS_SHIFT : negative ? -tag : tag;
	const uint8_t *digits =
			count && count <= DIGITS_MAX
					? mem_view(python->mem, object + layout->integer.digits,
							  room, count * sizeof(digit))
					: NULL;
	if (count && !digits)
		return false;
	for (uint64_t i = count; i-- > 0;) {
		if (number >> (63 - DIGIT_BITS))
			return false;
		memcpy(&digit, digits + i * sizeof(digit), sizeof(digit));
		number = number << DIGIT_BITS | digit;
	}
	*value = negative ? -(int64_t)number : (int64_t)number;
	return true;
}

bool cell_read(struct python *python, remote_addr cell, remote_addr *contents)
{
	const struct type *type = type_of(python, cell);

	return type && type->kind == KIND_CELL &&
	       mem_read_u64(python->mem, cell + python->layout->cell.contents, contents) &&
	       *contents;
}

bool module_dict(struct python *python, remote_addr module, remote_addr *dict)
{
	const struct type *type = type_of(python, module);

	/* A subclass of the module type keeps the place. */
	return type && mem_read_u64(python->mem, module + python->layout->module.dict, dict);
}

bool stackref_integer(uint64_t reference, int64_t *value)
{
	enum { TAG_BITS = 2 };

	*value = (int64_t)reference >> TAG_BITS;
	return (reference & STACKREF_TAGS) == STACKREF_INTEGER;
}
