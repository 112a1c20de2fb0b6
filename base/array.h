/* Growable arrays of any type.
 *
 *	ARRAY(struct task *) tasks = { 0 };
 *	*array_push(&tasks) = task;
 *	array_free(&tasks);
 *
 * The items move when the array grows: keep indices, not pointers. */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include <stddef.h>
#include <stdlib.h>

#include "base/alloc.h"

#define ARRAY(type)                                                                                \
	struct {                                                                                   \
		type *items;                                                                       \
		size_t count;                                                                      \
		size_t capacity;                                                                   \
	}

/* Adds an item that is not initialised and gives its address. */
#define array_push(array)                                                                          \
	((array)->count == (array)->capacity ? (void)((array)->items = array_grow((array)->items,  \
								      &(array)->capacity,          \
								      sizeof(*(array)->items)))    \
					     : (void)0,                                            \
			&(array)->items[(array)->count++])

#define array_free(array)                                                                          \
	do {                                                                                       \
		free((array)->items);                                                              \
		(array)->items = NULL;                                                             \
		(array)->count = (array)->capacity = 0;                                            \
	} while (0)

static inline void *array_grow(void *items, size_t *capacity, size_t size)
{
	*capacity = *capacity ? *capacity * 2 : 16;
	return alloc_resize(items, *capacity, size);
}

#endif
