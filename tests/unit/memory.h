/* The memory of a target that does not exist, for tests of what reads one.
 *
 *	struct memory memory;
 *	memory_init(&memory);
 *	memory_put_u64(&memory, 0x1000, 42);    // maps the page, zeroed
 *	memory_hide(&memory, 0x2000);           // this page cannot be read
 *	struct procmem *mem = memory_open(&memory);
 *	...
 *	mem_destroy(mem);
 *	memory_deinit(&memory);
 *
 * Pages that nothing was put into cannot be read. */
#ifndef TESTS_UNIT_MEMORY_H
#define TESTS_UNIT_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/table.h"
#include "procmem.h"

struct memory {
	struct table pages; /* page address → struct memory_page * */
	/* Called before each read, to change what is there in between. */
	void (*before_read)(struct memory *memory);
	unsigned reads;        /* calls of the backend */
	size_t pieces;         /* of all calls */
	size_t largest;        /* number of pieces in one call */
	remote_addr last_read; /* the address of the last piece */
	bool closed;
};

void memory_init(struct memory *memory);
void memory_deinit(struct memory *memory);

/* A reader of it; closing that leaves the memory as it is. */
struct procmem *memory_open(struct memory *memory);

/* Maps all pages that the range touches, zeroed where they are new. */
void memory_map(struct memory *memory, remote_addr address, size_t size);
/* Makes the page around `address` unreadable, or readable again. */
void memory_hide(struct memory *memory, remote_addr address);
void memory_show(struct memory *memory, remote_addr address);

void memory_put(struct memory *memory, remote_addr address, const void *data, size_t size);
void memory_put_u64(struct memory *memory, remote_addr address, uint64_t value);
void memory_put_u32(struct memory *memory, remote_addr address, uint32_t value);
void memory_put_u8(struct memory *memory, remote_addr address, uint8_t value);
uint64_t memory_get_u64(struct memory *memory, remote_addr address);

/* A copy in our own memory that ends where a page begins that may not be
 * touched: reading past it is a fault, not luck.  It is never freed. */
void *tail_copy(const void *data, size_t size);

#endif
