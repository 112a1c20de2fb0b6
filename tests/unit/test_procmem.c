/* The page cache over fabricated memory, and over a live process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "procmem.h"
#include "tests/unit/memory.h"

enum { CLUSTER_BYTES = 4 * MEM_PAGE };

#define BASE UINT64_C(0x7f0000000000)

struct fixture {
	struct memory memory;
	struct procmem *mem;
};

static struct fixture *setup(void)
{
	static struct fixture fixture;

	memory_init(&fixture.memory);
	fixture.mem = memory_open(&fixture.memory);
	return &fixture;
}

static void teardown(struct fixture *f)
{
	mem_destroy(f->mem);
	assert_true(f->memory.closed);
	memory_deinit(&f->memory);
}

static uint64_t word(struct fixture *f, remote_addr address)
{
	uint64_t value = 0;

	assert_true(mem_read_u64(f->mem, address, &value));
	return value;
}

static bool readable(struct fixture *f, remote_addr address)
{
	uint64_t value;
	return mem_read_u64(f->mem, address, &value);
}

static void a_read_over_pages_is_whole(void **state)
{
	struct fixture *f = setup();
	uint8_t bytes[3 * MEM_PAGE];

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 7 + i / 256);
	memory_put(&f->memory, BASE + 100, bytes, sizeof(bytes));
	/* A buffer that ends at a page that may not be touched. */
	uint8_t *out = tail_copy(NULL, sizeof(bytes));
	assert_true(mem_read(f->mem, BASE + 100, out, sizeof(bytes)));
	assert_memory_equal(out, bytes, sizeof(bytes));
	assert_true(mem_read(f->mem, BASE + 100, out, 0));
	teardown(f);
}

static void all_or_nothing_before_a_hole(void **state)
{
	struct fixture *f = setup();
	uint64_t value;

	(void)state;
	memory_put_u64(&f->memory, BASE + MEM_PAGE - 8, 7);
	memory_hide(&f->memory, BASE + MEM_PAGE);
	assert_int_equal(word(f, BASE + MEM_PAGE - 8), 7);
	assert_false(mem_read_u64(f->mem, BASE + MEM_PAGE - 4, &value));
	assert_false(mem_read_u64(f->mem, BASE + MEM_PAGE, &value));
	teardown(f);
}

static void the_end_of_the_address_space(void **state)
{
	struct fixture *f = setup();
	char bytes[8], *buffer = malloc(2 * CLUSTER_BYTES);
	const remote_addr last = UINT64_MAX - MEM_PAGE + 1;
	const remote_addr addresses[] = { UINT64_MAX - 64, last, UINT64_MAX - 2 * MEM_PAGE };

	(void)state;
	memory_put_u64(&f->memory, last, 5);
	assert_int_equal(word(f, last), 5);
	assert_false(mem_read(f->mem, UINT64_MAX - 3, bytes, 8));
	assert_false(mem_read(f->mem, UINT64_MAX - 2 * CLUSTER_BYTES, buffer, 2 * CLUSTER_BYTES));
	/* These must end. */
	mem_prefetch(f->mem, addresses, 3, 32);
	mem_forget(f->mem, UINT64_MAX - 64, 32);
	assert_int_equal(word(f, last), 5);
	free(buffer);
	teardown(f);
}

static void a_page_is_fetched_once(void **state)
{
	struct fixture *f = setup();

	(void)state;
	memory_map(&f->memory, BASE, MEM_PAGE);
	for (remote_addr at = BASE; at < BASE + MEM_PAGE; at += 8)
		word(f, at);
	assert_int_equal(f->memory.reads, 1);
	assert_int_equal(mem_fetches(f->mem), 1);
	assert_int_equal(mem_bytes_fetched(f->mem), MEM_PAGE);
	teardown(f);
}

static void a_miss_fetches_its_page(void **state)
{
	struct fixture *f = setup();
	uint8_t bytes[2 * MEM_PAGE];

	(void)state;
	memory_map(&f->memory, BASE, CLUSTER_BYTES);
	word(f, BASE);
	assert_int_equal(f->memory.pieces, 1);
	/* All that one read is missing comes at once. */
	assert_true(mem_read(f->mem, BASE + 100, bytes, sizeof(bytes)));
	assert_int_equal(f->memory.reads, 2);
	assert_int_equal(f->memory.pieces, 3);
	teardown(f);
}

