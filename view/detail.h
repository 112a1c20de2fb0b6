/* All about one task, for its pane. */
#ifndef VIEW_DETAIL_H
#define VIEW_DETAIL_H

#include "pen.h"
#include "view/picture.h"
#include "view/sources.h"

void detail_draw(struct pen *pen, const struct picture *picture, const struct task *task,
		struct sources *sources, size_t width);

#endif
