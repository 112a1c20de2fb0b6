/* What the value stacks of suspended frames tell, in every build. */
#include <math.h>

#include "cpython/contexts.h"
#include "tests/unit/fabricate.h"

/* A reader of one task, and classes that are asyncio's and contextlib's. */
struct scene {
	struct world *w;
	struct reader reader;
	remote_addr function_type, method_type, float_type;
	remote_addr locks;       /* the globals of asyncio.locks */
	remote_addr enter, exit; /* of a lock */
	remote_addr awaited;
};

static void put(struct scene *s, remote_addr at, uint64_t value)
{
	memory_put_u64(&s->w->memory, at, value);
}

static remote_addr static_type(struct scene *s, const char *name)
{
	struct type_spec spec = { .name = name, .in_image = true };
	return make_type(s->w, &spec);
}

static remote_addr function(struct scene *s, const char *name, remote_addr globals)
{
	remote_addr at = make_object(s->w, s->w->builtin[T_FUNCTION], 128);

	put(s, at + s->w->layout.function.code, make_plain_code(s->w, name));
	put(s, at + s->w->layout.function.globals, globals);
	return at;
}

static remote_addr code_of(struct scene *s, remote_addr function)
{
	return memory_get_u64(&s->w->memory, function + s->w->layout.function.code);
}

/* A class whose objects have a dict in front of them. */
static remote_addr class_with(struct scene *s, const char *name, remote_addr base,
		remote_addr enter, remote_addr exit)
{
	struct type_spec spec = {
		.name = name,
		.flags = TYPE_HEAP | TYPE_MANAGED_DICT,
		.base = base,
	};
	remote_addr at = make_type(s->w, &spec);

	put(s, at + s->w->layout.type.dict,
			make_dict_of(s->w, 2, (const char *[]){ "__aenter__", "__aexit__" },
					(remote_addr[]){ enter, exit }));
	return at;
}

static struct asyncio_names *names(struct scene *s)
{
	return &s->reader.interpreters.items[0].asyncio;
}

static remote_addr known_class(struct scene *s, enum class class, const char *name,
		remote_addr enter, remote_addr exit)
{
	names(s)->class_sought[class] = true;
	names(s)->classes[class] = class_with(s, name, 0, enter, exit);
	return names(s)->classes[class];
}

static void scene_init(struct scene *s, struct world *w)
{
	*s = (struct scene){ .w = w };
	s->reader = (struct reader){ .python = &w->python, .now_s = 100 };
	*array_push(&s->reader.interpreters) = (struct interpreter_view){ 0 };
	*array_push(&s->reader.tasks) = (struct task_view){ .round = 1 };
	for (size_t i = 0; i < CLASSES; i++)
		names(s)->class_sought[i] = true;
	s->method_type = static_type(s, "method");
	s->float_type = static_type(s, "float");
	s->locks = names(s)->modules[MODULE_LOCKS] = make_dict_of(w, 0, NULL, NULL);
	s->enter = function(s, "_ContextManagerMixin.__aenter__", s->locks);
	s->exit = function(s, "_ContextManagerMixin.__aexit__", s->locks);
	known_class(s, CLASS_LOCK, "Lock", s->enter, s->exit);
	s->awaited = make_object(w, make_class(w, "Awaitable", 0), 32);
}

static void scene_deinit(struct scene *s)
{
	array_free(&s->reader.interpreters);
	array_free(&s->reader.tasks);
	array_free(&s->reader.holdings);
	chain_deinit(&s->reader.chain);
	queue_deinit(&s->reader.queue);
}

static remote_addr instance(struct scene *s, remote_addr class)
{
	return make_object(s->w, class, 64);
}

static remote_addr lock(struct scene *s)
{
	return instance(s, names(s)->classes[CLASS_LOCK]);
}

static void set_attributes(struct scene *s, remote_addr object, size_t count,
		const char *const *attributes, const remote_addr *values)
{
	put(s, object + (uint64_t)s->w->layout.managed_dict,
			make_dict_of(s->w, count, attributes, values));
}

