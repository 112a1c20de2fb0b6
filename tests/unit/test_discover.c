/* Interpreters, threads, lists of tasks, and reading a task, in every build. */
#include <string.h>
#include <time.h>

#include "cpython/tasks.h"
#include "tests/unit/fabricate.h"

enum { TASKS = 5 };

/* One interpreter with one thread, and a reader that has found both. */
struct scene {
	struct world *w;
	struct reader reader;
	remote_addr interpreter, thread;
	remote_addr head;      /* of the thread's list */
	remote_addr lingering; /* of the interpreter's */
	remote_addr tasks[TASKS];
};

/* Whether the target does: lists are walked in another way then. */
static bool stands_still;

static void scene_init(struct scene *s, struct world *w)
{
	const struct layout *layout = &w->layout;

	*s = (struct scene){ .w = w };
	s->interpreter = make_block(w, layout->interpreter.size);
	s->thread = make_block(w, layout->asyncio_thread.size);
	s->head = s->thread + layout->asyncio_thread.tasks_head;
	s->lingering = s->interpreter + layout->asyncio_interpreter.tasks_head;
	s->reader = (struct reader){
		.python = &w->python, .complete = true, .still = stands_still
	};
	*array_push(&s->reader.interpreters) =
			(struct interpreter_view){ .address = s->interpreter, .main = true };
	*array_push(&s->reader.threads) = (struct thread_view){ .address = s->thread };
	for (int i = 0; i < TASKS; i++)
		s->tasks[i] = make_waiting_task(w, i + 1);
}

static void scene_deinit(struct scene *s)
{
	reader_deinit(&s->reader);
}

static void put(struct scene *s, remote_addr at, uint64_t value)
{
	memory_put_u64(&s->w->memory, at, value);
}

static remote_addr next_of(struct scene *s, size_t task)
{
	return s->tasks[task] + s->w->layout.task.node + s->w->layout.llist.next;
}

