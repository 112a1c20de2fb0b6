/* What a snapshot shows to be wrong: the answer that comes first.
 *
 * Each kind has a condition, which stands in the man page and in the file that
 * finds it.  A finding is what was read; where more is concluded, it is likely
 * only, and its words say so. */
#ifndef MODEL_FINDING_H
#define MODEL_FINDING_H

#include "model/snapshot.h"

/* In the order of their rank. */
enum finding_kind {
	FINDING_BLOCKED,
	FINDING_CYCLE,
	FINDING_CONTENTION,
	FINDING_EXECUTOR,
	FINDING_QUEUE,
	FINDING_CANCELLED,
	FINDING_ORPHAN,
	FINDING_EXCEPTION,
	FINDING_HOLDUP,
	FINDING_GROWTH, /* found over time only: model/growth.h */
	FINDING_KINDS
};

struct finding {
	enum finding_kind kind;
	bool likely; /* it is not certain */
	/* One line: our words, with text of the target in them.  Its parts are
	 * joined by WORDS_DOT; of other signs it has those of words.h. */
	const char *message;
	uint64_t count; /* of the tasks that it is about */
	/* They, the culprits before those that suffer; of done ones none. */
	struct task_list tasks;
};

/* Fills snapshot.findings; all else must be there. */
void findings_find(struct snapshot *snapshot);

/* The tasks that findings hang on which a second look may end: their own, and those that
 * these wait for.  The list is the snapshot's, and not of too many. */
struct task_list findings_suspects(struct snapshot *snapshot);

/* Whether callbacks of the loop have been running for so long that it is blocked,
 * confirmed or not: one whose callbacks take their time is no news. */
bool finding_is_blocked(const struct loop *loop);

/* Adds one to those of the snapshot, at the place of its kind. */
void findings_add(struct snapshot *snapshot, const struct finding *finding);

/* The word of the JSON output. */
const char *finding_kind_name(enum finding_kind kind);

#endif
