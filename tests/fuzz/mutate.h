/* Mutation of inputs that are changes to an image. */
#ifndef TESTS_FUZZ_MUTATE_H
#define TESTS_FUZZ_MUTATE_H

#include "tests/fuzz/image.h"

/* The harness's: the image that an input changes. */
const struct image *fuzz_image(const uint8_t *data, size_t size);

#endif
