/* Memory that changes, goes, or never answers, and files that are not what
 * they were.  Files are made in the working directory. */
#include "tests/hostile/evils.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { PAGE = 4096, TASKS = 200, REFUSED = 77 };

#define LOW_ADDRESS UINT64_C(0x10000000)

static const char file_name[] = "libpython3.14-hostile.so";

static _Noreturn void refused(const char *what)
{
	printf("refused: %s: %s\n", what, strerror(errno));
	exit(REFUSED);
}

static void start_thread(void *(*run)(void *), void *argument)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, argument))
		refused("pthread_create");
}

/* ---- memory that changes ---- */

/* Tasks, each in a page of its own. */
struct movable {
	address region;
	char *copy;
	struct world *world;
};

static struct movable *movable_tasks(struct world *w)
{
	struct movable *movable = calloc(1, sizeof(*movable));
	address tasks[TASKS];

	if (!movable)
		refused("calloc");
	movable->world = w;
	movable->region = pages(TASKS * PAGE);
	for (uint64_t i = 0; i < TASKS; i++) {
		tasks[i] = movable->region + i * PAGE;
		memcpy(word_at(tasks[i]), word_at(task(w, "moves")), w->layout.task.size);
	}
	link_tasks(w, w->task_list, TASKS, tasks);
	movable->copy = malloc(TASKS * PAGE);
	if (!movable->copy)
		refused("malloc");
	memcpy(movable->copy, word_at(movable->region), TASKS * PAGE);
	return movable;
}

static void *come_and_go(void *argument)
{
	struct movable *movable = argument;

	for (unsigned seed = 1;; seed = seed * 1103515245 + 12345) {
		uint64_t page = seed / 65536 % TASKS;
		void *at = word_at(movable->region + page * PAGE);
		munmap(at, PAGE);
		mmap(at, PAGE, PROT_READ | PROT_WRITE, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1,
				0);
		memcpy(at, movable->copy + page * PAGE, PAGE);
	}
	return NULL;
}

static void unmapped_while_read(struct world *w)
{
	start_thread(come_and_go, movable_tasks(w));
}

static void *scribble(void *argument)
{
	struct movable *movable = argument;
	uint64_t words = movable->world->layout.task.size / 8;

	for (uint64_t seed = 1;; seed = seed * 6364136223846793005 + 1442695040888963407) {
		uint64_t task = (seed >> 33) % TASKS, word = 1 + (seed >> 45) % (words - 1);
		volatile uint64_t *at = word_at(movable->region + task * PAGE) + word;
		uint64_t good = *at;
		*at = seed >> 7 & 1 ? seed
				    : *word_at(movable->region + (seed >> 20) % TASKS * PAGE +
						      word * 8);
		*at = good;
	}
	return NULL;
}

static void scribbled_while_read(struct world *w)
{
	start_thread(scribble, movable_tasks(w));
}

static void *map_and_unmap(void *argument)
{
	enum { AT_ONCE = 500 };
	void *maps[AT_ONCE];

	(void)argument;
	for (;;) {
		for (int i = 0; i < AT_ONCE; i++)
			maps[i] = mmap(NULL, PAGE * (1 + (size_t)i % 3),
					i % 2 ? PROT_READ : PROT_READ | PROT_WRITE,
					MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		for (int i = 0; i < AT_ONCE; i++)
			if (maps[i] != MAP_FAILED)
				munmap(maps[i], PAGE * (1 + (size_t)i % 3));
	}
	return NULL;
}

static void maps_that_change(struct world *w)
{
	movable_tasks(w);
	start_thread(map_and_unmap, NULL);
}

static void gone(struct world *w)
{
	struct movable *movable = movable_tasks(w);
	munmap(word_at(movable->region + PAGE), (TASKS - 2) * PAGE);
	mprotect(word_at(movable->region), PAGE, PROT_NONE);
}

/* ---- memory that never answers ---- */

static address silent_pages(uint64_t size)
{
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);
	if (fd < 0)
		refused("userfaultfd");
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register range = {
		.range = { pages(size), size },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	if (ioctl(fd, UFFDIO_API, &api) || ioctl(fd, UFFDIO_REGISTER, &range))
		refused("userfaultfd");
	return range.range.start;
}

static void silent_task(struct world *w)
{
	put(w->task_list + w->layout.llist.next, silent_pages(PAGE) + w->layout.task.node);
}

static void silent_name(struct world *w)
{
	address one = task(w, "silent");
	put(one + w->layout.task.name, silent_pages(PAGE) + 64);
	link_tasks(w, w->task_list, 1, &one);
}

static void silent_interpreter(struct world *w)
{
	put((uintptr_t)w->published + w->layout.runtime.interpreters_head,
			silent_pages(1024 * PAGE) + 64);
}

/* ---- files ---- */

static int make_file(const char *name, const void *data, size_t size, off_t whole)
{
	int fd = open(name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size || ftruncate(fd, whole))
		refused(name);
	return fd;
}

/* Maps it where it comes before everything else, as code would be. */
static void map_file(int fd, uint64_t at, uint64_t size, int protection)
{
	if (mmap(word_at(at), size, protection, MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, fd, 0) ==
			MAP_FAILED)
		refused("mmap of a file");
}

static void elf_file(Elf64_Ehdr *header, uint64_t sections_at, unsigned sections)
{
	*header = (Elf64_Ehdr){
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
				EV_CURRENT },
		.e_type = ET_DYN,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(*header),
		.e_shoff = sections_at,
		.e_ehsize = sizeof(*header),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 1,
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = (Elf64_Half)sections,
		.e_shstrndx = 1,
	};
}

