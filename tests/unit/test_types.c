/* Types: told apart by where they are made, not by what they are called. */
#include <string.h>

#include "tests/unit/fabricate.h"

static enum kind kind_at(struct world *w, remote_addr type)
{
	const struct type *found = type_at(&w->python, type);

	assert_non_null(found);
	return found->kind;
}

static void the_types_of_cpython(void **state)
{
	static const enum kind kinds[BUILTINS] = {
		[T_CODE] = KIND_CODE,
		[T_SET] = KIND_SET,
		[T_COROUTINE] = KIND_COROUTINE,
		[T_GENERATOR] = KIND_GENERATOR,
		[T_ASYNC_GENERATOR] = KIND_ASYNC_GENERATOR,
		[T_COROUTINE_WRAPPER] = KIND_COROUTINE_WRAPPER,
		[T_ASEND] = KIND_ASEND,
		[T_ATHROW] = KIND_ATHROW,
		[T_ANEXT] = KIND_ANEXT,
		[T_NONE] = KIND_NONE,
		[T_FUNCTION] = KIND_FUNCTION,
		[T_CELL] = KIND_CELL,
		[T_MODULE] = KIND_MODULE,
		[T_WEAKREF] = KIND_WEAKREF,
		[T_FUTURE] = KIND_FUTURE,
		[T_TASK] = KIND_TASK,
		[T_FUTURE_ITER] = KIND_FUTURE_ITER,
	};
	struct world *w = *state;

	for (size_t i = 0; i < BUILTINS; i++)
		assert_int_equal(kind_at(w, w->builtin[i]), kinds[i]);
	const struct type *task = type_at(&w->python, w->builtin[T_TASK]);
	assert_true(task->is_task && task->is_future);
	assert_string_equal(task->name, "Task");
	const struct type *future = type_at(&w->python, w->builtin[T_FUTURE]);
	assert_true(!future->is_task && future->is_future);
	assert_ptr_equal(task, type_at(&w->python, w->builtin[T_TASK]));
	assert_string_equal(type_at(&w->python, w->builtin[T_WEAKREF])->name, "ReferenceType");
}

/* What a class statement makes is on the heap and not immutable; an extension
 * module may have static types, but not in CPython's image. */
static void a_name_proves_nothing(void **state)
{
	static const char *const names[] = { "coroutine", "code", "set", "NoneType", "function",
		"_asyncio.Task", "_asyncio.Future", "_asyncio.FutureIter" };
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		const struct type *type = type_at(&w->python, make_class(w, names[i], 0));
		assert_int_equal(type->kind, KIND_OTHER);
		assert_false(type->is_task || type->is_future);
		struct type_spec elsewhere = { .name = names[i] };
		assert_int_equal(kind_at(w, make_type(w, &elsewhere)), KIND_OTHER);
	}
	struct type_spec immutable = { .name = "coroutine", .flags = TYPE_HEAP | TYPE_IMMUTABLE };
	assert_int_equal(kind_at(w, make_type(w, &immutable)), KIND_OTHER);
	struct type_spec in_image = { .name = "_asyncio.Task", .in_image = true };
	assert_int_equal(kind_at(w, make_type(w, &in_image)), KIND_OTHER);
}

static void subclasses_are_tasks_too(void **state)
{
	struct world *w = *state;
	remote_addr mine = make_class(w, "MyTask", w->builtin[T_TASK]);
	const struct type *type = type_at(&w->python, make_class(w, "Task", mine));

	assert_true(type->is_task && type->is_future);
	assert_int_equal(type->kind, KIND_OTHER);
	assert_true(type_is_a(type, mine));
	assert_true(type_is_a(type, type->address));
	assert_false(type_is_a(type, w->builtin[T_INT]));
	assert_false(type_is_a(type, 0));
	const struct type *gathering = type_at(
			&w->python, make_class(w, "_GatheringFuture", w->builtin[T_FUTURE]));
	assert_true(gathering->is_future && !gathering->is_task);
}

static void names_are_without_their_module(void **state)
{
	struct world *w = *state;

	assert_string_equal(
			type_at(&w->python, make_class(w, "uvloop.loop.Loop", 0))->name, "Loop");
	assert_string_equal(type_at(&w->python, make_class(w, "trailing.", 0))->name, "");
	/* A class may be called anything, at length. */
	char name[5000];
	memset(name, 'n', sizeof(name));
	name[4095] = '\0';
	assert_int_equal(strlen(type_at(&w->python, make_class(w, name, 0))->name), 4095);
	name[4095] = 'n';
	name[4999] = '\0';
	assert_null(type_at(&w->python, make_class(w, name, 0)));
}

static void what_is_no_type_is_refused(void **state)
{
	struct world *w = *state;
	remote_addr tail = make_tail_block(w, 16);

	assert_null(type_at(&w->python, 0));
	assert_null(type_at(&w->python, 8));
	assert_null(type_at(&w->python, w->builtin[T_INT] + 1));
	assert_null(type_at(&w->python, make_str(w, "str")));
	assert_null(type_at(&w->python, tail));
	assert_null(type_at(&w->python, UINT64_MAX - 7));
	assert_null(type_of(&w->python, 0));
	assert_null(type_of(&w->python, w->none + 4));
	assert_null(type_of(&w->python, UINT64_MAX - 7));
	assert_int_equal(type_of(&w->python, w->none)->kind, KIND_NONE);
}

