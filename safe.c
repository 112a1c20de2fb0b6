/* Makes text of a target safe to print: see safe.h. */
#include "safe.h"

#include <stdint.h>
#include <string.h>
#include <wchar.h>

#include "base/utf8.h"

enum {
	CELL_MAX = 16, /* bytes of the longest escape, with room to spare */
	MARKS_MAX = 8, /* on one letter; a pile of more would cover other lines */
	COLUMN_BYTES_MAX = UTF8_MAX * (1 + MARKS_MAX), /* of a letter and its marks */
	/* What is shortened and longer than this is taken to end here. */
	SHORTENED_BYTES_MAX = 1024 * 1024,
};

/* A piece that is never divided: a character or an escape. */
struct cell {
	char text[CELL_MAX];
	size_t length;
	size_t width; /* 0: a mark that belongs to the cell before it */
};

struct reader {
	const char *at, *end;
	bool ascii;
	bool base;      /* the last cell can carry marks */
	unsigned marks; /* that it carries */
};

/* Characters that wcwidth() takes for printable, but that are invisible or act
 * on their neighbours: Unicode's category Cf and Default_Ignorable_Code_Point,
 * the separators of lines and paragraphs, private use, noncharacters. */
static const struct range {
	uint32_t first, last;
} hidden[] = {
	{ 0x0080, 0x009f },
	{ 0x00ad, 0x00ad },
	{ 0x034f, 0x034f },
	{ 0x0600, 0x0605 },
	{ 0x061c, 0x061c },
	{ 0x06dd, 0x06dd },
	{ 0x070f, 0x070f },
	{ 0x0890, 0x0891 },
	{ 0x08e2, 0x08e2 },
	{ 0x115f, 0x1160 },
	{ 0x17b4, 0x17b5 },
	{ 0x180b, 0x180f },
	{ 0x200b, 0x200f },
	{ 0x2028, 0x202e },
	{ 0x2060, 0x206f },
	{ 0x3164, 0x3164 },
	{ 0xd800, 0xf8ff },
	{ 0xfdd0, 0xfdef },
	{ 0xfe00, 0xfe0f },
	{ 0xfeff, 0xfeff },
	{ 0xffa0, 0xffa0 },
	{ 0xfff0, 0xffff },
	{ 0x110bd, 0x110bd },
	{ 0x110cd, 0x110cd },
	{ 0x13430, 0x1343f },
	{ 0x1bca0, 0x1bca3 },
	{ 0x1d173, 0x1d17a },
	{ 0x1fffe, 0x1ffff },
	{ 0x2fffe, 0x2ffff },
	{ 0x3fffe, 0x3ffff },
	{ 0xe0000, 0x10ffff },
};

static bool is_hidden(uint32_t c)
{
	size_t low = 0, high = sizeof(hidden) / sizeof(hidden[0]);

	while (low < high) {
		size_t middle = (low + high) / 2;
		if (c > hidden[middle].last)
			low = middle + 1;
		else if (c < hidden[middle].first)
			high = middle;
		else
			return true;
	}
	return false;
}

/* The columns of `c`, negative where it must be escaped. */
static int character_width(const struct reader *reader, uint32_t c)
{
	if (c < 0x20 || c == 0x7f)
		return -1;
	if (c < 0x7f)
		return 1;
	if (reader->ascii || is_hidden(c))
		return -1;
	int width = wcwidth((wchar_t)c);
	if (width == 0 && (!reader->base || reader->marks >= MARKS_MAX))
		return -1;
	return width;
}

/* Not by printf: a hostile target has megabytes of these. */
static void escape(struct cell *cell, uint32_t c)
{
	static const char letters[] = "\aa\bb\tt\nn\vv\ff\rr\\\\", hex[] = "0123456789abcdef";
	const char *letter = c && c < 0x7f ? strchr(letters, (int)c) : NULL;
	char *out = cell->text;

	*out++ = '\\';
	/* Even places hold the character, odd ones the letter it is written with. */
	if (letter && (letter - letters) % 2 == 0) {
		*out++ = letter[1];
	} else {
		unsigned digits = c < 0x100 ? 2 : c < 0x10000 ? 4 : 8;
		*out++ = digits == 2 ? 'x' : digits == 4 ? 'u' : 'U';
		while (digits--)
			*out++ = hex[c >> 4 * digits & 15];
	}
	cell->length = cell->width = (size_t)(out - cell->text);
}

