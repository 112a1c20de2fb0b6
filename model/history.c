/* What was seen of each task from snapshot to snapshot: see history.h. */
#include "model/history.h"

#include <math.h>
#include <string.h>

#include "base/buffer.h"
#include "model/finding.h"
#include "model/location.h"
#include "model/words.h"

enum { NAME_BYTES = 32, FUNCTION_BYTES = 40, FILE_BYTES = 32 };

enum { MISSED_MAX = 3 }; /* then it has ended */

/* Two looks see the same deadline within this. */
static const double same_time_s = 0.02;

static void tracks_deinit(struct tracks *tracks)
{
	array_free(&tracks->items);
	table_deinit(&tracks->index);
}

void history_deinit(struct history *history)
{
	tracks_deinit(&history->last);
	tracks_deinit(&history->next);
	growth_deinit(&history->growth);
}

/* ---- who it is and where it stands ---- */

static uint64_t hash_text(uint64_t hash, const char *text)
{
	return text ? hash_mix(hash, hash_bytes(text, strlen(text))) : hash_mix(hash, 0);
}

/* Frames are other objects in each snapshot: what they say is compared.  Those of
 * a snapshot are shared, so each stack is looked at once. */
static uint64_t hash_stack(struct table *known, const struct stack *stack)
{
	bool added;
	uint64_t hash = 1;

	if (!stack)
		return 0;
	uint64_t *value = table_add(known, (uint64_t)(uintptr_t)stack, &added);
	if (!added)
		return *value;
	for (uint32_t i = 0; i < stack->depth; i++) {
		const struct frame *frame = stack->frames[i];
		hash = hash_text(hash_text(hash, frame->function), frame->file);
		hash = hash_mix(hash, (uint64_t)frame->line);
	}
	*value = hash;
	return hash;
}

static uint64_t hash_coroutine(struct table *known, const char *coroutine)
{
	bool added;
	uint64_t *value = table_add(known, (uint64_t)(uintptr_t)coroutine, &added);

	if (added)
		*value = hash_text(2, coroutine);
	return *value;
}

/* Without the name a task that took an ended one's address would be the same. */
static uint64_t key_of(struct table *known, const struct task *task)
{
	uint64_t key = hash_mix((uint64_t)task->interpreter, task->id);

	return hash_mix(hash_text(key, task->name), hash_coroutine(known, task->coroutine));
}

/* What is seen of a task in one look. */
static struct track sight(struct table *known, const struct task *task, double now_s)
{
	const struct wait *wait = task->waiting_on;
	uint64_t stack = hash_stack(known, task->stack);
	struct track seen = {
		.key = key_of(known, task),
		.loop = task->loop ? task->loop->id : 0,
		.stack = stack,
		.place = stack,
		.waiter = task->waiter,
		.deadline_s = NAN,
		.timeout_s = NAN,
		.running = task->state == TASK_RUNNING,
		.ready = task->state == TASK_READY,
	};

	seen.like = hash_mix(hash_mix(stack, seen.loop), hash_coroutine(known, task->coroutine));
	if (!wait)
		return seen;
	seen.like = hash_mix(seen.like, 1 + (uint64_t)wait->kind);
	seen.place = hash_mix(hash_mix(stack, 1 + (uint64_t)wait->kind), wait->object);
	if (wait->kind == WAIT_SLEEP)
		seen.deadline_s = now_s + wait->sleep.remaining_s;
	seen.timeout_s = now_s + wait->timeout_s;
	return seen;
}

static bool same_time(double a, double b)
{
	return (isnan(a) && isnan(b)) || fabs(a - b) <= same_time_s;
}

/* Whether the task was seen to have done something in between.  One that is ready
 * stands where it waited; one that was ready, and waits, has had its turn. */
static bool has_moved(const struct track *old, const struct track *seen)
{
	if (seen->running || old->running)
		return seen->running != old->running || seen->place != old->place;
	if (seen->ready)
		return seen->stack != old->stack;
	return old->ready || seen->place != old->place ||
	       (old->waiter && seen->waiter != old->waiter) ||
	       !same_time(seen->deadline_s, old->deadline_s) ||
	       (!isnan(old->timeout_s) && !same_time(seen->timeout_s, old->timeout_s));
}

