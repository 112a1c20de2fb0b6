/* The page cache over a target's memory, and the live backend: see procmem.h. */
#include "procmem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/array.h"
#include "base/checked.h"
#include "base/table.h"

enum {
	/* Pages fetched together on a miss: what lies beside is needed soon,
	 * since CPython's objects come from arenas. */
	CLUSTER = 4,
	/* process_vm_readv takes no more pieces in one call. */
	BATCH = 1024,
	/* Pages are allocated by the huge page: one fault for all of them. */
	SLAB_SIZE = 2 * 1024 * 1024,
	SLAB_PAGES = SLAB_SIZE / MEM_PAGE,
	/* 16 GiB of the target; a bogus address costs a place here too. */
	PAGES_MAX = 4 * 1024 * 1024,
	PAGES_MIN = 32 * 1024,
	/* Pages found lately, by their number: a shortcut past the table. */
	RECENT = 4096,
	/* What was used of a page is kept as one bit for each of these bytes. */
	USE_LINE = MEM_PAGE / 64,
};

struct page {
	remote_addr address;
	uint8_t *data;  /* NULL until it is fetched first */
	uint64_t used;  /* one bit a line */
	uint32_t epoch; /* when it was fetched; to be fetched again if not in this one */
	bool readable;
	bool given_up;
};

struct procmem {
	const struct mem_ops *ops;
	void *backend;
	struct table index; /* page address → place in pages */
	ARRAY(struct page) pages;
	uint32_t recent[RECENT]; /* places in pages */
	ARRAY(remote_addr) wanted;
	ARRAY(uint8_t *) unused; /* the memory of pages that were given up */
	bool recycles;
	size_t kept;      /* pages before this one stay */
	size_t refetched; /* pages that were given up and needed again */
	ARRAY(uint8_t *) slabs;
	uint32_t epoch;
	size_t pages_max;
	bool piecemeal;
	size_t slabs_used; /* pages are handed out of the last of these */
	size_t slab_left;  /* pages of it that are not handed out */
	uint64_t bytes;
	uint64_t fetches;
};

struct procmem *mem_create(const struct mem_ops *ops, void *backend)
{
	struct procmem *mem = alloc_zeroed(1, sizeof(*mem));
	mem->ops = ops;
	mem->backend = backend;
	mem->epoch = 1;
	mem->pages_max = PAGES_MAX;
	return mem;
}

void mem_destroy(struct procmem *mem)
{
	if (!mem)
		return;
	for (size_t i = 0; i < mem->slabs.count; i++)
		free(mem->slabs.items[i]);
	array_free(&mem->slabs);
	array_free(&mem->pages);
	array_free(&mem->wanted);
	array_free(&mem->unused);
	table_deinit(&mem->index);
	mem->ops->close(mem->backend);
	free(mem);
}

static uint8_t *new_slab(void)
{
	void *slab = alloc_aligned(SLAB_SIZE, SLAB_SIZE);
	/* Only a hint: without huge pages it is slower. */
	madvise(slab, SLAB_SIZE, MADV_HUGEPAGE);
	return slab;
}

static uint8_t *new_page_data(struct procmem *mem)
{
	if (mem->unused.count)
		return mem->unused.items[--mem->unused.count];
	if (!mem->slab_left) {
		if (mem->slabs_used == mem->slabs.count)
			*array_push(&mem->slabs) = new_slab();
		mem->slabs_used++;
		mem->slab_left = SLAB_PAGES;
	}
	mem->slab_left--;
	return mem->slabs.items[mem->slabs_used - 1] + mem->slab_left * MEM_PAGE;
}

void mem_limit(struct procmem *mem, uint64_t bytes)
{
	uint64_t pages = PAGES_MIN + bytes / MEM_PAGE;

	mem->pages_max = pages < PAGES_MAX ? pages : PAGES_MAX;
}

void mem_populate(struct procmem *mem, size_t bytes)
{
	for (size_t done = 0; done < bytes; done += SLAB_SIZE) {
		*array_push(&mem->slabs) = new_slab();
		for (size_t at = 0; at < SLAB_SIZE; at += MEM_PAGE)
			mem->slabs.items[mem->slabs.count - 1][at] = 0;
	}
}

