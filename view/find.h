/* The search in what is looked at. */
#ifndef VIEW_FIND_H
#define VIEW_FIND_H

#include "view/browse.h"

/* Goes to the next that was found, also where it is folded away: the way to it is
 * unfolded.  A folded group of which all were found is one find.  False where
 * there is none.  `from_here`: the row with the cursor may be it. */
bool find_next(struct browse *browse, bool forward, bool from_here);

#endif
