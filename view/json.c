/* A snapshot as JSON: see json.h. */
#include "view/json.h"

#include <time.h>

#include "base/version.h"
#include "model/fields.h"
#include "model/finding.h"

/* The value at a field's place in a task or a wait. */
#define VALUE(type, task, field)                                                                   \
	(*(const type *)(const void *)((const char *)(task) + (field)->offset))

static void put_string(struct json_writer *json, const char *key, const char *text)
{
	json_key(json, key);
	json_string(json, text);
}

static void put_int(struct json_writer *json, const char *key, int64_t value)
{
	json_key(json, key);
	json_int(json, value);
}

static void put_unsigned(struct json_writer *json, const char *key, uint64_t value)
{
	json_key(json, key);
	json_unsigned(json, value);
}

static void put_bool(struct json_writer *json, const char *key, bool value)
{
	json_key(json, key);
	json_bool(json, value);
}

static void put_null(struct json_writer *json, const char *key)
{
	json_key(json, key);
	json_null(json);
}

static void write_positive(struct json_writer *json, int value)
{
	if (value > 0)
		json_int(json, value);
	else
		json_null(json);
}

/* An int that is 0 where there is none. */
static void put_positive(struct json_writer *json, const char *key, int value)
{
	json_key(json, key);
	write_positive(json, value);
}

static void put_seconds(struct json_writer *json, const char *key, double seconds)
{
	json_key(json, key);
	json_decimal(json, seconds); /* null where it is no number */
}

static void write_count(struct json_writer *json, int64_t count)
{
	if (count < 0)
		json_null(json);
	else
		json_int(json, count);
}

/* A number that is negative where it is not known. */
static void put_count(struct json_writer *json, const char *key, int64_t count)
{
	json_key(json, key);
	write_count(json, count);
}

static void write_loop_id(struct json_writer *json, const struct loop *loop)
{
	if (loop)
		json_address(json, loop->id);
	else
		json_null(json);
}

static void write_stack(struct json_writer *json, const struct stack *stack)
{
	json_array(json);
	for (uint32_t i = 0; stack && i < stack->depth; i++) {
		const struct frame *frame = stack->frames[i];
		json_object(json);
		put_string(json, "function", frame->function);
		put_string(json, "file", frame->file);
		put_positive(json, "line", frame->line);
		json_end(json);
	}
	json_end(json);
}

static void write_task_ids(struct json_writer *json, const struct task_list *tasks)
{
	json_array(json);
	for (uint32_t i = 0; i < tasks->count; i++)
		json_address(json, tasks->items[i]->id);
	json_end(json);
}

static void write_words(struct json_writer *json, const char **words)
{
	if (!words) {
		json_null(json);
		return;
	}
	json_array(json);
	for (; *words; words++)
		json_string(json, *words);
	json_end(json);
}

/* A lock's holders stand with each task that waits for it: of many both, that would
 * be a product.  Beyond so many ids, a task has the first few. */
enum { HOLDERS_MOST = 1000000, HOLDERS_LEAST = 16 };

static void write_holders(struct json_writer *json, struct task_list holders, size_t *written)
{
	if (*written > HOLDERS_MOST && holders.count > HOLDERS_LEAST)
		holders.count = HOLDERS_LEAST;
	*written += holders.count;
	write_task_ids(json, &holders);
}

static void write_wait_value(struct json_writer *json, const struct wait *wait,
		const struct wait_field *field, size_t *holders)
{
	json_key(json, field->key);
	switch (field->type) {
	case WAIT_COUNT:
		write_count(json, VALUE(int64_t, wait, field));
		break;
	case WAIT_SECONDS:
		json_decimal(json, VALUE(double, wait, field));
		break;
	case WAIT_TASKS:
		write_holders(json, VALUE(struct task_list, wait, field), holders);
		break;
	case WAIT_TEXT:
		json_string(json, VALUE(char *, wait, field));
		break;
	case WAIT_WORDS:
		write_words(json, VALUE(char **, wait, field));
		break;
	}
}

static void write_wait(struct json_writer *json, const struct wait *wait, size_t *holders)
{
	if (!wait) {
		json_null(json);
		return;
	}
	json_object(json);
	put_string(json, "kind", wait_kind_name(wait->kind));
	json_key(json, "object");
	if (wait->object)
		json_address(json, wait->object);
	else
		json_null(json);
	json_key(json, "tasks");
	write_task_ids(json, &wait->tasks);
	json_key(json, "timeout_remaining_s");
	json_decimal(json, wait->timeout_s);
	for (size_t i = 0; i < wait_field_count; i++)
		if (wait_fields[i].kinds >> wait->kind & 1)
			write_wait_value(json, wait, &wait_fields[i], holders);
	json_end(json);
}