static bool has(struct scene *s, remote_addr task)
{
	return table_find(&s->reader.tasks.index, task);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* Finds the tasks, and checks that it ends soon. */
static void discover(struct scene *s)
{
	double start = seconds();

	tasks_discover(&s->reader);
	assert_true(seconds() - start < 2);
}

static void assert_found(struct scene *s, bool complete, size_t count)
{
	discover(s);
	assert_int_equal(s->reader.complete, complete);
	assert_int_equal(s->reader.tasks.count, count);
}

/* ---- lists, of a target that runs on and of one that stands still ---- */

static void an_empty_list(void **state)
{
	struct scene s;

	scene_init(&s, *state);
	link_tasks(s.w, s.head, 0, NULL);
	link_tasks(s.w, s.lingering, 0, NULL);
	assert_found(&s, true, 0);
	scene_deinit(&s);
}

static void a_head_that_was_never_used(void **state)
{
	struct scene s;

	scene_init(&s, *state); /* all of it is 0 */
	assert_found(&s, true, 0);
	assert_false(s.reader.repaired);
	scene_deinit(&s);
}

static void tasks_of_threads_and_of_ended_threads(void **state)
{
	struct scene s;

	scene_init(&s, *state);
	link_tasks(s.w, s.head, 3, s.tasks);
	link_tasks(s.w, s.lingering, 2, s.tasks + 3);
	assert_found(&s, true, TASKS);
	assert_false(s.reader.repaired);
	for (size_t i = 0; i < TASKS; i++) {
		assert_int_equal(s.reader.tasks.items[i].address, s.tasks[i]);
		assert_true(s.reader.tasks.items[i].native);
	}
	scene_deinit(&s);
}

static void subclasses_are_in_the_list_too(void **state)
{
	struct scene s;

	scene_init(&s, *state);
	put(&s, s.tasks[1] + s.w->layout.object.type,
			make_class(s.w, "MyTask", s.w->builtin[T_TASK]));
	link_tasks(s.w, s.head, TASKS, s.tasks);
	assert_found(&s, true, TASKS);
	scene_deinit(&s);
}

/* A task that is done is taken out, and its links are cleared. */
static void a_torn_link_costs_nothing_else(void **state)
{
	struct scene s;

	scene_init(&s, *state);
	link_tasks(s.w, s.head, TASKS, s.tasks);
	put(&s, next_of(&s, 2), 0);
	discover(&s);
	assert_false(s.reader.complete);
	assert_int_equal(s.reader.tasks.count, TASKS);
	scene_deinit(&s);
}

static void a_cleared_node_costs_only_itself(void **state)
{
	struct scene s;

	scene_init(&s, *state);
	link_tasks(s.w, s.head, TASKS, s.tasks);
	put(&s, next_of(&s, 2), 0);
	put(&s, next_of(&s, 2) + 8, 0);
	discover(&s);
	assert_false(s.reader.complete);
	for (size_t i = 0; i < TASKS; i++)
		assert_int_equal(has(&s, s.tasks[i]), i != 2);
	scene_deinit(&s);
}

static void a_node_that_is_no_task_costs_only_itself(void **state)
{
	static const enum builtin types[] = { T_FUTURE, T_LIST, T_NONE };
	struct scene s;

	for (size_t t = 0; t < 3; t++) {
		scene_init(&s, *state);
		put(&s, s.tasks[2] + s.w->layout.object.type, s.w->builtin[types[t]]);
		link_tasks(s.w, s.head, TASKS, s.tasks);
		discover(&s);
		assert_false(s.reader.complete);
		for (size_t i = 0; i < TASKS; i++)
			assert_int_equal(has(&s, s.tasks[i]), i != 2);
		scene_deinit(&s);
	}
}

static void a_node_outside_of_memory_costs_only_itself(void **state)
{
	static const remote_addr wild[] = { 0x123450, 1, UINT64_MAX - 7, UINT64_MAX };
	struct scene s;

	for (size_t i = 0; i < sizeof(wild) / sizeof(*wild); i++) {
		scene_init(&s, *state);
		link_tasks(s.w, s.head, TASKS, s.tasks);
		put(&s, next_of(&s, 2), wild[i]);
		discover(&s);
		assert_false(s.reader.complete);
		assert_int_equal(s.reader.tasks.count, TASKS);
		scene_deinit(&s);
	}
}

static void a_list_that_does_not_come_back_ends(void **state)
{
	struct scene s;

	/* A later node leads to an earlier one, and to itself. */
	for (size_t to = 1; to < 4; to++) {
		scene_init(&s, *state);
		link_tasks(s.w, s.head, TASKS, s.tasks);
		put(&s, next_of(&s, 3), s.tasks[to] + s.w->layout.task.node);
		discover(&s);
		assert_false(s.reader.complete);
		assert_int_equal(s.reader.tasks.count, TASKS);
		scene_deinit(&s);
	}
	/* A circle that agrees with itself, beside the head. */
	scene_init(&s, *state);
	link_tasks(s.w, s.tasks[0] + s.w->layout.task.node, TASKS - 1, s.tasks + 1);
	put(&s, s.head + s.w->layout.llist.next, s.tasks[0] + s.w->layout.task.node);
	put(&s, s.head + s.w->layout.llist.prev, s.tasks[TASKS - 1] + s.w->layout.task.node);
	discover(&s);
	assert_false(s.reader.complete);
	scene_deinit(&s);
}

static void a_task_in_two_lists_is_one(void **state)
{
	struct scene s;

	scene_init(&s, *state);
	link_tasks(s.w, s.head, 3, s.tasks);
	task_add(&s.reader, s.tasks[1], 0, true);
	assert_found(&s, true, 3);
	scene_deinit(&s);
}

static void a_long_list(void **state)
{
	enum { MANY = 5000 };
	static remote_addr tasks[MANY];
	struct scene s;

	scene_init(&s, *state);
	for (size_t i = 0; i < MANY; i++)
		tasks[i] = make_object(s.w, s.w->builtin[T_TASK], s.w->layout.task.size);
	link_tasks(s.w, s.head, MANY, tasks);
	assert_found(&s, true, MANY);
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(s.reader.tasks.items[i].address, tasks[i]);
	scene_deinit(&s);
}

/* Each task is in a pool of its own, of which two come in one call. */
static void both_ends_are_fetched_together(void **state)
{
	enum { MANY = 64, POOL = 4 * MEM_PAGE };
	remote_addr tasks[MANY];
	struct scene s;

	scene_init(&s, *state);
	for (size_t i = 0; i < MANY; i++) {
		make_block(s.w, POOL);
		tasks[i] = make_waiting_task(s.w, (int)i + 1);
	}
	link_tasks(s.w, s.head, MANY, tasks);
	s.reader.still = true;
	unsigned before = s.w->memory.reads;
	assert_found(&s, true, MANY);
	assert_in_range(s.w->memory.reads - before, MANY / 2, MANY * 7 / 8);
	for (size_t i = 0; i < MANY; i++)
		assert_int_equal(s.reader.tasks.items[i].address, tasks[i]);
	scene_deinit(&s);
}

static struct scene *changing;

/* What the target does while it is read: the task is taken out of the list. */
static void take_third_out(struct memory *memory)
{
	struct scene *s = changing;

	memory->before_read = NULL;
	link_tasks(s->w, s->head, 2, s->tasks);
	const remote_addr rest[] = { s->tasks[0], s->tasks[1], s->tasks[3], s->tasks[4] };
	link_tasks(s->w, s->head, 4, rest);
	put(s, next_of(s, 2), 0);
	put(s, next_of(s, 2) + 8, 0);
}

static void a_list_that_changes_is_read_to_its_end(void **state)
{
	struct scene s;

	scene_init(&s, *state);
	/* The third is on pages of its own: they are read when its turn comes. */
	make_block(s.w, 16 * MEM_PAGE);
	s.tasks[2] = make_waiting_task(s.w, 3);
	make_block(s.w, 16 * MEM_PAGE);
	link_tasks(s.w, s.head, TASKS, s.tasks);
	uint64_t word;
	assert_true(mem_read_u64(s.w->mem, s.head, &word));
	for (size_t i = 0; i < TASKS; i++)
		if (i != 2)
			assert_true(mem_read_u64(s.w->mem, next_of(&s, i), &word));
	assert_non_null(type_of(&s.w->python, s.tasks[0]));
	changing = &s;
	s.w->memory.before_read = take_third_out;
	assert_found(&s, true, TASKS - 1);
	assert_true(s.reader.repaired);
	assert_false(has(&s, s.tasks[2]));
	scene_deinit(&s);
}

static void without_the_c_module_no_list_is_looked_at(void **state)
{
	struct scene s;

	scene_init(&s, *state);
	link_tasks(s.w, s.head, TASKS, s.tasks);
	s.w->layout.task.size = 0;
	assert_found(&s, true, 0);
	scene_deinit(&s);
}

/* ---- interpreters and threads ---- */

/* Puts the scene's interpreter and thread where a runtime leads to them. */
static remote_addr make_runtime(struct scene *s)
{
	const struct layout *layout = &s->w->layout;
	remote_addr runtime = make_block(s->w, layout->runtime.interpreters_head + 8);

	put(s, runtime + layout->runtime.interpreters_head, s->interpreter);
	put(s, s->interpreter + layout->interpreter.threads_head, s->thread);
	put(s, s->interpreter + layout->interpreter.ceval_gil,
			s->interpreter + layout->interpreter.gil_state);
	put(s, s->thread + layout->thread.interp, s->interpreter);
	put(s, s->thread + layout->thread.native_thread_id, 4711);
	put(s, s->thread + layout->asyncio_thread.running_task, s->tasks[1]);
	return runtime;
}

static bool read_interpreters(struct scene *s, remote_addr runtime)
{
	double start = seconds();

	s->reader.interpreters.count = s->reader.threads.count = 0;
	bool whole = interpreters_read(s->reader.python, runtime, s->reader.still,
			&s->reader.interpreters, &s->reader.threads, &s->reader.repaired);
	assert_true(seconds() - start < 2);
	return whole;
}

static void a_thread_is_read(void **state)
{
	struct scene s;

	scene_init(&s, *state);
	remote_addr runtime = make_runtime(&s);
	put(&s, s.interpreter + s.w->layout.interpreter.gil_holder, s.thread);
	memory_put_u32(&s.w->memory, s.interpreter + s.w->layout.interpreter.gil_locked, 1);
	assert_true(read_interpreters(&s, runtime));
	assert_int_equal(s.reader.interpreters.count, 1);
	assert_true(s.reader.interpreters.items[0].main);
	assert_int_equal(s.reader.threads.count, 1);
	assert_int_equal(s.reader.threads.items[0].inner_tid, 4711);
	assert_int_equal(s.reader.threads.items[0].running_task, s.tasks[1]);
	assert_true(s.reader.threads.items[0].holds_gil);
	scene_deinit(&s);
}

static remote_addr torn_thread;

/* What the target does meanwhile: it puts a new thread into the list for good. */
static void link_torn_thread(struct memory *memory)
{
	if (memory->last_read - torn_thread / MEM_PAGE * MEM_PAGE < 2 * MEM_PAGE)
		put(changing, torn_thread + changing->w->layout.thread.next, changing->thread);
}

static void a_torn_thread_hides_no_other(void **state)
{
	struct scene s;

	scene_init(&s, *state);
	const struct layout *layout = &s.w->layout;
	remote_addr runtime = make_runtime(&s);
	make_block(s.w, 16 * MEM_PAGE);
	torn_thread = make_block(s.w, MEM_PAGE);
	make_block(s.w, 16 * MEM_PAGE);
	put(&s, torn_thread + layout->thread.interp, s.interpreter);
	put(&s, s.interpreter + layout->interpreter.threads_head, torn_thread);
	changing = &s;
	s.w->memory.before_read = link_torn_thread;
	assert_true(read_interpreters(&s, runtime));
	assert_int_equal(s.reader.threads.count, 2);
	assert_int_equal(s.reader.threads.items[1].address, s.thread);
	s.w->memory.before_read = NULL;
	scene_deinit(&s);
}

static void the_lock_is_released_but_its_last_holder_stays(void **state)
{
	struct scene s;

	scene_init(&s, *state);
	remote_addr runtime = make_runtime(&s);
	put(&s, s.interpreter + s.w->layout.interpreter.gil_holder, s.thread);
	assert_true(read_interpreters(&s, runtime));
	assert_false(s.reader.threads.items[0].holds_gil);
	scene_deinit(&s);
}

/* As in 3.11, where all interpreters share one. */
static void the_lock_may_be_that_of_the_runtime(void **state)
{
	struct scene s;

	scene_init(&s, *state);
	remote_addr runtime = make_runtime(&s);
	s.w->layout.runtime.gil_holder = 8;
	s.w->layout.runtime.gil_locked = 16;
	put(&s, s.interpreter + s.w->layout.interpreter.gil_holder, s.thread);
	memory_put_u32(&s.w->memory, s.interpreter + s.w->layout.interpreter.gil_locked, 1);
	assert_true(read_interpreters(&s, runtime));
	assert_false(s.reader.threads.items[0].holds_gil);
	put(&s, runtime + 8, s.thread);
	world_read_anew(s.w);
	assert_true(read_interpreters(&s, runtime));
	assert_false(s.reader.threads.items[0].holds_gil);
	memory_put_u32(&s.w->memory, runtime + 16, 1);
	world_read_anew(s.w);
	assert_true(read_interpreters(&s, runtime));
	assert_true(s.reader.threads.items[0].holds_gil);
	scene_deinit(&s);
}

static void lists_of_threads_and_interpreters_that_do_not_end_are_cut(void **state)
{
	struct scene s;

	scene_init(&s, *state);
	remote_addr runtime = make_runtime(&s);
	put(&s, s.thread + s.w->layout.thread.next, s.thread);
	assert_false(read_interpreters(&s, runtime));
	assert_in_range(s.reader.threads.count, 1, 8);
	put(&s, s.thread + s.w->layout.thread.next, 0);
	put(&s, s.interpreter + s.w->layout.interpreter.next, s.interpreter);
	world_read_anew(s.w);
	assert_false(read_interpreters(&s, runtime));
	assert_in_range(s.reader.interpreters.count, 1, 8);
	scene_deinit(&s);
}

static void a_thread_of_another_interpreter_is_not_taken(void **state)
{
	struct scene s;

	scene_init(&s, *state);
	remote_addr runtime = make_runtime(&s);
	put(&s, s.thread + s.w->layout.thread.interp, s.interpreter + 64);
	assert_false(read_interpreters(&s, runtime));
	assert_int_equal(s.reader.threads.count, 0);
	scene_deinit(&s);
}

/* ---- reading a task ---- */

static struct task_view *read_task(struct scene *s, remote_addr address)
{
	task_add(&s->reader, address, 0, true);
	size_t index = s->reader.tasks.count - 1;
	task_read(&s->reader, index);
	return &s->reader.tasks.items[index];
}

static void a_task_is_read(void **state)
{
	struct scene s;

	scene_init(&s, *state);
	const struct layout *layout = &s.w->layout;
	memory_put_u8(&s.w->memory, s.tasks[2] + layout->task.flags, 4);
	memory_put_u32(&s.w->memory, s.tasks[2] + layout->task.num_cancels, 2);
	put(&s, s.tasks[2] + layout->task.awaited_by, s.tasks[0]);
	put(&s, s.tasks[2] + layout->task.loop, 0x1234560);
	struct task_view *view = read_task(&s, s.tasks[2]);
	assert_int_equal(view->read, TASK_PENDING);
	assert_string_equal(view->task->name, "Task-3");
	assert_string_equal(view->task->type, "Task");
	assert_string_equal(view->task->coroutine, "qualified.name");
	assert_int_equal(view->task->state, TASK_WAITING);
	assert_int_equal(view->task->stack->depth, 1);
	assert_int_equal(view->task->stack->frames[0]->line, 12);
	assert_true(view->task->must_cancel);
	assert_int_equal(view->task->cancel_requests, 2);
	assert_int_equal(view->loop, 0x1234560);
	assert_int_equal(s.reader.links.count, 1);
	const struct link *link = &s.reader.links.items[0];
	assert_int_equal(s.reader.tasks.items[link->awaiter].address, s.tasks[0]);
	assert_int_equal(s.reader.tasks.items[link->awaited].address, s.tasks[2]);
	scene_deinit(&s);
}

static void awaiters_in_a_set(void **state)
{
	struct scene s;

	scene_init(&s, *state);
	put(&s, s.tasks[2] + s.w->layout.task.awaited_by, make_set_of(s.w, 2, s.tasks));
	memory_put_u8(&s.w->memory, s.tasks[2] + s.w->layout.task.awaited_by_is_set, 1);
	/* After the last one has left an empty set stays. */
	put(&s, s.tasks[3] + s.w->layout.task.awaited_by, make_set_of(s.w, 0, NULL));
	memory_put_u8(&s.w->memory, s.tasks[3] + s.w->layout.task.awaited_by_is_set, 1);
	read_task(&s, s.tasks[2]);
	assert_int_equal(s.reader.links.count, 2);
	/* They were in no list. */
	assert_true(has(&s, s.tasks[0]) && has(&s, s.tasks[1]));
	assert_int_equal(read_task(&s, s.tasks[3])->read, TASK_PENDING);
	assert_int_equal(s.reader.links.count, 2);
	scene_deinit(&s);
}

static void await(struct scene *s, size_t awaiter, size_t awaited)
{
	put(s, s->tasks[awaited] + s->w->layout.task.awaited_by, s->tasks[awaiter]);
}

/* An awaiter that is older comes just before the first that it awaits. */
static void awaiters_are_read_before_what_they_await(void **state)
{
	static const uint32_t expected[TASKS] = { 1, 2, 0, 3, 4 };
	struct scene s;

	scene_init(&s, *state);
	link_tasks(s.w, s.head, TASKS, s.tasks);
	link_tasks(s.w, s.lingering, 0, NULL);
	await(&s, 0, 3);
	await(&s, 0, 4);
	await(&s, 4, 1);
	await(&s, 2, 2);
	s.reader.still = true;
	discover(&s);
	tasks_order(&s.reader);
	tasks_read(&s.reader);
	assert_int_equal(s.reader.order.count, TASKS);
	for (size_t i = 0; i < TASKS; i++) {
		const struct task_view *task = &s.reader.tasks.items[i];
		assert_int_equal(s.reader.order.items[i], expected[i]);
		assert_int_equal(task->read, TASK_PENDING);
		assert_int_equal(task->address, s.tasks[i]);
	}
	assert_int_equal(s.reader.links.count, 4);
	assert_int_equal(s.reader.links.items[0].awaiter, 4);
	assert_int_equal(s.reader.links.items[0].awaited, 1);
	scene_deinit(&s);
}

static void a_set_that_cannot_be_read_is_told(void **state)
{
	struct scene s;
	struct world *w = *state;

	scene_init(&s, w);
	const uint64_t at = w->layout.task.awaited_by, is_set = w->layout.task.awaited_by_is_set;
	remote_addr torn = make_set_of(w, 2, s.tasks);
	put(&s, torn + w->layout.set.table, 0x123450);
	for (int i = 1; i <= 3; i++)
		memory_put_u8(&w->memory, s.tasks[i] + is_set, 1);
	put(&s, s.tasks[1] + at, w->none); /* as Python's own futures may have it */
	put(&s, s.tasks[2] + at, torn);
	put(&s, s.tasks[3] + at, 0x123450);
	assert_int_equal(read_task(&s, s.tasks[1])->read, TASK_PENDING);
	assert_true(s.reader.complete);
	for (int i = 2; i <= 3; i++) {
		s.reader.complete = true;
		assert_int_equal(read_task(&s, s.tasks[i])->read, TASK_PENDING);
		assert_false(s.reader.complete);
	}
	scene_deinit(&s);
}

static void assert_all_pending(struct scene *s)
{
	for (size_t i = 0; i < TASKS; i++)
		assert_int_equal(s->reader.tasks.items[i].read, TASK_PENDING);
}

/* What cannot be read again is better than nothing. */
static void settling_without_work_drops_nothing(void **state)
{
	struct scene s;
	struct world *w = *state;

	scene_init(&s, w);
	for (size_t i = 0; i < TASKS; i++)
		read_task(&s, s.tasks[i]);
	assert_all_pending(&s);
	uint64_t work = w->python.work_left;
	tasks_settle(&s.reader);
	assert_all_pending(&s);
	work -= w->python.work_left;
	for (uint64_t enough = 0; enough < work; enough += work / 16 + 1) {
		w->python.work_left = enough;
		tasks_settle(&s.reader);
		assert_all_pending(&s);
		assert_int_equal(w->python.work_left, 0);
	}
	/* One that was not read before cannot be shown. */
	task_add(&s.reader, make_waiting_task(w, 6), 0, true);
	tasks_settle(&s.reader);
	assert_all_pending(&s);
	assert_int_equal(s.reader.tasks.items[TASKS].read, TASK_TORN);
	scene_deinit(&s);
}

/* A task that is given a new name whenever it was looked at, while the memory of the old
 * one becomes that of something else. */
static struct renamed {
	remote_addr field, names[2], text; /* of the first one */
} renamed;

static void rename_between_reads(struct memory *memory)
{
	bool seen = memory->last_read / MEM_PAGE == renamed.field / MEM_PAGE;

	memory_put(memory, renamed.text, seen ? "evil" : "good", 4);
	memory_put_u64(memory, renamed.field, renamed.names[seen]);
}

static void what_changes_between_two_reads_is_no_name(void **state)
{
	struct scene s;
	struct world *w = *state;

	scene_init(&s, w);
	make_block(w, MEM_PAGE);
	renamed = (struct renamed){
		.field = s.tasks[0] + w->layout.task.name,
		.names = { make_str(w, "good"), make_str(w, "fine") },
	};
	renamed.text = renamed.names[0] + w->layout.text.ascii_size;
	assert_true(renamed.text / MEM_PAGE != renamed.field / MEM_PAGE);
	read_task(&s, s.tasks[0]);
	w->memory.before_read = rename_between_reads;
	tasks_settle(&s.reader);
	w->memory.before_read = NULL;
	assert_int_equal(s.reader.tasks.items[0].read, TASK_PENDING);
	assert_string_equal(s.reader.tasks.items[0].task->name, "good");
	scene_deinit(&s);
}

/* A stack is as deep as it likes, and each task may have a loop of its own. */
static void many_loops_and_frames_take_little_time(void **state)
{
	enum { MANY = 100 * 1000 };
	struct scene s;

	scene_init(&s, *state);
	for (size_t i = 0; i < MANY; i++) {
		*array_push(&s.reader.threads.items[0].frames) = (struct frame_view){ 0 };
		*array_push(&s.reader.tasks) = (struct task_view){
			.read = TASK_PENDING,
			.loop = (i + 1) * 64,
		};
	}
	double start = seconds();
	loops_read(&s.reader);
	assert_true(seconds() - start < 2);
	assert_int_equal(s.reader.loops.count, MANY);
	loops_deinit(&s.reader.loops);
	scene_deinit(&s);
}

static void states(void **state)
{
	struct scene s;
	struct world *w = *state;

	scene_init(&s, w);
	struct frame_spec frame = { .code = make_plain_code(w, "work"), .unit = 2 };
	struct task_spec spec = { .name = make_str(w, "mine"),
		.coroutine = make_generator(w, T_COROUTINE, CREATED, &frame) };
	struct task_view *view = read_task(&s, make_task(w, &spec));
	assert_string_equal(view->task->name, "mine");
	assert_int_equal(view->task->state, TASK_READY);
	/* What it waited for is done, but its turn has not come. */
	spec.waiter = make_future(w, 2);
	spec.coroutine = make_awaiting(
			w, T_COROUTINE, frame.code, make_passing(w, T_FUTURE_ITER, spec.waiter));
	assert_int_equal(read_task(&s, make_task(w, &spec))->task->state, TASK_READY);
	spec.coroutine = make_generator(w, T_COROUTINE, EXECUTING, &frame);
	assert_int_equal(read_task(&s, make_task(w, &spec))->task->state, TASK_RUNNING);
	spec.fut_state = 2;
	assert_int_equal(read_task(&s, make_task(w, &spec))->read, TASK_DONE);
	scene_deinit(&s);
}

/* A native task has one until it is done; a task of another class may have none,
 * and the one that was read before has no say in how it is. */
static void a_task_without_a_coroutine(void **state)
{
	struct scene s;
	struct world *w = *state;

	scene_init(&s, w);
	struct frame_spec frame = { .code = make_plain_code(w, "work"), .unit = 2 };
	struct task_spec spec = { .name = make_int(w, 1),
		.coroutine = make_generator(w, T_COROUTINE, EXECUTING, &frame) };
	assert_int_equal(read_task(&s, make_task(w, &spec))->task->state, TASK_RUNNING);
	remote_addr foreign = make_object(w, make_class(w, "Job", 0), 64);
	task_add(&s.reader, foreign, 0, false);
	task_read(&s.reader, 1);
	struct task_view *view = &s.reader.tasks.items[1];
	assert_int_equal(view->read, TASK_PENDING);
	assert_int_equal(view->task->state, TASK_READY);
	assert_string_equal(view->task->type, "Job");
	assert_int_equal(view->task->stack->depth, 0);
	assert_null(view->task->coroutine);
	spec.coroutine = 0;
	assert_int_equal(read_task(&s, make_task(w, &spec))->read, TASK_TORN);
	scene_deinit(&s);
}

static void a_damaged_task_is_torn(void **state)
{
	struct scene s;
	struct world *w = *state;

	scene_init(&s, w);
	put(&s, s.tasks[0] + w->layout.task.name, 0);
	put(&s, s.tasks[1] + w->layout.task.name, w->none);
	put(&s, s.tasks[2] + w->layout.task.coro, 0x123450);
	put(&s, s.tasks[3] + w->layout.object.type, w->builtin[T_FUTURE]);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(read_task(&s, s.tasks[i])->read, TASK_TORN);
	/* Its memory is that of something else by now. */
	assert_int_not_equal(read_task(&s, s.tasks[3])->read, TASK_PENDING);
	assert_int_equal(read_task(&s, 0x123450)->read, TASK_TORN);
	assert_int_equal(read_task(&s, s.tasks[4])->read, TASK_PENDING);
	scene_deinit(&s);
}

/* Futures that await each other, which no task is behind. */
static void awaiters_in_a_circle_end(void **state)
{
	struct scene s;
	struct world *w = *state;

	scene_init(&s, w);
	remote_addr a = make_future(w, 0), b = make_future(w, 0);
	put(&s, a + w->layout.task.awaited_by, b);
	put(&s, b + w->layout.task.awaited_by, a);
	put(&s, s.tasks[0] + w->layout.task.awaited_by, a);
	put(&s, s.tasks[1] + w->layout.task.awaited_by, s.tasks[1]);
	assert_int_equal(read_task(&s, s.tasks[0])->read, TASK_PENDING);
	assert_int_equal(s.reader.links.count, 0);
	assert_int_equal(read_task(&s, s.tasks[1])->read, TASK_PENDING);
	assert_int_equal(s.reader.links.count, 1);
	scene_deinit(&s);
}

static int stand_still(void **state)
{
	(void)state;
	stands_still = true;
	return 0;
}

static int run_on(void **state)
{
	(void)state;
	stands_still = false;
	return 0;
}

int main(void)
{
	const struct CMUnitTest list_tests[] = {
		IN_EVERY_BUILD(an_empty_list),
		IN_EVERY_BUILD(a_head_that_was_never_used),
		IN_EVERY_BUILD(tasks_of_threads_and_of_ended_threads),
		IN_EVERY_BUILD(subclasses_are_in_the_list_too),
		IN_EVERY_BUILD(a_torn_link_costs_nothing_else),
		IN_EVERY_BUILD(a_cleared_node_costs_only_itself),
		IN_EVERY_BUILD(a_node_that_is_no_task_costs_only_itself),
		IN_EVERY_BUILD(a_node_outside_of_memory_costs_only_itself),
		IN_EVERY_BUILD(a_list_that_does_not_come_back_ends),
		IN_EVERY_BUILD(a_task_in_two_lists_is_one),
		IN_EVERY_BUILD(a_long_list),
	};
	const struct CMUnitTest tests[] = {
		IN_EVERY_BUILD(both_ends_are_fetched_together),
		IN_EVERY_BUILD(a_list_that_changes_is_read_to_its_end),
		IN_EVERY_BUILD(without_the_c_module_no_list_is_looked_at),
		IN_EVERY_BUILD(a_thread_is_read),
		IN_EVERY_BUILD(a_torn_thread_hides_no_other),
		IN_EVERY_BUILD(the_lock_is_released_but_its_last_holder_stays),
		IN_EVERY_BUILD(the_lock_may_be_that_of_the_runtime),
		IN_EVERY_BUILD(lists_of_threads_and_interpreters_that_do_not_end_are_cut),
		IN_EVERY_BUILD(a_thread_of_another_interpreter_is_not_taken),
		IN_EVERY_BUILD(a_task_is_read),
		IN_EVERY_BUILD(awaiters_in_a_set),
		IN_EVERY_BUILD(awaiters_are_read_before_what_they_await),
		IN_EVERY_BUILD(a_set_that_cannot_be_read_is_told),
		IN_EVERY_BUILD(settling_without_work_drops_nothing),
		IN_EVERY_BUILD(what_changes_between_two_reads_is_no_name),
		IN_BUILD(many_loops_and_frames_take_little_time, BUILD_3_15),
		IN_EVERY_BUILD(states),
		IN_EVERY_BUILD(a_task_without_a_coroutine),
		IN_EVERY_BUILD(a_damaged_task_is_torn),
		IN_EVERY_BUILD(awaiters_in_a_circle_end),
	};
	return cmocka_run_group_tests_name("lists", list_tests, NULL, NULL) +
	       cmocka_run_group_tests_name(
			       "lists that stand still", list_tests, stand_still, run_on) +
	       cmocka_run_group_tests_name("discover", tests, NULL, NULL);
}
