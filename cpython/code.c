/* Code objects: see code.h.  Layout: Include/cpython/code.h. */
#include "cpython/code.h"

#include <string.h>

#include "cpython/objects.h"
#include "cpython/text.h"
#include "cpython/types.h"

enum {
	LINES_SIZE_MAX = 16 * 1024 * 1024,
	UNITS_MAX = 64 * 1024 * 1024,
	VARIABLES_MAX = 1 << 20,
	UNIT_SIZE = 2,        /* sizeof(_Py_CODEUNIT) */
	PART_SIZE = 256,      /* of most names and line tables */
	NAME_SIZE = 64,       /* of most variables' */
	FREE_VARIABLE = 0x80, /* CO_FAST_FREE */
	THREAD_COPIES_MAX = 1 << 20,
};

enum origin origin_of(const struct python *python, const char *file)
{
	if (strstr(file, "/site-packages/") || strstr(file, "/dist-packages/"))
		return ORIGIN_SITE;
	if (!strncmp(file, "<frozen ", strlen("<frozen ")))
		return ORIGIN_STDLIB;
	size_t length = python->stdlib ? strlen(python->stdlib) : 0;
	if (length && !strncmp(file, python->stdlib, length) && file[length] == '/')
		return ORIGIN_STDLIB;
	return ORIGIN_USER;
}

static bool read_lines(struct python *python, remote_addr object, struct code *code)
{
	const struct layout *layout = python->layout;
	const struct type *type = type_of(python, object);
	uint64_t size;

	if (!type || !(type->flags & TYPE_BYTES) ||
			!mem_read_u64(python->mem, object + layout->bytes.length, &size) ||
			size > LINES_SIZE_MAX || !python_work(python, size / 8 + 1))
		return false;
	uint8_t *lines = arena_alloc(&python->snapshot->arena, size, 1);
	code->lines = lines;
	code->lines_size = size;
	return mem_read(python->mem, object + layout->bytes.items, lines, size);
}

static bool read_numbers(struct python *python, struct code *code)
{
	const struct layout *layout = python->layout;
	struct procmem *mem = python->mem;
	remote_addr at = code->address;
	int32_t first_line, variables, stack_size;

	if (!mem_read(mem, at + layout->code.firstlineno, &first_line, sizeof(first_line)) ||
			!mem_read(mem, at + layout->code.nlocalsplus, &variables,
					sizeof(variables)) ||
			!mem_read(mem, at + layout->code.stacksize, &stack_size,
					sizeof(stack_size)) ||
			!mem_read_u64(mem, at + layout->object.size, &code->units))
		return false;
	code->first_line = first_line > 0 ? first_line : 0;
	code->local_count = (uint32_t)variables;
	code->stack_size = (uint32_t)stack_size;
	code->start = at + layout->code.code_adaptive;
	return variables >= 0 && variables <= VARIABLES_MAX && stack_size >= 0 &&
	       stack_size <= VARIABLES_MAX && code->units <= UNITS_MAX;
}

/* All the tasks of a target may have the same name of megabytes in their stacks. */
static uint64_t show_work(const struct code *code)
{
	enum { USUAL_BYTES = 1024 };
	size_t size = strlen(code->function) + strlen(code->file);

	return size > USUAL_BYTES ? size - USUAL_BYTES : 0;
}

/* The types of a code and of its parts are those of all others too. */
static void prefetch_types(struct python *python, const struct addresses *codes)
{
	const struct layout *layout = python->layout;

	if (!codes->count)
		return;
	remote_addr objects[] = { codes->items[0],
		object_word(python, codes->items[0] + layout->code.qualname),
		object_word(python, codes->items[0] + layout->code.linetable) };
	types_of_prefetch(python, &(struct addresses){ objects, 3, 0 });
}

void codes_prefetch(struct python *python, const struct addresses *codes)
{
	const struct layout *layout = python->layout;
	const uint64_t parts[] = { layout->code.qualname, layout->code.filename,
		layout->code.linetable };
	struct procmem *mem = python->mem;
	remote_addr part;

	mem_prefetch(mem, codes->items, codes->count, layout->code.code_adaptive);
	for (size_t i = 0; i < codes->count; i++)
		for (size_t k = 0; k < sizeof(parts) / sizeof(*parts); k++)
			if (mem_read_u64(mem, codes->items[i] + parts[k], &part))
				mem_want(mem, part, PART_SIZE);
	mem_fetch_wanted(mem);
	prefetch_types(python, codes);
}

static struct code *read_code(struct python *python, remote_addr address)
{
	const struct layout *layout = python->layout;
	const struct type *type = type_of(python, address);
	struct code code = { .address = address };
	remote_addr file, lines;

	if (!type || type->kind != KIND_CODE || !read_numbers(python, &code) ||
			!mem_read_u64(python->mem, address + layout->code.qualname,
					&code.qualname) ||
			!mem_read_u64(python->mem, address + layout->code.filename, &file) ||
			!mem_read_u64(python->mem, address + layout->code.linetable, &lines))
		return NULL;
	const remote_addr parts[] = { code.qualname, file, lines };
	mem_prefetch(python->mem, parts, sizeof(parts) / sizeof(*parts), PART_SIZE);
	code.function = text_intern(python, code.qualname);
	code.file = text_intern(python, file);
	if (!code.function || !code.file || !read_lines(python, lines, &code))
		return NULL;
	code.origin = origin_of(python, code.file);
	code.show_work = show_work(&code);
	struct frame definition = { code.function, code.file, code.first_line, code.origin };
	code.definition = intern_frame(&python->intern, &definition);
	return arena_copy(&python->snapshot->arena, &code, sizeof(code));
}

