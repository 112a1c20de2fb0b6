/* Fuzzers for all that reads bytes which a hostile target or file may have made.
 *
 *	fuzz_elf_maps.c   symbols.c on a file, target/maps.c on text, and the way
 *	                  from both to CPython (cpython/locate.c)
 *	fuzz_layout.c     cpython/layout.c: the published offsets, and then all
 *	                  decoders by whatever offsets it lets pass
 *	fuzz_objects.c    the decoders of cpython/ on objects of five builds
 *	fuzz_snapshot.c   cpython/take.c and all below on the memory of real
 *	                  processes, then every view
 *
 * `make fuzz` runs each for FUZZ_SECONDS with libFuzzer, ASan and UBSan; what it
 * finds stays in build/.  `make check` builds the same harnesses with replay.c in
 * the place of libFuzzer and runs them over corpus/NAME.
 *
 * The last two do not read memory from the input: it lists changes (image.h) to
 * memory that makes sense, so that nearly every input gets far.
 *
 * In a corpus, seed-* are made by seeds.c (record-images runs it); a name in words
 * is an input that once failed, kept for good; the rest are what was found, with
 * what adds nothing left out:
 *
 *	build/clang-sanitize-fuzz/tests/fuzz/fuzz_NAME -merge=1 -use_counters=0 \
 *		tests/fuzz/corpus/NAME build/clang-sanitize-fuzz/tests/fuzz/found_NAME
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
