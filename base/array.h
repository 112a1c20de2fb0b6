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

/* Makes room for `more` items, so that adding them one by one moves none. */
#define array_reserve(array, more)                                                                 \
	do {                                                                                       \
		size_t array_needed_ = (array)->count + (more);                                    \
		if (array_needed_ > (array)->capacity) {                                           \
			(array)->items = alloc_resize(                                             \
					(array)->items, array_needed_, sizeof(*(array)->items));   \
			(array)->capacity = array_needed_;                                         \
		}                                                                                  \
	} while (0)

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
