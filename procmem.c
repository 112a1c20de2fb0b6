/* The page cache over a target's memory, and the live backend: see procmem.h. */
#include "procmem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/array.h"
#include "base/checked.h"
#include "base/table.h"
#include "base/worker.h"

enum {
	/* What is fetched together where many like objects are read: CPython's come from
	 * pools of this size. */
	BLOCK_PAGES = 4,
	BLOCK = BLOCK_PAGES * MEM_PAGE,
	ALL_PAGES = (1 << BLOCK_PAGES) - 1,
	/* process_vm_readv takes no more pieces in one call. */
	BATCH = 1024,
	SLAB_PAGES = 64, /* are allocated together */
	SLAB = SLAB_PAGES * MEM_PAGE,
	/* 16 GiB of the target; a bogus address costs a place here too. */
	BLOCKS_MAX = 1024 * 1024,
	BLOCKS_MIN = 8 * 1024,
	/* Blocks found lately, by their number: a shortcut past the table. */
	RECENT = 4096,
	/* Of many blocks that are kept not all are looked at each time. */
	KEPT_A_ROUND = 1024,
	/* Where of so many blocks that are given up one is fetched again, none is while no
	 * more pages are held. */
	GIVEN_AN_AGAIN = 8,
	AGAIN_LEAST = 32,
	HELD_PAGES = 64 * 1024 * 1024 / MEM_PAGE,
	/* What was used of a page is kept as one bit for each of these bytes. */
	USE_LINE = MEM_PAGE / 64,
};

/* The cache goes by blocks, and knows of each page in them. */
struct block {
	remote_addr address;
	uint8_t *pages[BLOCK_PAGES]; /* NULL until they are fetched */
	uint64_t used[BLOCK_PAGES];  /* one bit a line */
	uint32_t epoch;              /* in which `used` and the pages below were noted */
	/* One bit a page: asked for, had, and noted to be fetched. */
	uint8_t fetched, readable, wanted;
	bool passing;   /* it is in the list of those that have pages */
	uint32_t round; /* in which it was last read, or KEPT until it is */
	bool given;     /* up, once */
};

enum { KEPT = 0 };

/* What is fetched in one call, and of which blocks. */
struct batch {
	struct mem_piece pieces[BATCH];
	uint32_t places[BATCH];
	size_t count;
};

struct procmem {
	struct mem_recent_pages near; /* the first: mem_recent() */
	const struct mem_ops *ops;
	void *backend;
	struct table index; /* block address → place in blocks */
	ARRAY(struct block) blocks;
	ARRAY(uint32_t) met;     /* places of those that were asked for in this epoch */
	uint32_t recent[RECENT]; /* places in blocks */
	bool tracks;             /* what is used, by the line */
	ARRAY(uint32_t) wanted;  /* places in blocks */
	ARRAY(uint8_t *) unused; /* the memory of pages that were given up */
	ARRAY(uint32_t) passing; /* places of blocks that have pages */
	ARRAY(uint32_t) kept;    /* the same, that were KEPT when they were last looked at */
	uint32_t round;          /* one more than how often some were given up */
	bool keeps;              /* what is fetched now is given up only once it was read again */
	ARRAY(uint8_t *) slabs;  /* pages are handed out of the last of these */
	uint32_t epoch;
	size_t blocks_max;
	bool reads_around;
	size_t slab_left; /* pages of the last one that are not handed out */
	uint64_t bytes;
	uint64_t fetches;
	uint64_t misses;
	uint64_t given, again; /* blocks that were given up, and that were fetched again */
	struct worker *worker; /* fetches while others are decoded, once that was asked for */
	struct batch *flight;  /* what it fetches */
	bool flies;            /* the pages of `flight` are on their way */
};

static void forget_recent_pages(struct procmem *mem)
{
	for (size_t i = 0; i < MEM_RECENT; i++)
		mem->near.items[i].number = MEM_NO_PAGE;
}

