/* What is said of a task: one row for each key of a task in the JSON output.
 *
 * The table drives the JSON, the columns of the list and the man page.  Both
 * outputs keep the order of the rows.  Rows are added, never changed. */
#ifndef MODEL_FIELDS_H
#define MODEL_FIELDS_H

#include <stdbool.h>
#include <stddef.h>

/* What is found at `offset` in a struct task, and how it is shown in JSON; in
 * the list what is null in JSON is "-". */
enum field_type {
	FIELD_ADDRESS, /* uint64_t: "0x..." */
	FIELD_TEXT,    /* const char *, or NULL */
	FIELD_INT64,   /* int64_t */
	FIELD_INT,     /* int */
	FIELD_TID,     /* int, 0 for none: null */
	FIELD_BOOL,    /* bool */
	FIELD_STATE,   /* enum task_state: its name */
	FIELD_LOOP,    /* const struct loop *, or NULL: its id */
	FIELD_STACK,   /* const struct stack *: every frame; in the list its location */
	FIELD_TASKS,   /* struct task_list: ids; in the list the first's name, "+N" more */
	FIELD_WAIT,    /* const struct wait *, or NULL; in the list its words */
	FIELD_ORIGIN,  /* const struct stack *, or NULL */
};

struct field {
	const char *key;    /* in JSON */
	const char *header; /* of its column in the list; NULL where it has none */
	int width;          /* of the column, at least */
	bool right;         /* the column is aligned to the right */
	const char *meaning;
	enum field_type type;
	size_t offset; /* in struct task */
};

extern const struct field task_fields[];
extern const size_t task_field_count;

#endif
