/* Python's str: see text.h.  Layout: Include/cpython/unicodeobject.h. */
#include "cpython/text.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "cpython/types.h"

enum {
	TEXT_MAX = 16 * 1024 * 1024, /* code points; each is half a word of work */
	CHUNK = 4096,                /* bytes, a multiple of every width */
	NAME_MAX_BYTES = 128,
};

struct text {
	uint64_t length; /* code points */
	unsigned width;  /* bytes each: 1, 2 or 4 */
	bool ascii;
	remote_addr data;
};

static bool locate(struct python *python, remote_addr object, struct text *text)
{
	const struct layout *layout = python->layout;
	const struct type *type = type_of(python, object);
	uint32_t state;

	if (!type || !(type->flags & TYPE_TEXT) ||
			!mem_read(python->mem, object + layout->text.state, &state,
					sizeof(state)) ||
			!mem_read_u64(python->mem, object + layout->text.length, &text->length) ||
			text->length > TEXT_MAX)
		return false;
	text->width = state >> layout->text.kind_shift & 7;
	text->ascii = state >> layout->text.ascii_bit & 1;
	if (text->width != 1 && text->width != 2 && text->width != 4)
		return false;
	if (!(state >> layout->text.compact_bit & 1))
		/* A subclass: the characters are elsewhere. */
		return mem_read_u64(python->mem, object + layout->text.compact_size, &text->data);
	text->data = object + (text->ascii ? layout->text.ascii_size : layout->text.compact_size);
	return true;
}

static uint32_t code_point(const unsigned char *data, unsigned width)
{
	uint16_t two;
	uint32_t four;

	if (width == 1)
		return data[0];
	if (width == 2) {
		memcpy(&two, data, sizeof(two));
		return two;
	}
	memcpy(&four, data, sizeof(four));
	return four <= 0x10ffff ? four : 0xfffd;
}

/* Whether all are in ASCII, and none is NUL. */
static bool is_plain(const unsigned char *data, size_t size)
{
	bool plain = true;

	for (size_t i = 0; i < size; i++)
		plain &= (unsigned char)(data[i] - 1) < 0x7f;
	return plain;
}

static void add_characters(
		const unsigned char *data, size_t size, unsigned width, struct buffer *out)
{
	if (width == 1 && is_plain(data, size)) {
		buffer_add(out, (const char *)data, size);
		return;
	}
	for (size_t i = 0; i < size; i += width) {
		char encoded[UTF8_MAX];
		size_t n = utf8_encode(code_point(data + i, width), encoded);
		buffer_add(out, encoded, n);
	}
}

static bool copy_characters(struct python *python, const struct text *text, struct buffer *out)
{
	unsigned char chunk[CHUNK];
	uint64_t left = text->length * text->width;
	remote_addr at = text->data;

	while (left) {
		size_t size = left < sizeof(chunk) ? left : sizeof(chunk);
		if (!python_work(python, size / text->width / 2 + 1) ||
				!mem_read(python->mem, at, chunk, size))
			return false;
		add_characters(chunk, size, text->width, out);
		at += size;
		left -= size;
	}
	return true;
}

bool text_read(struct python *python, remote_addr object, struct buffer *out)
{
	struct text text;

	return locate(python, object, &text) && copy_characters(python, &text, out);
}

const char *text_intern(struct python *python, remote_addr object)
{
	struct buffer buffer = { 0 };
	const char *text = NULL;

	if (text_read(python, object, &buffer))
		text = intern_text(&python->intern, buffer_text(&buffer), buffer.length);
	buffer_deinit(&buffer);
	return text;
}

bool text_is(struct python *python, remote_addr object, const char *name)
{
	struct text text;
	char data[NAME_MAX_BYTES];
	size_t length = strlen(name);

	return length <= sizeof(data) && python_work(python, 1) && locate(python, object, &text) &&
	       text.length == length && text.ascii &&
	       mem_read(python->mem, text.data, data, length) && !memcmp(data, name, length);
}
