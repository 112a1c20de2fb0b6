/* What an object refers to, and how often it is referred to itself: enough to tell
 * that a few objects keep only each other. */
#ifndef CPYTHON_REFERENTS_H
#define CPYTHON_REFERENTS_H

#include "cpython/python.h"

/* Adds what the object at `object` holds a counted reference to, an item for each
 * reference.  Some that it holds may be missing, none is there too much. */
void referents_add(struct python *python, remote_addr object, struct addresses *referents);

/* How many references there are to an object, 0 where that is not known, as of one
 * that is never freed. */
uint32_t reference_count(struct python *python, remote_addr object);

#endif
