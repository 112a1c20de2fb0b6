/* Makes an image of what a snapshot of a process reads.
 *
 *	record PID FILE
 *
 * record-images makes those in images/ so, of target.py.
 *
 * The pages are those that the reader reads.  Of these, each line without which
 * the snapshot is the same is left out, which brings megabytes down to what a
 * repository can hold. */
#include "tests/fuzz/acted.h"

#include <stdio.h>
#include <sys/uio.h>

#include "tests/fuzz/image.h"
#include "view/json.h"

struct recorder {
	pid_t pid;
	struct image *image;
};

/* The page as it was when it was read last. */
static struct image_page *page_of(struct image *image, remote_addr address)
{
	bool added;
	uint64_t *place = table_add(&image->index, address, &added);

	if (added) {
		*place = image->page_count++;
		image->pages = alloc_resize(image->pages, image->page_count, sizeof(*image->pages));
	}
	return &image->pages[*place];
}

static void keep(struct image *image, const struct mem_piece *piece)
{
	for (size_t done = 0; done < piece->size; done += MEM_PAGE) {
		struct image_page *page = page_of(image, piece->address + done);
		page->address = piece->address + done;
		page->lines = UINT64_MAX;
		memcpy(page->bytes, (uint8_t *)piece->buffer + done, MEM_PAGE);
	}
}

static void read_live(void *backend, struct mem_piece *pieces, size_t count)
{
	struct recorder *recorder = backend;

	for (size_t i = 0; i < count; i++) {
		struct iovec local = { pieces[i].buffer, pieces[i].size };
		struct iovec remote = { (void *)(uintptr_t)pieces[i].address, pieces[i].size };
		pieces[i].ok = process_vm_readv(recorder->pid, &local, 1, &remote, 1, 0) ==
			       (ssize_t)pieces[i].size;
		if (pieces[i].ok)
			keep(recorder->image, &pieces[i]);
	}
}

static void close_nothing(void *backend)
{
	(void)backend;
}

static const struct take_options options = { .pause_limit_us = 1000, .second_look_s = 1 };

/* All that a snapshot says, without what differs each time. */
static void describe(struct target *target, struct buffer *out)
{
	char *text = NULL;
	size_t size;
	struct json_output json;
	struct snapshot *snapshot = look_until_good(target, &options);
	FILE *file = open_memstream(&text, &size);

	snapshot->bytes_read = 0;
	json_output_begin(&json, file);
	json_output_snapshot(&json, snapshot);
	json_output_end(&json);
	fclose(file);
	snapshot_destroy(snapshot);
	buffer_clear(out);
	buffer_add(out, text, size);
	free(text);
}

static void describe_image(struct image *image, const struct location *location, struct buffer *out)
{
	struct image_memory memory;
	struct target target = { .location = *location };

	image_index(image);
	image_memory_init(&memory, image);
	target.process.mem = image_memory_open(&memory);
	describe(&target, out);
	mem_destroy(target.process.mem);
	image_memory_deinit(&memory);
}

static bool overlap(remote_addr at, size_t size, remote_addr start, size_t words)
{
	return at + size > start && at < start + words * sizeof(uint64_t);
}

/* The offsets were decoded before, so that a snapshot is the same without. */
static bool is_needed(const struct image *image, remote_addr at, size_t size)
{
	return overlap(at, size, image->runtime, DEBUG_OFFSETS_WORDS) ||
	       overlap(at, size, image->asyncio, ASYNCIO_DEBUG_WORDS);
}

static bool is_zero(const uint8_t *bytes)
{
	for (size_t i = 0; i < IMAGE_LINE; i++)
		if (bytes[i])
			return false;
	return true;
}