static const struct code *known_code(struct python *python, remote_addr address)
{
	uint64_t *cached = table_find(&python->codes, address);
	if (cached)
		return (const struct code *)(uintptr_t)*cached;

	struct code *code = read_code(python, address);
	bool added;
	if (code)
		*table_add(&python->codes, address, &added) = (uintptr_t)code;
	return code;
}

const struct code *code_at(struct python *python, remote_addr address)
{
	const size_t count = sizeof(python->recent_codes) / sizeof(*python->recent_codes);
	const struct code **recent = &python->recent_codes[address / 32 % count];

	if (!*recent || (*recent)->address != address) {
		const struct code *code = known_code(python, address);
		if (!code)
			return NULL;
		*recent = code;
	}
	return *recent;
}

remote_addr code_thread_start(struct python *python, const struct code *code, uint32_t index)
{
	/* _PyCodeArray: its size, and a pointer for each thread's copy. */
	const struct layout *layout = python->layout;
	remote_addr array, start;
	uint64_t count;

	if (!index || !layout->code.tlbc ||
			!mem_read_u64(python->mem, code->address + layout->code.tlbc, &array) ||
			!array || !mem_read_u64(python->mem, array, &count) ||
			count > THREAD_COPIES_MAX || index >= count ||
			!mem_read_u64(python->mem, array + (1 + (uint64_t)index) * sizeof(array),
					&start) ||
			!start)
		return code->start;
	return start;
}

const struct frame *code_frame(struct python *python, const struct code *code, remote_addr start,
		remote_addr instruction)
{
	uint64_t unit = (instruction - start) / UNIT_SIZE;

	/* One that has not begun is before the first instruction, up to 3.12. */
	uint64_t distance = python->layout->resume.distance;
	if (distance && instruction + distance == start)
		return code->definition;
	if (instruction < start || unit >= code->units)
		return NULL;
	bool added;
	uint64_t *known = table_add(&python->code_lines, hash_mix(code->address, unit), &added);
	/* The table is gone through from its beginning. */
	if (added && python_work(python, code->lines_size / 8 + 1)) {
		struct frame frame = *code->definition;
		frame.line = line_of_unit(code->lines, code->lines_size, code->first_line, unit);
		*known = (uintptr_t)intern_frame(&python->intern, &frame);
	}
	return (const struct frame *)(uintptr_t)*known;
}

static bool read_variables(struct python *python, const struct code *code, struct addresses *names)
{
	remote_addr tuple;

	return mem_read_u64(python->mem, code->address + python->layout->code.localsplusnames,
			       &tuple) &&
	       items_read(python, tuple, names) && names->count == code->local_count;
}

/* False where that cannot be read. */
static bool find_variable(
		struct python *python, const struct code *code, const char *name, int *place)
{
	struct addresses names = { 0 };
	bool ok = read_variables(python, code, &names);

	mem_prefetch(python->mem, names.items, ok ? names.count : 0, NAME_SIZE);
	*place = -1;
	for (size_t i = 0; ok && i < names.count && *place < 0; i++)
		if (text_is(python, names.items[i], name))
			*place = (int)i;
	array_free(&names);
	return ok;
}

int code_variable(struct python *python, const struct code *code, const char *name)
{
	const size_t count = sizeof(python->recent_variables) / sizeof(*python->recent_variables);
	size_t i = (code->address / 32 ^ (uintptr_t)name) % count;

	if (python->recent_variables[i].code == code && python->recent_variables[i].name == name)
		return python->recent_variables[i].place;
	/* Names are literals: where one lies tells it from others. */
	uint64_t key = hash_mix(code->address, (uintptr_t)name);
	const uint64_t *known = table_find(&python->variables, key);
	bool added;

	if (known) {
		python->recent_variables[i].code = code;
		python->recent_variables[i].name = name;
		return python->recent_variables[i].place = (int)*known;
	}
	int place;
	if (find_variable(python, code, name, &place))
		*table_add(&python->variables, key, &added) = (uint64_t)place;
	return place;
}

int code_free_variable(struct python *python, const struct code *code, const char *name)
{
	const struct layout *layout = python->layout;
	int place = code_variable(python, code, name);
	remote_addr kinds;
	int before = 0;

	if (place < 0 || !mem_read_u64(python->mem, code->address + layout->code.localspluskinds,
					 &kinds))
		return -1;
	for (int i = 0; i <= place; i++) {
		uint8_t kind;
		if (!mem_read(python->mem, kinds + layout->bytes.items + (uint64_t)i, &kind, 1))
			return -1;
		if (i == place)
			return kind & FREE_VARIABLE ? before : -1;
		before += kind & FREE_VARIABLE ? 1 : 0;
	}
	return -1;
}