struct procmem *mem_create(const struct mem_ops *ops, void *backend)
{
	struct procmem *mem = alloc_zeroed(1, sizeof(*mem));
	mem->ops = ops;
	mem->backend = backend;
	mem->epoch = mem->round = 1;
	mem->blocks_max = BLOCKS_MAX;
	mem_track(mem, true);
	return mem;
}

static void free_slabs(struct procmem *mem)
{
	for (size_t i = 0; i < mem->slabs.count; i++)
		free(mem->slabs.items[i]);
	array_free(&mem->slabs);
	mem->slab_left = 0;
}

void mem_destroy(struct procmem *mem)
{
	if (!mem)
		return;
	worker_destroy(mem->worker);
	free(mem->flight);
	free_slabs(mem);
	array_free(&mem->blocks);
	array_free(&mem->met);
	array_free(&mem->wanted);
	array_free(&mem->unused);
	array_free(&mem->passing);
	array_free(&mem->kept);
	table_deinit(&mem->index);
	mem->ops->close(mem->backend);
	free(mem);
}

/* Mostly behind the one before it, so that one range of a call takes both. */
static uint8_t *new_page(struct procmem *mem)
{
	if (mem->unused.count)
		return mem->unused.items[--mem->unused.count];
	if (!mem->slab_left) {
		*array_push(&mem->slabs) = alloc_bytes(SLAB);
		mem->slab_left = SLAB_PAGES;
	}
	return mem->slabs.items[mem->slabs.count - 1] + (SLAB_PAGES - mem->slab_left--) * MEM_PAGE;
}

void mem_limit(struct procmem *mem, uint64_t bytes)
{
	uint64_t blocks = BLOCKS_MIN + bytes / BLOCK;

	mem->blocks_max = blocks < BLOCKS_MAX ? blocks : BLOCKS_MAX;
}

bool mem_is_full(const struct procmem *mem)
{
	return mem->blocks.count >= mem->blocks_max;
}

/* The place of the block, which is made where there is none; false where no more
 * may be. */
static bool find_place(struct procmem *mem, remote_addr address, uint32_t *place)
{
	bool added;

	if (mem_is_full(mem) && !table_find(&mem->index, address))
		return false;
	uint64_t *known = table_add(&mem->index, address, &added);
	if (added) {
		*known = mem->blocks.count;
		*array_push(&mem->blocks) = (struct block){ .address = address };
	}
	*place = (uint32_t)*known;
	return true;
}

/* The block around an address, which knows of no page but those of this epoch;
 * NULL where no more blocks may be. */
static struct block *block_at(struct procmem *mem, remote_addr address)
{
	remote_addr start = address - address % BLOCK;
	uint32_t *recent = &mem->recent[address / BLOCK % RECENT];

	if ((*recent >= mem->blocks.count || mem->blocks.items[*recent].address != start) &&
			!find_place(mem, start, recent))
		return NULL;
	struct block *block = &mem->blocks.items[*recent];
	if (block->epoch != mem->epoch) {
		block->epoch = mem->epoch;
		block->fetched = block->readable = block->wanted = 0;
		memset(block->used, 0, sizeof(block->used));
		*array_push(&mem->met) = *recent;
	}
	return block;
}

static uint8_t *data_at(const struct block *block, remote_addr address)
{
	return block->pages[address % BLOCK / MEM_PAGE] + address % MEM_PAGE;
}

static unsigned page_bit(remote_addr address)
{
	return 1U << address % BLOCK / MEM_PAGE;
}

static uint32_t round_of(const struct procmem *mem)
{
	return mem->keeps ? KEPT : mem->round;
}

/* Notes pages of a block, and does not ask whether they are there already. */
static void want_pages(struct procmem *mem, struct block *block, unsigned pages)
{
	if (!block->wanted)
		*array_push(&mem->wanted) = (uint32_t)(block - mem->blocks.items);
	block->wanted |= (uint8_t)pages;
	block->fetched |= (uint8_t)pages;
	block->readable &= (uint8_t)~pages;
}

