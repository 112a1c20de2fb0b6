/* The reader's state: see python.h. */
#include "cpython/python.h"

enum { WORK_MAX = 1000 * 1000 * 1000 };

void python_init(struct python *python, struct procmem *mem, const struct layout *layout,
		struct snapshot *snapshot)
{
	*python = (struct python){
		.mem = mem,
		.layout = layout,
		.snapshot = snapshot,
		.work_left = WORK_MAX,
	};
	intern_init(&python->intern, &snapshot->arena);
}

void python_deinit(struct python *python)
{
	intern_deinit(&python->intern);
	table_deinit(&python->types);
	table_deinit(&python->codes);
	table_deinit(&python->code_lines);
}

bool python_work(struct python *python, uint64_t amount)
{
	if (amount > python->work_left) {
		python->work_left = 0;
		return false;
	}
	python->work_left -= amount;
	return true;
}
