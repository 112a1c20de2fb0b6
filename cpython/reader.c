/* What is read of one CPython: see tasks.h. */
#include "cpython/tasks.h"

void reader_init(struct reader *reader, struct python *python)
{
	*reader = (struct reader){ .python = python, .complete = true };
}

void reader_deinit(struct reader *reader)
{
	array_free(&reader->interpreters);
	threads_deinit(&reader->threads);
	array_free(&reader->tasks);
	arena_deinit(&reader->raws);
	awaited_deinit(&reader->awaited);
	array_free(&reader->order);
	table_deinit(&reader->tasks.index);
	loops_deinit(&reader->loops);
	array_free(&reader->links);
	array_free(&reader->holdings);
	table_deinit(&reader->known_waits);
	table_deinit(&reader->executing);
	table_deinit(&reader->current);
	table_deinit(&reader->orphans);
	array_free(&reader->running);
	chain_deinit(&reader->chain);
	queue_deinit(&reader->queue);
	pools_deinit(&reader->pools);
	unfetched_deinit(&reader->unfetched);
	buffer_deinit(&reader->text);
}
