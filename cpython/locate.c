/* Finds CPython in a process: see locate.h.
 *
 * `_PyRuntime` has a section of its own, so it is found in stripped files too.
 * Where the file cannot be had (deleted, of another user), or has lost its
 * section headers, the published offsets are looked for in the mapped memory:
 * they begin with a cookie, and agree with themselves. */
#include "cpython/locate.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool is_named_python(const struct process *process, const struct object *object)
{
	return strstr(object_name(object), "python") ||
	       (process->executable && !strcmp(process->executable, object->path));
}

static bool is_any(const struct process *process, const struct object *object)
{
	(void)process;
	for (size_t i = 0; i < object->count; i++)
		if (object->mappings[i].executable)
			return true;
	return false;
}

/* ---- the runtime ---- */

/* What was found of a CPython, also where it is one that is not supported. */
struct candidate {
	struct object *object;
	remote_addr runtime;
	uint64_t size;    /* 0: not known */
	uint32_t version; /* 0: older than 3.11, or without symbols */
};

static uint32_t published_version(const struct process *process, remote_addr runtime)
{
	uint64_t words[2];

	if (!mem_read(process->mem, runtime, words, sizeof(words)) ||
			words[0] != DEBUG_OFFSETS_COOKIE || words[1] > UINT32_MAX)
		return 0;
	return (uint32_t)words[1];
}

/* Up to 3.12 there is only a constant, exported from 3.11 on. */
static uint32_t exported_version(const struct process *process, struct object *object)
{
	remote_addr at;
	uint64_t version;

	if (!object_symbol(object, "Py_Version", &at) ||
			!mem_read_u64(process->mem, at, &version) || version > UINT32_MAX)
		return 0;
	return (uint32_t)version;
}

static bool find_by_name(
		const struct process *process, struct object *object, struct candidate *found)
{
	*found = (struct candidate){ .object = object };
	if (!object_open(process, object) ||
			(!object_section(object, ".PyRuntime", &found->runtime, &found->size) &&
					!object_symbol(object, "_PyRuntime", &found->runtime))) {
		object_close(object); /* there may be thousands */
		return false;
	}
	found->version = published_version(process, found->runtime);
	if (!found->version)
		found->version = exported_version(process, object);
	return true;
}

static bool find_by_cookie(
		const struct process *process, struct object *object, struct candidate *found)
{
	remote_addr at = 0;

	*found = (struct candidate){ .object = object };
	for (; object_find_word(process, object, DEBUG_OFFSETS_COOKIE, &at); at += sizeof(at)) {
		uint32_t version = published_version(process, at);
		if (version >> 24 != 3)
			continue;
		found->runtime = at;
		found->version = version;
		return true;
	}
	return false;
}

static bool is_initialized(const struct process *process, const struct candidate *candidate,
		const struct layout *layout)
{
	remote_addr interpreter;

	return mem_read_u64(process->mem, candidate->runtime + layout->runtime.interpreters_head,
			       &interpreter) &&
	       interpreter;
}

static const char *preview_of(uint32_t version)
{
	return (version >> 4 & 15) < 0xc ? " (a preview)" : "";
}

static struct error *unsupported(const struct process *process, const struct candidate *found)
{
	if (!found->version)
		return error_create(ERROR_UNSUPPORTED, 0,
				"cannot inspect process %d: it runs a CPython that does not say "
				"its "
				"version (%s): one older than 3.11, or 3.11 or 3.12 without any "
				"symbols; asynctree reads %s",
				(int)process->pid, object_name(found->object),
				layout_supported_versions());
	return error_create(ERROR_UNSUPPORTED, 0,
			"cannot inspect process %d: it runs CPython %u.%u.%u%s, and asynctree "
			"reads "
			"%s",
			(int)process->pid, found->version >> 24, found->version >> 16 & 255,
			found->version >> 8 & 255, preview_of(found->version),
			layout_supported_versions());
}

/* A later version that is not laid out as the newest that is known. */
static struct error *unknown_later(const struct process *process, uint32_t version)
{
	return error_create(ERROR_UNSUPPORTED, 0,
			"cannot inspect process %d: it runs CPython %u.%u.%u%s, which is not laid "
			"out "
			"as 3.%u is; asynctree reads %s: try a newer asynctree",
			(int)process->pid, version >> 24, version >> 16 & 255, version >> 8 & 255,
			preview_of(version), layout_read_as(version), layout_supported_versions());
}

static struct error *decode(const struct process *process, const struct candidate *found,
		const uint64_t *words, struct layout *layout)
{
	struct error *error = layout_decode(words, found->size, layout);

	if (!error || !layout_read_as(found->version))
		return error;
	error_free(error);
	return unknown_later(process, found->version);
}

