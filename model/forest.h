/* The await graph as trees, line by line in the order in which it is drawn.
 *
 * A block for each loop; under it the tasks that nobody of the same loop waits
 * for, under each what it awaits.  Every task stands in one branch; where it is
 * mentioned again, the branch is a reference.  Like tasks share a branch. */
#ifndef MODEL_FOREST_H
#define MODEL_FOREST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/snapshot.h"

enum { NO_BRANCH = UINT32_MAX };

struct branch {
	/* All tasks that the branch stands for: `count` like ones, then what each
	 * of these awaits, and so on, `links` times. */
	const struct task *const *tasks;
	uint32_t count;
	uint32_t links;
	uint32_t parent;  /* the branch that awaits it, or NO_BRANCH */
	uint32_t depth;   /* from the margin */
	uint32_t block;   /* its place in forest.blocks */
	uint32_t section; /* of the block: 0 its beginning, or the number that is ... */
	uint32_t goes_on; /* ... here in the branch whose children stand there, else 0 */
	uint8_t rank;     /* enum fold_rank */
	uint32_t waiters; /* the most that wait for what one of the tasks holds */
	bool reference;   /* the tasks stand elsewhere */
	bool cycle;       /* a task of a cycle; a reference that closes one */
};

struct block {
	const struct loop *loop;     /* NULL: of tasks without one */
	const struct thread *thread; /* that runs the loop, or NULL */
	uint32_t first, count;       /* its branches */
};

struct forest {
	struct branch *branches;
	uint32_t count;
	uint32_t groups; /* branches that are no reference */
	struct block *blocks;
	uint32_t block_count;
	struct arena arena;
};

/* Where `fold` is false, each task gets a branch.  At `levels` from the margin
 * the children of a branch go on in a section of their own. */
void forest_init(
		struct forest *forest, const struct snapshot *snapshot, bool fold, uint32_t levels);
/* The same, folded, with siblings in the order of their creation whatever they do:
 * from snapshot to snapshot they keep their places. */
void forest_init_by_age(struct forest *forest, const struct snapshot *snapshot, uint32_t levels);
void forest_deinit(struct forest *forest);

/* The tasks that stand in the branch: none in a reference. */
uint32_t branch_tasks(const struct branch *branch);

#endif