static void backend_read(struct procmem *mem, struct mem_piece *pieces, size_t count)
{
	for (size_t i = 0; i < count; i += BATCH) {
		size_t n = count - i < BATCH ? count - i : BATCH;
		mem->ops->read(mem->backend, pieces + i, n);
		mem->fetches++;
	}
	for (size_t i = 0; i < count; i++)
		if (pieces[i].ok)
			mem->bytes += pieces[i].size;
}

static bool is_stale(const struct procmem *mem, const struct page *page)
{
	return page && page->epoch != mem->epoch;
}

bool mem_is_full(const struct procmem *mem)
{
	return mem->pages.count >= mem->pages_max;
}

/* The page in the cache, which is made, stale, where there is none; NULL where
 * no more may be. */
static struct page *page_at(struct procmem *mem, remote_addr address)
{
	uint32_t *recent = &mem->recent[address / MEM_PAGE % RECENT];
	bool added;

	if (*recent >= mem->pages.count || mem->pages.items[*recent].address != address) {
		if (mem_is_full(mem) && !table_find(&mem->index, address))
			return NULL;
		uint64_t *place = table_add(&mem->index, address, &added);
		if (added) {
			*place = mem->pages.count;
			*array_push(&mem->pages) = (struct page){ .address = address };
		}
		*recent = (uint32_t)*place;
	}
	return &mem->pages.items[*recent];
}

/* Fetches pages that are stale. */
static void fetch(struct procmem *mem, const remote_addr *addresses, size_t count)
{
	struct mem_piece *pieces = alloc_zeroed(count, sizeof(*pieces));

	for (size_t i = 0; i < count; i++) {
		struct page *page = page_at(mem, addresses[i]);
		if (!page->data) {
			mem->refetched += page->given_up;
			page->data = new_page_data(mem);
		}
		pieces[i] = (struct mem_piece){
			.address = addresses[i],
			.buffer = page->data,
			.size = MEM_PAGE,
		};
	}
	backend_read(mem, pieces, count);
	for (size_t i = 0; i < count; i++) {
		struct page *page = page_at(mem, addresses[i]);
		page->epoch = mem->epoch;
		page->readable = pieces[i].ok;
	}
	free(pieces);
}

/* Fetches the page, and those of its cluster that are missing too. */
static void fetch_cluster(struct procmem *mem, remote_addr page_address)
{
	remote_addr wanted[CLUSTER];
	remote_addr first = page_address - page_address % ((uint64_t)CLUSTER * MEM_PAGE);
	size_t count = 0;

	if (mem->piecemeal)
		return fetch(mem, &page_address, 1);
	for (size_t i = 0; i < CLUSTER; i++)
		if (is_stale(mem, page_at(mem, first + i * MEM_PAGE)))
			wanted[count++] = first + i * MEM_PAGE;
	fetch(mem, wanted, count);
}

static struct page *find_page(struct procmem *mem, remote_addr page_address)
{
	struct page *page = page_at(mem, page_address);

	if (is_stale(mem, page)) {
		fetch_cluster(mem, page_address);
		page = page_at(mem, page_address); /* they may have moved */
	}
	return page && page->readable ? page : NULL;
}

/* The bits of the lines that `size` bytes at `offset` of a page touch. */
static inline uint64_t lines_of(size_t offset, size_t size)
{
	size_t first = offset / USE_LINE;
	size_t last = (offset + size - 1) / USE_LINE;

	/* Shifted out of the word for the last line, it gives all bits from `first`. */
	return (UINT64_C(2) << last) - (UINT64_C(1) << first);
}

/* The bytes where they lie in one page that was met lately: nearly always. */
static inline const uint8_t *peek(struct procmem *mem, remote_addr address, size_t size)
{
	size_t offset = address % MEM_PAGE;
	uint32_t place = mem->recent[address / MEM_PAGE % RECENT];

	if (place >= mem->pages.count || offset + size > MEM_PAGE)
		return NULL;
	struct page *page = &mem->pages.items[place];
	if (page->address != address - offset || page->epoch != mem->epoch || !page->readable)
		return NULL;
	page->used |= lines_of(offset, size);
	return page->data + offset;
}

static bool read_pages(struct procmem *mem, remote_addr address, uint8_t *out, size_t size)
{
	uint64_t end;

	if (!checked_add(address, size, &end))
		return false;
	if (size > (size_t)CLUSTER * MEM_PAGE)
		mem_prefetch(mem, &address, 1, size);
	while (size) {
		size_t offset = address % MEM_PAGE;
		size_t part = MEM_PAGE - offset < size ? MEM_PAGE - offset : size;
		struct page *page = find_page(mem, address - offset);
		if (!page)
			return false;
		page->used |= lines_of(offset, part);
		memcpy(out, page->data + offset, part);
		out += part;
		address += part;
		size -= part;
	}
	return true;
}