static void copy_text(char *to, size_t size, struct buffer *text)
{
	size_t length = text->length < size ? text->length : size - 1;

	memcpy(to, buffer_text(text), length);
	to[length] = '\0';
	buffer_clear(text);
}

/* What will be said of it when it has ended. */
static void describe(struct track *track, const struct task *task, const struct paths *paths)
{
	const struct frame *frame = task_location(task);
	struct buffer text = { 0 };

	words_short(&text, task->name ? task->name : "", NAME_BYTES);
	copy_text(track->name, sizeof(track->name), &text);
	words_short(&text, task->coroutine ? task->coroutine : "?", FUNCTION_BYTES);
	if (frame && frame->file) {
		buffer_puts(&text, "  ");
		words_short(&text, paths_short(paths, frame->file), FILE_BYTES);
		if (frame->line > 0)
			buffer_printf(&text, ":%d", frame->line);
	}
	copy_text(track->where, sizeof(track->where), &text);
	buffer_deinit(&text);
}

static void begin_track(const struct history *history, struct track *track, double now_s)
{
	track->born_s = track->since_s = now_s;
	track->born_look = history->look;
	track->from_the_first = history->look == 1;
}

/* Takes over what was known of the task, and what it did since. */
static void go_on(
		struct history *history, struct track *track, const struct track *old, double now_s)
{
	bool moved = has_moved(old, track);
	struct track seen = *track;

	*track = *old;
	track->missed = 0;
	track->like = seen.like;
	track->loop = seen.loop;
	track->running = seen.running;
	track->ready = seen.ready;
	if (moved || !seen.ready) {
		track->stack = seen.stack;
		track->place = seen.place;
		track->waiter = seen.waiter;
		track->deadline_s = seen.deadline_s;
		track->timeout_s = seen.timeout_s;
	}
	if (moved) {
		track->since_s = now_s;
		track->moved_look = history->look;
		track->steps++;
	}
	if (moved)
		growth_move(&history->growth, old->like);
}

static void add_task(struct history *history, struct table *known, const struct task *task,
		const struct paths *paths, double now_s)
{
	struct track *track = array_push(&history->next.items);
	const uint64_t *place;
	bool added;

	*track = sight(known, task, now_s);
	place = table_find(&history->last.index, track->key);
	*table_add(&history->next.index, track->key, &added) = task->index;
	if (place) {
		const struct track *old = &history->last.items.items[*place];
		uint64_t before = old->place;
		go_on(history, track, old, now_s);
		if (track->place != before)
			describe(track, task, paths);
	} else {
		begin_track(history, track, now_s);
		describe(track, task, paths);
	}
	track->looks++;
	track->current += task->current;
	growth_add(&history->growth, track->like);
}

/* ---- those that ended ---- */

/* What the parents of a group of like tasks have in common: their children that end
 * stand together below the group, and must not push each other out. */
static uint64_t family_of(const struct tracks *last, const struct track *track)
{
	const uint64_t *place = track->parent ? table_find(&last->index, track->parent) : NULL;
	const struct track *parent = place ? &last->items.items[*place] : NULL;

	return parent ? hash_mix(parent->like, parent->parent) : track->parent;
}

static struct ended *ended_of(struct history *history, const struct track *track, uint64_t family)
{
	for (size_t i = 0; i < history->ended_count; i++) {
		struct ended *ended = &history->ended[i];
		if (ended->look == history->look && ended->like == track->like &&
				ended->family == family && ended->loop == track->loop)
			return ended;
	}
	struct ended *ended = &history->ended[history->ended_next];
	history->ended_next = (history->ended_next + 1) % ENDED_MAX;
	if (history->ended_count < ENDED_MAX)
		history->ended_count++;
	*ended = (struct ended){
		.like = track->like,
		.parent = track->parent,
		.loop = track->loop,
		.family = family,
		.look = history->look,
	};
	memcpy(ended->name, track->name, sizeof(ended->name));
	memcpy(ended->where, track->where, sizeof(ended->where));
	return ended;
}

static bool is_whole(const struct snapshot *snapshot)
{
	return snapshot->consistent && !snapshot->dropped;
}

