/* What descriptors lead to, by the kernel's tables; and the children of a process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "target/children.h"
#include "target/command.h"
#include "target/descriptors.h"
#include "target/sockets.h"

static struct sockets sockets;
static struct arena arena;

static int set_up(void **state)
{
	(void)state;
	sockets = (struct sockets){ 0 };
	arena_init(&arena);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	sockets_deinit(&sockets);
	arena_deinit(&arena);
	return 0;
}

static void want(uint64_t first, uint64_t last)
{
	for (uint64_t inode = first; inode <= last; inode++)
		sockets_want(&sockets, inode);
}

static void parse(void (*parser)(struct sockets *, char *, struct arena *), const char *text)
{
	char *copy = alloc_string(text);

	parser(&sockets, copy, &arena);
	free(copy);
}

static void check(uint64_t inode, const char *local, const char *peer)
{
	const struct socket_ends *ends = sockets_find(&sockets, inode);

	assert_non_null(ends);
	if (local)
		assert_string_equal(ends->local, local);
	else
		assert_null(ends->local);
	if (peer)
		assert_string_equal(ends->peer, peer);
	else
		assert_null(ends->peer);
}

#define INTERNET_HEADER                                                                            \
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   "           \
	"uid  timeout inode\n"
#define REST " 01 00000000:00000000 00:00000000 00000000  1000        0 "

/* As a machine that is little-endian prints them. */
static void internet_addresses(void **state)
{
	(void)state;
	want(1, 9);
	parse(sockets_parse_internet, INTERNET_HEADER
			"   0: 0500000A:C001 0100007F:1538" REST "1 1 ffff8880 20 4 30 10 -1\n"
			"   1: 00000000:0050 00000000:0000" REST "2 1 ffff8880\n"
			" 100: 00000000:0000 00000000:0000" REST "3 1 ffff8880\n"
			"4294967295: 0100007F:FFFF FFFFFFFF:0001" REST "4 1\n");
	check(1, "10.0.0.5:49153", "127.0.0.1:5432");
	check(2, "0.0.0.0:80", NULL);
	check(3, NULL, NULL);
	check(4, "127.0.0.1:65535", "255.255.255.255:1");
	assert_null(sockets_find(&sockets, 5));
	assert_null(sockets_find(&sockets, 100));
	assert_int_equal(sockets.missing, 5);
}

static void internet_6_addresses(void **state)
{
	(void)state;
	want(1, 3);
	parse(sockets_parse_internet, INTERNET_HEADER
			"   0: 00000000000000000000000001000000:0050 "
			"B80D0120000000000000000005000000:C001" REST "1 1 ffff8880\n"
			"   1: 00000000000000000000000000000000:01BB "
			"00000000000000000000000000000000:0000" REST "2 1\n"
			"   2: 0000000000000000FFFF00000500000A:0001 "
			"0000000000000000FFFF00000100007F:0002" REST "3 1\n");
	check(1, "[::1]:80", "[2001:db8::5]:49153");
	check(2, "[::]:443", NULL);
	check(3, "[::ffff:10.0.0.5]:1", "[::ffff:127.0.0.1]:2");
	assert_int_equal(sockets.missing, 0);
}

#define UNIX_HEADER "Num       RefCount Protocol Flags    Type St Inode Path\n"
#define UNIX "00000000deadbeef: 00000002 00000000 00010000 0001 01 "

static void unix_paths(void **state)
{
	(void)state;
	want(1, 6);
	parse(sockets_parse_unix, UNIX_HEADER UNIX "    1 /run/a b \\012 \n" UNIX "    2\n" UNIX
						   "    3 @abstract\n" UNIX "    4 \n" UNIX
						   "    5  leading space\n"
						   "0: 0 0 0 0 0 6 \xff\xfe\x1b[31m\n");
	check(1, "/run/a b \\012 ", NULL);
	check(2, NULL, NULL);
	check(3, "@abstract", NULL);
	check(4, NULL, NULL);
	check(5, " leading space", NULL);
	check(6, "\xff\xfe\x1b[31m", NULL);
}

/* The first that names it counts. */
static void a_socket_is_found_once(void **state)
{
	(void)state;
	want(1, 1);
	want(1, 1);
	assert_int_equal(sockets.missing, 1);
	parse(sockets_parse_unix, UNIX "1 /a\n" UNIX "1 /b\n");
	check(1, "/a", NULL);
	parse(sockets_parse_internet, "0: 0500000A:C001 0100007F:1538" REST "1 1\n");
	check(1, "/a", NULL);
	assert_int_equal(sockets.missing, 0);
}

