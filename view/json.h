/* The JSON output, schema asynctree-1: schema/asynctree-1.schema.json.
 *
 * Every key is always there, null or empty where nothing is known.  One object
 * holds all the processes that were asked for:
 *
 *	json_output_begin(&output, stdout);
 *	json_output_snapshot(&output, snapshot);
 *	json_output_error(&output, pid, error);
 *	json_output_end(&output); */
#ifndef VIEW_JSON_H
#define VIEW_JSON_H

#include "base/error.h"
#include "model/snapshot.h"
#include "view/jsonwriter.h"

struct json_output {
	struct json_writer json;
	bool opened; /* the head was written: it has the time of the first process */
};

void json_output_begin(struct json_output *output, FILE *out);
void json_output_snapshot(struct json_output *output, const struct snapshot *snapshot);
void json_output_error(struct json_output *output, int pid, const struct error *error);
void json_output_end(struct json_output *output);

#endif
