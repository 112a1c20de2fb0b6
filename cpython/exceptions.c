/* Exception objects: see exceptions.h. */
#include "cpython/exceptions.h"

#include "base/buffer.h"
#include "cpython/code.h"
#include "cpython/objects.h"
#include "cpython/text.h"
#include "cpython/types.h"

enum {
	FRAMES_MAX = 256, /* of a traceback: the outermost ones */
	LINKS_MAX = 1 << 16,
	ARGUMENTS_MAX = 4,
};

/* Of other objects only Python itself knows what they look like. */
static bool add_argument(struct python *python, remote_addr argument, struct buffer *text)
{
	int64_t number;

	if (integer_read(python, argument, &number)) {
		buffer_printf(text, "%lld", (long long)number);
		return true;
	}
	return text_read(python, argument, text);
}

static void add_arguments(struct python *python, remote_addr tuple, struct buffer *text)
{
	struct addresses arguments = { 0 };
	const char *between = ": ";

	items_read(python, tuple, &arguments);
	for (size_t i = 0; i < arguments.count && i < ARGUMENTS_MAX; i++) {
		size_t length = text->length;
		buffer_puts(text, between);
		if (add_argument(python, arguments.items[i], text))
			between = ", ";
		else
			text->length = length;
	}
	array_free(&arguments);
}

const char *exception_text(struct python *python, remote_addr exception)
{
	const struct type *type = type_of(python, exception);
	struct buffer text = { 0 };

	if (!type || !(type->flags & TYPE_EXCEPTION))
		return NULL;
	buffer_puts(&text, type->name);
	add_arguments(python, object_word(python, exception + python->layout->exception.arguments),
			&text);
	const char *interned = intern_text(&python->intern, text.text, text.length);
	buffer_deinit(&text);
	return interned;
}

static const struct frame *place_of(struct python *python, remote_addr traceback)
{
	const struct layout *layout = python->layout;
	remote_addr frame = object_word(python, traceback + layout->traceback.frame);
	remote_addr inner = frame ? object_word(python, frame + layout->frame_object.frame) : 0;
	const struct code *code =
			inner ? code_at(python, stackref_object(object_word(python,
								inner + layout->frame.executable)))
			      : NULL;
	int32_t last, line;

	if (!code || !python_work(python, code->show_work) ||
			!mem_read(python->mem, traceback + layout->traceback.line, &line,
					sizeof(line)) ||
			!mem_read(python->mem, traceback + layout->traceback.instruction, &last,
					sizeof(last)))
		return NULL;
	if (line <= 0 && last >= 0) /* it is found out when somebody asks */
		return code_frame(python, code, code->start, code->start + (uint64_t)last);
	struct frame place = *code->definition;
	place.line = line > 0 ? line : 0;
	return intern_frame(&python->intern, &place);
}

const struct stack *exception_stack(struct python *python, remote_addr exception)
{
	const struct layout *layout = python->layout;
	const struct frame *frames[FRAMES_MAX];
	remote_addr at = object_word(python, exception + layout->exception.traceback);
	uint32_t count = 0;

	for (int i = 0; at && i < LINKS_MAX && count < FRAMES_MAX; i++) {
		const struct type *type = type_of(python, at);
		if (!type || type->kind != KIND_TRACEBACK || !python_work(python, OBJECT_WORK))
			break;
		const struct frame *place = place_of(python, at);
		if (place)
			frames[count++] = place;
		at = object_word(python, at + layout->traceback.next);
	}
	return intern_stack(&python->intern, frames, count);
}