static void another_miss_in_a_cluster_fetches_the_rest(void **state)
{
	struct fixture *f = setup();

	(void)state;
	memory_map(&f->memory, BASE, CLUSTER_BYTES);
	word(f, BASE);
	word(f, BASE + 2 * MEM_PAGE);
	assert_int_equal(f->memory.reads, 2);
	assert_int_equal(f->memory.pieces, 4);
	teardown(f);
}

static void a_miss_fetches_its_cluster(void **state)
{
	struct fixture *f = setup();

	(void)state;
	mem_read_around(f->mem, true);
	memory_map(&f->memory, BASE, 2 * CLUSTER_BYTES);
	word(f, BASE + 2 * MEM_PAGE);
	assert_int_equal(f->memory.pieces, 4);
	word(f, BASE);
	word(f, BASE + 3 * MEM_PAGE);
	assert_int_equal(f->memory.reads, 1);
	word(f, BASE + CLUSTER_BYTES);
	assert_int_equal(f->memory.reads, 2);
	/* Only what is missing of it. */
	mem_forget(f->mem, BASE, 8);
	word(f, BASE);
	assert_int_equal(f->memory.pieces, 9);
	teardown(f);
}

static void a_bad_page_among_good_ones_costs_only_itself(void **state)
{
	struct fixture *f = setup();

	(void)state;
	memory_map(&f->memory, BASE, CLUSTER_BYTES);
	memory_hide(&f->memory, BASE + MEM_PAGE);
	assert_true(readable(f, BASE));
	assert_false(readable(f, BASE + MEM_PAGE));
	assert_true(readable(f, BASE + 2 * MEM_PAGE));
	assert_true(readable(f, BASE + 3 * MEM_PAGE));
	/* That it is bad is remembered too, until it is forgotten. */
	unsigned reads = f->memory.reads;
	memory_show(&f->memory, BASE + MEM_PAGE);
	assert_false(readable(f, BASE + MEM_PAGE));
	assert_int_equal(f->memory.reads, reads);
	mem_forget(f->mem, BASE + MEM_PAGE, 1);
	assert_true(readable(f, BASE + MEM_PAGE));
	teardown(f);
}

static void what_is_near_takes_no_fetching(void **state)
{
	for (int track = 0; track < 2; track++) {
		struct fixture *f = setup();
		(void)state;
		memory_map(&f->memory, BASE, 2 * MEM_PAGE);
		mem_track(f->mem, track);
		assert_false(mem_is_near(f->mem, BASE, 8));
		word(f, BASE);
		assert_true(mem_is_near(f->mem, BASE, 8));
		assert_true(mem_is_near(f->mem, BASE + MEM_PAGE - 8, 8));
		assert_false(mem_is_near(f->mem, BASE + MEM_PAGE - 7, 8));
		word(f, BASE + MEM_PAGE);
		assert_true(mem_is_near(f->mem, BASE + MEM_PAGE - 7, 8));
		mem_forget_all(f->mem);
		assert_false(mem_is_near(f->mem, BASE, 8));
		teardown(f);
	}
}

static void prefetching_goes_in_batches(void **state)
{
	enum { PAGES = 2500 };
	struct fixture *f = setup();
	static remote_addr addresses[2 * PAGES + 1];

	(void)state;
	/* Each twice, in no order, and a null among them. */
	for (size_t i = 0; i < PAGES; i++) {
		size_t page = i * 1237 % PAGES;
		addresses[i] = addresses[PAGES + i] = BASE + page * MEM_PAGE + 16;
		memory_put_u64(&f->memory, addresses[i], page);
	}
	mem_prefetch(f->mem, addresses, 2 * PAGES + 1, 64);
	assert_int_equal(f->memory.pieces, PAGES);
	assert_int_equal(f->memory.reads, 3);
	assert_int_equal(f->memory.largest, 1024);
	for (size_t page = 0; page < PAGES; page++)
		assert_int_equal(word(f, BASE + page * MEM_PAGE + 16), page);
	assert_int_equal(f->memory.reads, 3);
	mem_prefetch(f->mem, addresses, 2 * PAGES, 64);
	assert_int_equal(f->memory.reads, 3);
	teardown(f);
}

