/* The memory of a target as a file, and changes to it: see image.h. */
#include "tests/fuzz/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

enum { RUN_MAX = 1024 };

/* ---- the file ---- */

static const char magic[8] = "asyncimg";

struct header {
	char magic[8];
	uint64_t runtime, asyncio, code_start, code_end, page_count;
};

static void must(bool ok, const char *path)
{
	if (ok)
		return;
	fprintf(stderr, "%s: cannot be read or written as an image\n", path);
	exit(1);
}

void image_load(struct image *image, const char *path)
{
	struct header header;
	FILE *file = fopen(path, "rb");

	must(file && fread(&header, sizeof(header), 1, file) == 1 &&
					!memcmp(header.magic, magic, sizeof(magic)),
			path);
	*image = (struct image){
		.runtime = header.runtime,
		.asyncio = header.asyncio,
		.code_start = header.code_start,
		.code_end = header.code_end,
		.page_count = header.page_count,
	};
	image->pages = alloc_zeroed(image->page_count, sizeof(*image->pages));
	for (size_t i = 0; i < image->page_count; i++) {
		struct image_page *page = &image->pages[i];
		must(fread(&page->address, sizeof(page->address), 1, file) == 1 &&
						fread(&page->lines, sizeof(page->lines), 1, file) ==
								1,
				path);
		for (size_t line = 0; line < PAGE_LINES; line++)
			must(!(page->lines >> line & 1) ||
							fread(page->bytes + line * IMAGE_LINE,
									IMAGE_LINE, 1, file) == 1,
					path);
	}
	fclose(file);
	image_index(image);
}

void image_save(const struct image *image, const char *path)
{
	struct header header = { .runtime = image->runtime,
		.asyncio = image->asyncio,
		.code_start = image->code_start,
		.code_end = image->code_end,
		.page_count = image->page_count };
	FILE *file = fopen(path, "wb");

	memcpy(header.magic, magic, sizeof(magic));
	must(file && fwrite(&header, sizeof(header), 1, file) == 1, path);
	for (size_t i = 0; i < image->page_count; i++) {
		const struct image_page *page = &image->pages[i];
		fwrite(&page->address, sizeof(page->address), 1, file);
		fwrite(&page->lines, sizeof(page->lines), 1, file);
		for (size_t line = 0; line < PAGE_LINES; line++)
			if (page->lines >> line & 1)
				fwrite(page->bytes + line * IMAGE_LINE, IMAGE_LINE, 1, file);
	}
	must(!fclose(file), path);
}

void image_index(struct image *image)
{
	bool added;
	size_t count = 0;

	for (size_t i = 0; i < image->page_count; i++)
		count += (size_t)__builtin_popcountll(image->pages[i].lines) * LINE_WORDS;
	image->words = alloc_resize(image->words, count, sizeof(*image->words));
	image->word_count = 0;
	table_deinit(&image->index);
	for (size_t i = 0; i < image->page_count; i++) {
		const struct image_page *page = &image->pages[i];
		*table_add(&image->index, page->address, &added) = i;
		for (size_t word = 0; word < MEM_PAGE / 8; word++)
			if (page->lines >> (word / LINE_WORDS) & 1)
				image->words[image->word_count++] = page->address + word * 8;
	}
}

void image_deinit(struct image *image)
{
	free(image->pages);
	free(image->words);
	table_deinit(&image->index);
}

/* ---- its memory ---- */

void image_memory_init(struct image_memory *memory, const struct image *image)
{
	*memory = (struct image_memory){
		.image = image,
		.pages = alloc_zeroed(image->page_count, sizeof(*memory->pages)),
		.changed = alloc_zeroed(image->page_count, sizeof(*memory->changed)),
		.hidden = alloc_zeroed(image->page_count, sizeof(*memory->hidden)),
	};
	memcpy(memory->pages, image->pages, image->page_count * sizeof(*memory->pages));
}

void image_memory_deinit(struct image_memory *memory)
{
	free(memory->pages);
	free(memory->changed);
	free(memory->hidden);
}

/* The place of the page at `address`, or -1. */
static ptrdiff_t place_of(const struct image_memory *memory, remote_addr address)
{
	const uint64_t *place = table_find(&memory->image->index, address - address % MEM_PAGE);
	return place ? (ptrdiff_t)*place : -1;
}

/* The word at `address`, to be changed; NULL where nothing is. */
static uint8_t *writable(struct image_memory *memory, remote_addr address)
{
	ptrdiff_t place = place_of(memory, address);

	if (place < 0)
		return NULL;
	memory->changed[place] = true;
	return memory->pages[place].bytes + address % MEM_PAGE;
}

static remote_addr word_address(const struct image_memory *memory, uint64_t number)
{
	return memory->image->words[number % memory->image->word_count];
}

