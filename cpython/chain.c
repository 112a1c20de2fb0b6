/* The chain of awaits below a coroutine: see chain.h. */
#include "cpython/chain.h"

#include "cpython/types.h"

enum { LINKS_MAX = 1 << 20 };

void chain_deinit(struct chain *chain)
{
	array_free(&chain->frames);
	array_free(&chain->places);
}

/* Steps into a coroutine, generator or async generator. */
static enum chain_end enter(
		struct python *python, struct chain *chain, remote_addr object, remote_addr *next)
{
	enum generator_state state;
	struct frame_view *frame = array_push(&chain->frames);
	bool ok = generator_read(python, object, &state, frame);

	*next = 0;
	if (!ok || state == GENERATOR_FINISHED) {
		chain->frames.count--;
		return ok ? CHAIN_FINISHED : CHAIN_TORN;
	}
	switch (state) {
	case GENERATOR_CREATED:
		return CHAIN_CREATED;
	case GENERATOR_EXECUTING:
		return chain->frames.count > 1 ? CHAIN_DRIVEN : CHAIN_EXECUTING;
	case GENERATOR_SUSPENDED:
		return CHAIN_SUSPENDED;
	default:
		return frame_awaited(python, frame, next) ? CHAIN_LEAF : CHAIN_TORN;
	}
}

/* Steps over an object that only passes on to another: Objects/genobject.c,
 * Objects/iterobject.c and Modules/_asynciomodule.c all keep that first. */
static enum chain_end pass(struct python *python, remote_addr object, remote_addr *next)
{
	return mem_read_u64(python->mem, object + python->layout->object.size, next) ? CHAIN_LEAF
										     : CHAIN_TORN;
}

static enum chain_end step(
		struct python *python, struct chain *chain, remote_addr object, remote_addr *next)
{
	const struct type *type = type_of(python, object);

	if (!type)
		return CHAIN_TORN;
	switch (type->kind) {
	case KIND_COROUTINE:
	case KIND_GENERATOR:
	case KIND_ASYNC_GENERATOR:
		return enter(python, chain, object, next);
	case KIND_COROUTINE_WRAPPER:
	case KIND_ASEND:
	case KIND_ATHROW:
	case KIND_ANEXT:
		return pass(python, object, next);
	case KIND_FUTURE_ITER:
		chain->leaf = 0;
		return pass(python, object, &chain->leaf);
	default:
		chain->leaf = object;
		return chain->frames.count ? CHAIN_LEAF : CHAIN_OPAQUE;
	}
}

static void compare_places(struct chain *chain)
{
	chain->alike = chain->places_end == chain->end &&
		       chain->places.count == chain->frames.count;
	for (size_t i = 0; i < chain->frames.count && chain->alike; i++)
		chain->alike = chain->places.items[i] == chain->frames.items[i].instruction;
	if (chain->alike)
		return;
	chain->places_end = chain->end;
	chain->places.count = 0;
	for (size_t i = 0; i < chain->frames.count; i++)
		*array_push(&chain->places) = chain->frames.items[i].instruction;
}

static void walk(struct python *python, remote_addr coroutine, struct chain *chain)
{
	remote_addr object = coroutine, passed = 0;

	chain->frames.count = 0;
	chain->leaf = 0;
	chain->hash = 0;
	chain->end = CHAIN_OPAQUE;
	for (unsigned i = 0; object; i++) {
		remote_addr next = 0;
		if (i == LINKS_MAX || object == passed || !python_work(python, OBJECT_WORK)) {
			chain->end = CHAIN_TORN;
			return;
		}
		/* Whatever circle it runs in, it meets one of these again. */
		if (!(i & (i + 1)))
			passed = object;
		if (chain->hashes)
			chain->hash = hash_mix(chain->hash, object);
		chain->end = step(python, chain, object, &next);
		object = chain->end == CHAIN_LEAF ? next : 0;
	}
}

void chain_walk(struct python *python, remote_addr coroutine, struct chain *chain)
{
	walk(python, coroutine, chain);
	compare_places(chain);
}

/* Whether the frame that was entered last executes, as far as its state says. */
static bool is_thrown(enum chain_end end)
{
	return end == CHAIN_EXECUTING || end == CHAIN_DRIVEN;
}

bool chain_enter_thrown(struct python *python, struct chain *chain, const struct table *executing)
{
	const size_t count = chain->frames.count;
	remote_addr object = 0;
	size_t found = 0;

	for (unsigned i = 0; i < LINKS_MAX && chain->frames.count; i++) {
		const size_t depth = chain->frames.count;
		remote_addr next = 0;
		const struct frame_view last = chain->frames.items[depth - 1];
		if (!object && table_find(executing, last.generator))
			found = depth;
		/* From 3.14 on all of them are in a thread, and these stacks are stale. */
		if (!python->layout->frame.stacktop || !python_work(python, OBJECT_WORK) ||
				(!object && !frame_awaited(python, &last, &object)))
			break;
		enum chain_end end = step(python, chain, object, &next);
		object = next;
		if (chain->frames.count > depth ? !is_thrown(end) : end != CHAIN_LEAF || !object)
			break;
	}
	chain->frames.count = found ? found : count;
	return found;
}
