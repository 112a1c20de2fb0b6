/* A process that looks like a CPython and is none: it publishes CPython's
 * offsets, and keeps objects that it has built by hand where these say.  The
 * evils (evils.c) spoil them. */
#ifndef TESTS_HOSTILE_WORLD_H
#define TESTS_HOSTILE_WORLD_H

#include <stdint.h>

#include "cpython/layout.h"
#include "tests/unit/builtins.h"
#include "tests/unit/layouts.h"

typedef uint64_t address;

enum {
	T_INSTANCE = BUILTINS, /* a class whose instances have a dict */
	TYPES
};

struct world {
	struct layout layout;
	address type[TYPES];
	address none, code;
	address interpreter, thread, other_thread;
	address task_list;    /* head of the first thread's list, where evil tasks go */
	address healthy_task; /* in the other thread's list */
	address modules;      /* sys.modules */
	address tasks_module; /* the dict of asyncio.tasks */
	address threading_active;
	uint64_t *published, *published_asyncio; /* as asynctree reads them */
};

void world_build(struct world *w, enum build build);

static inline uint64_t *word_at(address at)
{
	return (uint64_t *)(uintptr_t)at;
}

static inline void put(address at, uint64_t value)
{
	*word_at(at) = value;
}

static inline void put32(address at, uint32_t value)
{
	*(uint32_t *)(uintptr_t)at = value;
}

static inline void put8(address at, uint8_t value)
{
	*(uint8_t *)(uintptr_t)at = value;
}

/* Zeroed memory; of large pieces only what is written to is there. */
address block(uint64_t size);
/* Memory of its own, page by page, that can be unmapped. */
address pages(uint64_t size);
/* An address at which there is nothing. */
address nowhere(void);

address object(struct world *w, unsigned type, uint64_t size);
address type_of_name(struct world *w, const char *name, uint64_t flags, address base);
address text(struct world *w, const char *ascii);
address integer(struct world *w, uint64_t value);
address tuple(struct world *w, uint64_t count, const address *items);
address list(struct world *w, uint64_t count, const address *items);
/* A set with a table of `slots` (a power of two), which are all free. */
address set(struct world *w, uint64_t slots);
void set_put(struct world *w, address set, uint64_t slot, address key);
address set_of(struct world *w, uint64_t count, const address *items);
/* Names and values in turn. */
address dict(struct world *w, uint64_t count, const address *entries);
address instance(struct world *w, uint64_t count, const address *attributes);
address code(struct world *w, const char *function);
/* A coroutine that awaits `awaited`. */
address coroutine(struct world *w, address awaited);
void coroutine_await(struct world *w, address coroutine, address awaited);
address future(struct world *w);
/* Pending, and suspended in a coroutine on a future of its own. */
address task(struct world *w, const char *name);
address thread(struct world *w, uint64_t tid);
address frame(struct world *w, address code, address previous);
/* Links tasks into the list at `head`, which they replace. */
void link_tasks(struct world *w, address head, uint64_t count, const address *tasks);
address weakset(struct world *w, address data);

#endif