/* A coroutine of the code (0: any) that awaits an object, with two words below it. */
static remote_addr awaiting(struct scene *s, remote_addr code, uint64_t exit, uint64_t self,
		remote_addr awaited)
{
	const uint64_t words[] = { exit, self, awaited, 1 };
	const struct frame_spec spec = {
		.code = code ? code : make_plain_code(s->w, "user"),
		.unit = 2,
		.stack = s->w->published->sentinel_above_awaited ? 4 : 3,
		.stack_words = words,
	};
	return make_generator(s->w, T_COROUTINE, AWAITING, &spec);
}

static remote_addr inside(struct scene *s, uint64_t exit, uint64_t self)
{
	return awaiting(s, 0, exit, self, s->awaited);
}

/* An asynchronous generator at a yield. */
static remote_addr yielding(struct scene *s, uint64_t exit, uint64_t self)
{
	const uint64_t words[] = { exit, self };
	const struct frame_spec spec = {
		.code = make_plain_code(s->w, "items"),
		.unit = 2,
		.stack = 2,
		.stack_words = words,
	};
	return make_generator(s->w, T_ASYNC_GENERATOR, SUSPENDED, &spec);
}

static double read_task(struct scene *s, remote_addr coroutine)
{
	s->reader.holdings.count = 0;
	chain_walk(&s->w->python, coroutine, &s->reader.chain);
	return contexts_read(&s->reader, 0);
}

/* Whether the task in the coroutine holds that and nothing else; 0: nothing. */
static void assert_held(struct scene *s, remote_addr coroutine, remote_addr object)
{
	read_task(s, coroutine);
	assert_int_equal(s->reader.holdings.count, object ? 1 : 0);
	if (!object)
		return;
	assert_int_equal(s->reader.holdings.items[0].object, object);
	assert_int_equal(s->reader.holdings.items[0].task, 0);
	assert_int_equal(s->reader.holdings.items[0].round, 1);
}

static void a_lock_whose_exit_is_there(void **state)
{
	struct scene s;
	scene_init(&s, *state);
	remote_addr x = lock(&s);
	remote_addr other = function(&s, "_ContextManagerMixin.__aexit__", s.locks);

	assert_held(&s, inside(&s, s.exit, x), x);
	assert_held(&s, inside(&s, s.exit | 1, x | 1), x); /* borrowed */
	assert_held(&s, awaiting(&s, 0, 1, 1, inside(&s, s.exit, x)), x);
	/* Its class; the wrong function; the wrong order; no object; nothing. */
	assert_held(&s, inside(&s, s.exit, instance(&s, make_class(s.w, "Lock", 0))), 0);
	assert_held(&s, inside(&s, other, x), 0);
	assert_held(&s, inside(&s, x, s.exit), 0);
	assert_held(&s, inside(&s, s.exit, 7), 0);
	assert_held(&s, inside(&s, s.exit, s.exit), 0);
	assert_held(&s, inside(&s, 1, 1), 0);
	assert_held(&s, inside(&s, s.exit, 8), 0);
	scene_deinit(&s);
}

static void classes_of_a_user(void **state)
{
	struct scene s;
	scene_init(&s, *state);
	remote_addr own = function(&s, "Mine.__aexit__", 0);
	remote_addr plain = make_class(s.w, "Mine", names(&s)->classes[CLASS_LOCK]);
	remote_addr x = instance(&s, plain);
	remote_addr y = instance(
			&s, class_with(&s, "Mine", names(&s)->classes[CLASS_LOCK], s.enter, own));

	assert_held(&s, inside(&s, s.exit, x), x); /* inherited */
	assert_held(&s, inside(&s, own, y), y);
	assert_held(&s, inside(&s, s.exit, y), 0); /* what it does not leave by */
	assert_held(&s, inside(&s, own, instance(&s, class_with(&s, "Mine", 0, s.enter, own))), 0);
	scene_deinit(&s);
}

