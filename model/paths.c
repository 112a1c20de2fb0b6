/* Short names of files: see paths.h.
 *
 * Sorted by what they end with, the files that share most of their end with a
 * path stand next to it: a path need only be compared with its neighbours. */
#include "model/paths.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

struct path {
	const char *text;
	size_t length;
};

struct path_list {
	ARRAY(struct path) paths;
	struct table seen; /* stacks and texts, by address */
};

static bool is_new(struct path_list *list, const void *address)
{
	bool added;

	table_add(&list->seen, (uint64_t)(uintptr_t)address, &added);
	return added;
}

static void collect(struct path_list *list, const struct stack *stack)
{
	if (!stack || !is_new(list, stack))
		return;
	for (uint32_t i = 0; i < stack->depth; i++) {
		const char *file = stack->frames[i]->file;
		if (file && is_new(list, file))
			*array_push(&list->paths) = (struct path){ file, strlen(file) };
	}
}

/* The character before the last `length`; '/' sorts before all others, and the
 * beginning of the path before that: paths that end with the same components
 * then stand together. */
static int before(const struct path *path, size_t length)
{
	if (length == path->length)
		return 0;
	unsigned char c = (unsigned char)path->text[path->length - 1 - length];
	return c == '/' ? 1 : c + 2;
}

/* The bytes at the end that both have. */
static size_t common_bytes(const struct path *a, const struct path *b)
{
	size_t same = 0;

	while (before(a, same) && before(a, same) == before(b, same))
		same++;
	return same;
}

/* The bytes of the components at the end that both have. */
static size_t common_end(const struct path *a, const struct path *b)
{
	size_t same = common_bytes(a, b);

	while (same && (before(a, same) > 1 || before(b, same) > 1))
		same--;
	return same;
}

static int compare_ends(const void *a, const void *b)
{
	size_t same = common_bytes(a, b);

	return before(a, same) - before(b, same);
}

static bool is_same(const struct path *a, const struct path *b)
{
	return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

/* The part of `path` that begins at a component and is longer than `common`. */
static const char *longer_end(const struct path *path, size_t common)
{
	const char *at = path->text + path->length;

	while (at > path->text) {
		if (at[-1] == '/' && (size_t)(path->text + path->length - at) > common)
			break;
		at--;
	}
	return at;
}

/* Files of the same name that are several strings get the same short name. */
static void shorten(struct paths *paths, const struct path *path, size_t count)
{
	for (size_t from = 0, to; from < count; from = to) {
		for (to = from + 1; to < count && is_same(&path[from], &path[to]);)
			to++;
		size_t common = from ? common_end(&path[from], &path[from - 1]) : 0;
		size_t after = to < count ? common_end(&path[from], &path[to]) : 0;
		if (after > common)
			common = after;
		size_t skipped = (size_t)(longer_end(&path[from], common) - path[from].text);
		for (size_t i = from; i < to; i++) {
			bool added;
			*table_add(&paths->shortened, (uint64_t)(uintptr_t)path[i].text, &added) =
					(uint64_t)(uintptr_t)(path[i].text + skipped);
		}
	}
}

void paths_init(struct paths *paths, const struct snapshot *snapshot)
{
	struct path_list list = { .seen = { 0 } };
	const struct stack *last = NULL; /* like tasks mostly follow each other */

	*paths = (struct paths){ 0 };
	for (uint32_t i = 0; i < snapshot->tasks.count; i++) {
		const struct stack *stack = snapshot->tasks.items[i]->stack;
		if (stack != last)
			collect(&list, stack);
		last = stack;
	}
	for (uint32_t i = 0; i < snapshot->unfetched.count; i++)
		collect(&list, snapshot->unfetched.items[i]->stack);
	for (size_t i = 0; i < snapshot->threads.count; i++)
		collect(&list, snapshot->threads.items[i].stack);
	if (list.paths.count)
		qsort(list.paths.items, list.paths.count, sizeof(struct path), compare_ends);
	shorten(paths, list.paths.items, list.paths.count);
	array_free(&list.paths);
	table_deinit(&list.seen);
}

void paths_deinit(struct paths *paths)
{
	table_deinit(&paths->shortened);
}

const char *paths_short(const struct paths *paths, const char *file)
{
	const uint64_t *found = table_find(&paths->shortened, (uint64_t)(uintptr_t)file);

	return found ? (const char *)(uintptr_t)*found : file;
}