static void prefetching_takes_both_pages_of_a_range(void **state)
{
	struct fixture *f = setup();
	const remote_addr address = BASE + MEM_PAGE - 8;

	(void)state;
	memory_map(&f->memory, BASE, 2 * MEM_PAGE);
	mem_prefetch(f->mem, &address, 1, 16);
	assert_int_equal(f->memory.pieces, 2);
	word(f, BASE + MEM_PAGE);
	assert_int_equal(f->memory.reads, 1);
	teardown(f);
}

/* Wanted one by one, fetched together. */
static void what_is_wanted_is_fetched_in_batches(void **state)
{
	enum { PAGES = 1500 };
	struct fixture *f = setup();

	(void)state;
	memory_map(&f->memory, BASE, (size_t)PAGES * MEM_PAGE);
	for (size_t i = 0; i < PAGES; i++) {
		mem_want(f->mem, BASE + i * MEM_PAGE, 8);
		mem_want(f->mem, BASE + i * MEM_PAGE + 8, 8);
	}
	mem_want(f->mem, 0, 8);
	mem_want(f->mem, BASE + PAGES * MEM_PAGE, 8); /* cannot be read */
	assert_int_equal(f->memory.reads, 0);
	mem_fetch_wanted(f->mem);
	assert_int_equal(f->memory.pieces, PAGES + 1);
	assert_int_equal(f->memory.reads, 2);
	for (size_t i = 0; i < PAGES; i++)
		assert_int_equal(word(f, BASE + i * MEM_PAGE), 0);
	assert_false(readable(f, BASE + PAGES * MEM_PAGE));
	assert_int_equal(f->memory.reads, 2);
	mem_fetch_wanted(f->mem);
	assert_int_equal(f->memory.reads, 2);
	teardown(f);
}

/* How many reads of the target it takes to read one word. */
static unsigned cost(struct fixture *f, remote_addr address)
{
	unsigned before = f->memory.reads;

	word(f, address);
	return f->memory.reads - before;
}

static void what_was_decoded_is_given_up(void **state)
{
	const remote_addr later = BASE, once = BASE + CLUSTER_BYTES,
			  often = BASE + 2 * CLUSTER_BYTES;

	for (int track = 0; track < 2; track++) {
		struct fixture *f = setup();
		(void)state;
		memory_map(&f->memory, BASE, 3 * CLUSTER_BYTES);
		mem_track(f->mem, track);
		mem_keep(f->mem, true);
		word(f, later);
		mem_keep(f->mem, false);
		mem_recycle(f->mem);
		assert_int_equal(cost(f, once), 1);
		assert_int_equal(cost(f, often), 1);
		mem_recycle(f->mem);
		assert_int_equal(cost(f, often), 0);
		mem_recycle(f->mem);
		assert_int_equal(cost(f, once), 1);
		assert_int_equal(cost(f, often), 0);
		/* What was to be kept is, until it is read again. */
		assert_int_equal(cost(f, later), 0);
		mem_recycle(f->mem);
		mem_recycle(f->mem);
		assert_int_equal(cost(f, later), 1);
		teardown(f);
	}
}

/* How many reads it takes to read a word of each of them. */
static unsigned cost_of_all(struct fixture *f, unsigned clusters)
{
	unsigned reads = 0;

	for (unsigned i = 0; i < clusters; i++)
		reads += cost(f, BASE + i * CLUSTER_BYTES);
	for (unsigned i = 0; i < 2; i++)
		mem_recycle(f->mem);
	return reads;
}

