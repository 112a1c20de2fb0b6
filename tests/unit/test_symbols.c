/* ELF: of this very program as the compiler made it, and small files made by
 * hand: stripped, without section headers, cut, and damaged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "symbols.h"
#include "target/maps.h"

/* ---- files made by hand ---- */

enum {
	AT_SEGMENTS = 64,
	AT_NAMES = 0x200,
	AT_SYMBOL_NAMES = 0x280,
	AT_SYMBOLS = 0x300,
	AT_DATA = 0x1234,
	AT_SECTIONS = 0x2000,
	SECTIONS = 6,
	SEGMENTS = 3,
	FILE_SIZE = AT_SECTIONS + SECTIONS * 64,
	RUNTIME_SIZE = 0x400,
	PAGE = 0x1000,
};

struct image {
	union {
		uint8_t bytes[FILE_SIZE];
		uint64_t align;
	};
};

#define TEXT_AT UINT64_C(0x10000)
#define DATA_AT UINT64_C(0x21234)

static Elf64_Ehdr *header(struct image *image)
{
	return (Elf64_Ehdr *)(void *)image->bytes;
}

static Elf64_Phdr *segments(struct image *image)
{
	return (Elf64_Phdr *)(void *)(image->bytes + AT_SEGMENTS);
}

static Elf64_Shdr *sections(struct image *image)
{
	return (Elf64_Shdr *)(void *)(image->bytes + AT_SECTIONS);
}

static Elf64_Sym *symbols(struct image *image)
{
	return (Elf64_Sym *)(void *)(image->bytes + AT_SYMBOLS);
}

static const char names[] = "\0.shstrtab\0.dynstr\0.dynsym\0.PyRuntime\0.comment";
static const char symbol_names[] = "\0_PyRuntime\0Py_Version\0missing";

/* A file with text at offset 0 and data that does not begin on a page. */
static struct image make_image(uint16_t type, uint64_t base)
{
	struct image image = { 0 };

	*header(&image) = (Elf64_Ehdr){
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = type,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_phoff = AT_SEGMENTS,
		.e_shoff = AT_SECTIONS,
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = SEGMENTS,
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = SECTIONS,
		.e_shstrndx = 1,
	};
	segments(&image)[0] = (Elf64_Phdr){ .p_type = PT_NOTE, .p_filesz = 64 };
	segments(&image)[1] = (Elf64_Phdr){ .p_type = PT_LOAD,
		.p_vaddr = base + TEXT_AT,
		.p_filesz = 0x1000,
		.p_memsz = 0x1000,
		.p_align = 0x1000 };
	segments(&image)[2] = (Elf64_Phdr){ .p_type = PT_LOAD,
		.p_vaddr = base + DATA_AT,
		.p_offset = AT_DATA,
		.p_filesz = 0x500,
		.p_memsz = 0x900,
		.p_align = 0x1000 };
	memcpy(image.bytes + AT_NAMES, names, sizeof(names));
	memcpy(image.bytes + AT_SYMBOL_NAMES, symbol_names, sizeof(symbol_names));
	symbols(&image)[1] = (Elf64_Sym){
		.st_name = 1, .st_shndx = 4, .st_value = base + DATA_AT + 0x10
	};
	symbols(&image)[2] = (Elf64_Sym){
		.st_name = 12, .st_shndx = 4, .st_value = base + TEXT_AT + 0x20
	};
	symbols(&image)[3] = (Elf64_Sym){ .st_name = 23, .st_shndx = SHN_UNDEF };
	sections(&image)[1] = (Elf64_Shdr){
		.sh_name = 1, .sh_type = SHT_STRTAB, .sh_offset = AT_NAMES, .sh_size = sizeof(names)
	};
	sections(&image)[2] = (Elf64_Shdr){ .sh_name = 11,
		.sh_type = SHT_STRTAB,
		.sh_flags = SHF_ALLOC,
		.sh_offset = AT_SYMBOL_NAMES,
		.sh_size = sizeof(symbol_names) };
	sections(&image)[3] = (Elf64_Shdr){ .sh_name = 19,
		.sh_type = SHT_DYNSYM,
		.sh_flags = SHF_ALLOC,
		.sh_offset = AT_SYMBOLS,
		.sh_link = 2,
		.sh_size = 4 * sizeof(Elf64_Sym),
		.sh_entsize = sizeof(Elf64_Sym) };
	sections(&image)[4] = (Elf64_Shdr){ .sh_name = 27,
		.sh_type = SHT_PROGBITS,
		.sh_flags = SHF_ALLOC | SHF_WRITE,
		.sh_addr = base + DATA_AT,
		.sh_offset = AT_DATA,
		.sh_size = RUNTIME_SIZE };
	sections(&image)[5] = (Elf64_Shdr){
		.sh_name = 38, .sh_type = SHT_PROGBITS, .sh_offset = AT_DATA, .sh_size = 16
	};
	return image;
}

