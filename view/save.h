/* Writes a snapshot into a file of its own in the current directory, in a thread of
 * its own: a disk may be slow. */
#ifndef VIEW_SAVE_H
#define VIEW_SAVE_H

#include <stdbool.h>

#include "base/buffer.h"
#include "render.h"
#include "view/picture.h"

struct save;

/* As JSON, or as the text of the tree.  NULL where there is no thread to be had.
 * Only the user may read the file: command lines may hold secrets. */
struct save *save_begin(struct picture *picture, bool json, const struct render_options *render);
/* Is readable when it is done. */
int save_fd(const struct save *save);
/* Waits for it, and says in `message` what the file is called, or why that failed. */
void save_end(struct save *save, struct buffer *message);

#endif
