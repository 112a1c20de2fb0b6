/* Fuzzes what is read of files: an ELF file, the text of /proc/PID/maps, and the
 * way from both to CPython.
 *
 * An input is the text of the maps, a NUL, and the one file that is mapped by its
 * name there.  One that begins as an ELF file does is mapped by maps of ours. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "cpython/locate.h"
#include "symbols.h"
#include "target/maps.h"
#include "target/objects.h"
#include "tests/fuzz/fuzz.h"

/* The file is open there: its name leads to it in this process too. */
enum { FILE_FD = 100 };
static const char file_path[] = "/proc/self/fd/100";

static const char own_maps[] = "7f0000000000-7f0000010000 r-xp 00000000 00:01 1 /proc/self/fd/100\n"
			       "7f0000010000-7f0000020000 rw-p 00000000 00:01 1 /proc/self/fd/100\n"
			       "7f0000020000-7f0000021000 rw-p 00000000 00:00 0\n";

struct mapped_file {
	const struct maps *maps;
	const uint8_t *data;
	size_t size;
};

/* A page of the file where it is mapped; nothing behind its end. */
static bool read_page(const struct mapped_file *file, remote_addr at, uint8_t *page)
{
	for (size_t i = 0; i < file->maps->count; i++) {
		const struct mapping *map = &file->maps->items[i];
		uint64_t offset = at - map->start + map->offset;
		if (at < map->start || at >= map->end || strcmp(map->path, file_path))
			continue;
		if (offset >= file->size)
			return false;
		size_t size = file->size - offset < MEM_PAGE ? file->size - offset : MEM_PAGE;
		memset(page, 0, MEM_PAGE);
		memcpy(page, file->data + offset, size);
		return true;
	}
	return false;
}

static void read_pieces(void *backend, struct mem_piece *pieces, size_t count)
{
	for (size_t i = 0; i < count; i++)
		pieces[i].ok = read_page(backend, pieces[i].address, pieces[i].buffer);
}

static void close_nothing(void *backend)
{
	(void)backend;
}

/* Gives the inode of the file, so that it is opened as the one that is mapped. */
static ino_t write_file(const uint8_t *data, size_t size)
{
	static struct stat status;

	if (!status.st_ino) {
		int fd = memfd_create("fuzz", MFD_CLOEXEC);
		if (fd < 0 || dup2(fd, FILE_FD) < 0 || fstat(FILE_FD, &status))
			abort();
		close(fd);
	}
	if (ftruncate(FILE_FD, 0) || pwrite(FILE_FD, data, size, 0) != (ssize_t)size)
		abort();
	return status.st_ino;
}

static void try_elf(void)
{
	static const char *const names[] = { ".PyRuntime", ".AsyncioDebug", "_PyRuntime",
		"Py_Version", "" };
	uint64_t address, size, bias;

	struct elf_file *file = elf_file_open(FILE_FD);
	if (!file)
		return;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		elf_section(file, names[i], &address, &size);
		elf_symbol(file, names[i], &address);
	}
	for (uint64_t offset = 0; offset < 8; offset++)
		elf_bias(file, MEM_PAGE, UINT64_C(0x7f0000000000), offset * MEM_PAGE, &bias);
	elf_bias(file, 16 * MEM_PAGE, 0, UINT64_MAX, &bias);
	elf_file_close(file);
}

/* No object may reach beyond the mappings, nor have a name that is not a text. */
static void check_objects(const struct process *process, struct objects *objects)
{
	for (size_t i = 0; i < objects->count; i++) {
		const struct object *object = &objects->items[i];
		size_t first = (size_t)(object->mappings - process->maps.items);
		if (!object->count || first + object->count > process->maps.count ||
				strlen(object_name(object)) > strlen(object->path))
			abort();
	}
}

static void try_process(char *text, const uint8_t *data, size_t size)
{
	static const struct mem_ops ops = { .read = read_pieces, .close = close_nothing };
	struct process process = { .executable = (char *)file_path };
	struct mapped_file file = { &process.maps, data, size };
	struct objects objects;
	struct location location;
	ino_t inode = write_file(data, size);

	maps_parse(text, &process.maps);
	for (size_t i = 0; i < process.maps.count; i++) {
		struct mapping *map = &process.maps.items[i];
		if (map->start >= map->end)
			abort();
		if (map->inode && !strcmp(map->path, file_path))
			map->inode = inode;
	}
	try_elf();
	process.mem = mem_create(&ops, &file);
	objects_find(&process, &objects);
	check_objects(&process, &objects);
	struct error *error = locate_python(&process, &objects, &location);
	if (error ? !*error->message : !location.runtime)
		abort();
	error_free(error);
	objects_deinit(&objects);
	mem_destroy(process.mem);
	maps_deinit(&process.maps);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size ? memchr(data, '\0', size) : NULL;
	size_t length = end ? (size_t)(end - data) : size;

	if (size >= 4 && !memcmp(data, "\177ELF", 4)) {
		try_process(alloc_string(own_maps), data, size);
		return 0;
	}
	char *text = alloc_bytes(length + 1);
	if (length)
		memcpy(text, data, length);
	text[length] = '\0';
	try_process(text, data + length, size - length);
	return 0;
}