struct evil_file {
	Elf64_Ehdr header;
	Elf64_Phdr segment;
	char gap[PAGE - sizeof(Elf64_Ehdr) - sizeof(Elf64_Phdr)];
	Elf64_Shdr sections[8];
};

#define FILE_SIZE (INT64_C(4) << 30)

/* All that it holds is as large as the file, which takes no room on a disk. */
static void begin_file(struct evil_file *file, unsigned sections)
{
	*file = (struct evil_file){ 0 };
	elf_file(&file->header, offsetof(struct evil_file, sections), sections);
	file->segment = (Elf64_Phdr){ .p_type = PT_LOAD,
		.p_flags = PF_R | PF_X,
		.p_filesz = PAGE,
		.p_memsz = PAGE,
		.p_align = PAGE };
	for (int i = 0; i < 8; i++)
		file->sections[i] = (Elf64_Shdr){
			.sh_name = UINT32_MAX - 5,
			.sh_type = i == 1  ? SHT_STRTAB
				   : i % 2 ? SHT_DYNSYM
					   : SHT_SYMTAB,
			.sh_flags = SHF_ALLOC,
			.sh_offset = PAGE,
			.sh_size = FILE_SIZE - 2 * PAGE,
			.sh_link = 1,
			.sh_entsize = sizeof(Elf64_Sym),
		};
}

static void use_file(const struct evil_file *file)
{
	int fd = make_file(file_name, file, sizeof(*file), FILE_SIZE);
	map_file(fd, LOW_ADDRESS, 4 * PAGE, PROT_READ | PROT_EXEC);
	map_file(fd, LOW_ADDRESS + 4 * PAGE, 4 * PAGE, PROT_READ | PROT_WRITE);
	close(fd);
}

static void file_of_giant_sections(struct world *w)
{
	struct evil_file file;

	(void)w;
	begin_file(&file, 8);
	use_file(&file);
}

/* How many sections there are stands in the first, where they are too many. */
static void file_of_countless_sections(struct world *w)
{
	struct evil_file file;

	(void)w;
	begin_file(&file, 0);
	file.sections[0].sh_size = (FILE_SIZE - 2 * PAGE) / (off_t)sizeof(Elf64_Shdr);
	file.header.e_shstrndx = SHN_XINDEX;
	use_file(&file);
}

static void file_of_many_sections(struct world *w)
{
	struct evil_file file;

	(void)w;
	begin_file(&file, 0xfeff);
	file.header.e_shoff = FILE_SIZE - (off_t)0xfeff * (off_t)sizeof(Elf64_Shdr);
	use_file(&file);
}

static void file_of_giant_names(struct world *w)
{
	struct evil_file file;

	(void)w;
	begin_file(&file, 4);
	file.sections[1].sh_name = 0;
	file.sections[2].sh_name = 1;
	file.sections[3].sh_name = FILE_SIZE - 3 * PAGE > UINT32_MAX ? UINT32_MAX : 7;
	use_file(&file);
}

static void file_of_garbage(struct world *w)
{
	struct evil_file file;
	uint64_t seed = 88172645463325252;

	(void)w;
	begin_file(&file, 8);
	for (size_t i = 0; i < sizeof(file.sections); i++) {
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		((char *)file.sections)[i] = (char)seed;
	}
	file.segment.p_vaddr = UINT64_MAX;
	file.segment.p_align = UINT64_MAX;
	use_file(&file);
}

