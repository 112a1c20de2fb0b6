/* Reads what a task object says: see raw_task.h. */
#include "cpython/raw_task.h"

#include <string.h>

#include "cpython/objects.h"
#include "cpython/referents.h"
#include "cpython/text.h"
#include "cpython/types.h"

enum {
	TASK_BYTES_MAX = 512,
	/* enum fut_state, Modules/_asynciomodule.c */
	PENDING = 0,
	FINISHED = 2,
	LOG_EXCEPTION = 1, /* the bit of fut_log_tb */
};

static bool read_native(struct python *python, remote_addr address, struct raw_task *raw)
{
	const struct layout *layout = python->layout;
	uint8_t room[TASK_BYTES_MAX];
	int32_t state, cancels;

	raw->type = type_of(python, address);
	if (!raw->type || !raw->type->is_task || layout->task.size > sizeof(room))
		return false;
	const uint8_t *bytes = mem_view(python->mem, address, room, layout->task.size);
	if (!bytes)
		return false;
	memcpy(&state, bytes + layout->task.state, sizeof(state));
	memcpy(&cancels, bytes + layout->task.num_cancels, sizeof(cancels));
	memcpy(&raw->loop, bytes + layout->task.loop, sizeof(raw->loop));
	memcpy(&raw->waiter, bytes + layout->task.fut_waiter, sizeof(raw->waiter));
	memcpy(&raw->coroutine, bytes + layout->task.coro, sizeof(raw->coroutine));
	memcpy(&raw->name, bytes + layout->task.name, sizeof(raw->name));
	memcpy(&raw->source, bytes + layout->task.source_tb, sizeof(raw->source));
	memcpy(&raw->exception, bytes + layout->task.exception, sizeof(raw->exception));
	if (layout->task.awaited_by) {
		memcpy(&raw->awaited_by, bytes + layout->task.awaited_by, sizeof(raw->awaited_by));
		raw->shared = raw->awaited_by && bytes[layout->task.awaited_by_is_set];
	}
	raw->references = reference_count(python, address);
	raw->pending = state == PENDING;
	raw->unfetched = state == FINISHED && raw->exception &&
			 bytes[layout->task.log_flags] & LOG_EXCEPTION;
	raw->must_cancel = bytes[layout->task.flags] & layout->task.must_cancel;
	raw->cancel_requests = cancels;
	return true;
}

/* asyncio's Python Future leaves `_state` to its class until it is done. */
static bool python_future_is_pending(struct python *python, remote_addr address)
{
	remote_addr state;

	return !attribute_find(python, address, "_state", &state) ||
	       text_is(python, state, "PENDING");
}

static int64_t attribute_integer(struct python *python, remote_addr object, const char *name)
{
	remote_addr value;
	int64_t number;

	if (!attribute_find(python, object, name, &value) || !integer_read(python, value, &number))
		return 0;
	return number;
}

static remote_addr attribute_object(struct python *python, remote_addr object, const char *name)
{
	remote_addr value;

	if (!attribute_find(python, object, name, &value))
		return 0;
	const struct type *type = type_of(python, value);
	return type && type->kind != KIND_NONE ? value : 0;
}

/* A class of a third party need have none of these attributes, but those that
 * follow asyncio's do. */
static bool read_python(struct python *python, remote_addr address, struct raw_task *raw)
{
	raw->type = type_of(python, address);
	if (!raw->type)
		return false;
	raw->pending = python_future_is_pending(python, address);
	raw->loop = attribute_object(python, address, "_loop");
	raw->waiter = attribute_object(python, address, "_fut_waiter");
	raw->coroutine = attribute_object(python, address, "_coro");
	raw->name = attribute_object(python, address, "_name");
	raw->exception = attribute_object(python, address, "_exception");
	raw->unfetched = !raw->pending && raw->exception &&
			 attribute_integer(python, address, "_Future__log_traceback");
	raw->source = attribute_object(python, address, "_source_traceback");
	raw->must_cancel = attribute_integer(python, address, "_must_cancel");
	raw->cancel_requests = (int)attribute_integer(python, address, "_num_cancels_requested");
	return true;
}

bool raw_task_read(struct python *python, remote_addr address, bool native, struct raw_task *raw)
{
	*raw = (struct raw_task){ 0 };
	return native ? read_native(python, address, raw) : read_python(python, address, raw);
}

bool future_is_pending(
		struct python *python, const struct asyncio_names *names, remote_addr address)
{
	const struct type *type = type_of(python, address);
	int32_t state;

	if (!type)
		return false;
	if (type->is_future && python->layout->task.size)
		return mem_read(python->mem, address + python->layout->task.state, &state,
				       sizeof(state)) &&
		       state == PENDING;
	if (type_is_a(type, names->py_future) || type_is_a(type, names->py_task))
		return python_future_is_pending(python, address);
	return true; /* not known: the task is suspended on it */
}
