/* The addresses of sockets: see sockets.h. */
#include "target/sockets.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "target/procfile.h"

enum {
	/* A line has 150 bytes in most tables. */
	TABLE_BYTES_MAX = 256 * 1024 * 1024,
	/* In hexadecimal digits: as words of 32 bits, each in the order of the machine. */
	WORD_DIGITS = 8,
	IPV4_DIGITS = WORD_DIGITS,
	IPV6_DIGITS = 4 * WORD_DIGITS,
};

void sockets_deinit(struct sockets *sockets)
{
	table_deinit(&sockets->places);
	array_free(sockets);
}

void sockets_want(struct sockets *sockets, uint64_t inode)
{
	bool added;
	uint64_t *place = table_add(&sockets->places, inode, &added);

	if (!added)
		return;
	*place = sockets->count;
	*array_push(sockets) = (struct socket_ends){ 0 };
	sockets->missing++;
}

const struct socket_ends *sockets_find(const struct sockets *sockets, uint64_t inode)
{
	const uint64_t *place = table_find(&sockets->places, inode);

	return place && sockets->items[*place].found ? &sockets->items[*place] : NULL;
}

/* The one with that inode, where it is wanted and was not found before. */
static struct socket_ends *take(struct sockets *sockets, uint64_t inode)
{
	const uint64_t *place = table_find(&sockets->places, inode);

	if (!place || sockets->items[*place].found)
		return NULL;
	sockets->items[*place].found = true;
	sockets->missing--;
	return &sockets->items[*place];
}

/* An address and a port, NULL where the socket has none there. */
static const char *address_text(const char *digits, unsigned port, struct arena *arena)
{
	uint32_t words[IPV6_DIGITS / WORD_DIGITS] = { 0 };
	char word[WORD_DIGITS + 1] = { 0 }, text[INET6_ADDRSTRLEN];
	size_t length = strlen(digits);
	uint32_t any = port;

	if (length != IPV4_DIGITS && length != IPV6_DIGITS)
		return NULL;
	for (size_t i = 0; i < length / WORD_DIGITS; i++) {
		memcpy(word, digits + i * WORD_DIGITS, WORD_DIGITS);
		words[i] = (uint32_t)strtoul(word, NULL, 16);
		any |= words[i];
	}
	if (!any || !inet_ntop(length == IPV4_DIGITS ? AF_INET : AF_INET6, words, text, sizeof(text)))
		return NULL;
	return arena_printf(arena, length == IPV4_DIGITS ? "%s:%u" : "[%s]:%u", text, port);
}

void sockets_parse_internet(struct sockets *sockets, char *text, struct arena *arena)
{
	for (char *line; (line = strsep(&text, "\n"));) {
		char local[IPV6_DIGITS + 1], peer[IPV6_DIGITS + 1];
		unsigned local_port, peer_port;
		uint64_t inode;
		/* NOLINTNEXTLINE(cert-err34-c): the kernel's numbers fit */
		if (sscanf(line,
				    "%*u: %32[0-9A-F]:%4x %32[0-9A-F]:%4x %*x %*x:%*x %*x:%*x "
				    "%*x %*u %*u %" SCNu64,
				    local, &local_port, peer, &peer_port, &inode) != 5)
			continue;
		struct socket_ends *ends = take(sockets, inode);
		if (ends) {
			ends->local = address_text(local, local_port, arena);
			ends->peer = address_text(peer, peer_port, arena);
		}
	}
}

/* Of a connection the kernel says the address of this end only, and the name only
 * where it has one: as the server's end does. */
void sockets_parse_unix(struct sockets *sockets, char *text, struct arena *arena)
{
	for (char *line; (line = strsep(&text, "\n"));) {
		uint64_t inode;
		int end = 0;
		/* NOLINTNEXTLINE(cert-err34-c): the kernel's numbers fit */
		if (sscanf(line, "%*x: %*x %*x %*x %*x %*x %" SCNu64 "%n", &inode, &end) != 1)
			continue;
		const char *path = line + end;
		struct socket_ends *ends = take(sockets, inode);
		if (ends && path[0] == ' ' && path[1])
			ends->local = arena_string(arena, path + 1, strlen(path + 1));
	}
}

void sockets_read(struct sockets *sockets, pid_t pid, struct arena *arena)
{
	static const struct {
		const char *file;
		void (*parse)(struct sockets *, char *, struct arena *);
	} tables[] = {
		{ "net/tcp", sockets_parse_internet },
		{ "net/unix", sockets_parse_unix },
		{ "net/tcp6", sockets_parse_internet },
		{ "net/udp", sockets_parse_internet },
		{ "net/udp6", sockets_parse_internet },
	};

	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables) && sockets->missing; i++) {
		char *text;
		if (procfile_read(pid, tables[i].file, TABLE_BYTES_MAX, &text, NULL))
			continue;
		tables[i].parse(sockets, text, arena);
		free(text);
	}
}