bool mem_read(struct procmem *mem, remote_addr address, void *buffer, size_t size)
{
	const uint8_t *bytes = size ? peek(mem, address, size) : NULL;

	if (!bytes)
		return read_pages(mem, address, buffer, size);
	memcpy(buffer, bytes, size);
	return true;
}

bool mem_read_u64(struct procmem *mem, remote_addr address, uint64_t *value)
{
	const uint8_t *bytes = peek(mem, address, sizeof(*value));

	if (!bytes)
		return read_pages(mem, address, (uint8_t *)value, sizeof(*value));
	memcpy(value, bytes, sizeof(*value));
	return true;
}

bool mem_read_cstring(struct procmem *mem, remote_addr address, char *buffer, size_t size)
{
	while (size) {
		size_t offset = address % MEM_PAGE;
		size_t part = MEM_PAGE - offset < size ? MEM_PAGE - offset : size;
		struct page *page = find_page(mem, address - offset);
		if (!page)
			return false;
		const uint8_t *from = page->data + offset;
		const uint8_t *end = memchr(from, '\0', part);
		/* What lies behind the end is not used, and may change. */
		part = end ? (size_t)(end - from) + 1 : part;
		page->used |= lines_of(offset, part);
		memcpy(buffer, from, part);
		if (end)
			return true;
		buffer += part;
		size -= part;
		if (!checked_add(address, part, &address))
			return false;
	}
	return false;
}

void mem_want(struct procmem *mem, remote_addr address, size_t size)
{
	uint64_t end;

	if (!address || !checked_add(address, size, &end))
		return;
	/* Counted by size: a page after the last one would be at 0 again. */
	remote_addr first = address - address % MEM_PAGE;
	for (uint64_t done = 0; done < end - first; done += MEM_PAGE) {
		struct page *page = page_at(mem, first + done);
		if (!is_stale(mem, page))
			continue;
		page->epoch = mem->epoch;
		page->readable = false;
		*array_push(&mem->wanted) = first + done;
	}
}

void mem_fetch_wanted(struct procmem *mem)
{
	if (mem->wanted.count)
		fetch(mem, mem->wanted.items, mem->wanted.count);
	mem->wanted.count = 0;
}

void mem_prefetch(struct procmem *mem, const remote_addr *addresses, size_t count, size_t size)
{
	for (size_t i = 0; i < count; i++)
		mem_want(mem, addresses[i], size);
	mem_fetch_wanted(mem);
}

void mem_forget(struct procmem *mem, remote_addr address, size_t size)
{
	uint64_t end;

	if (!checked_add(address, size, &end))
		return;
	remote_addr first = address - address % MEM_PAGE;
	for (uint64_t done = 0; done < end - first; done += MEM_PAGE) {
		uint64_t *place = table_find(&mem->index, first + done);
		if (place)
			mem->pages.items[*place].epoch = 0;
	}
}

void mem_recycle(struct procmem *mem)
{
	/* Tasks whose objects are all over the place share their pages. */
	bool worth = mem->refetched < mem->pages.count / 16;

	for (size_t i = mem->kept; mem->recycles && worth && i < mem->pages.count; i++) {
		struct page *page = &mem->pages.items[i];
		if (!page->data)
			continue;
		*array_push(&mem->unused) = page->data;
		*page = (struct page){ .address = page->address, .given_up = true };
	}
	mem->kept = mem->pages.count;
	mem->recycles = true;
}

void mem_forget_all(struct procmem *mem)
{
	mem->epoch++;
	mem->recycles = false;
}

void mem_read_piecemeal(struct procmem *mem, bool piecemeal)
{
	mem->piecemeal = piecemeal;
}

static bool used_lines_differ(const struct page *page, const uint8_t *now)
{
	for (size_t line = 0; line < 64; line++)
		if (page->used >> line & 1 &&
				memcmp(page->data + line * USE_LINE, now + line * USE_LINE,
						USE_LINE))
			return true;
	return false;
}

/* Reads the pages at `places` again; gives how many had changed in what was
 * used of them. */
