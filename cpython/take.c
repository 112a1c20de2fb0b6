/* Takes a snapshot: see take.h.  Finds CPython, and reads it once or, where it
 * changed meanwhile, a few times. */
#include "cpython/take.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "cpython/fill.h"
#include "cpython/greenlets.h"
#include "cpython/locate.h"
#include "cpython/second_look.h"
#include "cpython/tasks.h"
#include "cpython/waits.h"
#include "model/finding.h"
#include "target/clock.h"
#include "target/pause.h"

enum {
	/* Of a target that runs on: after that it is read piece by piece. */
	RUNNING_ATTEMPTS_MAX = 3,
	/* The same, where all work that is allowed was used up. */
	SPENT_ATTEMPTS_MAX = 5,
	/* A stopped thread may be between two stores of one update. */
	PAUSED_ATTEMPTS_MAX = 10,
	/* How much memory is made ready for what will be read: a part of what the
	 * target has beyond an interpreter's own, and not too much. */
	INTERPRETER_BYTES = 16 * 1024 * 1024,
	AHEAD_PART = 2,
	AHEAD_MAX = 16 * 1024 * 1024,
};

struct target {
	struct process process;
	struct objects objects;
	struct location location;
	size_t resident;      /* bytes: little else of it can be worth reading */
	double clock_ahead_s; /* of ours */
	bool outdated;        /* set: asyncio's C module was imported after it was sought */
};

static void read_thread_frames(struct reader *reader)
{
	for (size_t t = 0; t < reader->threads.count; t++) {
		struct thread_view *thread = &reader->threads.items[t];
		bool added;
		if (thread->running_task)
			table_add(&reader->current, thread->running_task, &added);
		reader->complete &= frames_of_thread(
				reader->python, thread->current_frame, &thread->frames);
		reader->hidden |= !greenlets_add_frames(reader->python, thread);
		for (size_t f = 0; f < thread->frames.count; f++) {
			if (thread->frames.items[f].generator)
				*table_add(&reader->executing, thread->frames.items[f].generator,
						&added) = (uint64_t)t << 32 | f;
		}
	}
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

/* Tasks, and what they consist of, lie beside those of others. */
static void read_tasks(struct reader *reader)
{
	struct procmem *mem = reader->python->mem;

	mem_read_around(mem, true);
	mem_keep(mem, true);
	tasks_discover(reader);
	mem_keep(mem, false);
	if (reader->still)
		tasks_order(reader);
	tasks_read(reader);
	mem_read_around(mem, false);
}

static void read_all(struct reader *reader, const struct target *target)
{
	reader->complete &= interpreters_read(reader->python, target->location.runtime,
			reader->still, &reader->interpreters, &reader->threads, &reader->repaired);
	if (reader->interpreters.count) {
		remote_addr sys =
				reader->interpreters.items[reader->interpreters.count - 1].sysdict;
		reader->python->stdlib = sys_text(reader->python, sys, "_stdlib_dir");
		reader->abiflags = sys_text(reader->python, sys, "abiflags");
	}
	read_thread_frames(reader);
	read_tasks(reader);
	loops_read(reader);
	if (!WAITS)
		return;
	queue_users_read(reader);
	unfetched_find(reader);
}

/* Whether all that was found could be read. */
static bool is_whole(const struct reader *reader)
{
	return reader->complete && !count_torn(reader) && !python_is_spent(reader->python) &&
	       !mem_is_full(reader->python->mem);
}

/* One look at the target. */
struct look {
	bool paused;     /* try to stop it; unset where that failed */
	const char *why; /* it failed, or NULL */
	bool is_last;    /* of a target that runs on: take what can be had */
	double limit_us;
	bool spent; /* set: another look would see no more: it has more than is read, or
		     * seems to, or must be located again */
	struct suspects suspects; /* set: loops that may be blocked */
};

static void read_paused(struct reader *reader, struct target *target, struct pause *pause,
		const struct timespec *start)
{
	struct snapshot *snapshot = reader->python->snapshot;
	bool in_time;

	snapshot->mode = SNAPSHOT_PAUSED;
	read_all(reader, target);
	/* Those that were born since it was opened may soon have ended. */
	process_read_threads(&target->process);
	snapshot->read_us = microseconds_since(start);
	snapshot->pause_us = pause_end(pause, &in_time);
	snapshot->consistent = in_time && is_whole(reader);
	if (in_time)
		return;
	snapshot_warn(snapshot, "the target was let go at the limit of the pause, before all was "
				"read: --pause-limit sets it");
	reader->still = false;
	mem_track(target->process.mem, true);
	tasks_settle(reader);
	loops_read(reader);
	queue_users_read(reader);
	snapshot->read_us = microseconds_since(start);
}

static void read_running(struct reader *reader, struct target *target, const struct timespec *start,
		bool is_last)
{
	struct snapshot *snapshot = reader->python->snapshot;

	snapshot->mode = SNAPSHOT_RUNNING;
	read_all(reader, target);
	process_read_threads(&target->process);
	snapshot->consistent =
			is_whole(reader) && !reader->repaired && !mem_verify(target->process.mem);
	if (!snapshot->consistent && is_last) {
		tasks_settle(reader);
		loops_read(reader);
		queue_users_read(reader);
	}
	snapshot->read_us = microseconds_since(start);
}

static void warn(struct reader *reader)
{
	struct snapshot *snapshot = reader->python->snapshot;
	uint32_t version = reader->python->layout->version;

	if (layout_read_as(version))
		snapshot_warn(snapshot,
				"CPython 3.%u is later than asynctree was tested with: it was "
				"read as 3.%u is, and what is shown may be wrong",
				version >> 16 & 255, layout_read_as(version));
	if (!reader->complete)
		snapshot_warn(snapshot, "a list, set or stack changed while it was read: something "
					"may be missing");
	else if (!snapshot->consistent && snapshot->mode == SNAPSHOT_RUNNING)
		snapshot_warn(snapshot,
				"the target ran on while it was read: what is shown is not of "
				"one moment");
	if (reader->hidden && snapshot->consistent)
		snapshot_warn(snapshot,
				"a thread runs a greenlet, and the frames below it cannot be "
				"read: its loop may be blocked");
	if (python_is_spent(reader->python) || mem_is_full(reader->python->mem))
		snapshot_warn(snapshot, "the target has more, or more tangled, data than is read");
}

/* All that is read in a look is read anew. */
static void open_look(struct target *target, struct snapshot *snapshot, struct python *python,
		struct reader *reader)
{
	python_init(python, target->process.mem, &target->location.layout, snapshot);
	python->image_start = target->location.image_start;
	python->image_end = target->location.image_end;
	python_allow(python, target->resident);
	reader_init(reader, python);
	mem_reset(target->process.mem);
}

/* The time by the target's monotonic clock. */
static double now_of(const struct target *target)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9 + target->clock_ahead_s;
}