/* Lets `self` be the first argument of a coroutine. */
static remote_addr with_self(struct scene *s, remote_addr coroutine, remote_addr self)
{
	put(s, coroutine + s->w->layout.generator.iframe + s->w->layout.frame.localsplus, self);
	return coroutine;
}

static void on_its_way_in_or_out(void **state)
{
	struct scene s;
	scene_init(&s, *state);
	remote_addr x = lock(&s), y = lock(&s);
	remote_addr cell = make_object(s.w, s.w->builtin[T_CELL], 32);
	remote_addr codes[] = { code_of(&s, s.enter), code_of(&s, s.exit) };

	put(&s, cell + s.w->layout.cell.contents, x);
	for (int i = 0; i < 2; i++) {
		remote_addr of_x = with_self(&s, awaiting(&s, codes[i], 1, 1, s.awaited), x);
		remote_addr of_cell = with_self(&s, awaiting(&s, codes[i], 1, 1, s.awaited), cell);
		remote_addr of_y = with_self(&s, awaiting(&s, codes[i], 1, 1, s.awaited), y);
		assert_held(&s, awaiting(&s, 0, s.exit, x, of_x), 0);
		assert_held(&s, awaiting(&s, 0, s.exit, x, of_cell), 0);
		assert_held(&s, awaiting(&s, 0, s.exit, x, of_y), x);
		/* Not the frame that called, but one further out: it has it. */
		assert_held(&s, awaiting(&s, 0, s.exit, x, awaiting(&s, 0, 1, 1, of_x)), x);
	}
	scene_deinit(&s);
}

static void a_frame_that_executes_tells_nothing(void **state)
{
	struct scene s;
	scene_init(&s, *state);
	const uint64_t words[] = { s.exit, lock(&s), s.awaited, 1 };
	const struct frame_spec spec = {
		.code = make_plain_code(s.w, "user"),
		.unit = 2,
		.stack = 4,
		.stack_words = words,
	};

	assert_held(&s, make_generator(s.w, T_COROUTINE, EXECUTING, &spec), 0);
	assert_held(&s, make_generator(s.w, T_COROUTINE, CREATED, &spec), 0);
	assert_held(&s, make_generator(s.w, T_COROUTINE, FINISHED, &spec), 0);
	scene_deinit(&s);
}

static void managers_made_of_generators(void **state)
{
	struct scene s;
	scene_init(&s, *state);
	remote_addr exit = function(&s, "_AsyncGeneratorContextManager.__aexit__", 0);
	remote_addr class = known_class(&s, CLASS_ASYNC_GENERATOR_MANAGER,
			"_AsyncGeneratorContextManager", 0, exit);
	remote_addr x = lock(&s), manager = instance(&s, class), circle = instance(&s, class);
	remote_addr generator = yielding(&s, s.exit, x);

	set_attributes(&s, manager, 1, (const char *[]){ "gen" }, &generator);
	assert_held(&s, inside(&s, exit, manager), x);
	/* Iterated over, it is there as it is. */
	assert_held(&s, inside(&s, 1, generator), x);
	/* It leads to itself, and ends. */
	generator = yielding(&s, exit, circle);
	set_attributes(&s, circle, 1, (const char *[]){ "gen" }, &generator);
	assert_held(&s, inside(&s, exit, circle), 0);
	/* What awaits is in a chain of its own. */
	generator = inside(&s, s.exit, x);
	put(&s, generator + s.w->layout.object.type, s.w->builtin[T_ASYNC_GENERATOR]);
	assert_held(&s, inside(&s, 1, generator), 0);
	scene_deinit(&s);
}

static remote_addr callback(struct scene *s, remote_addr callable)
{
	return make_tuple(s->w, 2, (remote_addr[]){ s->w->none, callable });
}

static remote_addr method(struct scene *s, remote_addr function, remote_addr self)
{
	remote_addr at = make_object(s->w, s->method_type, 64);

	put(s, at + s->w->layout.method.func, function);
	put(s, at + s->w->layout.method.self, self);
	return at;
}

