/* Where tasks were created.  In debug mode asyncio keeps it: a list of
 * traceback.FrameSummary, outermost first (Lib/asyncio/format_helpers.py). */
#include "cpython/code.h"
#include "cpython/facts.h"
#include "cpython/objects.h"
#include "cpython/text.h"
#include "cpython/types.h"

enum { FRAMES_MAX = 256 }; /* asyncio keeps 10 */

static const char *text_of_slot(struct python *python, remote_addr object, const char *name)
{
	remote_addr text;
	return slot_find(python, object, name, &text) ? text_intern(python, text) : NULL;
}

/* The code object is there from Python 3.13 on; otherwise the name of the function
 * has to do for its qualified name. */
static bool read_place(struct python *python, remote_addr summary, struct frame *place)
{
	remote_addr address;
	const struct code *code = slot_find(python, summary, "_code", &address)
						  ? code_at(python, address)
						  : NULL;

	if (code) {
		*place = *code->definition;
		return python_work(python, code->show_work);
	}
	place->function = text_of_slot(python, summary, "name");
	place->file = text_of_slot(python, summary, "filename");
	if (!place->function || !place->file)
		return false;
	place->origin = origin_of(python, place->file);
	return true;
}

static const struct frame *read_summary(
		struct python *python, struct asyncio_names *names, remote_addr summary)
{
	struct frame place = { 0 };
	remote_addr number;
	int64_t line;

	if (!python_work(python, OBJECT_WORK) ||
			!is_instance(python, names, summary, CLASS_FRAME_SUMMARY) ||
			!read_place(python, summary, &place))
		return NULL;
	place.line = slot_find(python, summary, "lineno", &number) &&
						     integer_read(python, number, &line) &&
						     line > 0 && line <= INT32_MAX
				     ? (int)line
				     : 0;
	return intern_frame(&python->intern, &place);
}

const struct stack *creation_read(
		struct python *python, struct asyncio_names *names, remote_addr summaries)
{
	const struct frame *frames[FRAMES_MAX];
	struct addresses items = { 0 };
	uint32_t count = 0;

	if (!items_read(python, summaries, &items) || items.count > FRAMES_MAX)
		items.count = 0;
	while (count < items.count &&
			(frames[count] = read_summary(python, names, items.items[count])))
		count++;
	bool whole = count && count == items.count;
	array_free(&items);
	return whole ? intern_stack(&python->intern, frames, count) : NULL;
}