static void write_field(struct json_writer *json, const struct task *task,
		const struct field *field, size_t *holders)
{
	json_key(json, field->key);
	switch (field->type) {
	case FIELD_ADDRESS:
		json_address(json, VALUE(uint64_t, task, field));
		break;
	case FIELD_TEXT:
		json_string(json, VALUE(char *, task, field));
		break;
	case FIELD_INT64:
		json_int(json, VALUE(int64_t, task, field));
		break;
	case FIELD_INT:
		json_int(json, VALUE(int, task, field));
		break;
	case FIELD_TID:
		write_positive(json, VALUE(int, task, field));
		break;
	case FIELD_BOOL:
		json_bool(json, VALUE(bool, task, field));
		break;
	case FIELD_STATE:
		json_string(json, task_state_name(VALUE(enum task_state, task, field)));
		break;
	case FIELD_LOOP:
		write_loop_id(json, VALUE(struct loop *, task, field));
		break;
	case FIELD_STACK:
		write_stack(json, VALUE(struct stack *, task, field));
		break;
	case FIELD_TASKS:
		write_task_ids(json, &VALUE(struct task_list, task, field));
		break;
	case FIELD_WAIT:
		write_wait(json, VALUE(struct wait *, task, field), holders);
		break;
	case FIELD_ORIGIN:
		if (VALUE(struct stack *, task, field))
			write_stack(json, VALUE(struct stack *, task, field));
		else
			json_null(json);
		break;
	}
}

static void write_task(struct json_writer *json, const struct task *task, size_t *holders)
{
	json_object(json);
	for (size_t i = 0; i < task_field_count; i++)
		write_field(json, task, &task_fields[i], holders);
	json_end(json);
}

static void put_tasks(struct json_writer *json, const struct snapshot *snapshot)
{
	size_t holders = 0; /* ids written */

	json_key(json, "tasks");
	json_array(json);
	/* Nobody reads the rest of it when the stream has failed. */
	for (uint32_t i = 0; i < snapshot->tasks.count && !ferror(json->out); i++)
		write_task(json, snapshot->tasks.items[i], &holders);
	for (uint32_t i = 0; i < snapshot->unfetched.count && !ferror(json->out); i++)
		write_task(json, snapshot->unfetched.items[i], &holders);
	json_end(json);
}

static void put_command(struct json_writer *json, const struct snapshot *snapshot)
{
	json_key(json, "command");
	if (!snapshot->command) {
		json_null(json);
		return;
	}
	json_array(json);
	for (char **argument = snapshot->command; *argument; argument++)
		json_string(json, *argument);
	json_end(json);
}

static void put_python(struct json_writer *json, const struct snapshot *snapshot)
{
	json_key(json, "python");
	json_object(json);
	put_string(json, "version", snapshot->python_version);
	put_bool(json, "free_threaded", snapshot->free_threaded);
	put_bool(json, "debug", snapshot->debug);
	json_end(json);
}

static void put_reading(struct json_writer *json, const struct snapshot *snapshot)
{
	json_key(json, "snapshot");
	json_object(json);
	put_string(json, "mode", snapshot_mode_name(snapshot->mode));
	put_bool(json, "consistent", snapshot->consistent);
	put_unsigned(json, "attempts", snapshot->attempts);
	json_key(json, "pause_us");
	if (snapshot->pause_us >= 0)
		json_decimal(json, snapshot->pause_us);
	else
		json_null(json);
	json_key(json, "read_us");
	json_decimal(json, snapshot->read_us);
	put_unsigned(json, "bytes_read", snapshot->bytes_read);
	put_unsigned(json, "dropped", snapshot->dropped);
	json_key(json, "warnings");
	json_array(json);
	for (size_t i = 0; i < snapshot->warnings.count; i++)
		json_string(json, snapshot->warnings.items[i]);
	json_end(json);
	json_end(json);
}

static void put_interpreters(struct json_writer *json, const struct snapshot *snapshot)
{
	json_key(json, "interpreters");
	json_array(json);
	for (size_t i = 0; i < snapshot->interpreters.count; i++) {
		json_object(json);
		put_int(json, "id", snapshot->interpreters.items[i].id);
		put_bool(json, "main", snapshot->interpreters.items[i].main);
		json_end(json);
	}
	json_end(json);
}

static void put_threads(struct json_writer *json, const struct snapshot *snapshot)
{
	json_key(json, "threads");
	json_array(json);
	for (size_t i = 0; i < snapshot->threads.count; i++) {
		const struct thread *thread = &snapshot->threads.items[i];
		json_object(json);
		put_int(json, "interpreter", thread->interpreter);
		put_positive(json, "tid", thread->tid);
		put_string(json, "name", thread->name);
		put_bool(json, "holds_gil", thread->holds_gil);
		json_key(json, "loop");
		write_loop_id(json, thread->loop);
		json_key(json, "current_task");
		if (thread->current_task)
			json_address(json, thread->current_task->id);
		else
			json_null(json);
		json_key(json, "stack");
		write_stack(json, thread->stack);
		json_end(json);
	}
	json_end(json);
}

