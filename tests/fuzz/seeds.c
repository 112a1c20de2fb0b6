/* Writes the inputs that the fuzzers begin with: record-images runs it. */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "tests/unit/layouts.h"

static const char *corpus;

static void write_seed(const char *fuzzer, const char *name, const void *data, size_t size)
{
	struct buffer path = { 0 };

	buffer_printf(&path, "%s/%s/seed-%s", corpus, fuzzer, name);
	FILE *file = fopen(buffer_text(&path), "wb");
	if (!file || fwrite(data, 1, size, file) != size || fclose(file)) {
		perror(buffer_text(&path));
		exit(1);
	}
	buffer_deinit(&path);
}

/* ---- ELF files that CPython could be in ---- */

enum {
	AT_NAMES = 0x80,
	AT_SYMBOLS = 0x180,
	AT_RUNTIME = 0x200,
	AT_ASYNCIO = 0x600,
	AT_SECTIONS = 0x680,
	SECTIONS = 6,
	SYMBOLS = 3,
	FILE_SIZE = AT_SECTIONS + SECTIONS * (int)sizeof(Elf64_Shdr),
	OLD_VERSION = 0x030c0af0,
};

/* What it can be found by. */
enum { BY_SECTION, BY_SYMBOL, BY_COOKIE, BY_CONSTANT };

static const char names[] = "\0.shstrtab\0.dynsym\0.PyRuntime\0.AsyncioDebug\0_PyRuntime\0"
			    "Py_Version";
enum {
	NAME_TABLE = 1,
	NAME_SYMBOLS = 11,
	NAME_RUNTIME = 19,
	NAME_ASYNCIO = 30,
	NAME_SYMBOL = 44,
	NAME_CONSTANT = 55
};

static void put(uint8_t *file, size_t at, const void *data, size_t size)
{
	memcpy(file + at, data, size);
}

static void put_sections(uint8_t *file, const struct published *build, int found_by)
{
	const Elf64_Shdr sections[SECTIONS] = {
		{ 0 },
		{ .sh_name = NAME_TABLE,
				.sh_type = SHT_STRTAB,
				.sh_offset = AT_NAMES,
				.sh_size = sizeof(names) },
		{ .sh_name = NAME_SYMBOLS,
				.sh_type = SHT_DYNSYM,
				.sh_offset = AT_SYMBOLS,
				.sh_link = 1,
				.sh_size = SYMBOLS * sizeof(Elf64_Sym),
				.sh_entsize = sizeof(Elf64_Sym) },
		{ .sh_name = found_by == BY_SECTION ? NAME_RUNTIME : 0,
				.sh_type = SHT_PROGBITS,
				.sh_flags = SHF_ALLOC,
				.sh_addr = AT_RUNTIME,
				.sh_offset = AT_RUNTIME,
				.sh_size = build->words[3] },
		{ .sh_name = NAME_ASYNCIO,
				.sh_type = SHT_PROGBITS,
				.sh_flags = SHF_ALLOC,
				.sh_addr = AT_ASYNCIO,
				.sh_offset = AT_ASYNCIO,
				.sh_size = sizeof(build->asyncio) },
		{ .sh_type = SHT_NOBITS },
	};
	const Elf64_Sym symbols[SYMBOLS] = {
		{ 0 },
		{ .st_name = NAME_CONSTANT, .st_shndx = 3, .st_value = AT_RUNTIME },
		{ .st_name = found_by == BY_CONSTANT ? 0 : NAME_SYMBOL,
				.st_shndx = 3,
				.st_value = AT_RUNTIME },
	};

	put(file, AT_NAMES, names, sizeof(names));
	put(file, AT_SYMBOLS, symbols, sizeof(symbols));
	put(file, AT_SECTIONS, sections, sizeof(sections));
}

/* Addresses are offsets, and one segment has all of it. */
static void make_elf(uint8_t *file, const struct published *build, int found_by)
{
	const Elf64_Ehdr header = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT },
		.e_type = ET_DYN,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(header),
		.e_shoff = found_by == BY_COOKIE ? 0 : AT_SECTIONS,
		.e_ehsize = sizeof(header),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 1,
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = found_by == BY_COOKIE ? 0 : SECTIONS,
		.e_shstrndx = 1,
	};
	const Elf64_Phdr segment = {
		.p_type = PT_LOAD, .p_align = 0x1000, .p_filesz = FILE_SIZE, .p_memsz = FILE_SIZE
	};
	const uint64_t version = OLD_VERSION, interpreter = 0x7f0000000000;

	memset(file, 0, FILE_SIZE);
	put(file, 0, &header, sizeof(header));
	put(file, sizeof(header), &segment, sizeof(segment));
	put_sections(file, build, found_by);
	put(file, AT_RUNTIME, build->words, build->word_count * sizeof(*build->words));
	put(file, AT_RUNTIME + build->words[5], &interpreter, sizeof(interpreter));
	put(file, AT_ASYNCIO, build->asyncio, sizeof(build->asyncio));
	if (found_by == BY_CONSTANT)
		put(file, AT_RUNTIME, &version, sizeof(version));
}

