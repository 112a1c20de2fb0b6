# asynctree: make, make demo, make check, make fuzz, make install.
#
#   CC, CFLAGS, LDFLAGS     as usual
#   SANITIZE=1              with the address and undefined behaviour sanitizers
#   WERROR=1                a warning is an error (make check sets it)
#   WAITS=0                 without what tasks wait for: make bench measures its cost
#   PREFIX, DESTDIR         where make install puts things
#   ARCHIVES=0              links shared libraries only
#   V=1                     shows the commands

PREFIX ?= /usr/local
CFLAGS ?= -O2 -g
PKG_CONFIG ?= pkg-config
PYTHON := /usr/bin/python3
INSTALL ?= install

# Libraries of the program, by their names in pkg-config.
LIBRARIES := libelf libunwind-ptrace ncursesw

# Each compiler and kind of build has objects of its own.
variant := $(notdir $(firstword $(CC)))$(if $(SANITIZE),-sanitize)$(if $(FUZZ),-fuzz)$(if \
	$(COVERAGE),-coverage)$(if $(filter 0,$(WAITS)),-waitless)
build := build/$(variant)
program := $(if $(SANITIZE)$(filter 0,$(WAITS)),$(build)/asynctree,asynctree)

warnings := -Wall -Wextra -Wshadow -Wvla $(if $(WERROR),-Werror)
sanitizers := $(if $(SANITIZE),-fsanitize=address -fsanitize=undefined \
	-fno-sanitize-recover=undefined -fno-omit-frame-pointer) \
	$(if $(FUZZ),-fsanitize=fuzzer-no-link -fsanitize=float-cast-overflow \
	-fno-sanitize-recover=float-cast-overflow) \
	$(if $(COVERAGE),-fprofile-instr-generate -fcoverage-mapping)
compile = $(CC) -std=c11 -D_GNU_SOURCE $(if $(filter 0,$(WAITS)),-DWAITS=0) -I. $(warnings) \
	$(sanitizers) $(library_cflags) $(CPPFLAGS) $(CFLAGS) -MMD -MP
link = $(CC) $(sanitizers) $(CFLAGS) $(LDFLAGS)

quiet := $(if $(V),,@)

# Asked for once, and only by what compiles.  To load a shared library costs 0.1 ms at
# each start: its archive is linked instead, where there is one.  Not with sanitizers, whose
# unwinder would be taken from libunwind's archive, which is not position independent.
find_file = $(filter /%,$(shell $(firstword $(CC)) -print-file-name=$(1)))
archive_or_shared = $(or $(if $(SANITIZE)$(filter 0,$(ARCHIVES)),,$(call find_file,lib$(1).a)),\
	$(filter -l$(1),$(shared_flags)),$(if $(call find_file,lib$(1).so),-l$(1)))
library_cflags = $(eval library_cflags := $(shell $(PKG_CONFIG) --cflags $(LIBRARIES)))$(library_cflags)
shared_flags = $(shell $(PKG_CONFIG) --libs $(LIBRARIES))
library_flags = $(shell $(PKG_CONFIG) --static --libs $(LIBRARIES))
library_libs = $(eval library_libs := -Wl,--as-needed $(foreach flag,$(library_flags),\
	$(if $(filter -l%,$(flag)),$(call archive_or_shared,$(flag:-l%=%)),$(flag))))$(library_libs)