static size_t verify_batch(struct procmem *mem, const size_t *places, size_t count, uint8_t *data)
{
	struct mem_piece pieces[BATCH];
	size_t changed = 0;

	for (size_t i = 0; i < count; i++)
		pieces[i] = (struct mem_piece){
			.address = mem->pages.items[places[i]].address,
			.buffer = data + i * MEM_PAGE,
			.size = MEM_PAGE,
		};
	backend_read(mem, pieces, count);
	for (size_t i = 0; i < count; i++) {
		struct page *page = &mem->pages.items[places[i]];
		if (!pieces[i].ok || used_lines_differ(page, pieces[i].buffer))
			changed++;
		if (pieces[i].ok)
			memcpy(page->data, pieces[i].buffer, MEM_PAGE);
		page->readable = pieces[i].ok;
		page->epoch = mem->epoch;
	}
	return changed;
}

size_t mem_verify(struct procmem *mem)
{
	uint8_t *data = alloc_bytes((size_t)BATCH * MEM_PAGE);
	size_t places[BATCH], count = 0, changed = 0;

	for (size_t i = 0; i < mem->pages.count; i++) {
		struct page *page = &mem->pages.items[i];
		if (page->readable && page->used)
			places[count++] = i;
		else
			page->epoch = 0; /* it is not known to be of this moment */
		if (count == BATCH || (count && i + 1 == mem->pages.count)) {
			changed += verify_batch(mem, places, count, data);
			count = 0;
		}
	}
	free(data);
	return changed;
}

uint64_t mem_bytes_fetched(const struct procmem *mem)
{
	return mem->bytes;
}

uint64_t mem_fetches(const struct procmem *mem)
{
	return mem->fetches;
}

/* ---- a live process ---- */

struct live {
	pid_t pid;
	int fd;        /* /proc/PID/mem, -1 where it could not be opened */
	bool by_file;  /* process_vm_readv is refused or missing */
};

static bool file_read(struct live *live, struct mem_piece *piece)
{
	size_t done = 0;

	while (done < piece->size) {
		ssize_t n = pread(live->fd, (char *)piece->buffer + done, piece->size - done,
				(off_t)(piece->address + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

/* Marks the pieces that a call which moved `done` bytes has read, and gives
 * their number: the next one is where it stopped. */
static size_t mark_read(struct mem_piece *pieces, size_t count, size_t done)
{
	size_t i = 0;

	for (; i < count && done >= pieces[i].size; i++) {
		done -= pieces[i].size;
		pieces[i].ok = true;
	}
	return i;
}

static void live_read(void *backend, struct mem_piece *pieces, size_t count)
{
	struct live *live = backend;
	struct iovec local[BATCH], remote[BATCH];
	size_t next = 0;

	while (next < count && !live->by_file) {
		size_t n = count - next;
		for (size_t i = 0; i < n; i++) {
			const struct mem_piece *piece = &pieces[next + i];
			local[i] = (struct iovec){ piece->buffer, piece->size };
			remote[i] = (struct iovec){ (void *)(uintptr_t)piece->address,
				piece->size };
		}
		ssize_t done = process_vm_readv(live->pid, local, n, remote, n, 0);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0 && (errno == EPERM || errno == ENOSYS) && live->fd >= 0) {
			live->by_file = true;
			break;
		}
		if (done < 0 && errno != EFAULT && errno != EIO)
			return; /* gone, or refused: nothing more will come */
		/* It stops at the first piece that cannot be read. */
		next += mark_read(pieces + next, n, done < 0 ? 0 : (size_t)done) + 1;
	}
	for (; next < count && live->by_file; next++)
		pieces[next].ok = file_read(live, &pieces[next]);
}

static void live_close(void *backend)
{
	struct live *live = backend;

	if (live->fd >= 0)
		close(live->fd);
	free(live);
}

static const struct mem_ops live_ops = { .read = live_read, .close = live_close };

/* Whether process_vm_readv is allowed: a refusal comes before the fault. */
static bool calls_are_allowed(pid_t pid)
{
	char byte;
	struct iovec local = { &byte, 1 }, remote = { NULL, 1 };

	return process_vm_readv(pid, &local, 1, &remote, 1, 0) >= 0 || errno == EFAULT;
}

int mem_open_process(pid_t pid, struct procmem **mem)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/mem", (int)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		int why = errno;
		if (!calls_are_allowed(pid))
			return why;
	}
	struct live *live = alloc_zeroed(1, sizeof(*live));
	live->pid = pid;
	live->fd = fd;
	*mem = mem_create(&live_ops, live);
	return 0;
}
