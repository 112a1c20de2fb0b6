/* Text about tasks, in the words that all outputs share.
 *
 * Text of the target goes in as it is, only shortened: what prints it makes it
 * safe. */
#ifndef MODEL_WORDS_H
#define MODEL_WORDS_H

#include "base/buffer.h"
#include "model/paths.h"
#include "model/snapshot.h"

/* Signs in our own words, which have another form where only ASCII is wanted. */
#define WORDS_DOT "\u00b7"
#define WORDS_ARROW "\u2192"
#define WORDS_AT_LEAST "\u2265"

/* "1,940", with the noun: "1 task", "1,940 tasks". */
void words_number(struct buffer *text, uint64_t number);
void words_count(struct buffer *text, uint64_t number, const char *noun);

/* "0.4 s", "41 s", "12 min", "3 h". */
void words_seconds(struct buffer *text, double seconds);

/* Whether two texts are, where NULL equals nothing but itself. */
bool words_are_equal(const char *a, const char *b);

/* Takes out the middle of what is longer than `most` bytes. */
void words_short(struct buffer *text, const char *of_target, size_t most);
void words_name(struct buffer *text, const struct task *task);

void words_function(struct buffer *text, const char *function);

/* "parse_rows report.py:31", the location of a stack. */
void words_place(struct buffer *text, const struct stack *stack, const struct paths *paths);

/* What a task waits for as on its line: "sleep, 41 s left".  Of several tasks
 * that wait alike it is what holds of all.  With `paths`, more is said of who holds
 * it: "lock held by Task-7 in ask shop.py:33", "semaphore, 10 holders found". */
void words_wait(struct buffer *text, const struct task *const *tasks, uint32_t count,
		const struct paths *paths);

/* The same in a sentence: "reading 10.0.0.5:5432". */
void words_waiting(struct buffer *text, const struct wait *wait);

#endif
