/* What tasks wait for, in words: words_wait() and words_waiting() of words.h. */
#include "model/words.h"

#include <math.h>
#include <string.h>

enum { WORD_BYTES = 40 };

/* A number that tasks which wait alike may have in different sizes. */
struct range {
	double least, most;
	bool known; /* of each; otherwise it does not say more */
};

/* What holds of all tasks: a text is NULL where they differ. */
struct alike {
	const struct task *const *tasks;
	uint32_t count;
	const struct paths *paths; /* or NULL */
};

static const struct wait *wait_of(const struct alike *alike, uint32_t i)
{
	return alike->tasks[i]->waiting_on;
}

static struct range range_of(const struct alike *alike, double (*get)(const struct wait *))
{
	struct range range = { .known = true };

	for (uint32_t i = 0; i < alike->count && range.known; i++) {
		double value = get(wait_of(alike, i));
		range.known = !isnan(value);
		if (!i || value < range.least)
			range.least = value;
		if (!i || value > range.most)
			range.most = value;
	}
	return range;
}

static const char *text_of_all(const struct alike *alike, const char *(*get)(const struct wait *))
{
	const char *text = get(wait_of(alike, 0));

	for (uint32_t i = 1; i < alike->count; i++)
		if (!words_are_equal(text, get(wait_of(alike, i))))
			return NULL;
	return text;
}

static double remaining_of(const struct wait *wait)
{
	return wait->sleep.remaining_s;
}

static double timeout_of(const struct wait *wait)
{
	return wait->timeout_s;
}

static double known(int64_t number)
{
	return number < 0 ? NAN : (double)number;
}

static double pending_of(const struct wait *wait)
{
	return known(wait->group.pending);
}

static double total_of(const struct wait *wait)
{
	return known(wait->group.total);
}

static const char *op_of(const struct wait *wait)
{
	return wait->io.op;
}

/* Where it goes to; of what has no other end, where it is. */
static const char *end_of(const struct wait *wait)
{
	return wait->io.peer ? wait->io.peer : wait->io.local;
}

static const char *function_of(const struct wait *wait)
{
	return wait->executor.function;
}

static const char *state_of(const struct wait *wait)
{
	return wait->executor.state;
}

static void add_seconds(struct buffer *text, struct range range)
{
	struct buffer least = { 0 }, most = { 0 };

	words_seconds(&least, range.least);
	words_seconds(&most, range.most);
	if (!words_are_equal(buffer_text(&least), buffer_text(&most))) {
		buffer_puts(text, buffer_text(&least));
		buffer_puts(text, " to ");
	}
	buffer_puts(text, buffer_text(&most));
	buffer_deinit(&least);
	buffer_deinit(&most);
}

static void add_sleep(struct buffer *text, const struct alike *alike)
{
	struct range range = range_of(alike, remaining_of);

	buffer_puts(text, "sleep");
	if (!range.known)
		return;
	bool overdue = range.least < 0;
	if (overdue)
		range.least = range.most = -range.least;
	buffer_puts(text, ", ");
	add_seconds(text, range);
	buffer_puts(text, overdue ? " overdue" : " left");
}

static void add_numbers(struct buffer *text, struct range range)
{
	if (range.least != range.most) {
		words_number(text, (uint64_t)range.least);
		buffer_puts(text, " to ");
	}
	words_number(text, (uint64_t)range.most);
}

static void add_group(struct buffer *text, const struct alike *alike)
{
	struct range pending = range_of(alike, pending_of), total = range_of(alike, total_of);

	buffer_puts(text, wait_kind_name(wait_of(alike, 0)->kind));
	if (!pending.known)
		return;
	buffer_puts(text, ", ");
	add_numbers(text, pending);
	if (total.known && total.most > pending.most) {
		buffer_puts(text, " of ");
		add_numbers(text, total);
	}
	buffer_puts(text, " pending");
}

static bool same_object(const struct alike *alike)
{
	for (uint32_t i = 1; i < alike->count; i++)
		if (wait_of(alike, i)->object != wait_of(alike, 0)->object)
			return false;
	return true;
}

static void add_holder(struct buffer *text, const struct task *holder, const struct paths *paths)
{
	words_name(text, holder);
	if (!paths || !holder->stack || !holder->stack->depth)
		return;
	buffer_puts(text, " in ");
	words_place(text, holder->stack, paths);
}

