/* The memory of a target as a file, and small programs that change it.
 *
 * An image holds the lines of 64 bytes that matter; the rest of their pages is
 * zero, and no other page is mapped.  A change is a record of 16 bytes; any
 * bytes are valid records, so a fuzzer can do what it likes with them. */
#ifndef TESTS_FUZZ_IMAGE_H
#define TESTS_FUZZ_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/table.h"
#include "procmem.h"

enum { IMAGE_LINE = 64, LINE_WORDS = IMAGE_LINE / 8, PAGE_LINES = MEM_PAGE / IMAGE_LINE };

struct image_page {
	remote_addr address;
	uint64_t lines; /* one bit for each line that matters */
	uint8_t bytes[MEM_PAGE];
};

struct image {
	/* What the reader is told of the target. */
	remote_addr runtime;              /* of _PyRuntime */
	remote_addr asyncio;              /* of _AsyncioDebug, or 0 */
	remote_addr code_start, code_end; /* of the file that CPython is in */
	struct image_page *pages;
	size_t page_count;
	/* Every word that matters. */
	remote_addr *words;
	size_t word_count;
	struct table index; /* page address → place in pages */
};

/* Reads a file that image_save() wrote; ends the program where it cannot. */
void image_load(struct image *image, const char *path);
void image_save(const struct image *image, const char *path);
void image_deinit(struct image *image);
/* Fills what is derived of the pages: words and index. */
void image_index(struct image *image);

/* The memory of an image, with changes. */
struct image_memory {
	const struct image *image;
	struct image_page *pages; /* copies of those of the image */
	bool *changed, *hidden;   /* by page */
	const uint8_t *filler;    /* what every other page reads as, NULL: nothing */
	const uint8_t *late;      /* changes that are still to be made */
	size_t late_size;
	uint64_t reads;
};

void image_memory_init(struct image_memory *memory, const struct image *image);
void image_memory_deinit(struct image_memory *memory);

/* Makes the memory that of the image, with the changes in `records`, some of
 * which take place only after a number of reads. */
void image_memory_change(struct image_memory *memory, const uint8_t *records, size_t size);

struct procmem *image_memory_open(struct image_memory *memory);

enum change_kind {
	CHANGE_BYTE,    /* to `value`, the byte `part` of the word */
	CHANGE_HALF,    /* to `value`, half `part` of the word */
	CHANGE_WORD,    /* to `value` */
	CHANGE_COPY,    /* to what word number `value` is */
	CHANGE_POINT,   /* to the address of word number `value` */
	CHANGE_ADD,     /* adds `value` */
	CHANGE_SPECIAL, /* to number `value` of a table of likely trouble */
	CHANGE_RUN,     /* `part` words from here on count up by `value` each */
	CHANGE_MOVE,    /* `part` words from here on are copied from word `value` on */
	CHANGE_HIDE,    /* the page is not mapped any more */
	CHANGE_FILL,    /* all that is not mapped reads as the page of the word */
	CHANGE_KINDS,
};

struct change {
	uint8_t kind;  /* enum change_kind, by its remainder */
	uint8_t after; /* how many reads of the target come first */
	uint16_t part;
	uint32_t word; /* its number, by its remainder */
	uint64_t value;
};

#endif