static struct error *take_layout(
		const struct process *process, const struct candidate *found, struct layout *layout)
{
	uint64_t words[DEBUG_OFFSETS_WORDS];
	size_t count = layout_words(found->version);

	if (!layout_is_supported(found->version) ||
			(count && !published_version(process, found->runtime)))
		return unsupported(process, found);
	if (!count)
		return layout_take(found->version, found->size, layout);
	if (!mem_read(process->mem, found->runtime, words, count * sizeof(*words)))
		return error_create(ERROR_UNREADABLE, 0,
				"cannot inspect process %d: the state of its CPython cannot be "
				"read",
				(int)process->pid);
	return decode(process, found, words, layout);
}

/* Without offsets that agree with themselves the row of a version is only taken, and the
 * newest row for a later version, if the interpreter, its newest thread and its modules
 * are where it says. */
static bool is_coherent(struct procmem *mem, remote_addr runtime, const struct layout *layout)
{
	static const char wanted[] = "dict";
	remote_addr interpreter, thread, owner, modules, type, name_at;
	char name[sizeof(wanted)];

	return mem_read_u64(mem, runtime + layout->runtime.interpreters_head, &interpreter) &&
	       mem_read_u64(mem, interpreter + layout->interpreter.threads_head, &thread) &&
	       mem_read_u64(mem, thread + layout->thread.interp, &owner) && owner == interpreter &&
	       mem_read_u64(mem, interpreter + layout->interpreter.modules, &modules) &&
	       mem_read_u64(mem, modules + layout->object.type, &type) &&
	       mem_read_u64(mem, type + layout->type.name, &name_at) &&
	       mem_read_cstring(mem, name_at, name, sizeof(name)) && !strcmp(name, wanted);
}

/* A thread may end, or an interpreter begin, while it is looked at. */
static bool is_ever_coherent(struct procmem *mem, remote_addr runtime, const struct layout *layout)
{
	enum { LOOKS = 100 };
	bool coherent = false;

	for (int i = 0; i < LOOKS && !coherent; i++) {
		coherent = is_coherent(mem, runtime, layout);
		mem_forget_all(mem);
	}
	return coherent;
}

static bool proves_itself(uint32_t version)
{
	return layout_words(version) && !layout_read_as(version);
}

static struct error *incoherent(const struct process *process, uint32_t version)
{
	if (layout_read_as(version))
		return unknown_later(process, version);
	return error_create(ERROR_UNREADABLE, 0,
			"cannot inspect process %d: its CPython %u.%u is not laid out as that "
			"version is: it is damaged, or a build that asynctree does not know",
			(int)process->pid, version >> 24, version >> 16 & 255);
}

static struct error *take_candidate(const struct process *process, const struct candidate *found,
		struct location *location)
{
	struct error *error = take_layout(process, found, &location->layout);

	if (error)
		return error;
	if (!is_initialized(process, found, &location->layout))
		return error_create(ERROR_UNREADABLE, 0,
				"cannot inspect process %d: its CPython has not started yet, or "
				"has "
				"ended",
				(int)process->pid);
	if (!proves_itself(found->version) &&
			!is_ever_coherent(process->mem, found->runtime, &location->layout))
		return incoherent(process, found->version);
	location->runtime = found->runtime;
	location->image_start = found->object->mappings[0].start;
	location->image_end = found->object->mappings[found->object->count - 1].end;
	return NULL;
}

typedef bool finder(const struct process *, struct object *, struct candidate *);
typedef bool filter(const struct process *, const struct object *);

/* Tries the objects that `wanted` lets pass.  True where the search is over:
 * a CPython was found, or `*error` says why it cannot be read. */
static bool try_objects(const struct process *process, struct objects *objects, filter *wanted,
		finder *find, struct location *location, struct error **error)
{
	for (size_t i = 0; i < objects->count; i++) {
		struct candidate found;
		if (!wanted(process, &objects->items[i]) ||
				!find(process, &objects->items[i], &found))
			continue;
		error_free(*error);
		*error = take_candidate(process, &found, location);
		if (!*error)
			return true;
	}
	return false;
}

/* The version in the name of a file, as layout_is_supported() takes it; 0 for none. */
static uint32_t named_version(const struct process *process, const struct object *object)
{
	enum { FINAL = 0xf0 };
	const char *at = strstr(object_name(object), "python");
	unsigned major_version, minor_version;

	/* NOLINTNEXTLINE(cert-err34-c): three digits cannot be too many */
	if (!at || sscanf(at, "python%3u.%3u", &major_version, &minor_version) != 2 ||
			!is_any(process, object))
		return 0;
	return major_version << 24 | minor_version << 16 | FINAL;
}

static struct error *cannot_open(const struct process *process, const struct object *object)
{
	return error_create(ERROR_UNREADABLE, object->why_not,
			"cannot inspect process %d: cannot open its %s: %s%s", (int)process->pid,
			object->path, strerror(object->why_not),
			object->why_not == ENOENT
					? "; it was replaced since it started: run asynctree with "
					  "CAP_CHECKPOINT_RESTORE (sudo)"
					: "");
}

