/* Objects as values: what containers hold, what names lead to. */
#ifndef CPYTHON_OBJECTS_H
#define CPYTHON_OBJECTS_H

#include "cpython/python.h"

struct type;

enum { DICT_BYTES = 64 }; /* what is read of a dict, apart from its keys */

/* The word at an address, 0 where it cannot be read. */
uint64_t object_word(struct python *python, remote_addr address);

/* Adds the items of the tuple, list, set, deque or SimpleQueue at `object`; false
 * where it is none, or not all of it can be read. */
bool items_read(struct python *python, remote_addr object, struct addresses *items);

/* Wants the memory in which a list or set of at most `most` items has them. */
void items_want(struct python *python, remote_addr object, uint64_t most);
bool weakset_read(struct python *python, remote_addr object, struct addresses *items);

/* The item at a place of a tuple or list, where it has so many.  And the first one. */
bool item_at(struct python *python, remote_addr object, uint64_t place, remote_addr *item);
bool item_first(struct python *python, remote_addr object, remote_addr *item);

/* Adds key and value, in turn, of each entry of the dict at `object`. */
bool dict_read(struct python *python, remote_addr object, struct addresses *entries);
/* The value of the str `name` in a dict. */
bool dict_find(struct python *python, remote_addr dict, const char *name, remote_addr *value);

/* Fetches these dicts, 0 for none, with their entries in few calls.  A hint: it cannot
 * fail. */
void dicts_prefetch(struct python *python, const struct addresses *dicts);
/* Wants the names in entries of a dict, which are as dict_read() gives them. */
void names_want(struct python *python, const struct addresses *entries);

/* The attribute `name` of the instance itself, not of its class. */
bool attribute_find(
		struct python *python, remote_addr object, const char *name, remote_addr *value);

/* Several of them at once, 0 for one that is not there; gives how many are. */
size_t attributes_find(struct python *python, remote_addr object, const char *const *names,
		size_t count, remote_addr *found);

/* Adds the values of all attributes of the instance itself, or of a dict its values, and
 * its keys too unless they are all of type str; false where they are not kept so. */
bool attributes_read(struct python *python, remote_addr object, struct addresses *values);
/* Wants what that takes, or adds the dict that has them: see dicts_prefetch(). */
void attributes_want(struct python *python, remote_addr object, struct addresses *dicts);

/* The attribute `name` of a class: of the first in its MRO that has it. */
bool class_find(struct python *python, const struct type *type, const char *name,
		remote_addr *value);

/* Adds the values of the attributes that lie in the object itself, 0 for one that it
 * has not; false where it keeps them in a dict. */
bool inline_values_add(struct python *python, remote_addr object, struct addresses *values);

/* The value in the slot `name` of an object whose class has __slots__. */
bool slot_find(struct python *python, remote_addr object, const char *name, remote_addr *value);

/* Adds the values of all slots of an object, 0 for one that has none. */
void slots_read(struct python *python, remote_addr object, struct addresses *values);

/* The value of an int that fits. */
bool integer_read(struct python *python, remote_addr object, int64_t *value);

/* The value of a float. */
bool real_read(struct python *python, remote_addr object, double *value);

/* The value of a float, or of an int that fits. */
bool number_read(struct python *python, remote_addr object, double *value);

/* How many items the list, tuple, set, dict, deque or SimpleQueue at `object` has,
 * -1 where it is none of these. */
int64_t length_of(struct python *python, remote_addr object);

/* How many items the set at `object` has, and how many it had at once or one after the
 * other since it was resized last, with these.  False where it is no set. */
bool set_counts(struct python *python, remote_addr object, int64_t *left, int64_t *added);

/* What a cell holds. */
bool cell_read(struct python *python, remote_addr cell, remote_addr *contents);

/* The __dict__ of a module. */
bool module_dict(struct python *python, remote_addr module, remote_addr *dict);

enum { STACKREF_TAGS = 3, STACKREF_INTEGER = 3 };

/* The object that a reference of the evaluation stack leads to, 0 for none:
 * its two low bits tell of borrowed references and of small integers
 * (Include/internal/pycore_stackref.h). */
static inline remote_addr stackref_object(uint64_t reference)
{
	enum { NULL_REFERENCE_MAX = 3 };

	if (reference <= NULL_REFERENCE_MAX || (reference & STACKREF_TAGS) == STACKREF_INTEGER)
		return 0;
	return reference & ~(uint64_t)STACKREF_TAGS;
}

/* The small integer that it is, or false. */
bool stackref_integer(uint64_t reference, int64_t *value);

#endif
