/* The rows of the list: what stands where, for a picture, an order, a filter and
 * what is folded.  They are made once for each of these; drawing looks only at
 * those that are on the screen. */
#ifndef VIEW_ROWS_H
#define VIEW_ROWS_H

#include "base/array.h"
#include "base/table.h"
#include "view/picture.h"

enum { NO_ROW = UINT32_MAX };

enum shape { SHAPE_TREE, SHAPE_FLAT, SHAPE_COROUTINES, SHAPES };

enum order { ORDER_AGE, ORDER_STUCK, ORDER_STEPS, ORDER_SHARE, ORDER_NAME, ORDER_PLACE, ORDERS };

enum row_kind {
	ROW_BLOCK,     /* the title of a loop: index of a block */
	ROW_SECTION,   /* the title of what goes on: index of the branch that it goes on from */
	ROW_BRANCH,    /* index of a branch */
	ROW_TASK,      /* a task of a group, or of a list: index of a task */
	ROW_COROUTINE, /* the title of tasks with one coroutine: index of one of them */
	ROW_ENDED,     /* tasks that ended: index in picture.ended */
	ROW_FRAME,     /* of the stack of the task with this index, the frame `count` */
};

struct row {
	enum row_kind kind;
	uint32_t index;
	uint32_t parent; /* row, or NO_ROW */
	uint32_t count;  /* of a coroutine's tasks, or of ended ones; a frame's place */
	uint32_t sum;    /* of a coroutine: its place in `sums` */
	uint64_t key;    /* the same from picture to picture */
	uint8_t depth;   /* of a tree: 0 has no lines before it, unless it is `lined` */
	bool lined;      /* lines of the tree stand before it */
	bool last;       /* of its siblings; of a frame: nothing stands below its task */
	bool folds;      /* something can be folded or unfolded below it ... */
	bool open;       /* ... and is unfolded */
};

/* What the user has folded and unfolded, by the keys of rows. */
struct folding {
	struct table states;
	bool all; /* groups are unfolded unless said otherwise */
};

void folding_deinit(struct folding *folding);
/* Forgets all that was said, and unfolds all or only what is no group. */
void folding_set_all(struct folding *folding, bool all);
void folding_set(struct folding *folding, uint64_t key, bool open);
/* What was said of it, or `otherwise`. */
bool folding_is_open(const struct folding *folding, uint64_t key, bool otherwise);

/* Whether its tasks have no rows of their own unless it is unfolded. */
bool branch_is_group(const struct branch *branch);

struct rows_options {
	enum shape shape;
	enum order order;
	bool stacks;       /* a task's frames stand below it */
	const bool *shown; /* by the index of a task, or NULL: all are */
	const struct folding *folding;
	double ended_since_s;      /* of those that ended before nothing is said ... */
	uint32_t ended_since_look; /* ... or, where not 0, in or before that look */
};

struct rows {
	ARRAY(struct row) items;
	ARRAY(struct sum) sums; /* of the coroutines' tasks together */
};

void rows_deinit(struct rows *rows);
void rows_make(struct rows *rows, const struct picture *picture,
		const struct rows_options *options);

/* The tasks that a row stands for, the first of which is the one to show more of. */
struct task_span {
	const struct task *const *tasks;
	uint32_t count;
};
struct task_span row_tasks(const struct picture *picture, const struct row *row);

/* The row with the key, or NO_ROW. */
uint32_t rows_find(const struct rows *rows, uint64_t key);

/* The name of an order, and of a shape, for people. */
const char *order_name(enum order order);
const char *shape_name(enum shape shape);

#endif
