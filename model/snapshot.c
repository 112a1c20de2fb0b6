/* A snapshot's life: see snapshot.h. */
#include "model/snapshot.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buffer.h"

struct snapshot *snapshot_create(void)
{
	struct snapshot *snapshot = alloc_zeroed(1, sizeof(*snapshot));
	arena_init(&snapshot->arena);
	snapshot->pause_us = -1;
	return snapshot;
}

void snapshot_destroy(struct snapshot *snapshot)
{
	if (!snapshot)
		return;
	arena_deinit(&snapshot->arena);
	free(snapshot);
}

void snapshot_warn(struct snapshot *snapshot, const char *format, ...)
{
	size_t count = snapshot->warnings.count;
	const char **items = arena_alloc(&snapshot->arena, count + 1, sizeof(*items));
	char text[512];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (count)
		memcpy(items, snapshot->warnings.items, count * sizeof(*items));
	items[count] = arena_string(&snapshot->arena, text, strlen(text));
	snapshot->warnings.items = items;
	snapshot->warnings.count = count + 1;
}

const char *task_state_name(enum task_state state)
{
	static const char *const names[TASK_STATES] = {
		[TASK_RUNNING] = "running",
		[TASK_READY] = "ready",
		[TASK_WAITING] = "waiting",
		[TASK_ENDED] = "done",
	};
	return names[state];
}

const char *snapshot_mode_name(enum snapshot_mode mode)
{
	static const char *const names[] = {
		[SNAPSHOT_PAUSED] = "paused",
		[SNAPSHOT_RUNNING] = "running",
		[SNAPSHOT_CORE] = "core",
	};
	return names[mode];
}
