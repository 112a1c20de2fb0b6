/* The one place that says which asynctree this is. */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#define ASYNCTREE_VERSION "0.1.0"

#endif