static bool next_cell(struct reader *reader, struct cell *cell)
{
	if (reader->at == reader->end)
		return false;
	uint32_t c = utf8_decode(&reader->at, reader->end);
	int width = c == '\\' ? -1 : character_width(reader, c);

	if (width < 0) {
		escape(cell, c);
	} else {
		cell->length = utf8_encode(c, cell->text);
		cell->width = (size_t)width;
	}
	reader->base = width > 0 || (width == 0 && reader->base);
	reader->marks = width == 0 ? reader->marks + 1 : 0;
	return true;
}

static struct reader read_text(const char *text, bool ascii)
{
	return (struct reader){ .at = text, .end = text + strlen(text), .ascii = ascii };
}

size_t safe_width(const char *text, bool ascii)
{
	struct reader reader = read_text(text, ascii);
	struct cell cell;
	size_t width = 0;

	while (next_cell(&reader, &cell))
		width += cell.width;
	return width;
}

size_t safe_add(struct buffer *out, const char *text, bool ascii)
{
	struct reader reader = read_text(text, ascii);
	struct cell cell;
	size_t width = 0;

	while (next_cell(&reader, &cell)) {
		buffer_add(out, cell.text, cell.length);
		width += cell.width;
	}
	return width;
}

/* Adds the head, an ellipsis and the tail of a text that is `total` wide. */
static size_t add_ends(
		struct buffer *out, struct reader reader, size_t total, size_t head, size_t tail)
{
	const char *ellipsis = reader.ascii ? "..." : "…";
	size_t at = 0, added = reader.ascii ? 3 : 1;
	bool in_head = true, in_tail = false;
	struct cell cell;

	while (next_cell(&reader, &cell)) {
		if (cell.width) {
			if (in_head && at && at + cell.width > head) {
				in_head = false;
				buffer_puts(out, ellipsis);
			}
			in_tail = !in_head && at >= total - tail;
		}
		if (in_head || in_tail) {
			buffer_add(out, cell.text, cell.length);
			added += cell.width;
		}
		at += cell.width;
	}
	return added;
}

static size_t add_shortened(struct buffer *out, const char *text, size_t width, bool ascii)
{
	size_t ellipsis = ascii ? 3 : 1;
	size_t total = safe_width(text, ascii);

	if (total <= width || total <= ellipsis + 1)
		return safe_add(out, text, ascii);
	size_t room = width > ellipsis ? width - ellipsis : 0;
	return add_ends(out, read_text(text, ascii), total, room - room / 2, room / 2);
}

static bool continues_character(char c)
{
	return ((unsigned char)c & 0xc0) == 0x80;
}

/* Of a long text only the ends are looked at, for it may be mentioned as often as
 * it is long.  In `end` bytes of it there are more columns than will stand. */
static size_t add_long(struct buffer *out, const char *text, size_t width, bool ascii, size_t end)
{
	struct buffer ends = { 0 };
	size_t length = strnlen(text, SHORTENED_BYTES_MAX), front = end, back = length - end;

	while (continues_character(text[front]))
		front++;
	while (continues_character(text[back]))
		back++;
	buffer_add(&ends, text, front);
	buffer_add(&ends, text + back, length - back);
	size_t added = add_shortened(out, buffer_text(&ends), width, ascii);
	buffer_deinit(&ends);
	return added;
}

size_t safe_add_short(struct buffer *out, const char *text, size_t width, bool ascii)
{
	enum { WIDTH_MAX = SHORTENED_BYTES_MAX / COLUMN_BYTES_MAX / 4, SPARE = 8 };
	size_t end = width < WIDTH_MAX ? (width + SPARE) * COLUMN_BYTES_MAX : 0;

	return end && strnlen(text, 2 * end) == 2 * end ? add_long(out, text, width, ascii, end)
							: add_shortened(out, text, width, ascii);
}
