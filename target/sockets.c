/* The addresses of sockets: see sockets.h. */
#include "target/sockets.h"

#include <arpa/inet.h>
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

/* ... and was not found before. */
static bool is_wanted(const struct sockets *sockets, uint64_t inode)
{
	const uint64_t *place = table_find(&sockets->places, inode);

	return place && !sockets->items[*place].found;
}

static struct socket_ends *take(struct sockets *sockets, uint64_t inode)
{
	struct socket_ends *ends = &sockets->items[*table_find(&sockets->places, inode)];

	ends->found = true;
	sockets->missing--;
	return ends;
}

/* ---- lines of a table ---- */

/* Words between spaces; the kernel's tables have no other. */
struct word {
	const char *text;
	size_t length;
};

static struct word next_word(const char **line)
{
	struct word word = { .text = *line + strspn(*line, " ") };

	word.length = strcspn(word.text, " ");
	*line = word.text + word.length;
	return word;
}

/* The word at that place, from 0, of what is left of the line. */
static struct word word_at(const char **line, int place)
{
	for (; place; place--)
		next_word(line);
	return next_word(line);
}

static bool number_of(struct word word, uint64_t *number)
{
	enum { DIGITS_MAX = 19 };

	*number = 0;
	for (size_t i = 0; i < word.length; i++) {
		if (word.text[i] < '0' || word.text[i] > '9')
			return false;
		*number = *number * 10 + (uint64_t)(word.text[i] - '0');
	}
	return word.length && word.length <= DIGITS_MAX;
}

/* A line begins with a number and a colon. */
static bool is_numbered(struct word word)
{
	return word.length > 1 && word.text[word.length - 1] == ':' &&
	       strspn(word.text, "0123456789abcdefABCDEF") == word.length - 1;
}

/* ---- addresses ---- */

static const char digits[] = "0123456789ABCDEF";

static uint32_t hexadecimal_of(const char *text, size_t count)
{
	uint32_t number = 0;

	for (size_t i = 0; i < count; i++)
		number = number << 4 | (uint32_t)(strchr(digits, text[i]) - digits);
	return number;
}

/* ADDRESS:PORT: `*length` is that of the address. */
static bool is_address(struct word word, size_t *length)
{
	*length = strspn(word.text, digits);
	return *length && *length <= IPV6_DIGITS && *length + 1 < word.length &&
	       word.text[*length] == ':' &&
	       strspn(word.text + *length + 1, digits) == word.length - *length - 1;
}

/* An address and a port, NULL where the socket has none there. */
static const char *address_text(struct word word, size_t length, struct arena *arena)
{
	uint32_t words[IPV6_DIGITS / WORD_DIGITS] = { 0 };
	uint32_t port = hexadecimal_of(word.text + length + 1, word.length - length - 1);
	uint32_t any = port;
	char text[INET6_ADDRSTRLEN];

	if (length != IPV4_DIGITS && length != IPV6_DIGITS)
		return NULL;
	for (size_t i = 0; i < length / WORD_DIGITS; i++) {
		words[i] = hexadecimal_of(word.text + i * WORD_DIGITS, WORD_DIGITS);
		any |= words[i];
	}
	if (!any || !inet_ntop(length == IPV4_DIGITS ? AF_INET : AF_INET6, words, text,
				    sizeof(text)))
		return NULL;
	return arena_printf(arena, length == IPV4_DIGITS ? "%s:%u" : "[%s]:%u", text, port);
}

/* sl, local_address, rem_address, five more, timeout, inode */
void sockets_parse_internet(struct sockets *sockets, char *text, struct arena *arena)
{
	for (char *line; (line = strsep(&text, "\n"));) {
		const char *at = line;
		struct word number = next_word(&at), local = next_word(&at), peer = next_word(&at);
		size_t local_length, peer_length;
		uint64_t inode;
		if (!number_of(word_at(&at, 6), &inode) || !is_wanted(sockets, inode) ||
				!is_numbered(number) || !is_address(local, &local_length) ||
				!is_address(peer, &peer_length))
			continue;
		struct socket_ends *ends = take(sockets, inode);
		ends->local = address_text(local, local_length, arena);
		ends->peer = address_text(peer, peer_length, arena);
	}
}

/* Num, RefCount, Protocol, Flags, Type, St, Inode, Path.  Of a connection the kernel
 * says the address of this end only, and the name only where it has one: as the
 * server's end does. */
void sockets_parse_unix(struct sockets *sockets, char *text, struct arena *arena)
{
	for (char *line; (line = strsep(&text, "\n"));) {
		const char *at = line;
		struct word number = next_word(&at);
		uint64_t inode;
		if (!number_of(word_at(&at, 5), &inode) || !is_wanted(sockets, inode) ||
				!is_numbered(number))
			continue;
		struct socket_ends *ends = take(sockets, inode);
		if (at[0] == ' ' && at[1])
			ends->local = arena_string(arena, at + 1, strlen(at + 1));
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
		if (procfile_read_list(pid, tables[i].file, TABLE_BYTES_MAX, &text))
			continue;
		tables[i].parse(sockets, text, arena);
		free(text);
	}
}
