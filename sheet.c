/* Lines that are not yet on a screen: see sheet.h. */
#include "sheet.h"

void sheet_deinit(struct sheet *sheet)
{
	buffer_deinit(&sheet->text);
	array_free(&sheet->ranges);
	array_free(&sheet->lines);
}

void sheet_clear(struct sheet *sheet)
{
	buffer_clear(&sheet->text);
	sheet->ranges.count = 0;
	sheet->lines.count = 0;
}

/* The ranges of the line that is being written come after this one. */
static size_t ranges_of_lines(const struct sheet *sheet)
{
	return sheet->lines.count ? sheet->lines.items[sheet->lines.count - 1].end_range : 0;
}

void sheet_cut(struct sheet *sheet, size_t lines)
{
	if (lines >= sheet->lines.count)
		return;
	sheet->lines.count = lines;
	sheet->ranges.count = ranges_of_lines(sheet);
}

void sheet_trim(struct sheet *sheet, size_t length)
{
	size_t least = ranges_of_lines(sheet);

	while (sheet->ranges.count > least &&
			sheet->ranges.items[sheet->ranges.count - 1].to > length)
		sheet->ranges.count--;
}

void sheet_add_range(struct sheet *sheet, size_t from, size_t to, int style)
{
	*array_push(&sheet->ranges) = (struct sheet_range){ from, to, style };
}

void sheet_end_line(struct sheet *sheet, const char *text, size_t length)
{
	struct sheet_line line = { .from = sheet->text.length };

	sheet_trim(sheet, length);
	line.first_range = ranges_of_lines(sheet);
	buffer_add(&sheet->text, text, length);
	line.to = sheet->text.length;
	line.end_range = sheet->ranges.count;
	*array_push(&sheet->lines) = line;
}