static void what_is_no_line_is_left_out(void **state)
{
	static const char *const texts[] = {
		"",
		"\n\n",
		INTERNET_HEADER,
		UNIX_HEADER,
		"0:",
		"0: :",
		"0: 0500000A",
		"0: 0500000A:C001 0100007F:1538" REST,
		"0: 0500000A:C001 0100007F:1538 01 0:0",
		"0: 0500000A:C001 0100007F:1538" REST "x",
		"x: 0500000A:C001 0100007F:1538" REST "1",
		"0: 0500000a:C001 0100007F:1538" REST "1",
		"0: :C001 0100007F:1538" REST "1",
		"0: 00000000000000000000000000000000000000000000:C001 0100007F:1538" REST "1",
		UNIX,
		UNIX "x",
		"0: 0 0 0 0 0",
		"0 0 0 0 0 0 1 /x",
		"\x80\xff",
		UNIX "99999999999999999999999999999999999 /x",
	};

	(void)state;
	want(1, 1);
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		parse(sockets_parse_internet, texts[i]);
		parse(sockets_parse_unix, texts[i]);
	}
	assert_int_equal(sockets.missing, 1);
	/* Of an address that is of no family there is no text. */
	parse(sockets_parse_internet, "0: 0500:C001 0100007F000000:1538" REST "1\n");
	check(1, NULL, NULL);
}

static uint64_t next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

/* Any process may name a Unix socket as it likes. */
static void any_text(void **state)
{
	static const char table[] = INTERNET_HEADER
			"   0: 0500000A:C001 0100007F:1538" REST "1 1 ffff8880 20 4 30 10 -1\n"
			"   0: 00000000000000000000000001000000:0050 "
			"B80D0120000000000000000005000000:C001" REST
			"2 1 ffff8880\n" UNIX_HEADER UNIX "3 /run/a b\n" UNIX "4 @abstract\n";
	static const char bytes[] = "\n :0A9fx%-@\xff";
	char text[sizeof(table)];
	uint64_t seed = 88172645463325252;
	size_t found = 0;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		set_up(NULL);
		want(0, 20);
		for (int parser = 0; parser < 2; parser++) {
			memcpy(text, table, sizeof(table));
			for (uint64_t n = next_random(&seed) % 8; n; n--)
				text[next_random(&seed) % (sizeof(text) - 1)] =
						bytes[next_random(&seed) % sizeof(bytes)];
			(parser ? sockets_parse_unix : sockets_parse_internet)(
					&sockets, text, &arena);
		}
		assert_true(sockets.missing <= sockets.count);
		found += sockets.count - sockets.missing;
		tear_down(NULL);
	}
	assert_in_range(found, 20000, 80000);
}

static void links_of_sockets(void **state)
{
	(void)state;
	assert_int_equal(socket_inode("socket:[4026]"), 4026);
	assert_int_equal(socket_inode("socket:[18446744073709551615]"), UINT64_MAX);
	assert_int_equal(socket_inode("socket:[4026"), 0);
	assert_int_equal(socket_inode("socket:[4026] "), 0);
	assert_int_equal(socket_inode("socket:[]"), 0);
	assert_int_equal(socket_inode("pipe:[4026]"), 0);
	assert_int_equal(socket_inode("/tmp/socket:[4026]"), 0);
	assert_int_equal(socket_inode(""), 0);
}

/* ---- this process ---- */

static const char *internet_text(const struct sockaddr_in *address, char text[32])
{
	snprintf(text, 32, "%s:%d", inet_ntoa(address->sin_addr), ntohs(address->sin_port));
	return text;
}

static int listening(int family, const void *address, socklen_t size)
{
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, address, size), 0);
	assert_int_equal(listen(fd, 5), 0);
	return fd;
}

static void our_own_descriptors(void **state)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } },
			   mine;
	struct sockaddr_un named = { .sun_family = AF_UNIX };
	socklen_t size = sizeof(address);
	char text[64], local[32], peer[32];
	struct descriptors found = { 0 };
	int ends[2];

	(void)state;
	int server = listening(AF_INET, &address, sizeof(address));
	assert_int_equal(getsockname(server, (struct sockaddr *)&address, &size), 0);
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(getsockname(client, (struct sockaddr *)&mine, &size), 0);
	snprintf(named.sun_path + 1, sizeof(named.sun_path) - 1, "asynctree unit %d", getpid());
	int unix_server = listening(AF_UNIX, &named,
			(socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
					strlen(named.sun_path + 1)));
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	/* Far above the descriptors that reading takes for a while. */
	int closed = fcntl(ends[0], F_DUPFD_CLOEXEC, 500);
	close(closed);

	for (int i = 0; i < 2; i++) {
		descriptors_want(&found, server);
		descriptors_want(&found, client);
		descriptors_want(&found, unix_server);
		descriptors_want(&found, ends[0]);
		descriptors_want(&found, closed);
		descriptors_want(&found, INT64_MAX);
	}
	assert_int_equal(found.count, 6);
	descriptors_read(&found, getpid(), &arena);
	const struct descriptor *at = descriptors_find(&found, client);
	assert_string_equal(at->local, internet_text(&mine, local));
	assert_string_equal(at->peer, internet_text(&address, peer));
	at = descriptors_find(&found, server);
	assert_string_equal(at->local, internet_text(&address, local));
	assert_null(at->peer);
	snprintf(text, sizeof(text), "@%s", named.sun_path + 1);
	assert_string_equal(descriptors_find(&found, unix_server)->local, text);
	struct stat status;
	assert_int_equal(fstat(ends[0], &status), 0);
	snprintf(text, sizeof(text), "pipe:[%lu]", (unsigned long)status.st_ino);
	assert_string_equal(descriptors_find(&found, ends[0])->local, text);
	assert_null(descriptors_find(&found, closed)->local);
	assert_null(descriptors_find(&found, INT64_MAX)->local);
	assert_null(descriptors_find(&found, 12345));
	descriptors_deinit(&found);
	assert_int_equal(found.count, 0);
	for (size_t i = 0; i < 5; i++)
		close((int[]){ server, client, unix_server, ends[0], ends[1] }[i]);
}

