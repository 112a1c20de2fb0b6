/* ELF by libelf: see symbols.h. */
#include "symbols.h"

#include <gelf.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/checked.h"

enum {
	SECTIONS_MAX = 4096,
	SYMBOLS_MAX = 4 * 1024 * 1024,
	SEGMENTS_MAX = 1024,
	/* libelf reads a section whole, and a file may be sparse. */
	SECTION_BYTES_MAX = 64 * 1024 * 1024,
};

struct elf_file {
	Elf *elf;
};

/* Whether a file may be given to libelf, which makes room for all sections at
 * once, and believes the first of them where it says how many there are. */
static bool is_acceptable(int fd)
{
	Elf64_Ehdr header;

	return pread(fd, &header, sizeof(header), 0) == sizeof(header) &&
	       !memcmp(header.e_ident, ELFMAG, SELFMAG) && header.e_ident[EI_CLASS] == ELFCLASS64 &&
	       header.e_ident[EI_DATA] == ELFDATA2LSB && header.e_shnum <= SECTIONS_MAX &&
	       (header.e_shnum || !header.e_shoff);
}

struct elf_file *elf_file_open(int fd)
{
	GElf_Ehdr header;

	if (elf_version(EV_CURRENT) == EV_NONE || !is_acceptable(fd))
		return NULL;
	/* Not mapped: a file that is cut while we look would end us by SIGBUS. */
	Elf *elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf)
		return NULL;
	if (elf_kind(elf) != ELF_K_ELF || gelf_getclass(elf) != ELFCLASS64 ||
			!gelf_getehdr(elf, &header) || header.e_ident[EI_DATA] != ELFDATA2LSB) {
		elf_end(elf);
		return NULL;
	}
	struct elf_file *file = alloc_zeroed(1, sizeof(*file));
	file->elf = elf;
	return file;
}

void elf_file_close(struct elf_file *file)
{
	if (!file)
		return;
	elf_end(file->elf);
	free(file);
}

/* Whether the strings of a section can be asked for. */
static bool has_strings(Elf *elf, size_t index)
{
	GElf_Shdr header;
	Elf_Scn *section = elf_getscn(elf, index);

	return section && gelf_getshdr(section, &header) && header.sh_size <= SECTION_BYTES_MAX;
}

bool elf_section(struct elf_file *file, const char *name, uint64_t *address, uint64_t *size)
{
	size_t names;
	Elf_Scn *section = NULL;

	if (elf_getshdrstrndx(file->elf, &names) || !has_strings(file->elf, names))
		return false;
	for (int i = 0; i < SECTIONS_MAX && (section = elf_nextscn(file->elf, section)); i++) {
		GElf_Shdr header;
		if (!gelf_getshdr(section, &header) || !(header.sh_flags & SHF_ALLOC))
			continue;
		const char *its_name = elf_strptr(file->elf, names, header.sh_name);
		if (!its_name || strcmp(its_name, name))
			continue;
		*address = header.sh_addr;
		*size = header.sh_size;
		return true;
	}
	return false;
}

static bool symbol_in(Elf *elf, Elf_Scn *section, const GElf_Shdr *header, const char *name,
		uint64_t *address)
{
	if (header->sh_size > SECTION_BYTES_MAX || !has_strings(elf, header->sh_link))
		return false;
	Elf_Data *data = elf_getdata(section, NULL);
	size_t entry = gelf_fsize(elf, ELF_T_SYM, 1, EV_CURRENT);
	size_t count = data && entry ? data->d_size / entry : 0;

	for (size_t i = 0; i < count && i < SYMBOLS_MAX; i++) {
		GElf_Sym symbol;
		if (!gelf_getsym(data, (int)i, &symbol) || symbol.st_shndx == SHN_UNDEF)
			continue;
		const char *its_name = elf_strptr(elf, header->sh_link, symbol.st_name);
		if (its_name && !strcmp(its_name, name)) {
			*address = symbol.st_value;
			return true;
		}
	}
	return false;
}

bool elf_symbol(struct elf_file *file, const char *name, uint64_t *address)
{
	static const GElf_Word tables[] = { SHT_DYNSYM, SHT_SYMTAB };

	for (size_t t = 0; t < sizeof(tables) / sizeof(*tables); t++) {
		Elf_Scn *section = NULL;
		for (int i = 0; i < SECTIONS_MAX; i++) {
			GElf_Shdr header;
			section = elf_nextscn(file->elf, section);
			if (!section)
				break;
			if (gelf_getshdr(section, &header) && header.sh_type == tables[t] &&
					symbol_in(file->elf, section, &header, name, address))
				return true;
		}
	}
	return false;
}

uint64_t elf_symbols_size(struct elf_file *file)
{
	Elf_Scn *section = NULL;
	uint64_t size = 0;

	for (int i = 0; i < SECTIONS_MAX && (section = elf_nextscn(file->elf, section)); i++) {
		GElf_Shdr header;
		if (gelf_getshdr(section, &header) && header.sh_size <= SECTION_BYTES_MAX &&
				(header.sh_type == SHT_DYNSYM || header.sh_type == SHT_SYMTAB))
			size += header.sh_size;
	}
	return size;
}

/* Whether `offset` is in what the loader maps of a segment, which is whole pages: at
 * their beginning, or else behind that.  The alignment is no help: it is that of the
 * largest pages that the file is made for. */
static bool is_mapped_for(const GElf_Phdr *segment, uint64_t page, uint64_t offset, bool at_begin)
{
	uint64_t first = segment->p_offset - segment->p_offset % page, end;

	return segment->p_type == PT_LOAD &&
	       checked_add(segment->p_offset, segment->p_filesz, &end) &&
	       (at_begin ? offset == first : offset > first) && offset < end;
}

/* The end of one segment may be in a page with the begin of the next, which is then
 * mapped for both: with that offset it is for the one that begins there.  Of those
 * that begin in one page the first is mapped first. */
bool elf_bias(struct elf_file *file, uint64_t page, uint64_t start, uint64_t offset, uint64_t *bias)
{
	size_t count;

	if (elf_getphdrnum(file->elf, &count))
		return false;
	for (int at_begin = 1; at_begin >= 0; at_begin--) {
		for (size_t i = 0; i < count && i < SEGMENTS_MAX; i++) {
			GElf_Phdr segment;
			if (!gelf_getphdr(file->elf, (int)i, &segment) ||
					!is_mapped_for(&segment, page, offset, at_begin))
				continue;
			*bias = start - (segment.p_vaddr - segment.p_offset + offset);
			return true;
		}
	}
	return false;
}