/* Why no CPython was found.  A Python 2, or one before 3.7, has no _PyRuntime. */
static struct error *not_python(const struct process *process, const struct objects *objects)
{
	for (size_t i = 0; i < objects->count; i++) {
		const struct object *object = &objects->items[i];
		uint32_t version = named_version(process, object);
		if (object->why_not == EMFILE || object->why_not == ENFILE ||
				(object->why_not && layout_is_supported(version)))
			return cannot_open(process, object);
		if (version && (!layout_is_supported(version) || layout_read_as(version)))
			return error_create(ERROR_UNSUPPORTED, 0,
					"cannot inspect process %d: it runs Python %u.%u (%s), and "
					"asynctree reads CPython %s",
					(int)process->pid, version >> 24, version >> 16 & 255,
					object_name(object), layout_supported_versions());
	}
	return error_create(ERROR_NOT_PYTHON, 0,
			"cannot inspect process %d: found no CPython in it (%s); give the pid of "
			"the "
			"Python process itself, not of a shell or launcher around it",
			(int)process->pid,
			process->executable ? process->executable : "its executable is unknown");
}

/* ---- _AsyncioDebug ---- */

static bool take_asyncio(const struct process *process, remote_addr at, struct layout *layout)
{
	uint64_t words[ASYNCIO_DEBUG_WORDS];

	return mem_read(process->mem, at, words, sizeof(words)) &&
	       layout_decode_asyncio(words, layout);
}

static bool find_asyncio_by_name(
		const struct process *process, struct object *object, struct layout *layout)
{
	remote_addr at;
	uint64_t size;

	return object_open(process, object) &&
	       object_section(object, ".AsyncioDebug", &at, &size) &&
	       take_asyncio(process, at, layout);
}

/* It has no cookie, but the eighth word is the size of an interpreter. */
static bool find_asyncio_by_value(
		const struct process *process, struct object *object, struct layout *layout)
{
	enum { WORDS_BEFORE = 7 };
	remote_addr at = 0;

	for (; object_find_word(process, object, layout->interpreter.size, &at); at += sizeof(at))
		if (at > WORDS_BEFORE * sizeof(at) &&
				take_asyncio(process, at - WORDS_BEFORE * sizeof(at), layout))
			return true;
	return false;
}

static bool is_named_asyncio(const struct object *object, const struct location *location)
{
	(void)location;
	return !strncmp(object_name(object), "_asyncio", 8);
}

static bool has_runtime(const struct object *object, const struct location *location)
{
	return object->mappings[0].start == location->image_start;
}

/* It is a module of its own, or linked into CPython, whatever that file is called. */
static void find_asyncio(
		const struct process *process, struct objects *objects, struct location *location)
{
	static const struct {
		bool (*wanted)(const struct object *, const struct location *);
		bool (*find)(const struct process *, struct object *, struct layout *);
	} ways[] = {
		{ is_named_asyncio, find_asyncio_by_name },
		{ has_runtime, find_asyncio_by_name },
		{ is_named_asyncio, find_asyncio_by_value },
		{ has_runtime, find_asyncio_by_value },
	};

	for (size_t way = 0; way < sizeof(ways) / sizeof(*ways); way++)
		for (size_t i = 0; i < objects->count; i++)
			if (ways[way].wanted(&objects->items[i], location) &&
					ways[way].find(process, &objects->items[i],
							&location->layout))
				return;
}

static bool has_asyncio(struct objects *objects, const struct location *location)
{
	remote_addr at;
	uint64_t size;

	for (size_t i = 0; i < objects->count; i++)
		if (is_named_asyncio(&objects->items[i], location) ||
				(has_runtime(&objects->items[i], location) &&
						object_section(&objects->items[i], ".AsyncioDebug",
								&at, &size)))
			return true;
	return false;
}

/* A later version may have the newest row's layout, and another of its tasks. */
static struct error *check_asyncio(const struct process *process, struct objects *objects,
		const struct location *location)
{
	const struct layout *layout = &location->layout;

	return layout_read_as(layout->version) && !layout->task.size &&
					       has_asyncio(objects, location)
			       ? unknown_later(process, layout->version)
			       : NULL;
}

struct error *locate_python(
		const struct process *process, struct objects *objects, struct location *location)
{
	static const struct {
		filter *wanted;
		finder *find;
	} ways[] = {
		{ is_named_python, find_by_name },
		{ is_named_python, find_by_cookie },
		{ is_any, find_by_name }, /* a program that embeds it under any name */
		{ is_any, find_by_cookie },
	};
	struct error *error = NULL;

	*location = (struct location){ 0 };
	for (size_t i = 0; i < sizeof(ways) / sizeof(*ways); i++) {
		if (try_objects(process, objects, ways[i].wanted, ways[i].find, location, &error)) {
			find_asyncio(process, objects, location);
			return check_asyncio(process, objects, location);
		}
		if (error)
			return error;
	}
	return not_python(process, objects);
}
