/* Makes an image of what a snapshot of a process reads.
 *
 *	record PID FILE
 *
 * Each image in images/ is made so, by the Python that it is named for:
 *
 *	python3.14 tests/fuzz/target.py & sleep 2
 *	build/cc/tests/fuzz/record $! tests/fuzz/images/3.14.img
 *
 * The pages are those that the reader used.  Of these, each line without which
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
	bool recording;
};

static void read_live(void *backend, struct mem_piece *pieces, size_t count)
{
	struct recorder *recorder = backend;

	for (size_t i = 0; i < count; i++) {
		struct iovec local = { pieces[i].buffer, pieces[i].size };
		struct iovec remote = { (void *)(uintptr_t)pieces[i].address,
			pieces[i].size };
		pieces[i].ok = process_vm_readv(recorder->pid, &local, 1, &remote, 1,
				       0) == (ssize_t)pieces[i].size;
		if (!recorder->recording || !pieces[i].ok)
			continue;
		struct image *image = recorder->image;
		image->pages = alloc_resize(
			image->pages, image->page_count + 1, sizeof(*image->pages));
		struct image_page *page = &image->pages[image->page_count++];
		*page = (struct image_page){ .address = pieces[i].address,
			.lines = UINT64_MAX };
		memcpy(page->bytes, pieces[i].buffer, MEM_PAGE);
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

static void describe_image(
	struct image *image, const struct location *location, struct buffer *out)
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

static bool is_in(remote_addr line, remote_addr start, size_t words)
{
	return line + IMAGE_LINE > start && line < start + words * sizeof(uint64_t);
}

/* The offsets were decoded before, so that a snapshot is the same without. */
static bool is_needed(const struct image *image, remote_addr line)
{
	return is_in(line, image->runtime, DEBUG_OFFSETS_WORDS) ||
	       is_in(line, image->asyncio, ASYNCIO_DEBUG_WORDS);
}

static bool is_zero(const uint8_t *bytes)
{
	for (size_t i = 0; i < IMAGE_LINE; i++)
		if (bytes[i])
			return false;
	return true;
}

/* Zeroes a line if the snapshot is the same then. */
static void try_without(struct image *image, const struct location *location,
	uint8_t *line, const char *whole)
{
	struct buffer without = { 0 };
	uint8_t held[IMAGE_LINE];

	memcpy(held, line, IMAGE_LINE);
	memset(line, 0, IMAGE_LINE);
	describe_image(image, location, &without);
	if (strcmp(buffer_text(&without), whole))
		memcpy(line, held, IMAGE_LINE);
	buffer_deinit(&without);
}

static void leave_out_lines(
	struct image *image, const struct location *location, const char *whole)
{
	for (size_t i = 0; i < image->page_count; i++) {
		struct image_page *page = &image->pages[i];
		for (size_t n = 0; n < PAGE_LINES; n++) {
			uint8_t *line = page->bytes + n * IMAGE_LINE;
			if (!is_zero(line) &&
				!is_needed(image, page->address + n * IMAGE_LINE))
				try_without(image, location, line, whole);
			if (is_zero(line))
				page->lines &= ~(UINT64_C(1) << n);
		}
	}
}

/* A page of zeros may still be one that has to be there. */
static void leave_out_pages(
	struct image *image, const struct location *location, const char *whole)
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
			object_section(
				&target->objects.items[i], ".AsyncioDebug", &at, &size))
			return at;
	return 0;
}

/* The offsets were read before the recording, and once is enough. */
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
	struct recorder recorder = { .pid = argc == 3 ? atoi(argv[1]) : -1,
		.image = &image };
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
	recorder.recording = true;
	mem_verify(target.process.mem);
	reduce(&image, &target.location);
	image_save(&image, argv[2]);
	objects_deinit(&target.objects);
	process_close(&target.process);
	buffer_deinit(&text);
	image_deinit(&image);
	return 0;
}