static void write_elf_files(void)
{
	static const char *const names_of[] = { "section", "symbol", "cookie", "constant" };
	uint8_t file[FILE_SIZE];

	for (int found_by = BY_SECTION; found_by <= BY_CONSTANT; found_by++) {
		make_elf(file, &published[found_by % 2 ? BUILD_3_15 : BUILD_3_14], found_by);
		write_seed("elf_maps", names_of[found_by], file, sizeof(file));
	}
}

static void write_maps(void)
{
	static const char program[] =
			"400000-401000 r--p 00000000 08:01 12 /usr/lib/libother.so.1\n"
			"401000-402000 r-xp 00001000 08:01 12 /usr/lib/libother.so.1\n"
			"7f0000000000-7f0000001000 r--p 00000000 00:01 7 /proc/self/fd/100\n"
			"7f0000001000-7f0000002000 rw-p 00000000 00:01 7 /proc/self/fd/100\n"
			"7f0000002000-7f0000003000 rw-p 00000000 00:00 0 \n"
			"7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0  [stack]\n";
	static const char old[] =
			"400000-401000 r-xp 00000000 08:01 12    /usr/bin/python3.6\n"
			"7f0000000000-7f0000002000 r--p 00000000 103:02 13 /tmp/a\\012b c "
			"(deleted)\n"
			"7f0000002000-7f0000003000 rw-p 00001000 103:02 13 /tmp/a\\012b c "
			"(deleted)\n"
			"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0  [vsyscall]\n";
	uint8_t both[sizeof(program) + FILE_SIZE];

	put(both, 0, program, sizeof(program));
	make_elf(both + sizeof(program), &published[BUILD_3_15], BY_SECTION);
	write_seed("elf_maps", "maps-and-file", both, sizeof(both));
	write_seed("elf_maps", "maps", old, sizeof(old));
}

/* ---- the others ---- */

static void write_layout(const char *name, char which, const struct published *one)
{
	struct buffer seed = { 0 };

	buffer_add(&seed, &which, 1);
	buffer_add(&seed, (const char *)&one->words[3], sizeof(*one->words));
	buffer_add(&seed, (const char *)one->asyncio, sizeof(one->asyncio));
	buffer_add(&seed, (const char *)one->words, one->word_count * sizeof(*one->words));
	write_seed("layout", name, buffer_text(&seed), seed.length);
	buffer_deinit(&seed);
}

/* Of versions that publish nothing the version is enough. */
static void write_older_layouts(void)
{
	static const struct published none[] = {
		{ .words = { 0, 0x030b02f0 }, .word_count = 2 },
		{ .words = { 0, 0x030c01f0 }, .word_count = 2 },
	};

	write_layout("3.11", BUILD_3_14, &none[0]);
	write_layout("3.12", BUILD_3_14, &none[1]);
	write_layout("3.13", BUILD_3_14, &published_3_13);
}

static void write_layouts(void)
{
	for (int build = 0; build < BUILDS; build++) {
		const char which = (char)build;
		char name[16];
		snprintf(name, sizeof(name), "build-%d", build);
		write_layout(name, which, &published[build]);
		write_seed("objects", name, &which, 1);
	}
}

/* One for each mode of fuzz_snapshot.c and each image. */
static void write_snapshots(int images)
{
	static const struct {
		const char *name;
		int mode;
	} modes[] = { { "paused", 0 }, { "running", 0x80 }, { "late", 0x40 },
		{ "repeated", 0x60 } };

	for (int image = 0; image < images; image++)
		for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
			char first = (char)(modes[i].mode | image), name[32];
			snprintf(name, sizeof(name), "%s-%d", modes[i].name, image);
			write_seed("snapshot", name, &first, 1);
		}
}

int main(int argc, char **argv)
{
	enum { IMAGES = 4 };

	if (argc != 2) {
		fprintf(stderr, "usage: seeds FOLDER\n");
		return 2;
	}
	corpus = argv[1];
	write_elf_files();
	write_maps();
	write_layouts();
	write_older_layouts();
	write_snapshots(IMAGES);
	return 0;
}
