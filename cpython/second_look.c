/* A second look at loops that may be blocked: see second_look.h. */
#include "cpython/second_look.h"

/* A callback is mostly done within this time. */
static const double suspicious_s = 0.01;

void suspects_add(struct suspects *suspects, const struct reader *reader)
{
	for (size_t i = 0; i < reader->loops.count; i++) {
		const struct loop_view *loop = &reader->loops.items[i];
		if (loop->iteration.calls &&
				reader->now_s - loop->iteration.began_s > suspicious_s)
			*array_push(suspects) = (struct suspect){ i, loop->address,
				loop->iteration };
	}
}

static bool runs_on(struct reader *reader, const struct suspect *suspect)
{
	for (size_t t = 0; t < reader->threads.count; t++) {
		const struct thread_view *thread = &reader->threads.items[t];
		const struct asyncio_names *names =
				&reader->interpreters.items[thread->interpreter].asyncio;
		struct iteration now;
		iteration_find(reader->python, names, suspect->address, &thread->frames, &now);
		if (iteration_is_same(&now, &suspect->iteration))
			return true;
	}
	return false;
}

void suspects_confirm(const struct suspects *suspects, struct reader *reader,
		remote_addr runtime, struct snapshot *snapshot)
{
	interpreters_read(reader->python, runtime, &reader->interpreters, &reader->threads,
			&reader->repaired);
	for (size_t t = 0; t < reader->threads.count; t++)
		frames_of_thread(reader->python, reader->threads.items[t].current_frame,
				&reader->threads.items[t].frames);
	for (size_t i = 0; i < suspects->count; i++) {
		const struct suspect *suspect = &suspects->items[i];
		struct loop *loop = &snapshot->loops.items[suspect->loop];
		if (!runs_on(reader, suspect))
			continue;
		loop->blocked_confirmed = true;
		loop->blocked_s = reader->now_s - suspect->iteration.began_s;
	}
}
