/* The await graph: links and cycles. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/unit/build.h"

static struct build b;
static const struct stack *place;

static int set_up(void **state)
{
	(void)state;
	build_init(&b);
	place = build_at(&b, "f", "f.py", 1);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	build_deinit(&b);
	return 0;
}

static void add_tasks(unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		build_task(&b, "T", place, TASK_WAITING, NULL);
}

/* Edges as pairs of letters: "ab bc" for A awaits B, B awaits C. */
static void add_edges(const char *pairs)
{
	for (const char *p = pairs; *p; p += p[2] ? 3 : 2)
		build_await(&b, b.tasks.items[p[0] - 'a'], b.tasks.items[p[1] - 'a']);
	build_done(&b);
}

static void spell(const struct task_list *list, char *text)
{
	for (uint32_t i = 0; i < list->count; i++)
		*text++ = (char)('a' + list->items[i]->index);
	*text = '\0';
}

static void check_list(const struct task_list *list, const char *expected)
{
	char text[32];

	spell(list, text);
	assert_string_equal(text, expected);
}

static void check_cycles(const char *expected)
{
	char text[128] = "";

	for (size_t i = 0; i < b.snapshot->cycles.count; i++) {
		if (i)
			strcat(text, " ");
		spell(&b.snapshot->cycles.items[i], text + strlen(text));
	}
	assert_string_equal(text, expected);
}

static void edges_are_linked_both_ways_and_once(void **state)
{
	(void)state;
	add_tasks(4);
	add_edges("ca ab ac ab ca ad");
	check_list(&b.snapshot->tasks.items[0]->awaits, "bcd");
	check_list(&b.snapshot->tasks.items[0]->awaited_by, "c");
	check_list(&b.snapshot->tasks.items[1]->awaits, "");
	check_list(&b.snapshot->tasks.items[1]->awaited_by, "a");
	check_list(&b.snapshot->tasks.items[2]->awaits, "a");
}

static void linking_again_replaces_the_edges(void **state)
{
	struct edge edge = { 1, 0 };

	(void)state;
	add_tasks(2);
	add_edges("ab");
	graph_link(b.snapshot, &edge, 1);
	check_list(&b.snapshot->tasks.items[0]->awaits, "");
	check_list(&b.snapshot->tasks.items[0]->awaited_by, "b");
	graph_link(b.snapshot, NULL, 0);
	check_list(&b.snapshot->tasks.items[0]->awaited_by, "");
}

static void no_cycle_in_a_diamond(void **state)
{
	(void)state;
	add_tasks(4);
	add_edges("ab ac bd cd");
	check_cycles("");
}

static void no_tasks_no_cycles(void **state)
{
	(void)state;
	build_done(&b);
	check_cycles("");
}

static void a_task_that_awaits_itself(void **state)
{
	(void)state;
	add_tasks(3);
	add_edges("ab bb bc");
	check_cycles("b");
}

static void cycles_are_in_the_order_of_waiting(void **state)
{
	(void)state;
	add_tasks(6);
	/* C waits for A and A for B: not the order of their creation. */
	add_edges("fe ef db bd ba ac cb");
	check_cycles("acb ef");
}

static void a_cycle_is_simple_and_real(void **state)
{
	(void)state;
	add_tasks(8);
	add_edges("ab bc cd da ce ef fg gc hb ga");
	assert_int_equal(b.snapshot->cycles.count, 1);
	const struct task_list *cycle = &b.snapshot->cycles.items[0];
	assert_true(cycle->count > 1);
	for (uint32_t i = 0; i < cycle->count; i++) {
		const struct task *task = cycle->items[i];
		const struct task *next = cycle->items[(i + 1) % cycle->count];
		bool awaits = false;
		for (uint32_t k = 0; k < task->awaits.count; k++)
			awaits |= task->awaits.items[k] == next;
		assert_true(awaits);
		for (uint32_t k = 0; k < i; k++)
			assert_ptr_not_equal(cycle->items[k], task);
	}
}

static void components_are_higher_than_what_they_await(void **state)
{
	uint32_t component[5];

	(void)state;
	add_tasks(5);
	add_edges("ab bc cb cd ea");
	assert_int_equal(graph_components(b.snapshot, false, component), 4);
	assert_int_equal(component[1], component[2]);
	assert_true(component[4] > component[0]);
	assert_true(component[0] > component[1]);
	assert_true(component[2] > component[3]);
}

static void check_order(const uint32_t *order, const char *expected)
{
	for (size_t i = 0; i < strlen(expected); i++)
		assert_int_equal(order[i], expected[i] - 'a');
}

static void without_cycles_tasks_have_an_order(void **state)
{
	(void)state;
	add_tasks(5);
	add_edges("ab bc ac cd eb");
	check_order(b.snapshot->order, "dcbae");
	build_await(&b, b.tasks.items[2], b.tasks.items[0]);
	build_done(&b);
	assert_null(b.snapshot->order);
}

static void edges_between_loops_may_be_left_out(void **state)
{
	uint32_t component[2];
	const struct loop *one = build_loop(&b, "Loop", 1), *two = build_loop(&b, "Loop", 2);

	(void)state;
	build_task(&b, "A", place, TASK_WAITING, one);
	build_task(&b, "B", place, TASK_WAITING, two);
	add_edges("ab ba");
	assert_int_equal(graph_components(b.snapshot, false, component), 1);
	assert_int_equal(graph_components(b.snapshot, true, component), 2);
	check_cycles("ab");
}

enum { MANY = 100000 };

static void a_long_chain_that_bites_its_tail(void **state)
{
	(void)state;
	add_tasks(MANY);
	for (uint32_t i = 0; i + 1 < MANY; i++)
		build_await(&b, b.tasks.items[i], b.tasks.items[i + 1]);
	build_done(&b);
	assert_int_equal(b.snapshot->cycles.count, 0);
	build_await(&b, b.tasks.items[MANY - 1], b.tasks.items[0]);
	build_done(&b);
	assert_int_equal(b.snapshot->cycles.count, 1);
	assert_int_equal(b.snapshot->cycles.items[0].count, MANY);
	assert_int_equal(b.snapshot->cycles.items[0].items[MANY - 1]->index, MANY - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
		TEST(edges_are_linked_both_ways_and_once),
		TEST(linking_again_replaces_the_edges),
		TEST(no_cycle_in_a_diamond),
		TEST(no_tasks_no_cycles),
		TEST(a_task_that_awaits_itself),
		TEST(cycles_are_in_the_order_of_waiting),
		TEST(a_cycle_is_simple_and_real),
		TEST(components_are_higher_than_what_they_await),
		TEST(without_cycles_tasks_have_an_order),
		TEST(edges_between_loops_may_be_left_out),
		TEST(a_long_chain_that_bites_its_tail),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