static struct snapshot *look_once(struct target *target, struct look *look)
{
	struct snapshot *snapshot = snapshot_create();
	struct procmem *mem = target->process.mem;
	struct python python;
	struct reader reader;
	struct timespec start;

	open_look(target, snapshot, &python, &reader);
	struct pause *pause =
			look->paused ? pause_begin(target->process.pid, look->limit_us, &look->why)
				     : NULL;
	/* What failed has stopped it for a while too, so it is not tried again. */
	look->paused = pause;
	reader.still = pause;
	mem_track(mem, !pause);
	clock_gettime(CLOCK_REALTIME, &snapshot->taken_at);
	clock_gettime(CLOCK_MONOTONIC, &start);
	reader.now_s = now_of(target);
	if (pause)
		read_paused(&reader, target, pause, &start);
	else
		read_running(&reader, target, &start, look->is_last);
	if (look->why)
		snapshot_warn(snapshot, "the target could not be stopped: %s", look->why);
	target->outdated = reader.unlocated;
	look->spent = python_is_spent(&python) || mem_is_full(mem) || target->outdated;
	snapshot->dropped = count_torn(&reader);
	mem_release(mem); /* what is made of it needs memory too */
	fill_snapshot(&reader, &target->process, target->location.layout.version);
	warn(&reader);
	look->suspects.count = 0;
	suspects_add(&look->suspects, &reader);
	reader_deinit(&reader);
	python_deinit(&python);
	return snapshot;
}

static void sleep_for(double seconds)
{
	struct timespec left = { .tv_sec = (time_t)seconds };

	left.tv_nsec = (long)((seconds - (double)left.tv_sec) * 1e9);
	while (nanosleep(&left, &left) && errno == EINTR)
		;
}

