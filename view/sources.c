/* Source files of the process: see sources.h. */
#include "view/sources.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { LINE_MAX_BYTES = 400, TAB_COLUMNS = 8 };

void sources_deinit(struct sources *sources)
{
	for (size_t i = 0; i < SOURCES_MAX; i++) {
		free(sources->files[i].file);
		free(sources->files[i].text);
	}
	*sources = (struct sources){ 0 };
}

static const struct source_file *find(struct sources *sources, const char *file)
{
	for (size_t i = 0; i < SOURCES_MAX; i++)
		if (sources->files[i].file && strcmp(sources->files[i].file, file) == 0)
			return &sources->files[i];
	struct source_file *slot = &sources->files[sources->next++ % SOURCES_MAX];
	free(slot->file);
	free(slot->text);
	slot->file = alloc_string(file);
	slot->length = 0;
	slot->text = sources->source->read_source(sources->source->context, file, &slot->length);
	return slot;
}

bool sources_line(struct sources *sources, const char *file, int number, struct buffer *line)
{
	const struct source_file *source = find(sources, file);
	const char *at = source->text, *end = at ? at + source->length : NULL;

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