/* Notes what has come, and empties the batch. */
static void note_fetched(struct procmem *mem, struct batch *batch)
{
	for (size_t i = 0; i < batch->count; i++) {
		const struct mem_piece *piece = &batch->pieces[i];
		if (!piece->ok)
			continue;
		mem->bytes += piece->size;
		mem->blocks.items[batch->places[i]].readable |= (uint8_t)page_bit(piece->address);
	}
	batch->count = 0;
}

/* Waits for what is on its way: the backend does one thing at a time. */
static void land(struct procmem *mem)
{
	if (!mem->flies)
		return;
	worker_wait(mem->worker);
	mem->flies = false;
	note_fetched(mem, mem->flight);
}

static void fetch_batch(struct procmem *mem, struct batch *batch)
{
	land(mem);
	mem->ops->read(mem->backend, batch->pieces, batch->count);
	mem->fetches++;
	note_fetched(mem, batch);
}

static void add_pages(struct procmem *mem, struct batch *batch, uint32_t place)
{
	struct block *block = &mem->blocks.items[place];

	if (block->wanted && !block->passing) {
		mem->again += block->given;
		block->passing = true;
		block->round = round_of(mem);
		*array_push(&mem->passing) = place;
	}
	for (unsigned i = 0; i < BLOCK_PAGES; i++) {
		if (!(block->wanted >> i & 1))
			continue;
		if (!block->pages[i])
			block->pages[i] = new_page(mem);
		batch->places[batch->count] = place;
		batch->pieces[batch->count++] = (struct mem_piece){
			.address = block->address + (remote_addr)i * MEM_PAGE,
			.buffer = block->pages[i],
			.size = MEM_PAGE,
		};
		if (batch->count == BATCH)
			fetch_batch(mem, batch);
	}
	block->wanted = 0;
}

/* Fetches all that fills a batch, and leaves the rest in it. */
static void gather_wanted(struct procmem *mem, struct batch *batch)
{
	batch->count = 0;
	for (size_t i = 0; i < mem->wanted.count; i++)
		add_pages(mem, batch, mem->wanted.items[i]);
	mem->wanted.count = 0;
}

void mem_fetch_wanted(struct procmem *mem)
{
	struct batch batch;

	gather_wanted(mem, &batch);
	if (batch.count)
		fetch_batch(mem, &batch);
}

static void read_flight(void *argument)
{
	struct procmem *mem = argument;

	mem->ops->read(mem->backend, mem->flight->pieces, mem->flight->count);
}

bool mem_fetch_async(struct procmem *mem)
{
	land(mem);
	if (!mem->flight) {
		mem->flight = alloc_bytes(sizeof(*mem->flight));
		mem->worker = worker_create();
	}
	gather_wanted(mem, mem->flight);
	if (!mem->flight->count)
		return false;
	if (!mem->worker) {
		fetch_batch(mem, mem->flight);
		return true;
	}
	mem->fetches++;
	mem->flies = true;
	worker_post(mem->worker, read_flight, mem);
	return true;
}

bool mem_is_fetching(struct procmem *mem)
{
	return mem->flies && worker_is_busy(mem->worker);
}

/* The block, fetched as far as it is missing, where the page of the address can
 * be read. */
static struct block *find_page(struct procmem *mem, remote_addr address)
{
	struct block *block = block_at(mem, address);
	unsigned page = page_bit(address);

	if (block && !(block->fetched & page)) {
		want_pages(mem, block,
				mem->reads_around || block->fetched ? ALL_PAGES & ~block->fetched
								    : page);
		mem_fetch_wanted(mem);
		mem->misses++;
	}
	if (block && !(block->readable & page))
		land(mem);
	return block && block->readable & page ? block : NULL;
}

/* The bits of the lines that `size` bytes at `offset` of a page touch. */
static inline uint64_t lines_of(size_t offset, size_t size)
{
	size_t first = offset / USE_LINE;
	size_t last = (offset + size - 1) / USE_LINE;

	/* Shifted out of the word for the last line, it gives all bits from `first`. */
	return (UINT64_C(2) << last) - (UINT64_C(1) << first);
}

