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

/* Mixes a value into a hash, for keys that are made of several values. */
uint64_t hash_mix(uint64_t hash, uint64_t value);
uint64_t hash_bytes(const void *data, size_t size);

#endif