static void add_lock(struct buffer *text, const struct alike *alike)
{
	const struct wait *wait = wait_of(alike, 0);
	const struct task_list *holders = &wait->lock.holders;

	buffer_puts(text, wait_kind_name(wait->kind));
	if (!holders->count || !same_object(alike))
		return;
	if (holders->count == 1) {
		buffer_puts(text, " held by ");
		add_holder(text, holders->items[0], alike->paths);
	} else if (alike->paths) {
		buffer_puts(text, ", ");
		words_number(text, holders->count);
		buffer_puts(text, " holders found");
	}
}

/* Those that it lacks are what they wait for. */
static void add_barrier(struct buffer *text, const struct alike *alike)
{
	const struct wait *wait = wait_of(alike, 0);

	buffer_puts(text, "barrier");
	if (!same_object(alike) || wait->lock.waiters < 1 ||
			wait->lock.waiters >= wait->lock.parties)
		return;
	buffer_puts(text, ", ");
	words_number(text, (uint64_t)wait->lock.waiters);
	buffer_puts(text, " of ");
	words_number(text, (uint64_t)wait->lock.parties);
	buffer_puts(text, " there");
}

static const char *fullness_of(const struct wait *wait)
{
	if (wait->kind == WAIT_QUEUE_GET && wait->queue.size == 0)
		return ", empty";
	if (wait->kind == WAIT_QUEUE_PUT && wait->queue.maxsize > 0 &&
			wait->queue.size >= wait->queue.maxsize)
		return ", full";
	return NULL;
}

static void add_queue(struct buffer *text, const struct alike *alike)
{
	static const char *const names[WAIT_KINDS] = {
		[WAIT_QUEUE_GET] = "queue get",
		[WAIT_QUEUE_PUT] = "queue put",
		[WAIT_QUEUE_JOIN] = "queue join",
	};
	const char *fullness = text_of_all(alike, fullness_of);

	buffer_puts(text, names[wait_of(alike, 0)->kind]);
	if (fullness)
		buffer_puts(text, fullness);
}

static void add_io(struct buffer *text, const struct alike *alike)
{
	const char *op = text_of_all(alike, op_of), *end = text_of_all(alike, end_of);

	buffer_puts(text, wait_kind_name(wait_of(alike, 0)->kind));
	if (op) {
		buffer_putc(text, ' ');
		buffer_puts(text, op);
	}
	if (end) {
		buffer_puts(text, "  ");
		words_short(text, end, WORD_BYTES);
	}
}

static void add_command(struct buffer *text, const struct wait *wait)
{
	struct buffer command = { 0 };

	if (wait->process.pid >= 0)
		buffer_printf(text, " %lld", (long long)wait->process.pid);
	for (const char **word = wait->process.argv; word && *word && command.length <= WORD_BYTES;
			word++) {
		buffer_putc(&command, ' ');
		buffer_puts(&command, *word);
	}
	words_short(text, buffer_text(&command), WORD_BYTES);
	buffer_deinit(&command);
}

static void add_process(struct buffer *text, const struct alike *alike)
{
	buffer_puts(text, "process");
	if (alike->count == 1)
		add_command(text, wait_of(alike, 0));
}

/* Where the worker is; in the standard library it is in what that calls. */
static const struct frame *place_of(const struct wait *wait)
{
	const struct stack *stack = wait->executor.stack;
	const struct frame *frame = stack && stack->depth ? stack->frames[stack->location] : NULL;

	return frame && frame->origin != ORIGIN_STDLIB && frame->file ? frame : NULL;
}

static void add_place(struct buffer *text, const struct wait *wait, const char *between)
{
	const struct frame *frame = place_of(wait);

	if (!frame)
		return;
	buffer_puts(text, between);
	if (!words_are_equal(frame->function, wait->executor.function)) {
		words_function(text, frame->function);
		buffer_putc(text, ' ');
	}
	const char *slash = strrchr(frame->file, '/');
	words_short(text, slash && slash[1] ? slash + 1 : frame->file, WORD_BYTES);
	if (frame->line > 0)
		buffer_printf(text, ":%d", frame->line);
}

static bool same_place(const struct alike *alike)
{
	for (uint32_t i = 1; i < alike->count; i++)
		if (place_of(wait_of(alike, i)) != place_of(wait_of(alike, 0)))
			return false;
	return true;
}