/* Little is read: little of the pause that is allowed is needed. */
static void look_again(struct target *target, const struct look *look,
		const struct task_list *suspects, double after_s, struct snapshot *snapshot)
{
	struct snapshot *scratch = snapshot_create();
	struct python python;
	struct reader reader;
	struct pause *pause = NULL;
	const char *why;
	bool in_time;

	sleep_for(after_s);
	open_look(target, scratch, &python, &reader);
	if (snapshot->mode == SNAPSHOT_PAUSED && look->limit_us > 0)
		pause = pause_begin(target->process.pid, look->limit_us, &why);
	reader.now_s = now_of(target);
	if (look->suspects.count)
		suspects_confirm(&look->suspects, &reader, target->location.runtime, snapshot);
	tasks_look_again(&reader, suspects);
	if (pause)
		snapshot->pause_us += pause_end(pause, &in_time);
	reader_deinit(&reader);
	python_deinit(&python);
	snapshot_destroy(scratch);
}

/* What busy tasks look like for a moment is no finding. */
static void find(struct target *target, const struct look *look, double second_look_s,
		struct snapshot *snapshot)
{
	findings_find(snapshot);
	struct task_list suspects = findings_suspects(snapshot);

	if (second_look_s <= 0 || (!look->suspects.count && !suspects.count))
		return;
	look_again(target, look, &suspects, second_look_s, snapshot);
	findings_find(snapshot);
}

/* Whether another look may be better than this one.  What a target that runs on has
 * too much of may be torn; of one that stands still it is there. */
static bool is_enough(const struct snapshot *snapshot, const struct look *look, unsigned attempts)
{
	if (snapshot->consistent)
		return true;
	if (snapshot->mode == SNAPSHOT_RUNNING)
		return attempts >= (look->spent ? SPENT_ATTEMPTS_MAX : RUNNING_ATTEMPTS_MAX);
	return look->spent || attempts >= PAUSED_ATTEMPTS_MAX || look->limit_us <= 0;
}

/* What can be done before the pause is not done in it. */
static void prepare(const struct target *target)
{
	if (target->resident <= INTERPRETER_BYTES)
		return;
	size_t bytes = (target->resident - INTERPRETER_BYTES) / AHEAD_PART;
	alloc_ahead(bytes < AHEAD_MAX ? bytes : AHEAD_MAX);
}

/* Looks until all was there, and of one moment. */
static struct snapshot *look_until_good(struct target *target, const struct take_options *options)
{
	struct look look = { .paused = !options->no_pause, .limit_us = options->pause_limit_us };
	struct snapshot *snapshot = NULL;
	double paused_us = 0;

	target->resident = process_resident(&target->process);
	target->clock_ahead_s = clock_ahead(target->process.living);
	if (target->resident)
		mem_limit(target->process.mem, target->resident);
	if (look.paused)
		prepare(target);
	for (unsigned attempts = 1;; attempts++) {
		look.is_last = attempts >= RUNNING_ATTEMPTS_MAX;
		snapshot = look_once(target, &look);
		snapshot->attempts = attempts;
		if (snapshot->mode == SNAPSHOT_PAUSED)
			paused_us += snapshot->pause_us;
		look.limit_us = options->pause_limit_us - paused_us;
		if (is_enough(snapshot, &look, attempts))
			break;
		snapshot_destroy(snapshot);
	}
	if (paused_us > 0)
		snapshot->pause_us = paused_us;
	fill_io(snapshot, &target->process, options->no_argv);
	find(target, &look, options->second_look_s, snapshot);
	array_free(&look.suspects);
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

static struct error *take_once(int pid, const struct take_options *options,
		struct snapshot **snapshot, bool *outdated)
{
	struct target target = { 0 };
	struct snapshot *taken = NULL;

	struct error *error = open_target(pid, &target);
	if (!error) {
		taken = look_until_good(&target, options);
		taken->pid = pid;
		if (!options->no_argv)
			taken->command = process_command(&target.process, &taken->arena);
		error = process_recheck(&target.process);
	}
	if (error)
		snapshot_destroy(taken);
	else
		*snapshot = taken;
	*outdated = target.outdated;
	objects_deinit(&target.objects);
	process_close(&target.process);
	return error;
}

struct error *take_snapshot(int pid, const struct take_options *options, struct snapshot **snapshot)
{
	bool outdated;
	struct error *error = take_once(pid, options, snapshot, &outdated);

	if (error || !outdated)
		return error;
	/* What is not found now either is said to be missing. */
	snapshot_destroy(*snapshot);
	return take_once(pid, options, snapshot, &outdated);
}