static int file_of(const void *bytes, size_t size)
{
	int fd = memfd_create("elf", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), size);
	return fd;
}

struct opened {
	int fd;
	struct elf_file *file;
};

static struct opened open_bytes(const void *bytes, size_t size)
{
	struct opened opened = { .fd = file_of(bytes, size) };

	opened.file = elf_file_open(opened.fd);
	return opened;
}

static struct opened open_image(const struct image *image)
{
	struct opened opened = open_bytes(image->bytes, sizeof(image->bytes));

	assert_non_null(opened.file);
	return opened;
}

static void close_opened(struct opened *opened)
{
	elf_file_close(opened->file);
	close(opened->fd);
}

static void a_section_and_symbols_are_found(void **state)
{
	struct image image = make_image(ET_EXEC, 0x400000);
	struct opened o = open_image(&image);
	uint64_t address, size;

	(void)state;
	assert_true(elf_section(o.file, ".PyRuntime", &address, &size));
	assert_int_equal(address, 0x400000 + DATA_AT);
	assert_int_equal(size, RUNTIME_SIZE);
	assert_true(elf_symbol(o.file, "_PyRuntime", &address));
	assert_int_equal(address, 0x400000 + DATA_AT + 0x10);
	assert_true(elf_symbol(o.file, "Py_Version", &address));
	/* Not in memory; not defined; not there; only a part of a name. */
	assert_false(elf_section(o.file, ".comment", &address, &size));
	assert_false(elf_section(o.file, ".PyRun", &address, &size));
	assert_false(elf_section(o.file, ".AsyncioDebug", &address, &size));
	assert_false(elf_symbol(o.file, "missing", &address));
	assert_false(elf_symbol(o.file, "Py_Ver", &address));
	assert_false(elf_symbol(o.file, "", &address) && address);
	close_opened(&o);
}

static void a_stripped_file_keeps_its_section(void **state)
{
	struct image image = make_image(ET_DYN, 0);
	uint64_t address, size;

	(void)state;
	sections(&image)[3].sh_type = SHT_NULL;
	struct opened o = open_image(&image);
	assert_true(elf_section(o.file, ".PyRuntime", &address, &size));
	assert_int_equal(address, DATA_AT);
	assert_false(elf_symbol(o.file, "_PyRuntime", &address));
	close_opened(&o);
}

static void without_section_headers_the_segments_are_left(void **state)
{
	struct image image = make_image(ET_DYN, 0);
	uint64_t address, size, bias;

	(void)state;
	header(&image)->e_shoff = header(&image)->e_shnum = header(&image)->e_shstrndx = 0;
	struct opened o = open_bytes(image.bytes, AT_SECTIONS);
	assert_non_null(o.file);
	assert_false(elf_section(o.file, ".PyRuntime", &address, &size));
	assert_false(elf_symbol(o.file, "_PyRuntime", &address));
	assert_true(elf_bias(o.file, PAGE, UINT64_C(0x7f0000000000) + TEXT_AT, 0, &bias));
	assert_int_equal(bias, UINT64_C(0x7f0000000000));
	close_opened(&o);
}

