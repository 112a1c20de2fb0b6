/* Takes a snapshot: see take.h.  Finds CPython, and reads it once or, where it
 * changed meanwhile, a few times. */
#include "cpython/take.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cpython/fill.h"
#include "cpython/locate.h"
#include "cpython/tasks.h"

enum {
	ATTEMPTS_MAX = 3,
};

struct target {
	struct process process;
	struct objects objects;
	struct location location;
};

static void reader_init(struct reader *reader, struct python *python)
{
	*reader = (struct reader){ .python = python, .complete = true };
}

static void reader_deinit(struct reader *reader)
{
	array_free(&reader->interpreters);
	threads_deinit(&reader->threads);
	array_free(&reader->tasks);
	table_deinit(&reader->tasks.index);
	array_free(&reader->links);
	table_deinit(&reader->executing);
	array_free(&reader->running);
	chain_deinit(&reader->chain);
}

static void read_thread_frames(struct reader *reader)
{
	for (size_t t = 0; t < reader->threads.count; t++) {
		struct thread_view *thread = &reader->threads.items[t];
		reader->complete &= frames_of_thread(reader->python, thread->current_frame,
				&thread->frames);
		for (size_t f = 0; f < thread->frames.count; f++) {
			bool added;
			if (thread->frames.items[f].generator)
				*table_add(&reader->executing, thread->frames.items[f].generator,
						&added) = (uint64_t)t << 32 | f;
		}
	}
}

/* Reads the tasks that were found, and those that this finds. */
static void read_tasks(struct reader *reader)
{
	for (size_t i = 0; i < reader->tasks.count; i++)
		task_read(reader, i);
}

static uint64_t count_torn(const struct reader *reader)
{
	uint64_t torn = 0;

	for (size_t i = 0; i < reader->tasks.count; i++)
		torn += reader->tasks.items[i].read == TASK_TORN;
	return torn;
}

static double microseconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) * 1e6 +
	       (double)(now.tv_nsec - start->tv_nsec) / 1e3;
}

/* Whether what was read is of one moment, and all there is. */
static bool is_consistent(struct reader *reader)
{
	return reader->complete && !reader->repaired && !count_torn(reader) &&
	       reader->python->work_left && !mem_verify(reader->python->mem);
}

static void read_all(struct reader *reader, const struct target *target)
{
	reader->complete &= interpreters_read(reader->python, target->location.runtime,
			&reader->interpreters, &reader->threads);
	if (reader->interpreters.count)
		reader->python->stdlib = sys_text(reader->python,
				reader->interpreters.items[reader->interpreters.count - 1].sysdict,
				"_stdlib_dir");
	read_thread_frames(reader);
	tasks_discover(reader);
	read_tasks(reader);
}

static void warn(struct reader *reader)
{
	struct snapshot *snapshot = reader->python->snapshot;

	if (!reader->complete)
		snapshot_warn(snapshot, "a list, set or stack changed while it was read: something "
					"may be missing");
	else if (!snapshot->consistent)
		snapshot_warn(snapshot, "the target ran on while it was read: what is shown is not of "
					"one moment");
	if (!reader->python->work_left)
		snapshot_warn(snapshot, "the target has more, or more tangled, data than is read");
}

/* One look at the target; the snapshot says how good it was. */
static struct snapshot *attempt(struct target *target, bool is_last)
{
	struct snapshot *snapshot = snapshot_create();
	struct python python;
	struct reader reader;
	struct timespec start;

	clock_gettime(CLOCK_REALTIME, &snapshot->taken_at);
	clock_gettime(CLOCK_MONOTONIC, &start);
	python_init(&python, target->process.mem, &target->location.layout, snapshot);
	python.image_start = target->location.image_start;
	python.image_end = target->location.image_end;
	reader_init(&reader, &python);
	read_all(&reader, target);
	snapshot->mode = SNAPSHOT_RUNNING;
	snapshot->consistent = is_consistent(&reader);
	if (!snapshot->consistent && is_last)
		tasks_settle(&reader);
	snapshot->dropped = count_torn(&reader);
	fill_snapshot(&reader, &target->process, target->location.layout.version);
	warn(&reader);
	snapshot->read_us = microseconds_since(&start);
	reader_deinit(&reader);
	python_deinit(&python);
	return snapshot;
}

/* Looks until nothing changed meanwhile; the last look takes more care. */
static struct snapshot *attempts(struct target *target)
{
	struct snapshot *snapshot = NULL;

	for (unsigned i = 1; i <= ATTEMPTS_MAX; i++) {
		snapshot_destroy(snapshot);
		snapshot = attempt(target, i == ATTEMPTS_MAX);
		snapshot->attempts = i;
		if (snapshot->consistent)
			break;
	}
	snapshot->bytes_read = mem_bytes_fetched(target->process.mem);
	return snapshot;
}

static struct error *open_target(pid_t pid, struct target *target)
{
	struct error *error = process_open(pid, &target->process);

	if (error)
		return error;
	objects_find(&target->process, &target->objects);
	error = locate_python(&target->process, &target->objects, &target->location);
	if (!error)
		return NULL;
	/* A process that ended meanwhile looks like one that makes no sense. */
	struct error *changed = process_recheck(&target->process);
	if (!changed)
		return error;
	error_free(error);
	return changed;
}

struct error *take_snapshot(int pid, const struct take_options *options,
		struct snapshot **snapshot)
{
	struct target target = { 0 };
	struct snapshot *taken = NULL;

	struct error *error = open_target(pid, &target);
	if (!error) {
		taken = attempts(&target);
		taken->pid = pid;
		if (!options->no_argv)
			taken->command = process_command(&target.process, &taken->arena);
		error = process_recheck(&target.process);
	}
	if (error)
		snapshot_destroy(taken);
	else
		*snapshot = taken;
	objects_deinit(&target.objects);
	process_close(&target.process);
	return error;
}
