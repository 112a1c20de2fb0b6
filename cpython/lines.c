/* The location table of a code object: which line an instruction is from.
 * Objects/locations.md of CPython describes it; it is the same from 3.11 on. */
#include "cpython/code.h"

enum {
	ENTRY_START = 0x80, /* set in the first byte of an entry only */
	CODE_SHIFT = 3,
	CODE_MASK = 15,
	LENGTH_MASK = 7,
	/* The codes of entries; below ONE_LINE0 the line does not change. */
	ONE_LINE0 = 10,
	ONE_LINE2 = 12,
	NO_COLUMNS = 13,
	LONG_FORM = 14,
	NO_LOCATION = 15,
	/* A varint: six bits a byte, the least first. */
	MORE = 0x40,
	BITS = 6,
	BITS_MASK = 0x3f,
};

static int read_signed_varint(const uint8_t *table, size_t size, size_t at)
{
	uint32_t value = 0;

	for (unsigned shift = 0; at < size && shift < 32; at++, shift += BITS) {
		value |= (uint32_t)(table[at] & BITS_MASK) << shift;
		if (!(table[at] & MORE))
			break;
	}
	return value & 1 ? -(int)(value >> 1) : (int)(value >> 1);
}

int line_of_unit(const uint8_t *table, size_t size, int first_line, uint64_t unit)
{
	unsigned line = (unsigned)first_line; /* may wrap in a damaged table */
	uint64_t end = 0;

	for (size_t at = 0; at < size;) {
		unsigned code = table[at] >> CODE_SHIFT & CODE_MASK;
		end += (table[at] & LENGTH_MASK) + 1u;
		at++;
		if (code >= ONE_LINE0 && code <= ONE_LINE2)
			line += code - ONE_LINE0;
		else if (code == NO_COLUMNS || code == LONG_FORM)
			line += (unsigned)read_signed_varint(table, size, at);
		if (unit < end)
			return code == NO_LOCATION || (int)line < 0 ? 0 : (int)line;
		while (at < size && !(table[at] & ENTRY_START))
			at++;
	}
	return 0;
}
