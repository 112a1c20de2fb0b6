/* The lines of /proc/PID/maps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/alloc.h"
#include "target/maps.h"

static struct maps parse(const char *text)
{
	struct maps maps;

	maps_parse(alloc_string(text), &maps);
	return maps;
}

static void a_line_is_taken_apart(void **state)
{
	struct maps maps = parse("7f6a64000000-7f6a64021000 r-xp 0001f000 fd:01 1311768 "
				 "                   /usr/lib/libpython3.14.so.1.0\n");

	(void)state;
	assert_int_equal(maps.count, 1);
	const struct mapping *map = &maps.items[0];
	assert_int_equal(map->start, 0x7f6a64000000);
	assert_int_equal(map->end, 0x7f6a64021000);
	assert_true(map->readable && !map->writable && map->executable);
	assert_int_equal(map->offset, 0x1f000);
	assert_int_equal(map->device, makedev(0xfd, 1));
	assert_int_equal(map->inode, 1311768);
	assert_string_equal(map->path, "/usr/lib/libpython3.14.so.1.0");
	maps_deinit(&maps);
	assert_null(maps.items);
}

static void lines_without_a_file(void **state)
{
	struct maps maps = parse(
			"00400000-00401000 rw-p 00000000 00:00 0 \n"
			"7ffc0000-7ffc2000 rw-p 00000000 00:00 0          [stack]\n"
			"ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0  [vsyscall]\n"
			"1000-2000 ---s 00000000 00:00 0");

	(void)state;
	assert_int_equal(maps.count, 4);
	assert_string_equal(maps.items[0].path, "");
	assert_int_equal(maps.items[0].inode, 0);
	assert_string_equal(maps.items[1].path, "[stack]");
	assert_int_equal(maps.items[2].end, 0xffffffffff601000);
	assert_false(maps.items[2].readable);
	assert_string_equal(maps.items[3].path, "");
	maps_deinit(&maps);
}

/* A path may hold anything but a newline, which the kernel writes as \012. */
static void paths_hold_anything(void **state)
{
	struct maps maps = parse("1000-2000 r--p 00000000 08:01 5 /tmp/a b  c (deleted)\n"
				 "1000-2000 r--p 00000000 08:01 5 /tmp/x\\012y\\0123\\\n"
				 "1000-2000 r--p 00000000 08:01 5 /tmp/\\01\n"
				 "1000-2000 r--p 00000000 08:01 5 \xf0\x9f\x90\x8d/%s\n");

	(void)state;
	assert_int_equal(maps.count, 4);
	assert_string_equal(maps.items[0].path, "/tmp/a b  c (deleted)");
	assert_string_equal(maps.items[1].path, "/tmp/x\ny\n3\\");
	assert_string_equal(maps.items[2].path, "/tmp/\\01");
	assert_string_equal(maps.items[3].path, "\xf0\x9f\x90\x8d/%s");
	maps_deinit(&maps);
}

static void what_is_no_mapping_is_left_out(void **state)
{
	static const char *const texts[] = {
		"",
		"\n",
		"\n\n",
		"hello",
		"1000-2000",
		"1000-2000 r--p",
		"1000-2000 r--p 0 08:01",
		"2000-1000 r--p 00000000 08:01 5 /backwards\n",
		"1000-1000 r--p 00000000 08:01 5 /empty\n",
		"g000-2000 r--p 00000000 08:01 5 /x\n",
		"1000 2000 r--p 00000000 08:01 5 /x\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		struct maps maps = parse(texts[i]);
		assert_int_equal(maps.count, 0);
		maps_deinit(&maps);
	}
}

static void a_bad_line_costs_only_itself(void **state)
{
	struct maps maps = parse("1000-2000 r--p 00000000 08:01 5 /a\n"
				 "rubbish\n"
				 "3000-4000 rw-p 00000000 08:01 5 /b");

	(void)state;
	assert_int_equal(maps.count, 2);
	assert_string_equal(maps.items[1].path, "/b");
	maps_deinit(&maps);
}

static const struct mapping *find(const struct maps *maps, const void *address)
{
	for (size_t i = 0; i < maps->count; i++)
		if (maps->items[i].start <= (uintptr_t)address &&
				(uintptr_t)address < maps->items[i].end)
			return &maps->items[i];
	return NULL;
}

static void our_own_mappings(void **state)
{
	struct maps maps;
	struct stat status;
	static int written = 1;

	(void)state;
	/* An emulator has the right one opened, but asked about another. */
	int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	assert_int_equal(fstat(fd, &status), 0);
	close(fd);
	assert_int_equal(maps_read(getpid(), &maps), 0);
	const struct mapping *code = find(&maps, (const void *)(uintptr_t)our_own_mappings);
	assert_non_null(code);
	assert_true(code->executable && code->readable && !code->writable);
	assert_int_equal(code->inode, status.st_ino);
	assert_non_null(strstr(code->path, "test_maps"));
	assert_true(find(&maps, &written)->writable);
	assert_string_equal(find(&maps, &maps)->path, "[stack]");
	maps_deinit(&maps);
	assert_int_not_equal(maps_read(0x7fffffff, &maps), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_taken_apart),
		cmocka_unit_test(lines_without_a_file),
		cmocka_unit_test(paths_hold_anything),
		cmocka_unit_test(what_is_no_mapping_is_left_out),
		cmocka_unit_test(a_bad_line_costs_only_itself),
		cmocka_unit_test(our_own_mappings),
	};
	return cmocka_run_group_tests_name("maps", tests, NULL, NULL);
}
