/* The offsets that builds of CPython publish: see layouts.h.
 *
 * Those of 3.14.10, its debug build and 3.15.2 are the words that stand in the
 * sections .PyRuntime and .AsyncioDebug of Debian's executables for x86-64.
 * Those of the free-threaded builds are composed of what offsetof() gives with
 * the headers of these versions and Py_GIL_DISABLED; a word that asynctree
 * does not use and that was not at hand has the value of the default build. */
#include "tests/unit/layouts.h"

#define COOKIE DEBUG_OFFSETS_COOKIE

/* Groups that are equal in all builds of one kind. */
#define FRAME 88, 8, 0, 56, 80, 74, 64, 0
#define FRAME_T 88, 8, 0, 56, 80, 78, 64, 72
#define CODE 216, 112, 120, 128, 136, 68, 52, 96, 104, 208, 0
#define CODE_T 240, 128, 136, 144, 152, 84, 68, 112, 120, 232, 224
#define CONTAINERS 40, 32, 16, 40, 24, 16, 200, 24, 40, 32, 48, 32, 40
#define CONTAINERS_T 56, 48, 32, 56, 40, 32, 216, 40, 56, 48, 64, 48, 56
#define SCALARS 24, 16, 32, 16, 24, 40, 16, 32, 64, 32, 16, 40
#define SCALARS_T 40, 32, 48, 32, 40, 56, 32, 48, 80, 48, 32, 56
#define GENERATOR 160, 24, 72, 67
#define GENERATOR_T 176, 40, 88, 83
#define THREAD_3_14 832, 0, 8, 16, 72, 152, 160, 232, 32
#define THREAD_3_15 888, 0, 8, 16, 72, 80, 88, 96, 176, 184, 256, 32, 36, 40, 136, 288
#define TASK 168, 136, 96, 108, 109, 128, 152
#define TASK_T 192, 152, 112, 124, 125, 144, 168

const struct published published_3_13 = {
	.name = "3.13.18",
	.words = { COOKIE, 0x030d12f0, 0, 283408, 608, 632, 194984, 7272, 7264, 7344, 7400, 7656,
			7640, 7648, 16, 7752, 0, 7768, 7760, 312, 0, 8, 16, 72, 152, 160, 232, 32,
			80, 8, 0, 56, 72, 70, 208, 112, 120, 128, 136, 68, 52, 96, 104, 200, 16, 8,
			416, 24, 88, 168, 32, 24, 16, 40, 24, 16, 48, 32, 40, SCALARS, 240, 200 },
	.word_count = 73,
};

const struct published published[BUILDS] = {
	[BUILD_3_14] = {
		.name = "3.14.10",
		.words = { COOKIE, 0x030e0af0, 0, 316616, 784, 808, 225864, 7280,
			   7272, 7344, 7360, 7408, 7688, 7672, 7680, 16, 7784, 0, 7800, 7792,
			   7992, 0, THREAD_3_14, FRAME, CODE, 16, 8, 416, 24,
			   88, 168, CONTAINERS, SCALARS, 264, 192, GENERATOR,
			   0, 8, 24, 304, 8076, 0, 4, 512 },
		.word_count = 95,
		.asyncio = { TASK, 225864, 10880, 936, 864, 872, 880 },
	},
	[BUILD_3_14D] = {
		.name = "3.14.10 debug",
		.words = { COOKIE, 0x030e0af0, 0, 332632, 784, 808, 225880, 7280,
			   7272, 7344, 7360, 7408, 7688, 7672, 7680, 16, 7784, 0, 7800, 7792,
			   7992, 0, THREAD_3_14, FRAME, CODE, 16, 8, 416, 24,
			   88, 168, CONTAINERS, SCALARS, 264, 192, GENERATOR,
			   0, 8, 24, 304, 8076, 0, 4, 512 },
		.word_count = 95,
		.asyncio = { TASK, 225880, 10888, 936, 864, 872, 880 },
	},
	[BUILD_3_14T] = {
		.name = "3.14.10 free-threaded",
		.words = { COOKIE, 0x030e0af0, 1, 365624, 784, 808, 249976, 7280,
			   7272, 7344, 7360, 7408, 7712, 7696, 7704, 16, 7808, 0, 7832, 7824,
			   8024, 8032, THREAD_3_14, FRAME_T, CODE_T, 32, 24,
			   432, 40, 104, 184, CONTAINERS_T, SCALARS_T, 264, 192,
			   GENERATOR_T, 0, 8, 24, 304, 8076, 0, 4, 512 },
		.word_count = 95,
		.asyncio = { TASK_T, 249976, 17304, 19216, 864, 872, 880 },
		.free_threaded = true,
	},
	[BUILD_3_15] = {
		.name = "3.15.2",
		.words = { COOKIE, 0x030f02f0, 0, 346568, 912, 936, 226240, 7272,
			   7264, 7336, 7352, 7400, 7592, 7576, 7584, 16, 7736, 0, 7752, 7744,
			   7944, 0, THREAD_3_15, 0, FRAME, CODE, 16, 8,
			   424, 24, 88, 168, 32, 288, 944, 888, CONTAINERS,
			   SCALARS, 56, 176, 112, 120, 1120, 104, GENERATOR,
			   0, 8, 24, 344, 8028, 0, 4, 512 },
		.word_count = 111,
		.asyncio = { TASK, 226240, 10856, 1104, 1024, 1032, 1048 },
		.sentinel_above_awaited = true,
	},
	[BUILD_3_15T] = {
		.name = "3.15.2 free-threaded",
		.words = { COOKIE, 0x030f02f0, 1, 409296, 912, 936, 250328, 7272,
			   7264, 7336, 7352, 7400, 7592, 7576, 7584, 16, 7736, 0, 7760, 7752,
			   7952, 7960, THREAD_3_15, 0, FRAME_T, CODE_T,
			   32, 24, 440, 40, 104, 184, 48, 304, 968, 904,
			   CONTAINERS_T, SCALARS_T, 72, 176, 112, 120, 1120, 104,
			   GENERATOR_T, 0, 8, 24, 344, 8028, 0, 4, 512 },
		.word_count = 111,
		.asyncio = { TASK_T, 250328, 17256, 19408, 1024, 1032, 1048 },
		.free_threaded = true,
		.sentinel_above_awaited = true,
	},
};