static void what_was_given_up_in_vain_is_held(void **state)
{
	enum { CLUSTERS = 40, MANY = 64 * 1024 * 1024 / CLUSTER_BYTES };
	struct fixture *f = setup();

	(void)state;
	memory_map(&f->memory, BASE, (size_t)(CLUSTERS + MANY) * CLUSTER_BYTES);
	mem_read_around(f->mem, true);
	assert_int_equal(cost_of_all(f, CLUSTERS), CLUSTERS);
	assert_int_equal(cost_of_all(f, CLUSTERS), CLUSTERS);
	assert_int_equal(cost_of_all(f, CLUSTERS), 0);
	/* But not more of it than there is room for. */
	cost_of_all(f, MANY);
	assert_int_equal(cost_of_all(f, CLUSTERS), CLUSTERS);
	teardown(f);
}

static sem_t begun, let_go;

static void wait_to_be_let_go(struct memory *memory)
{
	memory->before_read = NULL;
	sem_post(&begun);
	sem_wait(&let_go);
}

/* Pages after the first one, which is near, that are on their way. */
static struct fixture *setup_flight(size_t pages)
{
	struct fixture *f = setup();

	memory_map(&f->memory, BASE, (pages + 1) * MEM_PAGE);
	for (size_t i = 0; i <= pages; i++)
		memory_put_u64(&f->memory, BASE + i * MEM_PAGE + 8, i);
	memory_hide(&f->memory, BASE + pages * MEM_PAGE);
	word(f, BASE);
	for (size_t i = 1; i <= pages; i++)
		mem_want(f->mem, BASE + i * MEM_PAGE, 8);
	return f;
}

static void what_is_near_is_read_while_more_comes(void **state)
{
	struct fixture *f = setup_flight(20);

	(void)state;
	sem_init(&begun, 0, 0);
	sem_init(&let_go, 0, 0);
	f->memory.before_read = wait_to_be_let_go;
	assert_true(mem_fetch_async(f->mem));
	sem_wait(&begun);
	assert_int_equal(word(f, BASE + 8), 0);
	assert_true(mem_is_fetching(f->mem));
	sem_post(&let_go);
	for (size_t i = 1; i < 20; i++)
		assert_int_equal(word(f, BASE + i * MEM_PAGE + 8), i);
	assert_false(readable(f, BASE + 20 * MEM_PAGE));
	assert_false(mem_is_fetching(f->mem));
	assert_false(mem_fetch_async(f->mem));
	assert_int_equal(f->memory.reads, 2);
	assert_int_equal(mem_fetches(f->mem), 2);
	assert_int_equal(mem_misses(f->mem), 1);
	assert_int_equal(mem_bytes_fetched(f->mem), 20 * MEM_PAGE);
	teardown(f);
}

static void more_than_a_batch_comes_while_it_is_read(void **state)
{
	enum { PAGES = 2500 };
	struct fixture *f = setup_flight(PAGES);

	(void)state;
	assert_true(mem_fetch_async(f->mem));
	for (size_t i = 1; i < PAGES; i++)
		assert_int_equal(word(f, BASE + i * MEM_PAGE + 8), i);
	assert_int_equal(f->memory.reads, 4);
	teardown(f);
}

static void forget_a_page(struct procmem *mem)
{
	mem_forget(mem, BASE + MEM_PAGE, 8);
}

static void fetch_another(struct procmem *mem)
{
	mem_want(mem, BASE + 100 * MEM_PAGE, 8);
	mem_fetch_wanted(mem);
}

static void fetch_another_async(struct procmem *mem)
{
	mem_want(mem, BASE + 100 * MEM_PAGE, 8);
	mem_fetch_async(mem);
}

static void verify(struct procmem *mem)
{
	mem_verify(mem);
}

/* Whatever is asked for while pages come, they come. */
static void pages_come_whatever_is_asked_for_meanwhile(void **state)
{
	void (*const ask[])(struct procmem *) = { forget_a_page, fetch_another, fetch_another_async,
		verify, mem_recycle, mem_forget_all, mem_release, mem_reset };

	(void)state;
	for (size_t a = 0; a < sizeof(ask) / sizeof(*ask); a++) {
		for (size_t pages = 1; pages < 40; pages++) {
			struct fixture *f = setup_flight(pages);
			mem_fetch_async(f->mem);
			ask[a](f->mem);
			for (size_t i = 1; i < pages; i++)
				assert_int_equal(word(f, BASE + i * MEM_PAGE + 8), i);
			assert_false(readable(f, BASE + pages * MEM_PAGE));
			teardown(f);
			/* Or nothing any more. */
			f = setup_flight(pages);
			mem_fetch_async(f->mem);
			teardown(f);
		}
	}
}

