/* A hash table with open addressing: see table.h. */
#include "base/table.h"

#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include "base/alloc.h"

enum { CAPACITY_MIN = 64 };

struct table_slot {
	uint64_t key; /* 0: free */
	uint64_t value;
};

/* A hostile target must not know which keys meet in one slot. */
static uint64_t seed;

__attribute__((constructor)) static void take_seed(void)
{
	const void *random = (const void *)getauxval(AT_RANDOM);

	if (random)
		memcpy(&seed, random, sizeof(seed));
}

uint64_t hash_bytes(const void *data, size_t size)
{
	const char *at = data;
	uint64_t hash = seed + size, word;

	for (; size >= sizeof(word); at += sizeof(word), size -= sizeof(word)) {
		memcpy(&word, at, sizeof(word));
		hash = hash_mix(hash, word);
	}
	word = 0;
	if (size)
		memcpy(&word, at, size);
	return hash_mix(hash, word);
}

void table_deinit(struct table *table)
{
	free(table->slots);
	*table = (struct table){ 0 };
}

static struct table_slot *slot_of(const struct table *table, uint64_t key)
{
	size_t mask = table->capacity - 1;
	size_t i = hash_mix(0, key + seed) & mask;

	while (table->slots[i].key && table->slots[i].key != key)
		i = (i + 1) & mask;
	return &table->slots[i];
}

static void grow(struct table *table, size_t capacity)
{
	struct table old = *table;

	table->capacity = capacity;
	table->slots = alloc_zeroed(table->capacity, sizeof(struct table_slot));
	for (size_t i = 0; i < old.capacity; i++)
		if (old.slots[i].key)
			*slot_of(table, old.slots[i].key) = old.slots[i];
	free(old.slots);
}

void table_reserve(struct table *table, size_t count)
{
	size_t capacity = table->capacity ? table->capacity : CAPACITY_MIN;

	while (table->count + count > capacity / 4 * 3)
		capacity *= 2;
	if (capacity > table->capacity)
		grow(table, capacity);
}

uint64_t *table_find(const struct table *table, uint64_t key)
{
	if (!key)
		return table->has_zero ? (uint64_t *)(uintptr_t)&table->zero : NULL;
	if (!table->capacity)
		return NULL;
	struct table_slot *slot = slot_of(table, key);
	return slot->key ? &slot->value : NULL;
}

uint64_t *table_add(struct table *table, uint64_t key, bool *added)
{
	if (!key) {
		*added = !table->has_zero;
		table->count += *added;
		table->has_zero = true;
		return &table->zero;
	}
	if (table->count >= table->capacity / 4 * 3)
		grow(table, table->capacity ? table->capacity * 2 : CAPACITY_MIN);
	struct table_slot *slot = slot_of(table, key);
	*added = !slot->key;
	slot->key = key;
	table->count += *added;
	return &slot->value;
}