static void file_that_was_cut(struct world *w)
{
	file_of_giant_sections(w);
	if (truncate(file_name, 100))
		refused("truncate");
}

static void file_that_became_a_fifo(struct world *w)
{
	file_of_giant_sections(w);
	if (unlink(file_name) || mkfifo(file_name, 0644))
		refused("mkfifo");
}

static void file_of_a_terabyte(struct world *w)
{
	(void)w;
	int fd = make_file(file_name, "", 0, INT64_C(1) << 40);
	for (uint64_t i = 0; i < 200; i++)
		map_file(fd, LOW_ADDRESS + (i << 33), UINT64_C(1) << 32,
				i % 2 ? PROT_READ | PROT_WRITE
				      : PROT_READ | PROT_WRITE | PROT_EXEC);
	close(fd);
}

/* A character device that has the name of Python. */
static void device(struct world *w)
{
	(void)w;
	if (mknod("python3.14", S_IFCHR | 0644, makedev(1, 5)))
		refused("mknod");
	int fd = open("python3.14", O_RDWR | O_CLOEXEC);
	if (fd < 0)
		refused("open of a device");
	map_file(fd, LOW_ADDRESS, UINT64_C(1) << 30, PROT_READ | PROT_WRITE | PROT_EXEC);
	close(fd);
}

static void many_mappings(struct world *w)
{
	(void)w;
	int fd = make_file(file_name, "", 0, INT64_C(64000) * PAGE);
	for (uint64_t i = 0; i < 60000; i++)
		if (mmap(word_at(LOW_ADDRESS + i * PAGE), PAGE,
				    i % 2 ? PROT_READ : PROT_READ | PROT_WRITE,
				    MAP_PRIVATE | MAP_FIXED, fd, (off_t)(i * PAGE)) == MAP_FAILED)
			break;
	close(fd);
}

/* The same, but each mapping is of another file than the one before it. */
static void many_files(struct world *w)
{
	int fds[2];

	(void)w;
	fds[0] = make_file(file_name, "", 0, INT64_C(64000) * PAGE);
	fds[1] = make_file("python3.14-other", "", 0, INT64_C(64000) * PAGE);
	for (uint64_t i = 0; i < 60000; i++)
		if (mmap(word_at(LOW_ADDRESS + i * PAGE), PAGE, PROT_READ | PROT_WRITE | PROT_EXEC,
				    MAP_PRIVATE | MAP_FIXED, fds[i % 2],
				    (off_t)(i * PAGE)) == MAP_FAILED)
			break;
}

/* Files whose symbols are as large as may be believed. */
static void files_of_many_symbols(struct world *w)
{
	struct evil_file file;
	char name[64];

	(void)w;
	begin_file(&file, 8);
	for (int i = 0; i < 8; i++)
		file.sections[i].sh_size = 60 << 20;
	for (uint64_t i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "libpython3.14-%d.so", (int)i);
		int fd = make_file(name, &file, sizeof(file), FILE_SIZE);
		map_file(fd, LOW_ADDRESS + i * 16 * PAGE, PAGE, PROT_READ | PROT_EXEC);
		close(fd);
	}
}

static void name_with_escapes(struct world *w)
{
	(void)w;
	prctl(PR_SET_NAME, "\x1b]0;x\x07) R 1\n");
	int fd = make_file("python3.14\x1b[31m\n\x9b", "", 0, PAGE);
	map_file(fd, LOW_ADDRESS, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC);
	close(fd);
}

const struct evil evil_memory[] = {
	{ "unmapped-while-read", unmapped_while_read },
	{ "scribbled-while-read", scribbled_while_read },
	{ "maps-that-change", maps_that_change },
	{ "gone", gone },
	{ "silent-task", silent_task },
	{ "silent-name", silent_name },
	{ "silent-interpreter", silent_interpreter },
	{ "file-of-giant-sections", file_of_giant_sections },
	{ "file-of-countless-sections", file_of_countless_sections },
	{ "file-of-many-sections", file_of_many_sections },
	{ "file-of-giant-names", file_of_giant_names },
	{ "file-of-garbage", file_of_garbage },
	{ "file-that-was-cut", file_that_was_cut },
	{ "file-that-became-a-fifo", file_that_became_a_fifo },
	{ "files-of-many-symbols", files_of_many_symbols },
	{ "file-of-a-terabyte", file_of_a_terabyte },
	{ "device", device },
	{ "many-mappings", many_mappings },
	{ "many-files", many_files },
	{ "name-with-escapes", name_with_escapes },
	{ 0 },
};
