/* The line that a loop's tasks stand under: see title.h.
 *
 * One that is too wide is taken back and written anew with less in it. */
#include "title.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "base/buffer.h"
#include "model/finding.h"
#include "model/words.h"
#include "safe.h"

enum { LEAST_WIDTH = 5 }; /* of a name that gives way */

/* What of the line is written. */
struct detail {
	size_t thread_width, loop_width;
	bool work, executor;
};

static void draw_word(struct pen *pen, const char *word)
{
	pen_dot(pen);
	pen_puts(pen, STYLE_PLAIN, word);
}

static const char *name_of(const struct thread *thread)
{
	return thread && thread->name && *thread->name ? thread->name : "thread";
}

static void draw_thread(struct pen *pen, const struct block *block, size_t width)
{
	char tid[32] = "";
	const struct thread *thread = block->thread;
	int number = thread ? thread->tid : block->loop ? block->loop->tid : 0;

	if (number)
		snprintf(tid, sizeof(tid), " %d", number);
	if (thread || number)
		pen_short_text(pen, STYLE_TITLE, name_of(thread), width);
	else
		pen_puts(pen, STYLE_TITLE, "no thread");
	pen_puts(pen, STYLE_TITLE, tid);
}

static void draw_interpreter(struct pen *pen, const struct snapshot *snapshot, int64_t id)
{
	char text[48];

	if (snapshot->interpreters.count < 2)
		return;
	snprintf(text, sizeof(text), "interpreter %lld", (long long)id);
	draw_word(pen, text);
}

/* Its class; for one that is not asyncio's own, with its module. */
static void add_name(struct buffer *text, const struct loop *loop)
{
	if (loop->module)
		buffer_printf(text, "%s.", loop->module);
	buffer_puts(text, loop->type ? loop->type : "?");
}

static void draw_loop(struct pen *pen, const struct loop *loop, size_t width)
{
	struct buffer name = { 0 };

	add_name(&name, loop);
	pen_dot(pen);
	pen_short_text(pen, STYLE_PLAIN, buffer_text(&name), width);
	buffer_deinit(&name);
}

static void add_part(struct buffer *text)
{
	if (text->length)
		buffer_puts(text, ", ");
}

static void add_next_timer(struct buffer *text, double seconds)
{
	if (isnan(seconds))
		return;
	buffer_puts(text, seconds < 0 ? ", the next " : ", the next in ");
	words_seconds(text, fabs(seconds));
	buffer_puts(text, seconds < 0 ? " overdue" : "");
}

/* What it does, and has to do. */
static void add_work(struct buffer *text, const struct loop *loop)
{
	if (loop->idle)
		buffer_puts(text, "idle");
	else if (!isnan(loop->blocked_s))
		buffer_puts(text, "running");
	if (loop->ready >= 0) {
		add_part(text);
		words_number(text, (uint64_t)loop->ready);
		buffer_puts(text, " ready");
	}
	if (loop->timers >= 0) {
		add_part(text);
		words_count(text, (uint64_t)loop->timers, "timer");
		add_next_timer(text, loop->next_timer_s);
	}
}

static void draw_work(struct pen *pen, const struct loop *loop)
{
	struct buffer text = { 0 };

	add_work(&text, loop);
	if (text.length)
		draw_word(pen, buffer_text(&text));
	buffer_deinit(&text);
}

/* The finding says what a blocked one has to do. */
static void draw_blocked(struct pen *pen, const struct loop *loop)
{
	struct buffer text = { 0 };

	pen_dot(pen);
	buffer_puts(&text, "BLOCKED " WORDS_AT_LEAST " ");
	words_seconds(&text, loop->blocked_s);
	pen_words(pen, STYLE_ALARM, buffer_text(&text));
	buffer_deinit(&text);
}

static void draw_executor(struct pen *pen, const struct loop *loop)
{
	struct buffer text = { 0 };

	if (!loop->has_executor || loop->executor.busy < 0)
		return;
	buffer_puts(&text, "executor, ");
	words_number(&text, (uint64_t)loop->executor.busy);
	if (loop->executor.workers >= 0) {
		buffer_puts(&text, " of ");
		words_number(&text, (uint64_t)loop->executor.workers);
	}
	buffer_puts(&text, " busy");
	if (loop->executor.queued > 0) {
		buffer_puts(&text, ", ");
		words_number(&text, (uint64_t)loop->executor.queued);
		buffer_puts(&text, " queued");
	}
	draw_word(pen, buffer_text(&text));
	buffer_deinit(&text);
}

static void draw(struct pen *pen, const struct snapshot *snapshot, const struct block *block,
		const struct detail *detail)
{
	const struct loop *loop = block->loop;

	draw_thread(pen, block, detail->thread_width);
	if (loop) {
		draw_interpreter(pen, snapshot, loop->interpreter);
		draw_loop(pen, loop, detail->loop_width);
		if (!loop->tid && !block->thread)
			draw_word(pen, "not running");
		if (finding_is_blocked(loop))
			draw_blocked(pen, loop);
		else if (detail->work)
			draw_work(pen, loop);
		if (detail->executor)
			draw_executor(pen, loop);
	} else {
		draw_word(pen, "no loop");
	}
	if (!block->count)
		draw_word(pen, "no tasks");
}

static size_t width_of_loop(const struct loop *loop, bool ascii)
{
	struct buffer name = { 0 };

	if (!loop)
		return 0;
	add_name(&name, loop);
	size_t width = safe_width(buffer_text(&name), ascii);
	buffer_deinit(&name);
	return width;
}

static size_t shorter(size_t width, size_t excess)
{
	return width > excess + LEAST_WIDTH ? width - excess : LEAST_WIDTH;
}

/* What gives way when there is no room: one after the other. */
static const struct {
	bool work, executor, loop_gives, thread_gives;
} tries[] = {
	{ true, true, false, false },
	{ true, true, true, false },
	{ false, true, false, false },
	{ false, true, true, false },
	{ false, false, false, false },
	{ false, false, true, false },
	{ false, false, true, true },
};

void title_draw(struct pen *pen, const struct snapshot *snapshot, const struct block *block,
		size_t width)
{
	const size_t length = pen->line.length, column = pen->column;
	const size_t loop_width = width_of_loop(block->loop, pen->ascii);
	const size_t thread_width = safe_width(name_of(block->thread), pen->ascii);
	struct detail detail = { SIZE_MAX, SIZE_MAX, true, true };
	size_t excess = 0;

	for (size_t i = 0; i < sizeof(tries) / sizeof(*tries); i++) {
		detail.work = tries[i].work;
		detail.executor = tries[i].executor;
		if (!tries[i].loop_gives)
			detail.loop_width = SIZE_MAX;
		else if (tries[i].thread_gives)
			detail.thread_width = shorter(thread_width, excess);
		else
			detail.loop_width = shorter(loop_width, excess);
		pen->line.length = length;
		pen->column = column;
		draw(pen, snapshot, block, &detail);
		if (!width || pen->column <= width)
			return;
		excess = pen->column - width;
	}
}
