/* A second look at loops that may be blocked: see second_look.h. */
#include "cpython/second_look.h"

#include <math.h>

#include "cpython/greenlets.h"

/* A callback is mostly done within this time. */
static const double suspicious_s = 0.01;

/* Since when the loop is known to run what it runs, NAN where nothing is suspicious. */
static double suspicious_since(const struct reader *reader, const struct iteration *iteration)
{
	if (iteration->handler)
		return reader->now_s;
	return iteration->calls && reader->now_s - iteration->began_s > suspicious_s
			       ? iteration->began_s
			       : NAN;
}

void suspects_add(struct suspects *suspects, const struct reader *reader)
{
	for (size_t i = 0; i < reader->loops.count; i++) {
		const struct loop_view *loop = &reader->loops.items[i];
		double since_s = suspicious_since(reader, &loop->iteration);
		if (!isnan(since_s))
			*array_push(suspects) = (struct suspect){ i, loop->address, since_s,
				loop->iteration };
	}
}

/* Says that a loop is blocked where the frame at a place runs what a suspect ran. */
static void confirm(const struct suspects *suspects, const struct table *index,
		struct reader *reader, const struct thread_view *thread, size_t frame,
		struct snapshot *snapshot)
{
	const struct asyncio_names *names =
			&reader->interpreters.items[thread->interpreter].asyncio;
	remote_addr address = iteration_loop(reader->python, names, &thread->frames.items[frame]);
	const uint64_t *place = address ? table_find(index, address) : NULL;
	struct iteration now;

	if (!place)
		return;
	const struct suspect *suspect = &suspects->items[*place];
	struct loop *loop = &snapshot->loops.items[suspect->loop];
	iteration_read(reader->python, names, &thread->frames, frame, &now);
	if (!iteration_is_same(&now, &suspect->iteration))
		return;
	loop->blocked_confirmed = true;
	loop->blocked_s = reader->now_s - suspect->since_s;
}

void suspects_confirm(const struct suspects *suspects, struct reader *reader, remote_addr runtime,
		struct snapshot *snapshot)
{
	struct table index = { 0 };
	bool added;

	for (size_t i = 0; i < suspects->count; i++)
		*table_add(&index, suspects->items[i].address, &added) = i;
	interpreters_read(reader->python, runtime, reader->still, &reader->interpreters,
			&reader->threads, &reader->repaired);
	for (size_t t = 0; t < reader->threads.count; t++) {
		struct thread_view *thread = &reader->threads.items[t];
		frames_of_thread(reader->python, thread->current_frame, &thread->frames);
		greenlets_add_frames(reader->python, thread);
		for (size_t f = 0; f < thread->frames.count; f++)
			confirm(suspects, &index, reader, thread, f, snapshot);
	}
	table_deinit(&index);
}
