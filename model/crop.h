/* Which branches of a forest a screen has room for. */
#ifndef MODEL_CROP_H
#define MODEL_CROP_H

#include "model/forest.h"

struct crop {
	bool *shown;           /* by the index of a branch */
	bool *cut;             /* a shown branch lacks some of what is below it ... */
	uint32_t *cut_tasks;   /* ... with so many tasks in it */
	uint32_t empty_blocks; /* blocks without tasks for which there is room */
	uint32_t hidden;       /* branches that are not shown */
	uint32_t hidden_groups;
	uint32_t hidden_tasks;
};

enum { BLOCK_LINES = 2 }; /* a block begins with an empty line and its title */

/* The lines of a screen that a branch takes, with what is drawn below it besides
 * its children; one at least. */
typedef uint32_t crop_lines(void *context, uint32_t branch);

/* Leaves out the least interesting of what goes beyond `lines` (0: nothing). */
void crop_init(struct crop *crop, const struct forest *forest, uint32_t lines, crop_lines *lines_of,
		void *context);
void crop_deinit(struct crop *crop);

#endif
