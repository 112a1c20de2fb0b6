/* The memory of a target that does not exist: see memory.h. */
#include "tests/unit/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/alloc.h"

struct memory_page {
	bool hidden;
	uint8_t bytes[MEM_PAGE];
};

void memory_init(struct memory *memory)
{
	*memory = (struct memory){ 0 };
}

void memory_deinit(struct memory *memory)
{
	/* A table cannot be walked: its pages are left to the end of the test. */
	table_deinit(&memory->pages);
}

static struct memory_page *find(const struct memory *memory, remote_addr address)
{
	const uint64_t *place = table_find(&memory->pages, address - address % MEM_PAGE);
	return place ? (struct memory_page *)(uintptr_t)*place : NULL;
}

static bool read_piece(const struct memory *memory, struct mem_piece *piece)
{
	uint8_t *out = piece->buffer;

	for (size_t done = 0, part; done < piece->size; done += part) {
		remote_addr at = piece->address + done;
		struct memory_page *page = find(memory, at);
		part = MEM_PAGE - at % MEM_PAGE;
		if (part > piece->size - done)
			part = piece->size - done;
		if (!page || page->hidden)
			return false;
		memcpy(out + done, page->bytes + at % MEM_PAGE, part);
	}
	return true;
}

static void read_pieces(void *backend, struct mem_piece *pieces, size_t count)
{
	struct memory *memory = backend;

	if (memory->before_read)
		memory->before_read(memory);
	memory->reads++;
	memory->pieces += count;
	if (count > memory->largest)
		memory->largest = count;
	for (size_t i = 0; i < count; i++) {
		pieces[i].ok = read_piece(memory, &pieces[i]);
		memory->last_read = pieces[i].address;
	}
}

static void note_closed(void *backend)
{
	struct memory *memory = backend;
	memory->closed = true;
}

struct procmem *memory_open(struct memory *memory)
{
	static const struct mem_ops ops = { .read = read_pieces, .close = note_closed };
	return mem_create(&ops, memory);
}

/* Pages come from blocks that stay reachable, so that no leak is reported. */
static struct memory_page *new_page(void)
{
	enum { AT_ONCE = 256 };
	static struct block {
		struct block *next;
		struct memory_page pages[AT_ONCE];
	} * blocks;
	static size_t left;

	if (!left) {
		struct block *block = alloc_zeroed(1, sizeof(*block));
		block->next = blocks;
		blocks = block;
		left = AT_ONCE;
	}
	return &blocks->pages[--left];
}

void memory_map(struct memory *memory, remote_addr address, size_t size)
{
	remote_addr first = address / MEM_PAGE, last = (address + (size ? size - 1 : 0)) / MEM_PAGE;

	for (remote_addr number = first; number <= last; number++) {
		bool added;
		uint64_t *place = table_add(&memory->pages, number * MEM_PAGE, &added);
		if (added)
			*place = (uintptr_t)new_page();
	}
}

void memory_hide(struct memory *memory, remote_addr address)
{
	memory_map(memory, address, 1);
	find(memory, address)->hidden = true;
}

void memory_show(struct memory *memory, remote_addr address)
{
	memory_map(memory, address, 1);
	find(memory, address)->hidden = false;
}

void memory_put(struct memory *memory, remote_addr address, const void *data, size_t size)
{
	const uint8_t *bytes = data;

	memory_map(memory, address, size);
	for (size_t i = 0; i < size; i++)
		find(memory, address + i)->bytes[(address + i) % MEM_PAGE] = bytes[i];
}

void memory_put_u64(struct memory *memory, remote_addr address, uint64_t value)
{
	memory_put(memory, address, &value, sizeof(value));
}

void memory_put_u32(struct memory *memory, remote_addr address, uint32_t value)
{
	memory_put(memory, address, &value, sizeof(value));
}

void memory_put_u8(struct memory *memory, remote_addr address, uint8_t value)
{
	memory_put(memory, address, &value, sizeof(value));
}

uint64_t memory_get_u64(struct memory *memory, remote_addr address)
{
	uint64_t value = 0;
	struct mem_piece piece = { .address = address, .buffer = &value, .size = sizeof(value) };

	read_piece(memory, &piece);
	return value;
}

void *tail_copy(const void *data, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t whole = (size + page - 1) / page * page;
	uint8_t *map = mmap(NULL, whole + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);

	if (map == MAP_FAILED || mprotect(map + whole, page, PROT_NONE))
		abort();
	if (data && size)
		memcpy(map + whole - size, data, size);
	return map + whole - size;
}
