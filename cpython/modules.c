/* asyncio's own modules in an interpreter: see modules.h. */
#include "cpython/modules.h"

#include "cpython/objects.h"
#include "cpython/text.h"
#include "cpython/types.h"

/* The modules wanted, in one pass over sys.modules. */
static const struct {
	const char *name;
	size_t dict; /* in struct asyncio_names */
} wanted_modules[] = {
	{ "asyncio.tasks", offsetof(struct asyncio_names, tasks) },
	{ "asyncio.futures", offsetof(struct asyncio_names, futures) },
	{ "asyncio.taskgroups", offsetof(struct asyncio_names, taskgroups) },
	{ "threading", offsetof(struct asyncio_names, threading) },
};

/* The names wanted of each of them. */
static const struct {
	size_t dict;
	const char *name;
	size_t value;
} wanted_names[] = {
	{ offsetof(struct asyncio_names, tasks), "_PyTask",
			offsetof(struct asyncio_names, py_task) },
	{ offsetof(struct asyncio_names, tasks), "_GatheringFuture",
			offsetof(struct asyncio_names, gathering_future) },
	{ offsetof(struct asyncio_names, tasks), "_AsCompletedIterator",
			offsetof(struct asyncio_names, as_completed) },
	{ offsetof(struct asyncio_names, tasks), "_scheduled_tasks",
			offsetof(struct asyncio_names, scheduled_tasks) },
	{ offsetof(struct asyncio_names, tasks), "_eager_tasks",
			offsetof(struct asyncio_names, eager_tasks) },
	{ offsetof(struct asyncio_names, tasks), "_current_tasks",
			offsetof(struct asyncio_names, current_tasks) },
	{ offsetof(struct asyncio_names, futures), "_PyFuture",
			offsetof(struct asyncio_names, py_future) },
	{ offsetof(struct asyncio_names, taskgroups), "TaskGroup",
			offsetof(struct asyncio_names, task_group) },
};

static remote_addr *field(struct asyncio_names *names, size_t offset)
{
	return (remote_addr *)(void *)((char *)names + offset);
}

/* The sets that the C module keeps in its state for tasks of third parties. */
static void read_module_state(struct python *python, remote_addr module,
		struct asyncio_names *names)
{
	const struct layout *layout = python->layout;
	remote_addr state, task_type;

	if (!mem_read_u64(python->mem, module + layout->module.state, &state) || !state ||
			!mem_read_u64(python->mem, state + layout->asyncio_state.task_type,
					&task_type))
		return;
	const struct type *type = type_at(python, task_type);
	if (!type || type->kind != KIND_TASK)
		return; /* not laid out as expected: leave it alone */
	mem_read_u64(python->mem, state + layout->asyncio_state.non_asyncio_tasks,
			&names->foreign_tasks);
	mem_read_u64(python->mem, state + layout->asyncio_state.non_asyncio_eager_tasks,
			&names->foreign_eager_tasks);
}

static void prefetch_keys(struct python *python, const struct addresses *entries)
{
	enum { KEY_BYTES = 80 }; /* a str header and most names */
	struct addresses keys = { 0 };

	for (size_t i = 0; i + 1 < entries->count; i += 2)
		*array_push(&keys) = entries->items[i];
	mem_prefetch(python->mem, keys.items, keys.count, KEY_BYTES);
	array_free(&keys);
}

static void find_modules(struct python *python, remote_addr modules, struct asyncio_names *names)
{
	struct addresses entries = { 0 };

	dict_read(python, modules, &entries);
	prefetch_keys(python, &entries);
	for (size_t i = 0; i + 1 < entries.count; i += 2) {
		for (size_t m = 0; m < sizeof(wanted_modules) / sizeof(*wanted_modules); m++)
			if (text_is(python, entries.items[i], wanted_modules[m].name))
				module_dict(python, entries.items[i + 1],
						field(names, wanted_modules[m].dict));
		if (text_is(python, entries.items[i], "_asyncio"))
			read_module_state(python, entries.items[i + 1], names);
	}
	array_free(&entries);
}

/* Looks up all the names wanted of one module in one pass over its dict. */
static void find_names(struct python *python, size_t dict_field, struct asyncio_names *names)
{
	struct addresses entries = { 0 };

	if (*field(names, dict_field))
		dict_read(python, *field(names, dict_field), &entries);
	prefetch_keys(python, &entries);
	for (size_t i = 0; i + 1 < entries.count; i += 2)
		for (size_t n = 0; n < sizeof(wanted_names) / sizeof(*wanted_names); n++)
			if (wanted_names[n].dict == dict_field &&
					text_is(python, entries.items[i], wanted_names[n].name))
				*field(names, wanted_names[n].value) = entries.items[i + 1];
	array_free(&entries);
}

void asyncio_names_read(struct python *python, remote_addr modules, struct asyncio_names *names)
{
	*names = (struct asyncio_names){ 0 };
	find_modules(python, modules, names);
	names->imported = names->tasks;
	find_names(python, offsetof(struct asyncio_names, tasks), names);
	find_names(python, offsetof(struct asyncio_names, futures), names);
	find_names(python, offsetof(struct asyncio_names, taskgroups), names);
}

const char *sys_text(struct python *python, remote_addr sysdict, const char *name)
{
	remote_addr value;

	return dict_find(python, sysdict, name, &value) ? text_intern(python, value) : NULL;
}

void thread_names_read(struct python *python, const struct asyncio_names *names,
		struct addresses *idents_and_names)
{
	struct addresses entries = { 0 };
	remote_addr active;

	if (names->threading && dict_find(python, names->threading, "_active", &active))
		dict_read(python, active, &entries);
	for (size_t i = 0; i + 1 < entries.count; i += 2) {
		int64_t ident;
		remote_addr name;
		if (!integer_read(python, entries.items[i], &ident) ||
				!attribute_find(python, entries.items[i + 1], "_name", &name))
			continue;
		*array_push(idents_and_names) = (uint64_t)ident;
		*array_push(idents_and_names) = name;
	}
	array_free(&entries);
}