static void forgetting_all_fetches_all_anew(void **state)
{
	struct fixture *f = setup();

	(void)state;
	memory_put_u64(&f->memory, BASE, 1);
	memory_hide(&f->memory, BASE + CLUSTER_BYTES);
	assert_int_equal(word(f, BASE), 1);
	assert_false(readable(f, BASE + CLUSTER_BYTES));
	memory_put_u64(&f->memory, BASE, 2);
	memory_show(&f->memory, BASE + CLUSTER_BYTES);
	mem_forget_all(f->mem);
	assert_int_equal(word(f, BASE), 2);
	assert_true(readable(f, BASE + CLUSTER_BYTES));
	/* And one that goes is gone. */
	memory_hide(&f->memory, BASE);
	mem_forget_all(f->mem);
	assert_false(readable(f, BASE));
	teardown(f);
}

static void what_is_full_begins_anew(void **state)
{
	struct fixture *f = setup();
	remote_addr at = BASE + CLUSTER_BYTES;

	(void)state;
	memory_put_u64(&f->memory, BASE, 1);
	mem_limit(f->mem, CLUSTER_BYTES);
	/* Also what is not there counts: a torn list is full of it. */
	for (; !mem_is_full(f->mem); at += CLUSTER_BYTES)
		assert_false(readable(f, at));
	assert_false(readable(f, BASE));
	for (int round = 0; round < 2; round++) {
		mem_reset(f->mem);
		assert_false(mem_is_full(f->mem));
		assert_int_equal(word(f, BASE), 1);
		assert_int_equal(mem_verify(f->mem), 0);
	}
	teardown(f);
}

static void verifying_sees_what_was_used_only(void **state)
{
	struct fixture *f = setup();

	(void)state;
	memory_map(&f->memory, BASE, CLUSTER_BYTES);
	word(f, BASE + 512);
	assert_int_equal(mem_verify(f->mem), 0);
	memory_put_u64(&f->memory, BASE + 1024, 1); /* the same page, elsewhere */
	memory_put_u64(&f->memory, BASE + MEM_PAGE, 1);
	assert_int_equal(mem_verify(f->mem), 0);
	memory_put_u64(&f->memory, BASE + 512, 1);
	assert_int_equal(mem_verify(f->mem), 1);
	/* It keeps what it read. */
	assert_int_equal(word(f, BASE + 512), 1);
	assert_int_equal(word(f, BASE + 1024), 1);
	assert_int_equal(word(f, BASE + MEM_PAGE), 1);
	assert_int_equal(mem_verify(f->mem), 0);
	teardown(f);
}

static void verifying_does_not_know_what_was_used_before_it_was_forgotten(void **state)
{
	struct fixture *f = setup();

	(void)state;
	memory_map(&f->memory, BASE, CLUSTER_BYTES);
	word(f, BASE);
	word(f, BASE + MEM_PAGE);
	mem_forget_all(f->mem);
	word(f, BASE + 512);
	memory_put_u64(&f->memory, BASE, 1);
	memory_put_u64(&f->memory, BASE + MEM_PAGE, 1);
	assert_int_equal(mem_verify(f->mem), 0);
	teardown(f);
}

static void verifying_sees_the_first_and_last_byte_of_a_page(void **state)
{
	struct fixture *f = setup();
	char bytes[2];

	(void)state;
	memory_map(&f->memory, BASE, 2 * MEM_PAGE);
	assert_true(mem_read(f->mem, BASE + MEM_PAGE - 1, bytes, 2));
	memory_put_u8(&f->memory, BASE + MEM_PAGE - 1, 1);
	memory_put_u8(&f->memory, BASE + MEM_PAGE, 1);
	assert_int_equal(mem_verify(f->mem), 2);
	teardown(f);
}

static void verifying_sees_a_page_go(void **state)
{
	struct fixture *f = setup();

	(void)state;
	memory_map(&f->memory, BASE, MEM_PAGE);
	word(f, BASE);
	memory_hide(&f->memory, BASE);
	assert_int_equal(mem_verify(f->mem), 1);
	assert_false(readable(f, BASE));
	teardown(f);
}

