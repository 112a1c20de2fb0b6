/* All about one task: see detail.h. */
#include "view/detail.h"

#include "base/buffer.h"
#include "label.h"
#include "model/words.h"
#include "view/wrap.h"

enum {
	LABEL_WIDTH = 12,
	NAMES_MAX = 24, /* of other tasks */
	AROUND = 2,     /* lines of source above and below that of a frame */
	ENDS_MAX = 100, /* frames of either end of a stack: each costs a search in its file */
	LINE_DIGITS = 6,
};

struct detail {
	struct pen *pen;
	const struct picture *picture;
	const struct task *task;
	struct sources *sources;
	size_t width;
	struct buffer text;
};

static void begin(struct detail *d, const char *label)
{
	pen_puts(d->pen, STYLE_TITLE, label);
	pen_spaces(d->pen, d->pen->column < LABEL_WIDTH ? LABEL_WIDTH - d->pen->column : 1);
}

/* Ends a line with what is in the text, in as many lines as that takes. */
static void end(struct detail *d)
{
	wrap_words(d->pen, buffer_text(&d->text), LABEL_WIDTH, d->width);
	buffer_clear(&d->text);
}

static void draw_identity(struct detail *d)
{
	const struct task *task = d->task;

	begin(d, "task");
	words_name(&d->text, task);
	buffer_printf(&d->text, "  0x%llx, a %s", (unsigned long long)task->id,
			task->type ? task->type : "?");
	end(d);
	begin(d, "coroutine");
	buffer_puts(&d->text, task->coroutine ? task->coroutine : "?");
	end(d);
	begin(d, "state");
	buffer_puts(&d->text, task_state_name(task->state));
	if (task->current)
		buffer_puts(&d->text, ", current");
	if (task->tid)
		buffer_printf(&d->text, ", thread %d", task->tid);
	if (task->cancel_requests > 0)
		buffer_printf(&d->text, ", cancelled %d times", task->cancel_requests);
	if (task->must_cancel)
		buffer_puts(&d->text, ", will be cancelled at its next step");
	if (task->orphan)
		buffer_puts(&d->text, ", an orphan");
	end(d);
}

static void draw_observed(struct detail *d)
{
	const struct track *track = &d->picture->tracks[d->task->index];

	begin(d, "seen");
	words_seconds(&d->text, d->picture->at_s - track->since_s);
	buffer_puts(&d->text, " at this place, ");
	words_count(&d->text, track->steps, "step");
	buffer_puts(&d->text, " in ");
	words_count(&d->text, track->looks, "snapshot");
	if (track->looks)
		buffer_printf(&d->text, ", current in %.0f %%",
				100.0 * (double)track->current / (double)track->looks);
	end(d);
}

static void add_names(struct detail *d, const struct task_list *tasks)
{
	for (uint32_t i = 0; i < tasks->count && i < NAMES_MAX; i++) {
		buffer_puts(&d->text, i ? ", " : "");
		words_name(&d->text, tasks->items[i]);
	}
	if (tasks->count > NAMES_MAX) {
		buffer_puts(&d->text, " and ");
		words_number(&d->text, tasks->count - NAMES_MAX);
		buffer_puts(&d->text, " more");
	}
}

static void draw_tasks(struct detail *d, const char *label, const struct task_list *tasks)
{
	if (!tasks->count)
		return;
	begin(d, label);
	add_names(d, tasks);
	end(d);
}

static void draw_wait(struct detail *d)
{
	const struct wait *wait = d->task->waiting_on;

	if (!wait)
		return;
	begin(d, "waits for");
	words_wait(&d->text, &d->task, 1, &d->picture->paths);
	if (wait->object)
		buffer_printf(&d->text, "  0x%llx", (unsigned long long)wait->object);
	end(d);
	if (!wait_has_holders(wait->kind))
		return;
	begin(d, "held by");
	if (wait->lock.holders.count)
		add_names(d, &wait->lock.holders);
	else
		buffer_puts(&d->text, "not found");
	end(d);
}

static void draw_source(struct detail *d, const struct frame *frame)
{
	struct buffer line = { 0 };
	char number[LINE_DIGITS + 16];

	if (!frame->file || frame->line <= 0)
		return;
	for (int i = frame->line - AROUND; i <= frame->line + AROUND; i++) {
		buffer_clear(&line);
		if (!sources_line(d->sources, frame->file, i, &line))
			continue;
		bool is_it = i == frame->line;
		snprintf(number, sizeof(number), "%s%*d  ", is_it ? ">" : " ", LINE_DIGITS, i);
		pen_puts(d->pen, is_it ? STYLE_TITLE : STYLE_FAINT, number);
		pen_text(d->pen, is_it ? STYLE_PLAIN : STYLE_FAINT, buffer_text(&line));
		pen_end_line(d->pen);
	}
	buffer_deinit(&line);
}

static void draw_frame(struct detail *d, const struct frame *frame)
{
	pen_spaces(d->pen, 2);
	label_draw_frame(d->pen, frame, &d->picture->paths, d->width);
	pen_end_line(d->pen);
	draw_source(d, frame);
}

static void draw_gap(struct detail *d, uint32_t frames)
{
	struct buffer text = { 0 };

	words_count(&text, frames, "frame");
	pen_spaces(d->pen, 2);
	pen_puts(d->pen, STYLE_FAINT, buffer_text(&text));
	pen_puts(d->pen, STYLE_FAINT, " left out");
	pen_end_line(d->pen);
	buffer_deinit(&text);
}

static void draw_stack(struct detail *d, const char *label, const struct stack *stack)
{
	if (!stack || !stack->depth)
		return;
	uint32_t left_out = stack->depth > 2 * ENDS_MAX ? stack->depth - 2 * ENDS_MAX : 0;
	begin(d, label);
	words_count(&d->text, stack->depth, "frame");
	buffer_puts(&d->text, ", outermost first");
	end(d);
	for (uint32_t i = 0; i < stack->depth; i++) {
		draw_frame(d, stack->frames[i]);
		if (left_out && i + 1 == ENDS_MAX) {
			draw_gap(d, left_out);
			i += left_out;
		}
	}
}

void detail_draw(struct pen *pen, const struct picture *picture, const struct task *task,
		struct sources *sources, size_t width)
{
	struct detail d = {
		.pen = pen,
		.picture = picture,
		.task = task,
		.sources = sources,
		.width = width,
	};

	sources_begin(sources);
	draw_identity(&d);
	draw_observed(&d);
	draw_wait(&d);
	draw_tasks(&d, "awaited by", &task->awaited_by);
	draw_tasks(&d, "awaits", &task->awaits);
	draw_stack(&d, "stack", task->stack);
	draw_stack(&d, "created at", task->created_at);
	buffer_deinit(&d.text);
}