static void add_executor(struct buffer *text, const struct alike *alike)
{
	const char *function = text_of_all(alike, function_of);
	const char *state = text_of_all(alike, state_of);

	buffer_puts(text, "executor");
	if (function) {
		buffer_putc(text, ' ');
		words_short(text, function, WORD_BYTES);
	}
	if (state) {
		buffer_putc(text, ' ');
		buffer_puts(text, state);
	}
	if (same_place(alike))
		add_place(text, wait_of(alike, 0), "  ");
}

static void add_timeout(struct buffer *text, const struct alike *alike)
{
	struct range range = range_of(alike, timeout_of);

	if (!range.known)
		return;
	buffer_puts(text, range.least < 0 ? ", timeout overdue" : ", timeout in ");
	if (range.least >= 0)
		add_seconds(text, range);
}

/* What is said besides the word of the kind, and how in a sentence. */
static const struct {
	void (*add)(struct buffer *text, const struct alike *alike);
	const char *sentence;
} rows[WAIT_KINDS] = {
	[WAIT_UNKNOWN] = { NULL, "waiting" },
	[WAIT_SLEEP] = { add_sleep, "asleep" },
	[WAIT_TASK] = { NULL, "waiting for a task" },
	[WAIT_GATHER] = { add_group, "waiting for a gather" },
	[WAIT_WAIT] = { add_group, "waiting for several" },
	[WAIT_AS_COMPLETED] = { add_group, "waiting for the next of several" },
	[WAIT_TASKGROUP] = { add_group, "waiting for a task group" },
	[WAIT_SHIELD] = { NULL, "waiting for what it shields" },
	[WAIT_FUTURE] = { NULL, "waiting for a future" },
	[WAIT_EVENT] = { NULL, "waiting for an event" },
	[WAIT_BARRIER] = { add_barrier, "waiting at a barrier" },
	[WAIT_LOCK] = { add_lock, "waiting for a lock" },
	[WAIT_SEMAPHORE] = { add_lock, "waiting for a semaphore" },
	[WAIT_CONDITION] = { NULL, "waiting for a condition" },
	[WAIT_QUEUE_GET] = { add_queue, "getting from a queue" },
	[WAIT_QUEUE_PUT] = { add_queue, "putting into a queue" },
	[WAIT_QUEUE_JOIN] = { add_queue, "joining a queue" },
	[WAIT_SOCKET] = { add_io, NULL },
	[WAIT_STREAM] = { add_io, NULL },
	[WAIT_PIPE] = { add_io, NULL },
	[WAIT_PROCESS] = { add_process, "waiting for process" },
	[WAIT_EXECUTOR] = { add_executor, "waiting for an executor" },
};

void words_wait(struct buffer *text, const struct task *const *tasks, uint32_t count,
		const struct paths *paths)
{
	struct alike alike = { tasks, count, paths };
	enum wait_kind kind = tasks[0]->waiting_on->kind;

	if (rows[kind].add)
		rows[kind].add(text, &alike);
	else
		buffer_puts(text, wait_kind_name(kind));
	add_timeout(text, &alike);
}

/* "reading 10.0.0.5:5432" */
static void add_doing(struct buffer *text, const struct wait *wait)
{
	static const char *const doings[][2] = {
		{ "read", "reading" },
		{ "write", "writing to" },
		{ "drain", "draining to" },
		{ "connect", "connecting to" },
		{ "accept", "accepting at" },
	};
	const char *op = wait->io.op, *end = end_of(wait), *doing = op ? op : "using";

	for (size_t i = 0; op && i < sizeof(doings) / sizeof(doings[0]); i++)
		if (strcmp(op, doings[i][0]) == 0)
			doing = doings[i][1];
	buffer_printf(text, "%s ", doing);
	if (end)
		words_short(text, end, WORD_BYTES);
	else
		buffer_printf(text, "a %s", wait_kind_name(wait->kind));
}

void words_waiting(struct buffer *text, const struct wait *wait)
{
	if (!rows[wait->kind].sentence) {
		add_doing(text, wait);
		return;
	}
	buffer_puts(text, rows[wait->kind].sentence);
	if (wait->kind == WAIT_PROCESS)
		add_command(text, wait);
	if (wait->kind == WAIT_EXECUTOR && wait->executor.function) {
		buffer_puts(text, " to run ");
		words_short(text, wait->executor.function, WORD_BYTES);
		add_place(text, wait, ", in ");
	}
}