static void verifying_goes_over_many_pages(void **state)
{
	enum { PAGES = 3000 };
	struct fixture *f = setup();

	(void)state;
	memory_map(&f->memory, BASE, (size_t)PAGES * MEM_PAGE);
	for (size_t i = 0; i < PAGES; i++)
		word(f, BASE + i * MEM_PAGE);
	for (size_t i = 0; i < PAGES; i += 100)
		memory_put_u64(&f->memory, BASE + i * MEM_PAGE, 1);
	assert_int_equal(mem_verify(f->mem), PAGES / 100);
	assert_int_equal(mem_verify(f->mem), 0);
	assert_true(f->memory.largest <= 1024);
	teardown(f);
}

static void forgetting_fetches_anew(void **state)
{
	struct fixture *f = setup();

	(void)state;
	memory_put_u64(&f->memory, BASE, 1);
	assert_int_equal(word(f, BASE), 1);
	memory_put_u64(&f->memory, BASE, 2);
	assert_int_equal(word(f, BASE), 1);
	mem_forget(f->mem, BASE + MEM_PAGE - 1, 2);
	assert_int_equal(word(f, BASE), 2);
	mem_forget(f->mem, BASE + 64 * MEM_PAGE, 8); /* was never read */
	mem_forget(f->mem, UINT64_MAX, 8);
	teardown(f);
}

static void a_string_ends_by_its_nul(void **state)
{
	struct fixture *f = setup();
	char *buffer = tail_copy(NULL, 8);

	(void)state;
	memory_put(&f->memory, BASE + MEM_PAGE - 4, "abc", 4);
	memory_hide(&f->memory, BASE + MEM_PAGE);
	assert_true(mem_read_cstring(f->mem, BASE + MEM_PAGE - 4, buffer, 8));
	assert_string_equal(buffer, "abc");
	memory_put(&f->memory, BASE + 100, "1234567", 8);
	assert_true(mem_read_cstring(f->mem, BASE + 100, buffer, 8));
	memory_put(&f->memory, BASE + 200, "12345678", 9);
	mem_forget(f->mem, BASE, 1);
	assert_false(mem_read_cstring(f->mem, BASE + 200, buffer, 8));
	memory_put(&f->memory, BASE + MEM_PAGE - 4, "abcd", 4);
	mem_forget(f->mem, BASE, 1);
	assert_false(mem_read_cstring(f->mem, BASE + MEM_PAGE - 4, buffer, 8));
	memory_show(&f->memory, BASE + MEM_PAGE);
	memory_put(&f->memory, BASE + MEM_PAGE, "efg", 4);
	mem_forget(f->mem, BASE, 2 * MEM_PAGE);
	assert_true(mem_read_cstring(f->mem, BASE + MEM_PAGE - 4, buffer, 8));
	assert_string_equal(buffer, "abcdefg");
	assert_false(mem_read_cstring(f->mem, UINT64_MAX - 3, buffer, 8));
	teardown(f);
}

static void behind_a_string_nothing_is_used(void **state)
{
	struct fixture *f = setup();
	char buffer[MEM_PAGE];

	(void)state;
	memory_put(&f->memory, BASE, "abc", 4);
	assert_true(mem_read_cstring(f->mem, BASE, buffer, sizeof(buffer)));
	memory_put_u64(&f->memory, BASE + 256, 1);
	assert_int_equal(mem_verify(f->mem), 0);
	memory_put(&f->memory, BASE, "abd", 4);
	assert_int_equal(mem_verify(f->mem), 1);
	teardown(f);
}

static void change_the_word(struct memory *memory)
{
	memory_put_u64(memory, BASE, memory->reads + 1);
}

static void what_is_decoded_from_a_page_is_of_one_moment(void **state)
{
	struct fixture *f = setup();

	(void)state;
	memory_map(&f->memory, BASE, CLUSTER_BYTES + MEM_PAGE);
	f->memory.before_read = change_the_word;
	assert_int_equal(word(f, BASE), 1);
	word(f, BASE + CLUSTER_BYTES); /* it changes meanwhile */
	assert_int_equal(word(f, BASE), 1);
	assert_int_equal(mem_verify(f->mem), 1);
	assert_int_equal(word(f, BASE), 3);
	teardown(f);
}