sources := $(wildcard *.c base/*.c model/*.c view/*.c target/*.c cpython/*.c)
objects := $(sources:%.c=$(build)/%.o)
units := $(patsubst %.c,$(build)/%,$(wildcard tests/unit/test_*.c))
unit_helpers := $(patsubst %.c,$(build)/%.o,\
	$(filter-out $(wildcard tests/unit/test_*.c),$(wildcard tests/unit/*.c)))
fuzzers := $(patsubst %.c,$(build)/%,$(wildcard tests/fuzz/fuzz_*.c))
fuzz_helpers := $(addprefix $(build)/tests/,fuzz/image.o fuzz/worlds.o fuzz/decode.o \
	unit/fabricate.o unit/memory.o unit/layouts.o)
fuzz_parts := $(patsubst %.c,$(build)/%.o,$(wildcard tests/fuzz/*.c))
fuzz_tools := $(build)/tests/fuzz/record $(build)/tests/fuzz/seeds

all: $(program)

$(program): $(objects) | $(build)/libraries
	@echo "  LD   $@"
	$(quiet)$(link) -o $@ $(objects) $(library_libs) $(LDLIBS)

$(build)/%.o: %.c Makefile | $(build)/libraries
	@mkdir -p $(@D)
	@echo "  CC   $@"
	$(quiet)$(compile) -c -o $@ $<

# Says which library is missing before a compiler complains about a header.
$(build)/libraries: Makefile
	@mkdir -p $(@D)
	@command -v $(PKG_CONFIG) >/dev/null || { \
		echo "pkg-config is missing: tests/setup-packages build installs what is needed" >&2; \
		exit 1; }
	@$(PKG_CONFIG) --print-errors --exists $(LIBRARIES) || { \
		echo "a library is missing: tests/setup-packages build installs what is needed" >&2; \
		exit 1; }
	@touch $@

units: $(units)

# What another compiler thinks of it all.
objects: $(objects) $(units:=.o) $(unit_helpers) $(fuzz_parts)

$(units): $(build)/%: $(build)/%.o $(unit_helpers) $(filter-out $(build)/asynctree.o,$(objects))
	@echo "  LD   $@"
	$(quiet)$(link) -o $@ $^ -lcmocka $(library_libs) $(LDLIBS)

# The fuzzers, and what only makes their inputs: tests/fuzz/fuzz.h tells of them.
# Without libFuzzer they replay files.
fuzzers: $(fuzzers)

fuzz_driver := $(build)/tests/fuzz/$(if $(FUZZ),mutate,replay).o
fuzz_objects = $(filter-out $(build)/asynctree.o,$(objects))
# These two include take.c.
fuzz_objects_but_take = $(filter-out $(build)/cpython/take.o,$(fuzz_objects))

$(build)/tests/fuzz/fuzz_snapshot: $(build)/tests/fuzz/image.o $(fuzz_driver) \
		$(fuzz_objects_but_take)
$(build)/tests/fuzz/fuzz_objects: $(fuzz_helpers) $(fuzz_driver) $(fuzz_objects)
$(build)/tests/fuzz/fuzz_layout $(build)/tests/fuzz/fuzz_elf_maps: $(fuzz_helpers) \
		$(filter-out %mutate.o,$(fuzz_driver)) $(fuzz_objects)
$(build)/tests/fuzz/record: $(build)/tests/fuzz/image.o $(fuzz_objects_but_take)
$(build)/tests/fuzz/seeds: $(build)/tests/unit/layouts.o $(fuzz_objects)
$(fuzzers) $(fuzz_tools): %: %.o
	@echo "  LD   $@"
	$(quiet)$(link) $(if $(FUZZ),$(if $(filter $@,$(fuzzers)),-fsanitize=fuzzer)) -o $@ $^ \
		-lcmocka $(library_libs) $(LDLIBS)

# Where comparisons are of files and of published offsets they tell a fuzzer what
# to try; elsewhere they are of addresses, and too many.
$(filter-out $(addprefix $(build)/,symbols.o target/%.o cpython/layout.o cpython/locate.o),\
	$(objects) $(build)/tests/fuzz/image.o): sanitizers += \
	$(if $(FUZZ),-fno-sanitize-coverage=trace-cmp)

# The set-up comes first, in a make of its own: the rest needs what it installs.
demo:
	@tests/setup-packages build
	@$(MAKE) --no-print-directory $(program)
	@ASYNCTREE=$(abspath $(program)) examples/demo

check:
	@tests/setup-packages build targets check
	@ASYNCTREE=$(abspath $(program)) MAKE="$(MAKE)" BUILD=$(build) SANITIZE=$(SANITIZE) \
		CC="$(CC)" PYTHON=$(PYTHON) tests/run-checks

# For aarch64, which `make check` does too where the cross compiler is installed.
check-aarch64:
	@tests/setup-packages build check aarch64
	@$(MAKE) --no-print-directory WERROR=1 fuzzers
	@MAKE="$(MAKE)" BUILD=$(build) tests/check-aarch64 /dev/null

# A free-threaded Python is built for it, once, which takes minutes.
check-freethreaded: $(program)
	@tests/setup-packages build targets check freethreaded
	@ASYNCTREE=$(abspath $(program)) \
		ASYNCTREE_FREETHREADED=$$(MAKE="$(MAKE)" tests/freethreaded-python) && \
		export ASYNCTREE ASYNCTREE_FREETHREADED PYTHONDONTWRITEBYTECODE=1 && \
		tests/as-root $(PYTHON) -m pytest -p no:cacheprovider tests/e2e -k 3.13t -ra

# Static analysis, and the format: .clang-tidy and .clang-format say what is asked.
lint:
	@tests/setup-packages build check
	@tests/lint

# Each fuzzer runs for FUZZ_SECONDS (900), one after the other; their corpora grow
# in build/.
fuzz:
	@tests/setup-packages build check fuzz
	@$(MAKE) --no-print-directory CC=clang SANITIZE=1 FUZZ=1 fuzzers
	@tests/fuzz/run build/clang-sanitize-fuzz/tests/fuzz

# What the corpora in the repository reach.
fuzz-coverage:
	@tests/setup-packages build check fuzz
	@$(MAKE) --no-print-directory CC=clang COVERAGE=1 fuzzers
	@tests/fuzz/coverage build/clang-coverage/tests/fuzz

# BENCH="--sizes 1000,10000" is quick: bench/README.md.
bench: $(program) $(build)/bench/measure
	@tests/setup-packages build targets bench
	@$(MAKE) --no-print-directory WAITS=0 $(build)-waitless/asynctree
	@ASYNCTREE=$(abspath $(program)) tests/as-root $(PYTHON) bench/run.py \
		--measure $(build)/bench/measure --waitless $(build)-waitless/asynctree \
		--picture build/bench.svg $(BENCH)

# What the live view costs the process that it watches.
bench-live: $(program)
	@tests/setup-packages build targets check
	@ASYNCTREE=$(abspath $(program)) tests/as-root $(PYTHON) bench/live.py $(BENCH)

# The pictures in the documents: docs/screenshots.py tells how.
screenshots: $(program)
	@tests/setup-packages build targets check
	@ASYNCTREE=$(abspath $(program)) tests/as-root $(PYTHON) docs/screenshots.py

$(build)/bench/measure: $(build)/bench/measure.o
	@echo "  LD   $@"
	$(quiet)$(link) -o $@ $^ $(LDLIBS)

install: $(program)
	$(INSTALL) -D -m 755 $(program) $(DESTDIR)$(PREFIX)/bin/asynctree
	$(INSTALL) -D -m 644 man/asynctree.1 $(DESTDIR)$(PREFIX)/share/man/man1/asynctree.1
	$(INSTALL) -D -m 644 schema/asynctree-1.schema.json \
		$(DESTDIR)$(PREFIX)/share/asynctree/asynctree-1.schema.json

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/asynctree
	rm -f $(DESTDIR)$(PREFIX)/share/man/man1/asynctree.1
	rm -f $(DESTDIR)$(PREFIX)/share/asynctree/asynctree-1.schema.json
	-rmdir $(DESTDIR)$(PREFIX)/share/asynctree

format:
	clang-format -i *.[ch] */*.[ch] tests/*/*.[ch]

clean:
	rm -rf build asynctree

.PHONY: all units objects fuzzers demo check check-aarch64 check-freethreaded lint fuzz \
	fuzz-coverage bench bench-live screenshots install uninstall format clean
.SECONDARY:
.DELETE_ON_ERROR:

-include $(objects:.o=.d) $(units:=.d) $(unit_helpers:.o=.d) $(fuzz_parts:.o=.d)
