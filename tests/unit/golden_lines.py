"""Writes golden_lines.h: run it with each Python, in turn, of those in the tree.

    { chroot TREE python3.14 - 3.14; chroot TREE python3.15 - 3.15; } < golden_lines.py

The lines are those that CPython itself says: code.co_positions().
"""

import itertools
import sys
import types

SOURCE = '''
def decorate(first, *, second=None):
    return lambda function: function


@decorate(
    1,
    second=[
        number for number in range(3)
        if number
    ],
)
@decorate(2)
async def serve(queue, group,
                limit=10):
    async with group as inner:
        while limit:
            limit -= (
                await queue.get(
                    timeout=1,
                    default=[
                        i
                        for i in range(limit)
                    ],
                )
                + await queue.get()
            )
            if limit > 5: continue
    try:
        async for item in queue:
            match item:
                case {"a": [1, *rest], **others} if rest:
                    yield rest
                case str() | int():
                    yield (
                        others
                    )
    except* ValueError as error:
        raise RuntimeError(
            "no"
        ) from error
    finally:
        queue.close()


def backward(x):
    return (x.one(
    ).two(x,
        y=3)
     .three(
     ))


def wide(x): return [WIDE, 0, x + x.WIDE(
        x)]


class Shop:
    name = "shop"

    def open(self):
        with self, \\
                self.name as name:
            for i in self:
                try:
                    del name
                except (
                    KeyError
                ):
                    break
                else:
                    assert i, (
                        "x"
                    )
''' + "\n" * 5000 + '''
def far():
    a = 1
''' + "\n" * 70000 + '''
    return (
        a,
''' + "\n" * 300 + '''
        a.b)
'''
SOURCE = SOURCE.replace("WIDE", "w" * 150)  # columns beyond the short form


def codes_of(code):
    yield code
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            yield from codes_of(const)


def lines_of(code):
    """The line of each unit, caches counted, 0 for none: as (line, count)."""
    lines = [position[0] or 0 for position in code.co_positions()]
    assert len(lines) == len(code.co_code) // 2
    return [(line, len(list(group))) for line, group in itertools.groupby(lines)]


def without_columns(code):
    """The table that a build without columns makes, by CPython's own encoder."""
    table = bytearray()
    line = code.co_firstlineno
    for wanted, count in lines_of(code):
        while count:
            length = min(count, 8)
            count -= length
            if not wanted:
                table.append(0x80 | 15 << 3 | length - 1)
                continue
            delta, line = wanted - line, wanted
            number = -delta << 1 | 1 if delta < 0 else delta << 1
            table.append(0x80 | 13 << 3 | length - 1)
            while number >= 64:
                table.append(64 | number & 63)
                number >>= 6
            table.append(number)
    return code.replace(co_linetable=bytes(table))


def rows(items, width=12):
    for i in range(0, len(items), width):
        yield "\t\t" + " ".join(f"{item}," for item in items[i:i + width])


def main():
    name = sys.argv[1].replace(".", "_")
    module = compile(SOURCE, "shop.py", "exec")
    codes = [code for code in codes_of(module) if len(code.co_code) > 8]
    variants = codes + [without_columns(code) for code in codes if code.co_name != "wide"]
    print(f"/* CPython {sys.version.split()[0]} */")
    for i, code in enumerate(variants):
        print(f"static const uint8_t table_{name}_{i}[] = {{")
        print("\n".join(rows([str(byte) for byte in code.co_linetable], 20)))
        print("};")
        print(f"static const int lines_{name}_{i}[][2] = {{")
        print("\n".join(rows([f"{{ {line}, {count} }}" for line, count in lines_of(code)], 6)))
        print("};")
    print(f"static const struct golden golden_{name}[] = {{")
    for i, code in enumerate(variants):
        print(f"\tGOLDEN({name}_{i}, \"{code.co_qualname}\", {code.co_firstlineno}),")
    print("};")


main()
