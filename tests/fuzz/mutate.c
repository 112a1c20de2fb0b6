/* Mutates lists of changes for libFuzzer: whole changes come, go and are
 * altered, and pointers are made to lead to other places of the same image. */
#include "tests/fuzz/mutate.h"

#include <stdlib.h>
#include <string.h>

enum { HEAD = 1, RECORD = sizeof(struct change), TRIES = 32 };

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed);

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state >> 8;
}

static uint64_t word_of(const struct image *image, uint32_t number)
{
	remote_addr at = image->words[number];
	const uint64_t *place = table_find(&image->index, at - at % MEM_PAGE);
	uint64_t word;

	memcpy(&word, image->pages[*place].bytes + at % MEM_PAGE, sizeof(word));
	return word;
}

static bool is_pointer(const struct image *image, uint64_t word)
{
	return word && table_find(&image->index, word - word % MEM_PAGE);
}

/* The number of a word that is a pointer, if one is soon found. */
static uint32_t find_pointer(const struct image *image, uint64_t *random)
{
	uint32_t number = 0;

	for (int i = 0; i < TRIES; i++) {
		number = (uint32_t)(next_random(random) % image->word_count);
		if (is_pointer(image, word_of(image, number)))
			break;
	}
	return number;
}

static void make_change(struct change *change, const struct image *image, uint64_t *random)
{
	bool at_pointer = next_random(random) % 2;

	*change = (struct change){
		.kind = (uint8_t)(next_random(random) % CHANGE_KINDS),
		.after = next_random(random) % 4 ? 0 : (uint8_t)(next_random(random) % 64),
		.part = (uint16_t)(next_random(random) % 16),
		.word = at_pointer ? find_pointer(image, random)
				   : (uint32_t)(next_random(random) % image->word_count),
		.value = next_random(random),
	};
	switch (change->kind) {
	case CHANGE_ADD:
	case CHANGE_RUN:
		change->value = next_random(random) % 33 * 8 - 128;
		break;
	case CHANGE_COPY:
		change->value = find_pointer(image, random);
		break;
	case CHANGE_BYTE:
	case CHANGE_HALF:
		change->value >>= next_random(random) % 48;
		break;
	case CHANGE_FILL:
		/* It makes all memory readable: too much of a good thing. */
		if (next_random(random) % 4)
			change->kind = CHANGE_SPECIAL;
		break;
	}
}

/* Swaps the changes at two places, or puts one at both. */
static void exchange(uint8_t *a, uint8_t *b, bool both)
{
	uint8_t held[RECORD];

	memcpy(held, a, RECORD);
	memmove(a, b, RECORD);
	if (!both)
		memcpy(b, held, RECORD);
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned int seed)
{
	uint64_t random = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
	size_t count = size > HEAD ? (size - HEAD) / RECORD : 0;
	struct change change;

	if (!size || next_random(&random) % 8 == 0)
		return LLVMFuzzerMutate(data, size, max_size);
	const struct image *image = fuzz_image(data, size);
	size_t which = count ? next_random(&random) % count : 0;
	uint8_t *at = data + HEAD + which * RECORD;
	uint8_t *last = data + HEAD + (count ? count - 1 : 0) * RECORD;

	size = HEAD + count * RECORD;
	switch (count ? next_random(&random) % 6 : 0) {
	case 3:
		memmove(at, last, RECORD);
		return size - RECORD;
	case 4:
		exchange(at, last, next_random(&random) % 2);
		return size;
	case 5:
		LLVMFuzzerMutate(at, RECORD, RECORD);
		return size;
	case 2:
		make_change(&change, image, &random);
		memcpy(at, &change, RECORD);
		return size;
	default:
		if (size + RECORD > max_size)
			return size;
		make_change(&change, image, &random);
		memcpy(data + size, &change, RECORD);
		return size + RECORD;
	}
}
