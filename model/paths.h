/* Short names of files: the least of the end of a path that tells it from all
 * other files of the snapshot ("db.py", or "shop/db.py" and "bank/db.py"). */
#ifndef MODEL_PATHS_H
#define MODEL_PATHS_H

#include "base/table.h"
#include "model/snapshot.h"

struct paths {
	struct table shortened; /* from a path's address to that of its short name */
};

void paths_init(struct paths *paths, const struct snapshot *snapshot);
void paths_deinit(struct paths *paths);

/* The short name of a frame's file; it is a part of `file`. */
const char *paths_short(const struct paths *paths, const char *file);

#endif
