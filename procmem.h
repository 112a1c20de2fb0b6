/* The memory of a target: bounded reads behind a page cache.
 *
 * A page is fetched once, so that all that is decoded from it is of one
 * moment, and a snapshot costs few system calls.  What was used of each page
 * is remembered: mem_verify() reads it again and says what has changed.
 *
 * Nothing here knows whether the target is a live process or a core file:
 * that is behind `struct mem_ops`. */
#ifndef PROCMEM_H
#define PROCMEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

/* An address in the target.  It is never a pointer of ours. */
typedef uint64_t remote_addr;

/* The unit of the cache, in bytes.  It need not be the page size of the
 * target; it must only divide it. */
enum { MEM_PAGE = 4096 };

struct mem_piece {
	remote_addr address;
	void *buffer;
	size_t size;
	bool ok; /* set by the backend: all of it was read */
};

struct mem_ops {
	/* Reads each piece whole or not at all, and never fails but piecewise. */
	void (*read)(void *backend, struct mem_piece *pieces, size_t count);
	void (*close)(void *backend);
};

struct procmem;

struct procmem *mem_create(const struct mem_ops *ops, void *backend);
void mem_destroy(struct procmem *mem);

/* The memory of the live process `pid`.  Gives 0, or the errno of the refusal. */
int mem_open_process(pid_t pid, struct procmem **mem);

/* Keeps little more than `bytes` of the target: what it has in memory.  Pages
 * of zeros that it has only reserved would fill ours. */
void mem_limit(struct procmem *mem, uint64_t bytes);

enum { MEM_RECENT = 1024 };

/* What a procmem begins with: pages that were met lately, a shortcut past the cache that
 * nearly all reads take.  Empty while it is tracked what is used. */
struct mem_recent_pages {
	struct {
		uint64_t number; /* MEM_NO_PAGE: none */
		const uint8_t *data;
	} items[MEM_RECENT];
};

#define MEM_NO_PAGE UINT64_MAX

/* The bytes where they lie in such a page, or NULL. */
static inline const uint8_t *mem_recent(struct procmem *mem, remote_addr address, size_t size)
{
	const struct mem_recent_pages *pages = (const struct mem_recent_pages *)mem;
	size_t i = address / MEM_PAGE % MEM_RECENT;

	return pages->items[i].number == address / MEM_PAGE && address % MEM_PAGE + size <= MEM_PAGE
			       ? pages->items[i].data + address % MEM_PAGE
			       : NULL;
}

/* What reads of other bytes come to: they are looked up, or fetched. */
bool mem_read_slowly(struct procmem *mem, remote_addr address, void *buffer, size_t size);
const uint8_t *mem_view_slowly(struct procmem *mem, remote_addr address, void *buffer, size_t size);

/* All `size` bytes at `address`, or false. */
static inline bool mem_read(struct procmem *mem, remote_addr address, void *buffer, size_t size)
{
	const uint8_t *bytes = mem_recent(mem, address, size);

	if (!bytes || !size)
		return mem_read_slowly(mem, address, buffer, size);
	memcpy(buffer, bytes, size);
	return true;
}

/* The same without a copy, mostly: where the bytes lie in the cache, or else in
 * `buffer`.  They stay until they are forgotten or given up. */
static inline const uint8_t *mem_view(
		struct procmem *mem, remote_addr address, void *buffer, size_t size)
{
	const uint8_t *bytes = mem_recent(mem, address, size);

	return bytes ? bytes : mem_view_slowly(mem, address, buffer, size);
}

static inline bool mem_read_u64(struct procmem *mem, remote_addr address, uint64_t *value)
{
	return mem_read(mem, address, value, sizeof(*value));
}

/* The bytes up to a NUL; false where none comes within `size` bytes. */
bool mem_read_cstring(struct procmem *mem, remote_addr address, char *buffer, size_t size);

/* Fetches the pages under `count` ranges of `size` bytes in few system calls,
 * so that reading them later costs none.  A hint: it cannot fail. */
void mem_prefetch(struct procmem *mem, const remote_addr *addresses, size_t count, size_t size);

/* The same in two steps: notes what will be read, and fetches all of it.  In
 * between, pages that were noted cannot be read. */
void mem_want(struct procmem *mem, remote_addr address, size_t size);
void mem_fetch_wanted(struct procmem *mem);

/* The same, but returns while they come: what is near can be read meanwhile.  Who reads,
 * or fetches, anything else waits.  False where nothing was wanted. */
bool mem_fetch_async(struct procmem *mem);

/* Whether that goes on. */
bool mem_is_fetching(struct procmem *mem);

/* Whether reading these bytes would take no fetching. */
bool mem_is_near(struct procmem *mem, remote_addr address, size_t size);

/* Gives up what was not read since the last call: it was decoded, and is not likely
 * to be needed again.  What was fetched while it was to be kept stays until it was
 * read once more after that. */
void mem_recycle(struct procmem *mem);
void mem_keep(struct procmem *mem, bool keep);

/* Makes the next read of these bytes, or of any, fetch them anew. */
void mem_forget(struct procmem *mem, remote_addr address, size_t size);
void mem_forget_all(struct procmem *mem);

/* Frees the memory that holds what was fetched.  What is read again is fetched anew. */
void mem_release(struct procmem *mem);

/* Begins anew, as if nothing had been read: also what it has enough of. */
void mem_reset(struct procmem *mem);

/* Whether the pages beside one that is missing come too: where many like objects are
 * read, those of others are there.  At first they come only where one of them was asked
 * for before. */
void mem_read_around(struct procmem *mem, bool around);

/* Whether it is kept what is used, for mem_verify(): of a target that stands still
 * nothing changes.  At first it is. */
void mem_track(struct procmem *mem, bool track);

/* Reads all that was used once more, and keeps the new contents.  Gives the
 * number of pages in which something that had been used is different now. */
size_t mem_verify(struct procmem *mem);

/* Whether more pages were asked for than a snapshot may hold: nothing more is
 * read then. */
bool mem_is_full(const struct procmem *mem);

/* Bytes fetched from the target, and how many system calls or reads of a
 * file that took. */
uint64_t mem_bytes_fetched(const struct procmem *mem);
uint64_t mem_fetches(const struct procmem *mem);

/* How many of those nobody had wanted before the bytes were read. */
uint64_t mem_misses(const struct procmem *mem);

#endif