static void exit_stacks(void **state)
{
	struct scene s;
	scene_init(&s, *state);
	remote_addr exit = function(&s, "AsyncExitStack.__aexit__", 0);
	remote_addr stack = instance(
			&s, known_class(&s, CLASS_ASYNC_EXIT_STACK, "AsyncExitStack", 0, exit));
	remote_addr x = lock(&s);
	remote_addr entries[] = {
		callback(&s, s.exit),                  /* a function */
		callback(&s, method(&s, exit, x)),     /* not the exit of a lock */
		callback(&s, method(&s, s.exit, 12)),  /* no object */
		callback(&s, method(&s, exit, stack)), /* it itself */
		s.awaited,                             /* no entry */
		make_tuple(s.w, 1, &x),
		callback(&s, method(&s, s.exit, x)),
	};
	remote_addr callbacks = make_list(s.w, sizeof(entries) / sizeof(*entries), entries);

	assert_held(&s, inside(&s, exit, stack), 0); /* without any */
	set_attributes(&s, stack, 1, (const char *[]){ "_exit_callbacks" }, &callbacks);
	world_read_anew(s.w);
	assert_held(&s, inside(&s, exit, stack), x);
	scene_deinit(&s);
}

static remote_addr real(struct scene *s, double value)
{
	remote_addr at = make_object(s->w, s->float_type, 32);

	memory_put(&s->w->memory, at + s->w->layout.real.value, &value, sizeof(value));
	return at;
}

static remote_addr timeout(struct scene *s, remote_addr class, remote_addr timer, remote_addr when)
{
	remote_addr at = instance(s, class);

	set_attributes(s, at, 2, (const char *[]){ "_timeout_handler", "_when" },
			(remote_addr[]){ timer, when });
	return at;
}

static void the_first_timeout_counts(void **state)
{
	struct scene s;
	scene_init(&s, *state);
	remote_addr exit = function(&s, "Timeout.__aexit__", 0);
	remote_addr class = known_class(&s, CLASS_TIMEOUT, "Timeout", 0, exit);
	remote_addr timer = s.awaited;
	remote_addr late = inside(&s, exit, timeout(&s, class, timer, real(&s, 130.5)));
	remote_addr soon = timeout(&s, class, timer, make_int(s.w, 110));

	assert_true(read_task(&s, late) == 30.5);
	assert_true(read_task(&s, awaiting(&s, 0, exit, soon, late)) == 10);
	assert_true(isnan(read_task(
			&s, inside(&s, exit, timeout(&s, class, s.w->none, real(&s, 1))))));
	assert_true(isnan(read_task(&s, inside(&s, exit, timeout(&s, class, timer, s.w->none)))));
	assert_true(isnan(read_task(&s, inside(&s, exit, instance(&s, class)))));
	assert_int_equal(s.reader.holdings.count, 0);
	scene_deinit(&s);
}

static void work_is_bounded(void **state)
{
	struct scene s;
	scene_init(&s, *state);
	remote_addr coroutine = inside(&s, s.exit, lock(&s));

	chain_walk(&s.w->python, coroutine, &s.reader.chain);
	s.w->python.work_left = 0;
	contexts_read(&s.reader, 0);
	assert_int_equal(s.reader.holdings.count, 0);
	scene_deinit(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_EVERY_BUILD(a_lock_whose_exit_is_there),
		IN_EVERY_BUILD(classes_of_a_user),
		IN_EVERY_BUILD(on_its_way_in_or_out),
		IN_EVERY_BUILD(a_frame_that_executes_tells_nothing),
		IN_EVERY_BUILD(managers_made_of_generators),
		IN_EVERY_BUILD(exit_stacks),
		IN_EVERY_BUILD(the_first_timeout_counts),
		IN_EVERY_BUILD(work_is_bounded),
	};
	return cmocka_run_group_tests_name("contexts", tests, NULL, NULL);
}