static void put_executor(struct json_writer *json, const struct loop *loop)
{
	json_key(json, "executor");
	if (!loop->has_executor) {
		json_null(json);
		return;
	}
	json_object(json);
	put_count(json, "pool_size", loop->executor.workers);
	put_count(json, "busy", loop->executor.busy);
	put_count(json, "pool_queue", loop->executor.queued);
	json_end(json);
}

static void put_loops(struct json_writer *json, const struct snapshot *snapshot)
{
	json_key(json, "loops");
	json_array(json);
	for (size_t i = 0; i < snapshot->loops.count; i++) {
		const struct loop *loop = &snapshot->loops.items[i];
		json_object(json);
		json_key(json, "id");
		json_address(json, loop->id);
		put_string(json, "type", loop->type);
		put_int(json, "interpreter", loop->interpreter);
		put_positive(json, "tid", loop->tid);
		put_bool(json, "running", loop->tid != 0);
		put_seconds(json, "blocked_s", loop->blocked_s);
		put_count(json, "ready", loop->ready);
		put_count(json, "timers", loop->timers);
		put_seconds(json, "next_timer_s", loop->next_timer_s);
		put_executor(json, loop);
		json_end(json);
	}
	json_end(json);
}

static void put_cycles(struct json_writer *json, const struct snapshot *snapshot)
{
	json_key(json, "cycles");
	json_array(json);
	for (size_t i = 0; i < snapshot->cycles.count; i++)
		write_task_ids(json, &snapshot->cycles.items[i]);
	json_end(json);
}

static void put_findings(struct json_writer *json, const struct snapshot *snapshot)
{
	json_key(json, "findings");
	json_array(json);
	for (size_t i = 0; i < snapshot->findings.count; i++) {
		const struct finding *finding = &snapshot->findings.items[i];
		json_object(json);
		put_string(json, "kind", finding_kind_name(finding->kind));
		put_bool(json, "likely", finding->likely);
		put_string(json, "message", finding->message);
		put_unsigned(json, "count", finding->count);
		json_key(json, "tasks");
		write_task_ids(json, &finding->tasks);
		json_end(json);
	}
	json_end(json);
}

void json_output_begin(struct json_output *output, FILE *out)
{
	json_init(&output->json, out);
	output->opened = false;
}

static void put_time(struct json_writer *json, const char *key, struct timespec when)
{
	char seconds[32], text[64];
	struct tm utc;

	if (!gmtime_r(&when.tv_sec, &utc) ||
			!strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &utc)) {
		put_null(json, key);
		return;
	}
	snprintf(text, sizeof(text), "%s.%06ldZ", seconds, when.tv_nsec / 1000);
	put_string(json, key, text);
}

static void open_once(struct json_output *output, struct timespec when)
{
	struct json_writer *json = &output->json;

	if (output->opened)
		return;
	output->opened = true;
	json_object(json);
	put_string(json, "schema", "asynctree-1");
	put_string(json, "tool", "asynctree " ASYNCTREE_VERSION);
	put_time(json, "taken_at", when);
	json_key(json, "processes");
	json_array(json);
}

static struct timespec now(void)
{
	struct timespec when;

	clock_gettime(CLOCK_REALTIME, &when);
	return when;
}

void json_output_snapshot(struct json_output *output, const struct snapshot *snapshot)
{
	struct json_writer *json = &output->json;

	open_once(output, snapshot->taken_at);
	json_object(json);
	put_int(json, "pid", snapshot->pid);
	put_command(json, snapshot);
	put_string(json, "executable", snapshot->executable);
	put_python(json, snapshot);
	put_reading(json, snapshot);
	put_interpreters(json, snapshot);
	put_threads(json, snapshot);
	put_loops(json, snapshot);
	put_tasks(json, snapshot);
	put_cycles(json, snapshot);
	put_findings(json, snapshot);
	json_end(json);
}

void json_output_error(struct json_output *output, int pid, const struct error *error)
{
	struct json_writer *json = &output->json;

	open_once(output, now());
	json_object(json);
	put_int(json, "pid", pid);
	json_key(json, "error");
	json_object(json);
	put_string(json, "kind", error_kind_name(error->kind));
	put_string(json, "message", error->message);
	json_end(json);
	json_end(json);
}

void json_output_end(struct json_output *output)
{
	open_once(output, now());
	json_end(&output->json);
	json_end(&output->json);
}