static void the_bias_of_a_mapping(void **state)
{
	static const struct {
		uint16_t type;
		uint64_t base, bias;
	} rows[] = {
		{ ET_EXEC, 0x400000, 0 },
		{ ET_DYN, 0, 0x555555554000 },
		{ ET_DYN, 0, UINT64_C(0x7ffff7c00000) },
		/* Prelinked to a high address and mapped below it. */
		{ ET_DYN, 0x3000000000, UINT64_C(0) - 0x1000000000 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct image image = make_image(rows[i].type, rows[i].base);
		struct opened o = open_image(&image);
		uint64_t bias = 1, loaded = rows[i].base + rows[i].bias;
		/* The loader maps whole pages, and may map a part of a segment. */
		assert_true(elf_bias(o.file, PAGE, loaded + TEXT_AT, 0, &bias));
		assert_true(bias == rows[i].bias);
		assert_true(elf_bias(o.file, PAGE, loaded + (DATA_AT & ~UINT64_C(0xfff)), 0x1000,
				&bias));
		assert_true(bias == rows[i].bias);
		assert_false(elf_bias(o.file, PAGE, loaded, 0x8000, &bias));
		close_opened(&o);
	}
}

/* A file that is made for larger pages than there are, as all of aarch64 are, has
 * segments that begin in the same 64 KiB of it, but in other pages; or in one. */
static void the_bias_does_not_depend_on_the_alignment(void **state)
{
	static const struct {
		uint64_t page, data_offset; /* of the mapping that the data begins in */
	} rows[] = { { 0x1000, 0x1000 }, { 0x4000, 0 }, { 0x10000, 0 } };
	const uint64_t loaded = UINT64_C(0xfffff7c00000);
	struct image image = make_image(ET_DYN, 0);

	(void)state;
	segments(&image)[1].p_align = segments(&image)[2].p_align = 0x10000;
	segments(&image)[1].p_filesz = AT_DATA - 8; /* ends in the page of the data */
	struct opened o = open_image(&image);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint64_t bias = 1;
		assert_true(elf_bias(o.file, rows[i].page, loaded + TEXT_AT, 0, &bias));
		assert_true(bias == loaded);
		if (!rows[i].data_offset)
			continue; /* not to be told from the text, which is below it */
		assert_true(elf_bias(o.file, rows[i].page, loaded + (DATA_AT & ~(rows[i].page - 1)),
				rows[i].data_offset, &bias));
		assert_true(bias == loaded);
	}
	close_opened(&o);
}

static void what_is_no_elf_is_refused(void **state)
{
	struct image image = make_image(ET_DYN, 0);
	static const char text[] = "#!/bin/sh\nexec python3 \"$@\"\n";

	(void)state;
	struct opened o = open_bytes(text, sizeof(text));
	assert_null(o.file);
	close_opened(&o);
	o = open_bytes("", 0);
	assert_null(o.file);
	close_opened(&o);
	header(&image)->e_ident[EI_CLASS] = ELFCLASS32;
	o = open_bytes(image.bytes, sizeof(image.bytes));
	assert_null(o.file);
	close_opened(&o);
	image = make_image(ET_DYN, 0);
	header(&image)->e_ident[EI_DATA] = ELFDATA2MSB;
	o = open_bytes(image.bytes, sizeof(image.bytes));
	assert_null(o.file);
	close_opened(&o);
	assert_null(elf_file_open(-1));
	elf_file_close(NULL);
}

/* Whatever it answers, it answers. */
static void try_all(const void *bytes, size_t size)
{
	struct opened o = open_bytes(bytes, size);
	uint64_t a, b;

	if (o.file) {
		elf_section(o.file, ".PyRuntime", &a, &b);
		elf_symbol(o.file, "_PyRuntime", &a);
		elf_bias(o.file, PAGE, 0x7f0000000000, 0, &a);
		elf_bias(o.file, PAGE, 0x7f0000000000, UINT64_MAX, &a);
	}
	close_opened(&o);
}

