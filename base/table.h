/* A hash table from a 64-bit key to a 64-bit value (an index or a pointer). */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct table {
	struct table_slot *slots;
	size_t count;
	size_t capacity; /* a power of two, or 0 */
	/* A slot whose key is 0 is free, so that key has a place of its own. */
	bool has_zero;
	uint64_t zero;
};

void table_deinit(struct table *table);

/* The value of `key`, or NULL.  Valid until the table next grows. */
uint64_t *table_find(const struct table *table, uint64_t key);
/* The value of `key`, added as 0 where it was missing; `*added` says which. */
uint64_t *table_add(struct table *table, uint64_t key, bool *added);

/* Makes room for `count` more keys, so that adding them one by one moves none. */
void table_reserve(struct table *table, size_t count);

/* Mixes a value into a hash, for keys that are made of several values. */
static inline uint64_t hash_mix(uint64_t hash, uint64_t value)
{
	/* The finalizer of splitmix64: addresses differ in few, middle bits.  The two are
	 * not only added: of an object's place and a name's equal sums are common. */
	uint64_t x = hash * 0xd6e8feb86659fd93 + 0x9e3779b97f4a7c15 + value;
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
	return x ^ (x >> 31);
}

uint64_t hash_bytes(const void *data, size_t size);

#endif
