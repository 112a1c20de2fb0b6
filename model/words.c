/* Text about tasks: see words.h. */
#include "model/words.h"

#include <string.h>

#include "model/location.h"

enum {
	NAME_BYTES = 32,
	FUNCTION_BYTES = 48,
	FILE_BYTES = 40,
	LENGTH_MAX = 1024 * 1024, /* what is longer is taken to end here */
};

void words_number(struct buffer *text, uint64_t number)
{
	uint64_t unit = 1;

	while (number / unit >= 1000)
		unit *= 1000;
	buffer_printf(text, "%llu", (unsigned long long)(number / unit));
	for (; unit > 1; unit /= 1000)
		buffer_printf(text, ",%03llu", (unsigned long long)(number % unit / (unit / 1000)));
}

void words_count(struct buffer *text, uint64_t number, const char *noun)
{
	words_number(text, number);
	buffer_printf(text, " %s%s", noun, number == 1 ? "" : "s");
}

void words_seconds(struct buffer *text, double seconds)
{
	if (seconds < 9.95)
		buffer_printf(text, "%.1f s", seconds);
	else if (seconds < 119.5)
		buffer_printf(text, "%.0f s", seconds);
	else if (seconds < 119.5 * 60)
		buffer_printf(text, "%.0f min", seconds / 60);
	else
		buffer_printf(text, "%.0f h", seconds / 3600);
}

bool words_are_equal(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* Whether a character begins at `c`, or the text ends. */
static bool begins_character(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

void words_short(struct buffer *text, const char *of_target, size_t most)
{
	static const char gap[] = "...";
	/* It may be mentioned as often as it is long: not all of it is gone through. */
	size_t length = strnlen(of_target, LENGTH_MAX);

	if (length <= most) {
		buffer_puts(text, of_target);
		return;
	}
	size_t front = (most - strlen(gap)) / 2, back = length - (most - strlen(gap) - front);
	while (front && !begins_character(of_target[front]))
		front--;
	while (back < length && !begins_character(of_target[back]))
		back++;
	buffer_add(text, of_target, front);
	buffer_puts(text, gap);
	buffer_add(text, of_target + back, length - back);
}

void words_name(struct buffer *text, const struct task *task)
{
	words_short(text, task->name && *task->name ? task->name : "''", NAME_BYTES);
}

void words_function(struct buffer *text, const char *function)
{
	words_short(text, function ? function : "?", FUNCTION_BYTES);
}

void words_place(struct buffer *text, const struct stack *stack, const struct paths *paths)
{
	if (!stack || !stack->depth) {
		buffer_puts(text, "?");
		return;
	}
	const struct frame *frame = stack->frames[stack->location];
	words_function(text, frame->function);
	buffer_putc(text, ' ');
	words_short(text, frame->file ? paths_short(paths, frame->file) : "?", FILE_BYTES);
	if (frame->line > 0)
		buffer_printf(text, ":%d", frame->line);
}