static remote_addr make_type_with_mro(struct world *w, remote_addr mro)
{
	remote_addr type = make_class(w, "Odd", 0);

	memory_put_u64(&w->memory, type + w->layout.type.mro, mro);
	return type;
}

static void an_odd_mro_is_refused(void **state)
{
	static const uint64_t counts[] = { 0, 257, UINT64_MAX, INT64_MAX };
	struct world *w = *state;
	const remote_addr none = w->none;

	/* It lies outside of memory, does not begin with the type, is the type. */
	assert_null(type_at(&w->python, make_type_with_mro(w, 0)));
	assert_null(type_at(&w->python, make_type_with_mro(w, UINT64_MAX - 15)));
	assert_null(type_at(&w->python, make_type_with_mro(w, make_tuple(w, 1, &none))));
	remote_addr itself = make_class(w, "Itself", 0);
	memory_put_u64(&w->memory, itself + w->layout.type.mro, itself);
	assert_null(type_at(&w->python, itself));
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		remote_addr type = make_class(w, "Counted", 0);
		remote_addr mro = memory_get_u64(&w->memory, type + w->layout.type.mro);
		memory_put_u64(&w->memory, mro + w->layout.tuple.length, counts[i]);
		assert_null(type_at(&w->python, type));
	}
}

/* Each an ancestor of the other, and of itself; the metaclass too. */
static void types_in_a_circle_end(void **state)
{
	struct world *w = *state;
	remote_addr a = make_class(w, "A", 0), b = make_class(w, "B", 0);
	remote_addr mro_of_a = make_tuple(w, 4, (remote_addr[]){ a, b, a, b });
	remote_addr mro_of_b = make_tuple(w, 4, (remote_addr[]){ b, a, b, a });

	memory_put_u64(&w->memory, a + w->layout.type.mro, mro_of_a);
	memory_put_u64(&w->memory, b + w->layout.type.mro, mro_of_b);
	memory_put_u64(&w->memory, a + w->layout.object.type, b);
	memory_put_u64(&w->memory, b + w->layout.object.type, a);
	memory_put_u64(&w->memory, a + w->layout.type.flags, TYPE_HEAP | TYPE_TYPE);
	memory_put_u64(&w->memory, b + w->layout.type.flags, TYPE_HEAP | TYPE_TYPE);
	const struct type *type = type_at(&w->python, a);
	assert_non_null(type);
	assert_true(type_is_a(type, b));
	assert_false(type->is_task);
}

static void ancestors_that_are_nowhere_do_no_harm(void **state)
{
	struct world *w = *state;
	remote_addr type = make_class(w, "Odd", 0);
	remote_addr mro = make_tuple(
			w, 5, (remote_addr[]){ type, 0, 3, UINT64_MAX - 7, w->builtin[T_TASK] });

	memory_put_u64(&w->memory, type + w->layout.type.mro, mro);
	const struct type *found = type_at(&w->python, type);
	assert_non_null(found);
	assert_true(found->is_task);
}

static void absurd_sizes_are_refused(void **state)
{
	static const uint64_t sizes[] = { 1, 15, 17 << 20, UINT64_MAX };
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct type_spec spec = {
			.name = "Odd", .flags = TYPE_HEAP, .basicsize = sizes[i]
		};
		assert_null(type_at(&w->python, make_type(w, &spec)));
	}
}

/* What is torn now may be whole when it is read again. */
static void a_failure_is_not_remembered(void **state)
{
	struct world *w = *state;
	remote_addr type = make_class(w, "Late", 0);
	remote_addr mro = memory_get_u64(&w->memory, type + w->layout.type.mro);

	memory_put_u64(&w->memory, type + w->layout.type.mro, 0);
	assert_null(type_at(&w->python, type));
	memory_put_u64(&w->memory, type + w->layout.type.mro, mro);
	mem_verify(w->mem);
	assert_non_null(type_at(&w->python, type));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_EVERY_BUILD(the_types_of_cpython),
		IN_EVERY_BUILD(a_name_proves_nothing),
		IN_EVERY_BUILD(subclasses_are_tasks_too),
		IN_EVERY_BUILD(names_are_without_their_module),
		IN_EVERY_BUILD(what_is_no_type_is_refused),
		IN_EVERY_BUILD(an_odd_mro_is_refused),
		IN_EVERY_BUILD(types_in_a_circle_end),
		IN_EVERY_BUILD(ancestors_that_are_nowhere_do_no_harm),
		IN_EVERY_BUILD(absurd_sizes_are_refused),
		IN_EVERY_BUILD(a_failure_is_not_remembered),
	};
	return cmocka_run_group_tests_name("types", tests, NULL, NULL);
}
