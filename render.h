/* Draws a snapshot as text, for a person: the tree and the list. */
#ifndef RENDER_H
#define RENDER_H

#include <stdbool.h>
#include <stdio.h>

#include "model/snapshot.h"

enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

struct render_options {
	bool ascii;       /* nothing but ASCII comes out */
	bool ascii_lines; /* our lines and signs are ASCII, text of the target need not be
			   */
	bool color;
	bool stacks; /* all frames of each task */
	bool fold;   /* like tasks in one line */
	int width;   /* columns; 0: no line is shortened */
	int height;  /* lines of the screen; 0: nothing is left out */
};

/* Fills the options from what `fd`, the locale that is set and the environment
 * (COLUMNS, LINES, NO_COLOR, TERM) allow; it folds and shows no stacks. */
void render_options_init(struct render_options *options, int fd, enum color_when when);

/* Both end early where `out` has an error, as a closed pipe. */
void render_tree(const struct snapshot *snapshot, const struct render_options *options, FILE *out);
void render_list(const struct snapshot *snapshot, const struct render_options *options, FILE *out);

#endif
