/* The search in what is looked at: see find.h. */
#include "view/find.h"

/* Where a search may stop is a matter of all rows, with nothing folded. */
struct search {
	struct browse *browse;
	struct rows rows;
	/* The group that was asked for last, and whether it is one find. */
	uint32_t group;
	bool is_one;
};

static const struct row *row_at(const struct search *search, uint32_t at)
{
	return &search->rows.items.items[at];
}

static bool all_found(const struct search *search, const struct row *row)
{
	struct task_span span = row_tasks(search->browse->picture, row);

	for (uint32_t i = 0; i < span.count; i++)
		if (!search->browse->found[span.tasks[i]->index])
			return false;
	return span.count;
}

static bool is_open_now(const struct search *search, const struct row *row)
{
	const struct rows *rows = &search->browse->rows;
	uint32_t at = rows_find(rows, row->key);

	return at != NO_ROW && rows->items.items[at].open;
}

static bool is_one_find(struct search *search, uint32_t group)
{
	const struct row *row = row_at(search, group);

	if (search->group == group)
		return search->is_one;
	search->group = group;
	search->is_one = all_found(search, row) && !is_open_now(search, row);
	return search->is_one;
}

static bool is_found(struct search *search, uint32_t at)
{
	const struct row *row = row_at(search, at);
	const struct forest *forest = &search->browse->picture->forest;

	if (row->kind == ROW_TASK) {
		bool in_group = row->parent != NO_ROW &&
				row_at(search, row->parent)->kind == ROW_BRANCH;
		return search->browse->found[row->index] &&
		       !(in_group && is_one_find(search, row->parent));
	}
	if (row->kind != ROW_BRANCH || forest->branches[row->index].reference)
		return false;
	return branch_is_group(&forest->branches[row->index]) ? is_one_find(search, at)
							      : all_found(search, row);
}

/* A group's children stand below it also where it is folded. */
static void unfold_way(const struct search *search, const struct row *row)
{
	const struct picture *picture = search->browse->picture;
	const struct branch *branches = picture->forest.branches;
	struct folding *folding = &search->browse->folding;

	if (row->parent != NO_ROW && row->kind == ROW_TASK)
		folding_set(folding, row_at(search, row->parent)->key, true);
	if (search->browse->shape != SHAPE_TREE)
		return;
	uint32_t branch = row->kind == ROW_BRANCH ? row->index : picture->branch_of[row->index];
	while ((branch = branches[branch].parent) != NO_BRANCH)
		if (!branch_is_group(&branches[branch]) &&
				!folding_is_open(folding, picture->keys[branch], true))
			folding_set(folding, picture->keys[branch], true);
}

static void go_to(const struct search *search, const struct row *row)
{
	struct browse *browse = search->browse;

	unfold_way(search, row);
	browse_refresh(browse);
	browse_go(browse, rows_find(&browse->rows, row->key));
}

static bool search_rows(struct search *search, bool forward, bool from_here)
{
	const struct row *here = browse_row(search->browse);
	uint32_t count = (uint32_t)search->rows.items.count;
	uint32_t from = here ? rows_find(&search->rows, here->key) : NO_ROW;

	if (from == NO_ROW)
		from = 0;
	for (uint32_t i = from_here ? 0 : 1; i <= count && count; i++) {
		uint32_t at = (forward ? from + i : from + count - i % count) % count;
		if (!is_found(search, at))
			continue;
		go_to(search, row_at(search, at));
		return true;
	}
	return false;
}

bool find_next(struct browse *browse, bool forward, bool from_here)
{
	const struct folding unfolded = { .all = true };
	struct search search = { .browse = browse, .group = NO_ROW };

	if (!browse->search.length)
		return false;
	if (!browse->found)
		browse->found = match_tasks(
				browse->picture->snapshot, buffer_text(&browse->search));
	browse_make_rows(browse, &unfolded, &search.rows);
	bool found = search_rows(&search, forward, from_here);
	rows_deinit(&search.rows);
	return found;
}