/* ---- a live process ---- */

struct shared {
	uint8_t *pages; /* four, the third of which cannot be read */
	size_t page;
	pid_t child;
};

static void start_child(struct shared *s)
{
	s->page = (size_t)sysconf(_SC_PAGESIZE);
	s->pages = mmap(NULL, 4 * s->page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			0);
	assert_true(s->pages != MAP_FAILED);
	for (size_t i = 0; i < 4; i++)
		memset(s->pages + i * s->page, (int)i + 1, s->page);
	munmap(s->pages + 2 * s->page, s->page);
	s->child = fork();
	if (!s->child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		memset(s->pages, 9, 1); /* differs from ours */
		for (;;)
			pause();
	}
}

static void end_child(struct shared *s)
{
	kill(s->child, SIGKILL);
	waitpid(s->child, NULL, 0);
	munmap(s->pages, 4 * s->page);
}

static void wait_for_child(struct shared *s, struct procmem *mem)
{
	uint8_t byte = 0;

	for (int i = 0; i < 5000 && byte != 9; i++) {
		mem_forget(mem, (uintptr_t)s->pages, 1);
		assert_true(mem_read(mem, (uintptr_t)s->pages, &byte, 1));
		usleep(1000);
	}
	assert_int_equal(byte, 9);
}

/* The memory is the child's, with a hole in it. */
static bool reads_child(struct shared *s, struct procmem *mem)
{
	remote_addr at = (uintptr_t)s->pages;
	uint8_t bytes[16], expected[16];
	bool ok = true;

	for (size_t i = 0; i < 4; i++) {
		const remote_addr page = at + i * s->page;
		bool was_read = mem_read(mem, page + 8, bytes, sizeof(bytes));
		memset(expected, (int)i + 1, sizeof(expected));
		ok &= was_read == (i != 2);
		ok &= !was_read || !memcmp(bytes, expected, sizeof(bytes));
	}
	return ok && !mem_read(mem, 64, bytes, 1) && !mem_read(mem, UINT64_MAX - 64, bytes, 1) &&
	       !mem_read(mem, at + 2 * s->page - 8, bytes, 16);
}

static void a_live_process_is_read(void **state)
{
	struct shared s;
	struct procmem *mem;

	(void)state;
	start_child(&s);
	assert_int_equal(mem_open_process(s.child, &mem), 0);
	wait_for_child(&s, mem);
	assert_true(reads_child(&s, mem));
	mem_destroy(mem);
	end_child(&s);
}

static void many_pages_of_a_live_process_are_read(void **state)
{
	enum { PAGES = 3000 };
	struct procmem *mem;
	size_t size = (size_t)PAGES * MEM_PAGE;
	uint8_t *ours = malloc(size), *read = malloc(size);

	(void)state;
	for (size_t i = 0; i < size; i++)
		ours[i] = (uint8_t)(i * 31 >> 4);
	assert_int_equal(mem_open_process(getpid(), &mem), 0);
	assert_true(mem_read(mem, (uintptr_t)ours, read, size));
	assert_memory_equal(ours, read, size);
	assert_true(mem_fetches(mem) <= PAGES / 1024 + 3);
	mem_destroy(mem);
	free(ours);
	free(read);
}

static void a_process_that_is_not_there_is_an_errno(void **state)
{
	struct procmem *mem;
	pid_t child = fork();

	(void)state;
	if (!child)
		_exit(0);
	waitpid(child, NULL, 0);
	int failed = mem_open_process(child, &mem);
	assert_true(failed == ENOENT || failed == ESRCH);
}

static void a_process_that_ends_cannot_be_read(void **state)
{
	struct shared s;
	struct procmem *mem;
	uint8_t byte;

	(void)state;
	start_child(&s);
	assert_int_equal(mem_open_process(s.child, &mem), 0);
	wait_for_child(&s, mem);
	end_child(&s);
	mem_forget(mem, (uintptr_t)s.pages, 1);
	assert_false(mem_read(mem, (uintptr_t)s.pages, &byte, 1));
	assert_int_equal(mem_verify(mem), 0);
	mem_destroy(mem);
}

