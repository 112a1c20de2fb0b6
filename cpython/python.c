/* The reader's state: see python.h. */
#include "cpython/python.h"

enum {
	WORK_MAX = 1000 * 1000 * 1000, /* where it is not known how large the target is */
	WORK_MIN = 32 * 1024 * 1024,
	ITEMS_MAX = 64 * 1024 * 1024,
	ITEMS_MIN = 1024 * 1024,
	/* Bytes a word of work: each word that is there may be read four times. */
	RESIDENT_PART = 2,
	/* Words of work for an edge: half of them are left for the tasks. */
	EDGE_PART = 2 * OBJECT_WORK,
};

void python_init(struct python *python, struct procmem *mem, const struct layout *layout,
		struct snapshot *snapshot)
{
	*python = (struct python){
		.mem = mem,
		.layout = layout,
		.snapshot = snapshot,
		.work_left = WORK_MAX,
		.edges_left = WORK_MAX / EDGE_PART,
		.items_max = ITEMS_MAX,
	};
	intern_init(&python->intern, &snapshot->arena);
}

void python_deinit(struct python *python)
{
	intern_deinit(&python->intern);
	table_deinit(&python->types);
	table_deinit(&python->codes);
	table_deinit(&python->code_lines);
	table_deinit(&python->variables);
	table_deinit(&python->slots);
}

void python_allow(struct python *python, uint64_t resident)
{
	if (!resident)
		return;
	python->work_left = WORK_MIN + resident / RESIDENT_PART;
	python->edges_left = python->work_left / EDGE_PART;
	if (python->items_max > ITEMS_MIN + resident / sizeof(remote_addr))
		python->items_max = ITEMS_MIN + resident / sizeof(remote_addr);
}
