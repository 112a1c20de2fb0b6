/* What a task waits for, in words: see waittext.h. */
#include "waittext.h"

#include <math.h>

/* Seconds as a person says them: "0.4 s", "41 s", "12 min". */
static void add_seconds(struct buffer *text, double seconds)
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

static void add_left(struct buffer *text, double seconds)
{
	if (isnan(seconds))
		return;
	buffer_puts(text, ", ");
	add_seconds(text, fabs(seconds));
	buffer_puts(text, seconds < 0 ? " overdue" : " left");
}

static void add_count(struct buffer *text, int64_t count, const char *what)
{
	if (count >= 0)
		buffer_printf(text, ", %lld %s", (long long)count, what);
}

void wait_describe(const struct wait *wait, struct buffer *text)
{
	buffer_puts(text, wait_kind_name(wait->kind));
	switch (wait->kind) {
	case WAIT_SLEEP:
		add_left(text, wait->sleep.remaining_s);
		break;
	case WAIT_GATHER:
	case WAIT_WAIT:
	case WAIT_AS_COMPLETED:
	case WAIT_TASKGROUP:
		add_count(text, wait->group.pending, "pending");
		break;
	default:
		break;
	}
	if (!isnan(wait->timeout_s)) {
		buffer_puts(text, ", timeout in ");
		add_seconds(text, wait->timeout_s);
	}
}
