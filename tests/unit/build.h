/* Builds snapshots by hand, for tests of what reads them.
 *
 *	struct build b;
 *	build_init(&b);
 *	const struct loop *loop = build_loop(&b, "_UnixSelectorEventLoop", 100);
 *	build_thread(&b, "MainThread", 100, loop);
 *	const struct stack *stack = build_stack(&b, 1, build_frame(&b, "main", "a.py",
 *3)); struct task *main = build_task(&b, "Task-1", stack, TASK_WAITING, loop);
 *	build_await(&b, main, other);
 *	build_done(&b);         // links the edges and finds the cycles
 *	... b.snapshot ...
 *	build_deinit(&b);
 *
 * Like the reader, a test gives equal tasks the same stack and the same text of
 * their coroutine. */
#ifndef TESTS_UNIT_BUILD_H
#define TESTS_UNIT_BUILD_H

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "model/graph.h"
#include "model/location.h"
#include "model/snapshot.h"

enum { BUILD_MAX = 64 }; /* loops and threads */

struct build {
	struct snapshot *snapshot;
	ARRAY(struct edge) edges;
	ARRAY(struct task *) tasks;
};

static inline void build_init(struct build *b)
{
	*b = (struct build){ .snapshot = snapshot_create() };
	struct snapshot *s = b->snapshot;

	s->pid = 13840;
	s->executable = "/usr/bin/python3.14";
	s->python_version = "3.14.10";
	s->consistent = true;
	s->attempts = 1;
	s->pause_us = 1100;
	s->taken_at.tv_sec = 1767225600;
	s->interpreters.items = arena_alloc(&s->arena, 1, sizeof(struct interpreter));
	s->interpreters.items[0].main = true;
	s->interpreters.count = 1;
	s->loops.items = arena_alloc(&s->arena, BUILD_MAX, sizeof(struct loop));
	s->threads.items = arena_alloc(&s->arena, BUILD_MAX, sizeof(struct thread));
}

static inline void build_deinit(struct build *b)
{
	array_free(&b->edges);
	array_free(&b->tasks);
	snapshot_destroy(b->snapshot);
}

static inline const char *build_text(struct build *b, const char *text)
{
	return text ? arena_string(&b->snapshot->arena, text, strlen(text)) : NULL;
}

/* The words of the command line, ended by NULL. */
static inline void build_command(struct build *b, const char *first, ...)
{
	char **argv = arena_alloc(&b->snapshot->arena, BUILD_MAX, sizeof(*argv));
	size_t count = 0;
	va_list args;

	va_start(args, first);
	for (const char *word = first; word; word = va_arg(args, const char *))
		argv[count++] = (char *)build_text(b, word);
	va_end(args);
	b->snapshot->command = argv;
}

static inline const struct frame *build_frame_of(struct build *b, const char *function,
		const char *file, int line, enum origin origin)
{
	struct frame *frame = arena_alloc(&b->snapshot->arena, 1, sizeof(*frame));

	frame->function = build_text(b, function);
	frame->file = build_text(b, file);
	frame->line = line;
	frame->origin = origin;
	return frame;
}

static inline const struct frame *build_frame(
		struct build *b, const char *function, const char *file, int line)
{
	return build_frame_of(b, function, file, line, ORIGIN_USER);
}

/* `depth` frames follow, outermost first. */
static inline const struct stack *build_stack(struct build *b, uint32_t depth, ...)
{
	struct stack *stack = arena_alloc(&b->snapshot->arena, 1, sizeof(*stack));
	const struct frame **frames = arena_alloc(&b->snapshot->arena, depth, sizeof(*frames));
	va_list args;

	va_start(args, depth);
	for (uint32_t i = 0; i < depth; i++)
		frames[i] = va_arg(args, const struct frame *);
	va_end(args);
	stack->depth = depth;
	stack->frames = frames;
	stack->location = stack_location(frames, depth);
	return stack;
}

/* A stack of one frame. */
static inline const struct stack *build_at(
		struct build *b, const char *function, const char *file, int line)
{
	return build_stack(b, 1, build_frame(b, function, file, line));
}

/* `tid` 0: the loop runs in no thread. */
static inline struct loop *build_loop(struct build *b, const char *type, int tid)
{
	struct snapshot *s = b->snapshot;
	struct loop *loop = &s->loops.items[s->loops.count++];

	loop->id = 0x7f0000100000 + s->loops.count * 0x100;
	loop->type = build_text(b, type);
	loop->tid = tid;
	loop->blocked_s = loop->next_timer_s = NAN;
	loop->callbacks = loop->ready = loop->timers = -1;
	return loop;
}

static inline struct thread *build_thread(
		struct build *b, const char *name, int tid, const struct loop *loop)
{
	struct snapshot *s = b->snapshot;
	struct thread *thread = &s->threads.items[s->threads.count++];

	thread->tid = tid;
	thread->name = build_text(b, name);
	thread->loop = loop;
	thread->stack = build_stack(b, 0);
	return thread;
}

/* The name is copied; the stack is shared by who gets the same one. */
static inline struct task *build_task(struct build *b, const char *name, const struct stack *stack,
		enum task_state state, const struct loop *loop)
{
	struct task *task = arena_alloc(&b->snapshot->arena, 1, sizeof(*task));

	task->index = (uint32_t)b->tasks.count;
	task->id = 0x7f0000200000 + (uint64_t)task->index * 0x100;
	task->name = build_text(b, name);
	task->type = "Task";
	task->loop = loop;
	task->tid = loop ? loop->tid : 0;
	task->state = state;
	task->current = state == TASK_RUNNING;
	task->stack = stack;
	task->coroutine = stack->depth ? stack->frames[0]->function : NULL;
	*array_push(&b->tasks) = task;
	b->snapshot->tasks.items = b->tasks.items;
	b->snapshot->tasks.count = (uint32_t)b->tasks.count;
	return task;
}

/* What a task waits for, of which nothing is known but its kind and object. */
static inline struct wait *build_wait(
		struct build *b, struct task *task, enum wait_kind kind, uint64_t object)
{
	struct wait *wait = arena_alloc(&b->snapshot->arena, 1, sizeof(*wait));

	*wait = (struct wait){ .kind = kind, .object = object, .timeout_s = NAN };
	for (size_t i = 0; i < wait_field_count; i++) {
		char *place = (char *)wait + wait_fields[i].offset;
		if (!(wait_fields[i].kinds >> kind & 1))
			continue;
		if (wait_fields[i].type == WAIT_COUNT)
			*(int64_t *)(void *)place = -1;
		else if (wait_fields[i].type == WAIT_SECONDS)
			*(double *)(void *)place = NAN;
	}
	task->waiting_on = wait;
	return wait;
}

/* Tasks in a list; the last argument is NULL. */
static inline struct task_list build_list(struct build *b, ...)
{
	struct task_list list = { 0 };
	va_list args;

	list.items = arena_alloc(&b->snapshot->arena, BUILD_MAX, sizeof(*list.items));
	va_start(args, b);
	for (struct task *task; (task = va_arg(args, struct task *)) != NULL;)
		list.items[list.count++] = task;
	va_end(args);
	return list;
}

static inline void build_await(
		struct build *b, const struct task *awaiter, const struct task *awaited)
{
	*array_push(&b->edges) = (struct edge){ awaiter->index, awaited->index };
}

static inline void build_done(struct build *b)
{
	graph_link(b->snapshot, b->edges.items, b->edges.count);
	graph_find_cycles(b->snapshot);
}

#endif
