/* The table of a task's fields: see fields.h. */
#include "model/fields.h"

#include "model/snapshot.h"

#define AT(member) offsetof(struct task, member)

const struct field task_fields[] = {
	{ "id", "ID", 14, false, "address of the task in the process", FIELD_ADDRESS, AT(id) },
	{ "name", "NAME", 8, false, "name of the task", FIELD_TEXT, AT(name) },
	{ "type", NULL, 0, false, "name of the task's class", FIELD_TEXT, AT(type) },
	{ "interpreter", NULL, 0, false, "id of the interpreter it lives in", FIELD_INT64,
			AT(interpreter) },
	{ "tid", "TID", 7, true, "thread that runs the task's loop now", FIELD_TID, AT(tid) },
	{ "loop", NULL, 0, false, "id of the task's event loop", FIELD_LOOP, AT(loop) },
	{ "state", "STATE", 7, false, "running, ready or waiting", FIELD_STATE, AT(state) },
	{ "current", NULL, 0, false, "whether its thread names it as the current task", FIELD_BOOL,
			AT(current) },
	{ "coroutine", "COROUTINE", 9, false, "outermost function of the stack", FIELD_TEXT,
			AT(coroutine) },
	{ "stack", "LOCATION", 8, false, "frames; in the list the innermost line of your code",
			FIELD_STACK, AT(stack) },
	{ "waiting_on", "WAITS-FOR", 9, false, "what it waits for", FIELD_WAIT, AT(waiting_on) },
	{ "awaited_by", "AWAITED-BY", 10, false, "tasks that wait for it", FIELD_TASKS,
			AT(awaited_by) },
	{ "awaits", "AWAITS", 6, false, "tasks that it waits for", FIELD_TASKS, AT(awaits) },
	{ "cancel_requests", NULL, 0, false, "calls of cancel() not yet taken back", FIELD_INT,
			AT(cancel_requests) },
	{ "must_cancel", NULL, 0, false, "whether it is cancelled at its next step", FIELD_BOOL,
			AT(must_cancel) },
	{ "created_at", NULL, 0, false, "where it was created", FIELD_ORIGIN, AT(created_at) },
};

const size_t task_field_count = sizeof(task_fields) / sizeof(task_fields[0]);