static void cut_files_end(void **state)
{
	struct image image = make_image(ET_DYN, 0);

	(void)state;
	for (size_t size = 0; size < sizeof(image.bytes); size += size < 0x400 ? 5 : 61)
		try_all(image.bytes, size);
}

static void damaged_files_end(void **state)
{
	static const uint8_t values[] = { 0, 1, 0x7f, 0x80, 0xff };

	(void)state;
	/* Each byte of the headers and tables, with each of these values. */
	for (size_t at = 4; at < FILE_SIZE; at++) {
		struct image image = make_image(ET_DYN, 0);
		if (at == AT_SYMBOLS + 0x80)
			at = AT_SECTIONS;
		for (size_t v = 0; v < sizeof(values); v++) {
			image.bytes[at] = values[v];
			try_all(image.bytes, sizeof(image.bytes));
		}
	}
}

static void sizes_beyond_the_file_find_nothing(void **state)
{
	struct image image = make_image(ET_DYN, 0);
	uint64_t address, size, bias;

	(void)state;
	sections(&image)[1].sh_size = UINT64_MAX; /* the names of the sections */
	sections(&image)[3].sh_size = UINT64_MAX / 2;
	segments(&image)[1].p_filesz = UINT64_MAX;
	segments(&image)[2].p_offset = UINT64_MAX - 8;
	struct opened o = open_image(&image);
	assert_false(elf_section(o.file, ".PyRuntime", &address, &size));
	assert_false(elf_symbol(o.file, "_PyRuntime", &address));
	elf_bias(o.file, PAGE, 0x7f0000000000, 4096, &bias);
	close_opened(&o);
}

/* ---- this program ---- */

static int in_section __attribute__((section(".PyRuntime"), used)) = 7;
int asynctree_test_symbol = 8;

static const char *own_path(const struct maps *maps)
{
	for (size_t i = 0; i < maps->count; i++)
		if (maps->items[i].start <= (uintptr_t)&in_section &&
				(uintptr_t)&in_section < maps->items[i].end)
			return maps->items[i].path;
	return "";
}

/* What a reader of our memory would find, against what we know. */
static void this_program(void **state)
{
	struct maps maps;
	uint64_t address, size, bias = 0;
	bool mapped = false;
	const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	struct elf_file *file = elf_file_open(fd);

	(void)state;
	assert_non_null(file);
	assert_int_equal(maps_read(getpid(), &maps), 0);
	assert_true(elf_section(file, ".PyRuntime", &address, &size));
	assert_int_equal(size, sizeof(in_section));
	for (size_t i = 0; i < maps.count; i++) {
		const struct mapping *map = &maps.items[i];
		uint64_t its_bias;
		if (strcmp(map->path, own_path(&maps)))
			continue;
		/* Every mapping of the file gives the same. */
		assert_true(elf_bias(file, page, map->start, map->offset, &its_bias));
		assert_true(!mapped || its_bias == bias);
		bias = its_bias;
		mapped = true;
	}
	assert_true(mapped);
	assert_ptr_equal((void *)(uintptr_t)(address + bias), &in_section);
	assert_true(elf_symbol(file, "asynctree_test_symbol", &address));
	assert_ptr_equal((void *)(uintptr_t)(address + bias), &asynctree_test_symbol);
	maps_deinit(&maps);
	elf_file_close(file);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_section_and_symbols_are_found),
		cmocka_unit_test(a_stripped_file_keeps_its_section),
		cmocka_unit_test(without_section_headers_the_segments_are_left),
		cmocka_unit_test(the_bias_of_a_mapping),
		cmocka_unit_test(the_bias_does_not_depend_on_the_alignment),
		cmocka_unit_test(what_is_no_elf_is_refused),
		cmocka_unit_test(cut_files_end),
		cmocka_unit_test(damaged_files_end),
		cmocka_unit_test(sizes_beyond_the_file_find_nothing),
		cmocka_unit_test(this_program),
	};
	return cmocka_run_group_tests_name("symbols", tests, NULL, NULL);
}