static inline void mark_used(struct procmem *mem, struct block *block, size_t offset, size_t size)
{
	size_t page = offset / MEM_PAGE;

	block->round = round_of(mem);
	block->used[page] |= lines_of(offset % MEM_PAGE, size);
}

/* The bytes where they lie in one page of a block that was met lately. */
static const uint8_t *peek_block(struct procmem *mem, remote_addr address, size_t size)
{
	size_t offset = address % BLOCK;
	uint32_t place = mem->recent[address / BLOCK % RECENT];

	if (place >= mem->blocks.count || offset % MEM_PAGE + size > MEM_PAGE)
		return NULL;
	struct block *block = &mem->blocks.items[place];
	if (block->address != address - offset || block->epoch != mem->epoch ||
			!(block->readable & page_bit(address)))
		return NULL;
	mark_used(mem, block, offset, size);
	const uint8_t *page = block->pages[offset / MEM_PAGE];
	if (!mem->tracks) {
		size_t i = address / MEM_PAGE % MEM_RECENT;
		mem->near.items[i].number = address / MEM_PAGE;
		mem->near.items[i].data = page;
	}
	return page + offset % MEM_PAGE;
}

static bool read_pages(struct procmem *mem, remote_addr address, uint8_t *out, size_t size)
{
	uint64_t end;

	if (!checked_add(address, size, &end))
		return false;
	if (size > BLOCK || (!mem->reads_around && address % MEM_PAGE + size > MEM_PAGE))
		mem_prefetch(mem, &address, 1, size);
	while (size) {
		size_t offset = address % MEM_PAGE;
		size_t part = MEM_PAGE - offset < size ? MEM_PAGE - offset : size;
		struct block *block = find_page(mem, address);
		if (!block)
			return false;
		mark_used(mem, block, address % BLOCK, part);
		memcpy(out, data_at(block, address), part);
		out += part;
		address += part;
		size -= part;
	}
	return true;
}

bool mem_read_slowly(struct procmem *mem, remote_addr address, void *buffer, size_t size)
{
	const uint8_t *bytes = size ? peek_block(mem, address, size) : NULL;

	if (!bytes)
		return read_pages(mem, address, buffer, size);
	memcpy(buffer, bytes, size);
	return true;
}

const uint8_t *mem_view_slowly(struct procmem *mem, remote_addr address, void *buffer, size_t size)
{
	const uint8_t *bytes = peek_block(mem, address, size);

	if (bytes)
		return bytes;
	return read_pages(mem, address, buffer, size) ? buffer : NULL;
}

