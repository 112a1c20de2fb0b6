/* What the searches for findings share: finding.c runs those in find_*.c. */
#ifndef MODEL_FINDER_H
#define MODEL_FINDER_H

#include "base/buffer.h"
#include "model/finding.h"
#include "model/motion.h"
#include "model/paths.h"

/* A finding before those that are alike became one. */
struct draft {
	struct finding finding;
	uint64_t like; /* those of one kind that are alike have the same */
	uint32_t order;
};

struct finder {
	struct snapshot *snapshot;
	struct paths paths;
	struct motion motion;
	/* What there is at all: most searches have nothing to look through tasks for. */
	struct {
		uint32_t waits; /* bits, 1 << kind */
		bool cancelled; /* a task was that yet waits */
		bool orphan;
	} seen;
	struct buffer text; /* of the finding that is being written */
	struct {
		struct draft *items;
		size_t count;
		size_t capacity;
	} drafts;
};

/* Adds the finding whose words are in `text`, which is empty then. */
void finder_add(struct finder *finder, struct finding finding, uint64_t like);

/* A part of a message begins: adds the dot between it and the one before. */
void finder_part(struct finder *finder);

/* Says who and where: "Task-7 in query db.py:88 reading 10.0.0.5:5432", or of
 * several where most of them stand: "all in ...", "7 in ...". */
void finder_tell(struct finder *finder, const struct task_list *tasks);

/* Tasks in two lists, as one that is the snapshot's. */
struct task_list finder_join(
		struct finder *finder, const struct task_list *a, const struct task_list *b);

/* The tasks of the snapshot that are so; the list is the snapshot's. */
struct task_list finder_pick(struct finder *finder, bool (*is_so)(const struct task *task));

typedef void finder_search(struct finder *finder);
finder_search find_cycles; /* find_locks.c */
finder_search find_contention;
finder_search find_queues;  /* find_queues.c */
finder_search find_holdups; /* find_groups.c */
finder_search find_blocked; /* find_loops.c */
finder_search find_executors;
finder_search find_cancelled; /* find_tasks.c */
finder_search find_orphans;
finder_search find_exceptions;

#endif