/* A task that the reader may have missed goes on for a while. */
static void keep(struct history *history, const struct track *missed)
{
	bool added;
	struct track *track = array_push(&history->next.items);

	*track = *missed;
	track->missed++;
	*table_add(&history->next.index, track->key, &added) = history->next.items.count - 1;
	growth_add(&history->growth, track->like);
}

static void find_ended(struct history *history, bool whole, double now_s)
{
	const struct tracks *last = &history->last;
	struct ended *ended = NULL;

	for (size_t i = 0; i < last->items.count; i++) {
		const struct track *track = &last->items.items[i];
		if (table_find(&history->next.index, track->key))
			continue;
		if (!whole && track->missed < MISSED_MAX) {
			keep(history, track);
			continue;
		}
		/* Like ones mostly stand together. */
		uint64_t family = family_of(last, track);
		if (!ended || ended->like != track->like || ended->family != family ||
				ended->loop != track->loop)
			ended = ended_of(history, track, family);
		ended->count++;
		ended->at_s = now_s;
		history->ended_total++;
		growth_move(&history->growth, track->like);
	}
}

/* ---- groups that grow ---- */

static struct finding growth_finding(const struct history *history, struct snapshot *snapshot,
		const struct growth_group *group, double now_s, const struct paths *paths)
{
	struct finding finding = { .kind = FINDING_GROWTH, .likely = false, .count = group->count };
	struct buffer text = { 0 };
	struct task **items = arena_alloc(&snapshot->arena, group->count, sizeof(*items));

	for (uint32_t i = 0; i < snapshot->tasks.count; i++)
		if (history->last.items.items[i].like == group->key &&
				finding.tasks.count < group->count)
			items[finding.tasks.count++] = snapshot->tasks.items[i];
	finding.tasks.items = items;
	if (!finding.tasks.count)
		return finding; /* the reader has missed them */
	words_number(&text, group->count);
	buffer_puts(&text, " in ");
	words_place(&text, items[0]->stack, paths);
	if (items[0]->waiting_on) {
		buffer_putc(&text, ' ');
		words_waiting(&text, items[0]->waiting_on);
	}
	buffer_puts(&text, " " WORDS_DOT " grew by ");
	words_number(&text, group->count - group->before);
	buffer_puts(&text, " in ");
	words_seconds(&text, now_s - group->began_s);
	buffer_puts(&text, ", none has moved on");
	finding.message = arena_string(&snapshot->arena, buffer_text(&text), text.length);
	buffer_deinit(&text);
	return finding;
}

static void find_growth(const struct history *history, struct snapshot *snapshot,
		const struct paths *paths, double now_s)
{
	for (size_t i = 0; i < history->growth.last.groups.count; i++) {
		const struct growth_group *group = growth_of(
				&history->growth, history->growth.last.groups.items[i].key);
		if (!group)
			continue;
		struct finding finding = growth_finding(history, snapshot, group, now_s, paths);
		if (finding.tasks.count)
			findings_add(snapshot, &finding);
	}
}

/* ---- a look ---- */

static void set_parents(struct history *history, const struct snapshot *snapshot)
{
	struct track *tracks = history->next.items.items;

	for (uint32_t i = 0; i < snapshot->tasks.count; i++) {
		const struct task *task = snapshot->tasks.items[i];
		tracks[i].parent = task->awaited_by.count
						   ? tracks[task->awaited_by.items[0]->index].key
						   : 0;
	}
}

void history_add(struct history *history, struct snapshot *snapshot, const struct paths *paths,
		double now_s)
{
	struct table known = { 0 };
	struct tracks last = history->last;

	history->look++;
	for (uint32_t i = 0; i < snapshot->tasks.count; i++)
		add_task(history, &known, snapshot->tasks.items[i], paths, now_s);
	set_parents(history, snapshot);
	find_ended(history, is_whole(snapshot), now_s);
	growth_end_look(&history->growth, now_s);
	history->last = history->next;
	/* The memory is used again; a table has to be made anew. */
	table_deinit(&last.index);
	last.items.count = 0;
	history->next = last;
	table_deinit(&known);
	find_growth(history, snapshot, paths, now_s);
}