/* Zeroes a line or a page if the snapshot is the same then. */
static void try_without(struct image *image, const struct location *location, uint8_t *bytes,
		size_t size, const char *whole)
{
	struct buffer without = { 0 };
	uint8_t held[MEM_PAGE];

	memcpy(held, bytes, size);
	memset(bytes, 0, size);
	describe_image(image, location, &without);
	if (strcmp(buffer_text(&without), whole))
		memcpy(bytes, held, size);
	buffer_deinit(&without);
}

static void leave_out_lines(struct image *image, const struct location *location, const char *whole)
{
	for (size_t i = 0; i < image->page_count; i++) {
		struct image_page *page = &image->pages[i];
		if (!is_needed(image, page->address, MEM_PAGE))
			try_without(image, location, page->bytes, MEM_PAGE, whole);
		for (size_t n = 0; n < PAGE_LINES; n++) {
			uint8_t *line = page->bytes + n * IMAGE_LINE;
			if (!is_zero(line) && !is_needed(image, page->address + n * IMAGE_LINE,
							      IMAGE_LINE))
				try_without(image, location, line, IMAGE_LINE, whole);
			if (is_zero(line))
				page->lines &= ~(UINT64_C(1) << n);
		}
	}
}

/* A page of zeros may still be one that has to be there. */
static void leave_out_pages(struct image *image, const struct location *location, const char *whole)
{
	struct buffer without = { 0 };

	for (size_t i = image->page_count; i-- > 0;) {
		struct image_page page = image->pages[i];
		if (page.lines)
			continue;
		image->pages[i] = image->pages[--image->page_count];
		describe_image(image, location, &without);
		if (!strcmp(buffer_text(&without), whole))
			continue;
		image->pages[image->page_count++] = image->pages[i];
		image->pages[i] = page;
	}
	describe_image(image, location, &without);
	if (strcmp(buffer_text(&without), whole))
		abort();
	buffer_deinit(&without);
}

/* Leaves only what makes the snapshot what it is, and prints that. */
static void reduce(struct image *image, const struct location *location)
{
	struct buffer whole = { 0 };

	describe_image(image, location, &whole);
	leave_out_lines(image, location, buffer_text(&whole));
	leave_out_pages(image, location, buffer_text(&whole));
	puts(buffer_text(&whole));
	buffer_deinit(&whole);
}

static remote_addr find_asyncio_debug(struct target *target)
{
	remote_addr at;
	uint64_t size;

	for (size_t i = 0; i < target->objects.count; i++)
		if (object_open(&target->process, &target->objects.items[i]) &&
				object_section(&target->objects.items[i], ".AsyncioDebug", &at,
						&size))
			return at;
	return 0;
}

/* The offsets were read before the recording. */
static void read_offsets(struct target *target, const struct image *image)
{
	uint64_t words[DEBUG_OFFSETS_WORDS], asyncio[ASYNCIO_DEBUG_WORDS];

	mem_read(target->process.mem, image->runtime, words, sizeof(words));
	mem_read(target->process.mem, image->asyncio, asyncio, sizeof(asyncio));
}

int main(int argc, char **argv)
{
	static const struct mem_ops ops = { .read = read_live, .close = close_nothing };
	struct image image = { 0 };
	struct recorder recorder = { .pid = argc == 3 ? atoi(argv[1]) : -1, .image = &image };
	struct target target = { 0 };
	struct buffer text = { 0 };

	struct error *error = open_target(recorder.pid, &target);
	if (error) {
		fprintf(stderr, "record PID FILE: %s\n", error->message);
		return 1;
	}
	image.runtime = target.location.runtime;
	image.code_start = target.location.image_start;
	image.code_end = target.location.image_end;
	image.asyncio = find_asyncio_debug(&target);
	mem_destroy(target.process.mem);
	target.process.mem = mem_create(&ops, &recorder);
	describe(&target, &text);
	read_offsets(&target, &image);
	reduce(&image, &target.location);
	image_save(&image, argv[2]);
	objects_deinit(&target.objects);
	process_close(&target.process);
	buffer_deinit(&text);
	image_deinit(&image);
	return 0;
}