bool mem_read_cstring(struct procmem *mem, remote_addr address, char *buffer, size_t size)
{
	while (size) {
		size_t offset = address % MEM_PAGE;
		size_t part = MEM_PAGE - offset < size ? MEM_PAGE - offset : size;
		struct block *block = find_page(mem, address);
		if (!block)
			return false;
		const uint8_t *from = data_at(block, address);
		const uint8_t *end = memchr(from, '\0', part);
		/* What lies behind the end is not used, and may change. */
		part = end ? (size_t)(end - from) + 1 : part;
		mark_used(mem, block, address % BLOCK, part);
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

	if (!address || mem_recent(mem, address, size) || !checked_add(address, size, &end))
		return;
	/* Counted by size: a block after the last one would be at 0 again. */
	while (size) {
		size_t part = BLOCK - address % BLOCK < size ? BLOCK - address % BLOCK : size;
		struct block *block = block_at(mem, address);
		/* From the bit of the first page on, up to that of the last. */
		unsigned pages = 2 * page_bit(address + part - 1) - page_bit(address);
		if (block && pages & ~block->fetched)
			want_pages(mem, block, pages & ~block->fetched);
		/* What is there will be needed too. */
		if (block && block->round != KEPT)
			block->round = round_of(mem);
		address += part;
		size -= part;
	}
}

static bool page_is_near(struct procmem *mem, remote_addr address)
{
	const struct block *block = block_at(mem, address);

	return block && block->fetched & page_bit(address);
}

bool mem_is_near(struct procmem *mem, remote_addr address, size_t size)
{
	return mem_recent(mem, address, size) ||
	       (page_is_near(mem, address) && page_is_near(mem, address + size - 1));
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
	land(mem);
	remote_addr first = address - address % MEM_PAGE;
	forget_recent_pages(mem);
	for (uint64_t done = 0; done < end - first; done += MEM_PAGE) {
		uint64_t *place = table_find(&mem->index, first + done - (first + done) % BLOCK);
		if (!place)
			continue;
		struct block *block = &mem->blocks.items[*place];
		block->fetched &= (uint8_t)~page_bit(first + done);
		block->readable &= block->fetched;
	}
}

/* The first one is handed out again first. */
static void give_up_pages(struct procmem *mem, const struct block *block)
{
	for (size_t i = BLOCK_PAGES; i-- > 0;)
		if (block->pages[i])
			*array_push(&mem->unused) = block->pages[i];
}

/* Those that are kept pass with the others again. */
static void recall_kept(struct procmem *mem)
{
	for (size_t i = 0; i < mem->kept.count; i++)
		*array_push(&mem->passing) = mem->kept.items[i];
	mem->kept.count = 0;
}

/* What tasks need that lie apart is needed again and again. */
static bool is_worth_holding(const struct procmem *mem)
{
	size_t held = mem->slabs.count * SLAB_PAGES - mem->slab_left - mem->unused.count;

	return mem->again >= AGAIN_LEAST && mem->again > mem->given / GIVEN_AN_AGAIN &&
	       held < HELD_PAGES;
}

void mem_recycle(struct procmem *mem)
{
	size_t stay = 0;

	land(mem);
	if (is_worth_holding(mem))
		return;
	if (mem->round % (mem->kept.count / KEPT_A_ROUND + 1) == 0)
		recall_kept(mem);
	for (size_t i = 0; i < mem->passing.count; i++) {
		uint32_t place = mem->passing.items[i];
		struct block *block = &mem->blocks.items[place];
		if (block->round == KEPT) {
			*array_push(&mem->kept) = place;
		} else if (block->round == mem->round) {
			mem->passing.items[stay++] = place;
		} else {
			give_up_pages(mem, block);
			*block = (struct block){ .address = block->address, .given = true };
			mem->given++;
		}
	}
	mem->passing.count = stay;
	mem->round++;
	forget_recent_pages(mem);
}

void mem_forget_all(struct procmem *mem)
{
	land(mem);
	mem->epoch++;
	mem->met.count = 0;
	forget_recent_pages(mem);
}

void mem_release(struct procmem *mem)
{
	land(mem);
	recall_kept(mem);
	for (size_t i = 0; i < mem->passing.count; i++) {
		struct block *block = &mem->blocks.items[mem->passing.items[i]];
		*block = (struct block){ .address = block->address };
	}
	mem->passing.count = mem->unused.count = 0;
	free_slabs(mem);
	mem_forget_all(mem);
}

void mem_reset(struct procmem *mem)
{
	mem_release(mem);
	mem->blocks.count = mem->wanted.count = 0;
	table_deinit(&mem->index);
}

void mem_track(struct procmem *mem, bool track)
{
	mem->tracks = track;
	forget_recent_pages(mem);
}

void mem_read_around(struct procmem *mem, bool around)
{
	mem->reads_around = around;
}

void mem_keep(struct procmem *mem, bool keep)
{
	mem->keeps = keep;
	forget_recent_pages(mem);
}

static bool used_lines_differ(uint64_t used, const uint8_t *before, const uint8_t *now)
{
	for (size_t line = 0; line < 64; line++)
		if (used >> line & 1 &&
				memcmp(before + line * USE_LINE, now + line * USE_LINE, USE_LINE))
			return true;
	return false;
}

/* Reads the pages of a batch again; gives how many had changed in what was used
 * of them. */
static size_t verify_batch(struct procmem *mem, struct batch *batch)
{
	size_t changed = 0, count = batch->count;

	fetch_batch(mem, batch);
	for (size_t i = 0; i < count; i++) {
		const struct mem_piece *piece = &batch->pieces[i];
		struct block *block = &mem->blocks.items[batch->places[i]];
		uint8_t *before = data_at(block, piece->address);
		if (!piece->ok || used_lines_differ(block->used[piece->address % BLOCK / MEM_PAGE],
						  before, piece->buffer))
			changed++;
		if (piece->ok)
			memcpy(before, piece->buffer, MEM_PAGE);
	}
	return changed;
}

/* Adds the pages that something was used of; the others are not known to be of
 * this moment. */
static size_t verify_block(struct procmem *mem, struct batch *batch, uint32_t place, uint8_t *data)
{
	struct block *block = &mem->blocks.items[place];
	unsigned readable = block->readable;
	size_t changed = 0;

	block->fetched = block->readable = 0;
	for (unsigned i = 0; i < BLOCK_PAGES; i++) {
		if (!(readable >> i & 1) || !block->used[i])
			continue;
		block->fetched |= (uint8_t)(1U << i);
		batch->places[batch->count] = place;
		batch->pieces[batch->count] = (struct mem_piece){
			.address = block->address + (remote_addr)i * MEM_PAGE,
			.buffer = data + batch->count * MEM_PAGE,
			.size = MEM_PAGE,
		};
		if (++batch->count == BATCH)
			changed += verify_batch(mem, batch);
	}
	return changed;
}

size_t mem_verify(struct procmem *mem)
{
	size_t pages = mem->met.count * BLOCK_PAGES;
	uint8_t *data = alloc_bytes((pages < BATCH ? pages : BATCH) * MEM_PAGE);
	struct batch batch;
	size_t changed = 0;

	land(mem);
	batch.count = 0;
	forget_recent_pages(mem);
	for (size_t i = 0; i < mem->met.count; i++)
		changed += verify_block(mem, &batch, mem->met.items[i], data);
	if (batch.count)
		changed += verify_batch(mem, &batch);
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

uint64_t mem_misses(const struct procmem *mem)
{
	return mem->misses;
}

/* ---- a live process ---- */

struct live {
	pid_t pid;
	int fd;       /* /proc/PID/mem, -1 where it could not be opened */
	bool by_file; /* process_vm_readv is refused or missing */
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

/* Adds a range to a list; one that goes on where the last ended costs less as a
 * part of that. */
static size_t add_range(struct iovec *ranges, size_t count, uintptr_t start, size_t size)
{
	struct iovec *last = count ? &ranges[count - 1] : NULL;

	if (last && (uintptr_t)last->iov_base + last->iov_len == start) {
		last->iov_len += size;
		return count;
	}
	ranges[count] = (struct iovec){ (void *)start, size };
	return count + 1;
}

/* Gives how many bytes were read, or what errno says as a negative number. */
static ssize_t read_ranges(pid_t pid, const struct mem_piece *pieces, size_t count)
{
	struct iovec local[BATCH], remote[BATCH];
	size_t locals = 0, remotes = 0;

	for (size_t i = 0; i < count; i++) {
		locals = add_range(local, locals, (uintptr_t)pieces[i].buffer, pieces[i].size);
		remotes = add_range(remote, remotes, pieces[i].address, pieces[i].size);
	}
	ssize_t done = process_vm_readv(pid, local, locals, remote, remotes, 0);
	return done < 0 ? -errno : done;
}

static void live_read(void *backend, struct mem_piece *pieces, size_t count)
{
	struct live *live = backend;
	size_t next = 0;

	while (next < count && !live->by_file) {
		ssize_t done = read_ranges(live->pid, pieces + next, count - next);
		if (done == -EINTR)
			continue;
		if ((done == -EPERM || done == -ENOSYS) && live->fd >= 0) {
			live->by_file = true;
			break;
		}
		if (done < 0 && done != -EFAULT && done != -EIO)
			return; /* gone, or refused: nothing more will come */
		/* It stops at the first piece that cannot be read. */
		next += mark_read(pieces + next, count - next, done < 0 ? 0 : (size_t)done) + 1;
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