static uint64_t get(struct image_memory *memory, remote_addr address)
{
	ptrdiff_t place = place_of(memory, address);
	uint64_t word = 0;

	if (place >= 0)
		memcpy(&word, memory->pages[place].bytes + address % MEM_PAGE, sizeof(word));
	return word;
}

static void put(struct image_memory *memory, remote_addr address, uint64_t word)
{
	uint8_t *bytes = writable(memory, address);

	if (bytes)
		memcpy(bytes, &word, sizeof(word));
}

static void apply_many(struct image_memory *memory, const struct change *change, remote_addr at)
{
	size_t count = change->part % RUN_MAX + 1u;
	remote_addr from = word_address(memory, change->value);
	uint64_t word = get(memory, at);

	for (size_t i = 0; i < count; i++, at += 8, from += 8) {
		if (change->kind % CHANGE_KINDS == CHANGE_MOVE)
			word = get(memory, from);
		else if (i)
			word += change->value;
		put(memory, at, word);
	}
}

static void apply(struct image_memory *memory, const struct change *change)
{
	static const uint64_t special[] = { 0, 1, 2, 3, 8, 16, 255, 256, 4096, 65536, 1 << 20,
		1 << 24, 1 << 26, INT32_MAX, UINT32_MAX, INT64_MAX, UINT64_C(1) << 63, UINT64_MAX,
		UINT64_MAX - 7, UINT64_MAX - 4095, UINT64_C(0x7fffffffffff), UINT64_C(1) << 40 };
	remote_addr at = word_address(memory, change->word);
	uint64_t word = get(memory, at);
	ptrdiff_t place;

	switch (change->kind % CHANGE_KINDS) {
	case CHANGE_BYTE:
		memcpy((uint8_t *)&word + change->part % 8, &change->value, 1);
		return put(memory, at, word);
	case CHANGE_HALF:
		memcpy((uint8_t *)&word + change->part % 2 * 4, &change->value, 4);
		return put(memory, at, word);
	case CHANGE_WORD:
		return put(memory, at, change->value);
	case CHANGE_COPY:
		return put(memory, at, get(memory, word_address(memory, change->value)));
	case CHANGE_POINT:
		return put(memory, at, word_address(memory, change->value));
	case CHANGE_ADD:
		return put(memory, at, word + change->value);
	case CHANGE_SPECIAL:
		return put(memory, at,
				special[change->value % (sizeof(special) / sizeof(*special))]);
	case CHANGE_RUN:
	case CHANGE_MOVE:
		return apply_many(memory, change, at);
	case CHANGE_HIDE:
		memory->hidden[place_of(memory, at)] = true;
		return;
	case CHANGE_FILL:
		place = place_of(memory, at);
		memory->filler = memory->pages[place].bytes;
		return;
	}
}

/* Makes the changes whose time has come. */
static void apply_until(struct image_memory *memory, uint64_t reads)
{
	struct change change;

	while (memory->late_size >= sizeof(change)) {
		memcpy(&change, memory->late, sizeof(change));
		if (change.after > reads)
			break;
		apply(memory, &change);
		memory->late += sizeof(change);
		memory->late_size -= sizeof(change);
	}
}

void image_memory_change(struct image_memory *memory, const uint8_t *records, size_t size)
{
	for (size_t i = 0; i < memory->image->page_count; i++) {
		if (memory->changed[i])
			memory->pages[i] = memory->image->pages[i];
		memory->changed[i] = memory->hidden[i] = false;
	}
	memory->filler = NULL;
	memory->reads = 0;
	memory->late = records;
	memory->late_size = size;
	apply_until(memory, 0);
}

/* The reader asks for pages and clusters of pages, and for nothing else. */
static void read_piece(const struct image_memory *memory, struct mem_piece *piece)
{
	piece->ok = true;
	for (size_t done = 0; done < piece->size; done += MEM_PAGE) {
		ptrdiff_t place = place_of(memory, piece->address + done);
		const uint8_t *page = place < 0 ? memory->filler : memory->pages[place].bytes;
		if (!page || (place >= 0 && memory->hidden[place]))
			piece->ok = false;
		else
			memcpy((uint8_t *)piece->buffer + done, page, MEM_PAGE);
	}
}

static void read_pieces(void *backend, struct mem_piece *pieces, size_t count)
{
	struct image_memory *memory = backend;

	apply_until(memory, memory->reads++);
	for (size_t i = 0; i < count; i++)
		read_piece(memory, &pieces[i]);
}

static void close_nothing(void *backend)
{
	(void)backend;
}

struct procmem *image_memory_open(struct image_memory *memory)
{
	static const struct mem_ops ops = { .read = read_pieces, .close = close_nothing };
	return mem_create(&ops, memory);
}
