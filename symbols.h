/* Names in ELF files: sections, symbols, segments.  All of it is libelf's.
 *
 * Addresses are the file's own (p_vaddr); elf_bias() gives what a mapping of
 * the file in a target adds to them.  A file is not trusted: libelf checks
 * its bounds, and what it gives is checked again by its users. */
#ifndef SYMBOLS_H
#define SYMBOLS_H

#include <stdbool.h>
#include <stdint.h>

struct elf_file;

/* Opens the ELF file behind `fd`, which stays the caller's and must stay open.
 * NULL where it is none, or none of a 64-bit little-endian machine. */
struct elf_file *elf_file_open(int fd);
void elf_file_close(struct elf_file *file);

/* The address and size of a section that is in memory. */
bool elf_section(struct elf_file *file, const char *name, uint64_t *address, uint64_t *size);

/* The address of a symbol, dynamic or not. */
bool elf_symbol(struct elf_file *file, const char *name, uint64_t *address);
/* How many bytes elf_symbol() may have to go through. */
uint64_t elf_symbols_size(struct elf_file *file);

/* What to add to the file's addresses where the bytes from `offset` of it are
 * mapped at `start`, which is the lowest mapping of them; `page` is the size of a page
 * there. */
bool elf_bias(struct elf_file *file, uint64_t page, uint64_t start, uint64_t offset,
		uint64_t *bias);

#endif
