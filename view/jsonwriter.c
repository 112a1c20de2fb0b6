/* Well-formed JSON, piece by piece: see jsonwriter.h. */
#include "view/jsonwriter.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/utf8.h"

void json_init(struct json_writer *json, FILE *out)
{
	*json = (struct json_writer){ .out = out };
}

static struct json_level *innermost(struct json_writer *json)
{
	return json->depth ? &json->levels[json->depth - 1] : NULL;
}

/* What stands before any value: a comma, or nothing. */
static void begin_value(struct json_writer *json)
{
	struct json_level *level = innermost(json);

	if (!level)
		return;
	assert(level->object == level->keyed);
	if (!level->object && level->filled)
		putc_unlocked(',', json->out);
	level->filled = true;
	level->keyed = false;
}

static void begin_level(struct json_writer *json, bool object)
{
	begin_value(json);
	assert(json->depth < JSON_MAX_DEPTH);
	json->levels[json->depth++] = (struct json_level){ .object = object };
	putc_unlocked(object ? '{' : '[', json->out);
}

void json_object(struct json_writer *json)
{
	begin_level(json, true);
}

void json_array(struct json_writer *json)
{
	begin_level(json, false);
}

void json_end(struct json_writer *json)
{
	struct json_level *level = innermost(json);

	assert(level && !level->keyed);
	putc_unlocked(level->object ? '}' : ']', json->out);
	/* Objects of a stream stand on a line each. */
	if (--json->depth == 0)
		putc_unlocked('\n', json->out);
}

void json_key(struct json_writer *json, const char *key)
{
	struct json_level *level = innermost(json);

	assert(level && level->object && !level->keyed);
	fputs_unlocked(level->filled ? ",\"" : "\"", json->out);
	fputs_unlocked(key, json->out);
	fputs_unlocked("\":", json->out);
	level->keyed = true;
}

static void plain(struct json_writer *json, const char *text)
{
	begin_value(json);
	fputs_unlocked(text, json->out);
}

void json_null(struct json_writer *json)
{
	plain(json, "null");
}

void json_bool(struct json_writer *json, bool value)
{
	plain(json, value ? "true" : "false");
}

void json_int(struct json_writer *json, int64_t value)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRId64, value);
	plain(json, text);
}

void json_unsigned(struct json_writer *json, uint64_t value)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64, value);
	plain(json, text);
}

void json_decimal(struct json_writer *json, double value)
{
	const double largest = 9e15; /* its thousandths still fit in 64 bits */
	char text[48];

	if (!isfinite(value)) {
		json_null(json);
		return;
	}
	bool negative = value < 0;
	double size = negative ? -value : value;
	uint64_t thousandths = (uint64_t)((size < largest ? size : largest) * 1000 + 0.5);
	snprintf(text, sizeof(text), "%s%" PRIu64 ".%03" PRIu64, negative ? "-" : "",
			thousandths / 1000, thousandths % 1000);
	plain(json, text);
}

void json_address(struct json_writer *json, uint64_t address)
{
	char text[32];

	snprintf(text, sizeof(text), "\"0x%" PRIx64 "\"", address);
	plain(json, text);
}

/* Code points that are written as escapes: controls, and what is invisible or
 * turns the direction of the text around it. */
static bool is_escaped(uint32_t c)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{ 0x0000, 0x001f },
		{ '"', '"' },
		{ '\\', '\\' },
		{ 0x007f, 0x009f },
		{ 0x00ad, 0x00ad },
		{ 0x061c, 0x061c },
		{ 0x180e, 0x180e },
		{ 0x200b, 0x200f },
		{ 0x2028, 0x202e },
		{ 0x2060, 0x206f },
		{ 0xfeff, 0xfeff },
		{ 0xfff9, 0xfffb },
		{ 0xe0000, 0xe007f },
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return true;
	return false;
}

static void write_character(FILE *out, uint32_t c)
{
	char bytes[UTF8_MAX];

	if (utf8_is_surrogate(c))
		c = 0xfffd;
	if (c == '"' || c == '\\')
		fprintf(out, "\\%c", (char)c);
	else if (!is_escaped(c))
		fwrite_unlocked(bytes, 1, utf8_encode(c, bytes), out);
	else if (c < 0x10000)
		fprintf(out, "\\u%04" PRIx32, c);
	else
		fprintf(out, "\\u%04" PRIx32 "\\u%04" PRIx32, 0xd7c0 + (c >> 10),
				0xdc00 | (c & 0x3ff));
}

static bool is_plain(char c)
{
	return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

void json_string(struct json_writer *json, const char *text)
{
	if (!text) {
		json_null(json);
		return;
	}
	begin_value(json);
	putc_unlocked('"', json->out);
	const char *end = text + strlen(text);
	while (text < end) {
		const char *start = text;
		while (text < end && is_plain(*text))
			text++;
		fwrite_unlocked(start, 1, (size_t)(text - start), json->out);
		if (text < end)
			write_character(json->out, utf8_decode(&text, end));
	}
	putc_unlocked('"', json->out);
}
