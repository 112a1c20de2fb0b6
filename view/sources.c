/* Source files of the process: see sources.h. */
#include "view/sources.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/thread.h"

enum { LINE_MAX_BYTES = 400, TAB_COLUMNS = 8 };

struct source_reading {
	const struct live_source *source;
	pthread_t thread;
	int event;
	struct source_file result;
};

static void forget(struct source_file *file)
{
	free(file->file);
	free(file->text);
	*file = (struct source_file){ 0 };
}

static void *run(void *argument)
{
	struct source_reading *reading = argument;
	struct source_file *result = &reading->result;

	result->text = reading->source->read_source(
			reading->source->context, result->file, &result->length);
	eventfd_write(reading->event, 1);
	return NULL;
}

static void reading_destroy(struct source_reading *reading)
{
	if (reading->event >= 0)
		close(reading->event);
	forget(&reading->result);
	free(reading);
}

static struct source_reading *reading_begin(const struct live_source *source, const char *file)
{
	struct source_reading *reading = alloc_zeroed(1, sizeof(*reading));

	reading->source = source;
	reading->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	reading->result.file = alloc_string(file);
	if (reading->event >= 0 && thread_begin(&reading->thread, run, reading))
		return reading;
	reading_destroy(reading);
	return NULL;
}

void sources_deinit(struct sources *sources)
{
	eventfd_t count;

	if (sources->reading && eventfd_read(sources->reading->event, &count) == 0) {
		pthread_join(sources->reading->thread, NULL);
		reading_destroy(sources->reading);
	}
	for (size_t i = 0; i < SOURCES_MAX; i++)
		forget(&sources->files[i]);
	*sources = (struct sources){ 0 };
}

void sources_begin(struct sources *sources)
{
	sources->use++;
}

/* The one that was not used for the longest time; NULL where all are in use, which
 * would push out each other for ever. */
static struct source_file *find_room(struct sources *sources)
{
	struct source_file *oldest = &sources->files[0];

	for (size_t i = 1; i < SOURCES_MAX; i++)
		if (sources->files[i].used < oldest->used)
			oldest = &sources->files[i];
	return oldest->used < sources->use ? oldest : NULL;
}

static struct source_file *find_known(struct sources *sources, const char *file)
{
	for (size_t i = 0; i < SOURCES_MAX; i++)
		if (sources->files[i].file && strcmp(sources->files[i].file, file) == 0)
			return &sources->files[i];
	return NULL;
}

int sources_fd(const struct sources *sources)
{
	return sources->reading ? sources->reading->event : -1;
}

void sources_take(struct sources *sources)
{
	struct source_reading *reading = sources->reading;
	eventfd_t count;

	if (!reading || eventfd_read(reading->event, &count) != 0)
		return;
	pthread_join(reading->thread, NULL);
	struct source_file *known = find_known(sources, reading->result.file);
	known->text = reading->result.text;
	known->length = reading->result.length;
	reading->result.text = NULL;
	reading_destroy(reading);
	sources->reading = NULL;
}

/* Begins to read what is not known. */
static const struct source_file *find(struct sources *sources, const char *file)
{
	struct source_file *known = find_known(sources, file);
	struct source_file *room = known || sources->reading ? NULL : find_room(sources);

	if (known)
		known->used = sources->use;
	if (!room)
		return known;
	forget(room);
	room->file = alloc_string(file);
	room->used = sources->use;
	sources->reading = reading_begin(sources->source, file);
	return NULL;
}

bool sources_line(struct sources *sources, const char *file, int number, struct buffer *line)
{
	const struct source_file *source = find(sources, file);
	const char *at = source ? source->text : NULL, *end = at ? at + source->length : NULL;

	for (int i = 1; at && i < number; i++) {
		at = memchr(at, '\n', (size_t)(end - at));
		at = at ? at + 1 : NULL;
	}
	if (!at || at >= end || number < 1)
		return false;
	for (; at < end && *at != '\n' && *at != '\r' && line->length < LINE_MAX_BYTES; at++) {
		if (*at == '\0')
			return false; /* no text */
		if (*at != '\t')
			buffer_putc(line, *at);
		else
			do
				buffer_putc(line, ' ');
			while (line->length % TAB_COLUMNS);
	}
	return true;
}