/* Makes process_vm_readv fail with `number`, as a container's profile does. */
static bool refuse_calls(int number)
{
	struct sock_filter filter[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_process_vm_readv, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)number),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof(filter) / sizeof(*filter), filter };

	return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) &&
	       !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) &&
	       process_vm_readv(getpid(), NULL, 0, NULL, 0, 0) < 0 && errno == number;
}

/* No emulator lets a program filter the calls that it makes for it. */
static bool calls_can_be_filtered(void)
{
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL) && errno == EFAULT;
}

/* What a child finds that may not use the call: 0 all is well. */
static int read_refused(struct shared *s, int number)
{
	struct procmem *mem;

	if (!refuse_calls(number))
		return 1;
	if (mem_open_process(s->child, &mem))
		return 2;
	return reads_child(s, mem) ? 0 : 3;
}

static void check_refusal(int number)
{
	struct shared s;
	int status;

	if (!calls_can_be_filtered())
		skip();
	start_child(&s);
	pid_t reader = fork();
	if (!reader)
		_exit(read_refused(&s, number));
	waitpid(reader, &status, 0);
	end_child(&s);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void a_refused_call_is_replaced_by_the_file(void **state)
{
	(void)state;
	check_refusal(EPERM);
}

static void a_missing_call_is_replaced_by_the_file(void **state)
{
	(void)state;
	check_refusal(ENOSYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_read_over_pages_is_whole),
		cmocka_unit_test(all_or_nothing_before_a_hole),
		cmocka_unit_test(the_end_of_the_address_space),
		cmocka_unit_test(a_page_is_fetched_once),
		cmocka_unit_test(a_miss_fetches_its_page),
		cmocka_unit_test(another_miss_in_a_cluster_fetches_the_rest),
		cmocka_unit_test(a_miss_fetches_its_cluster),
		cmocka_unit_test(what_is_near_takes_no_fetching),
		cmocka_unit_test(a_bad_page_among_good_ones_costs_only_itself),
		cmocka_unit_test(prefetching_goes_in_batches),
		cmocka_unit_test(prefetching_takes_both_pages_of_a_range),
		cmocka_unit_test(what_is_wanted_is_fetched_in_batches),
		cmocka_unit_test(what_was_decoded_is_given_up),
		cmocka_unit_test(what_was_given_up_in_vain_is_held),
		cmocka_unit_test(what_is_near_is_read_while_more_comes),
		cmocka_unit_test(more_than_a_batch_comes_while_it_is_read),
		cmocka_unit_test(pages_come_whatever_is_asked_for_meanwhile),
		cmocka_unit_test(forgetting_all_fetches_all_anew),
		cmocka_unit_test(what_is_full_begins_anew),
		cmocka_unit_test(verifying_sees_what_was_used_only),
		cmocka_unit_test(verifying_does_not_know_what_was_used_before_it_was_forgotten),
		cmocka_unit_test(verifying_sees_the_first_and_last_byte_of_a_page),
		cmocka_unit_test(verifying_sees_a_page_go),
		cmocka_unit_test(verifying_goes_over_many_pages),
		cmocka_unit_test(forgetting_fetches_anew),
		cmocka_unit_test(a_string_ends_by_its_nul),
		cmocka_unit_test(behind_a_string_nothing_is_used),
		cmocka_unit_test(what_is_decoded_from_a_page_is_of_one_moment),
		cmocka_unit_test(a_live_process_is_read),
		cmocka_unit_test(many_pages_of_a_live_process_are_read),
		cmocka_unit_test(a_process_that_is_not_there_is_an_errno),
		cmocka_unit_test(a_process_that_ends_cannot_be_read),
		cmocka_unit_test(a_refused_call_is_replaced_by_the_file),
		cmocka_unit_test(a_missing_call_is_replaced_by_the_file),
	};
	return cmocka_run_group_tests_name("procmem", tests, NULL, NULL);
}
