/* Tasks in an order, as the members of the snapshot name them. */
#ifndef MODEL_TASKLIST_H
#define MODEL_TASKLIST_H

#include <stdint.h>

struct task;

struct task_list {
	uint32_t count;
	struct task **items;
};

#endif
