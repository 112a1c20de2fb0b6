/* The descriptors behind asyncio's sockets and transports: see transports.h. */
#include "cpython/transports.h"

#include "cpython/objects.h"
#include "cpython/types.h"

enum { TLS_LAYERS_MAX = 8 }; /* TLS may be spoken inside TLS */

/* asyncio's own transports: where each has its descriptor, and what it sets to None
 * when it closes that. */
static const struct {
	enum class class;
	const char *fd, *file;
	bool is_pipe;
} rows[] = {
	{ CLASS_SELECTOR_TRANSPORT, "_sock_fd", "_sock", false },
	{ CLASS_READ_PIPE_TRANSPORT, "_fileno", "_pipe", true },
	{ CLASS_WRITE_PIPE_TRANSPORT, "_fileno", "_pipe", true },
};

int64_t attribute_number(struct python *python, remote_addr object, const char *name)
{
	remote_addr value;
	int64_t number;

	if (!attribute_find(python, object, name, &value) ||
			!integer_read(python, value, &number) || number < 0)
		return -1;
	return number;
}

static struct transport asyncio_transport(struct python *python, remote_addr object, size_t row)
{
	enum { FILE_OF, FD, COUNT };
	const char *const names[COUNT] = { rows[row].file, rows[row].fd };
	struct transport transport = { .fd = -1, .is_pipe = rows[row].is_pipe };
	remote_addr values[COUNT];
	int64_t fd;

	if (attributes_find(python, object, names, COUNT, values) == COUNT &&
			!is_none(python, values[FILE_OF]) &&
			integer_read(python, values[FD], &fd) && fd >= 0)
		transport.fd = fd;
	return transport;
}

/* What TLS is spoken over, 0 where that cannot be told. */
static remote_addr below_tls(
		struct python *python, struct asyncio_names *names, remote_addr transport)
{
	remote_addr protocol;

	return attribute_find(python, transport, "_ssl_protocol", &protocol) &&
					       is_instance(python, names, protocol,
							       CLASS_TLS_PROTOCOL) &&
					       attribute_find(python, protocol, "_transport",
							       &transport)
			       ? transport
			       : 0;
}

/* A handle of libuv, behind a transport of uvloop's: struct UVHandle of uvloop has it
 * first, and it leads back to that (uvloop/handles/handle.pyx).  Its layout is part of
 * the ABI of libuv 1 (uv.h, uv/unix.h: UV_HANDLE_FIELDS, UV_STREAM_FIELDS, uv__io_t). */
static struct transport uvloop_transport(
		struct python *python, struct asyncio_names *names, remote_addr object)
{
	enum { HANDLE = 8, DATA = 0, TYPE = 16, FD = 184, NAMED_PIPE = 7, TCP = 12 };
	struct transport transport = { .fd = -1 };
	remote_addr handle, back;
	int32_t type, fd;

	transport.is_pipe = is_instance(python, names, object, CLASS_UVLOOP_READ_PIPE) ||
			    is_instance(python, names, object, CLASS_UVLOOP_WRITE_PIPE);
	if ((!transport.is_pipe && !is_instance(python, names, object, CLASS_UVLOOP_TCP) &&
			    !is_instance(python, names, object, CLASS_UVLOOP_UNIX)) ||
			!mem_read_u64(python->mem, object + python->layout->object.size + HANDLE,
					&handle) ||
			!mem_read_u64(python->mem, handle + DATA, &back) || back != object ||
			!mem_read(python->mem, handle + TYPE, &type, sizeof(type)) ||
			(type != NAMED_PIPE && type != TCP) ||
			!mem_read(python->mem, handle + FD, &fd, sizeof(fd)))
		return transport;
	transport.fd = fd < 0 ? -1 : fd;
	return transport;
}

struct transport transport_read(
		struct python *python, struct asyncio_names *names, remote_addr object)
{
	for (int layer = 0; layer < TLS_LAYERS_MAX; layer++) {
		const struct type *type = type_of(python, object);
		if (!type)
			break;
		for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
			if (type_is_a(type, asyncio_class(python, names, rows[i].class)))
				return asyncio_transport(python, object, i);
		if (!type_is_a(type, asyncio_class(python, names, CLASS_TLS_TRANSPORT)))
			return uvloop_transport(python, names, object);
		object = below_tls(python, names, object);
	}
	return (struct transport){ .fd = -1 };
}

int64_t socket_fd(struct python *python, struct asyncio_names *names, remote_addr object)
{
	int32_t fd;

	if (is_instance(python, names, object, CLASS_TRANSPORT_SOCKET) &&
			!slot_find(python, object, "_sock", &object))
		return -1;
	if (!is_instance(python, names, object, CLASS_SOCKET) ||
			!mem_read(python->mem, object + python->layout->socket.fd, &fd, sizeof(fd)))
		return -1;
	return fd < 0 ? -1 : fd;
}
