/* The descriptors behind asyncio's sockets and transports. */
#ifndef CPYTHON_TRANSPORTS_H
#define CPYTHON_TRANSPORTS_H

#include "cpython/modules.h"

struct transport {
	int64_t fd;   /* -1 where it is closed, or cannot be told */
	bool is_pipe; /* of connect_read_pipe() or connect_write_pipe(), or a child's */
};

/* What a transport stands on: through TLS, to the one that has the descriptor. */
struct transport transport_read(
		struct python *python, struct asyncio_names *names, remote_addr object);

/* The descriptor of a socket, -1 where it is closed or not of Python's class. */
int64_t socket_fd(struct python *python, struct asyncio_names *names, remote_addr object);

/* The int in an attribute, -1 where it is none, or negative. */
int64_t attribute_number(struct python *python, remote_addr object, const char *name);

#endif