/* ---- children ---- */

static void numbers_of_namespaces(void **state)
{
	pid_t pids[PID_NAMESPACES_MAX] = { 0 };
	char many[1024] = "x\nNSpid:";

	(void)state;
	assert_int_equal(ns_pids_parse("Name:\tx\nNSpid:\t4026\nNSpgid:\t7\n", pids), 1);
	assert_int_equal(pids[0], 4026);
	assert_int_equal(ns_pids_parse("Name:\tx\nNSpid:\t4026\t12\t1\nNSpgid:\t7\n", pids), 3);
	assert_int_equal(pids[1], 12);
	assert_int_equal(pids[2], 1);
	assert_int_equal(ns_pids_parse("Name:\tx\nNSpid:\t\nNSpgid:\t7\n", pids), 0);
	assert_int_equal(ns_pids_parse("Name:\tx\nNSpid:\tx\n", pids), 0);
	assert_int_equal(ns_pids_parse("NSpid:\t1\n", pids), 0);
	assert_int_equal(ns_pids_parse("", pids), 0);
	for (int i = 0; i < 100; i++)
		strcat(many, "\t5");
	assert_int_equal(ns_pids_parse(many, pids), PID_NAMESPACES_MAX);
}

static pid_t start(const char *const argv[])
{
	pid_t pid = fork();

	if (!pid) {
		execvp(argv[0], (char *const *)(uintptr_t)argv);
		_exit(127);
	}
	return pid;
}

static const char **command_of(const struct process *process, pid_t pid)
{
	struct children children;

	children_init(&children, process);
	assert_int_equal(children_find(&children, pid), pid);
	const char **found = children_command(&children, pid, &arena);
	/* It is read once. */
	assert_ptr_equal(children_command(&children, pid, &arena), found);
	children_deinit(&children);
	return found;
}

static void our_own_child(void **state)
{
	static const char *const argv[] = { "sleep", "1000", NULL };
	struct process process = { .pid = getpid(), .living = getpid() };
	const char **found;
	siginfo_t info;

	(void)state;
	pid_t pid = start(argv);
	/* Until it has become the other program. */
	while (!(found = command_of(&process, pid)) || strcmp(found[0], "sleep") != 0)
		usleep(1000);
	assert_string_equal(found[1], "1000");
	assert_null(found[2]);
	/* Nobody's but ours. */
	assert_null(command_of(&process, getpid()));
	assert_null(command_of(&process, getppid()));
	kill(pid, SIGKILL);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_null(command_of(&process, pid));
	waitpid(pid, NULL, 0);
	assert_null(command_of(&process, pid));
}

static void what_is_no_child(void **state)
{
	struct process process = { .pid = getpid(), .living = getpid() };
	struct children children;

	(void)state;
	children_init(&children, &process);
	assert_int_equal(children_find(&children, 0), 0);
	assert_int_equal(children_find(&children, -1), 0);
	assert_int_equal(children_find(&children, INT64_MAX), 0);
	children_deinit(&children);
}

static void a_command_is_cut(void **state)
{
	size_t length = 0;

	(void)state;
	char **whole = command_read(getpid(), 1 << 20, &arena, &length);
	assert_non_null(strstr(whole[0], "test_sockets"));
	assert_true(length > strlen(whole[0]));
	char **part = command_read(getpid(), 3, &arena, &length);
	assert_int_equal(length, 3);
	assert_int_equal(strlen(part[0]), 3);
	assert_null(part[1]);
	assert_null(command_read(0x7fffffff, 100, &arena, NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(internet_addresses, set_up, tear_down),
		cmocka_unit_test_setup_teardown(internet_6_addresses, set_up, tear_down),
		cmocka_unit_test_setup_teardown(unix_paths, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_socket_is_found_once, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_no_line_is_left_out, set_up, tear_down),
		cmocka_unit_test(any_text),
		cmocka_unit_test(links_of_sockets),
		cmocka_unit_test_setup_teardown(our_own_descriptors, set_up, tear_down),
		cmocka_unit_test(numbers_of_namespaces),
		cmocka_unit_test_setup_teardown(our_own_child, set_up, tear_down),
		cmocka_unit_test(what_is_no_child),
		cmocka_unit_test_setup_teardown(a_command_is_cut, set_up, tear_down),
	};
	return cmocka_run_group_tests_name("sockets", tests, NULL, NULL);
}
