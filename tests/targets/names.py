"""Names of every kind: of tasks, of functions, of files, of classes."""
import asyncio

import truth


class MyTask(asyncio.Task):
    pass


class SlottedTask(asyncio.Task):
    __slots__ = ("one", "two")


class TaskWithAttributes(asyncio.Task):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.one, self.two = 1, "two"


class Étrange(asyncio.Task):
    pass


class Name(str):
    """Stays what it is when it is made a str."""
    def __str__(self):
        return self


NAMES = [
    "plain", "", " ", "  leading and trailing  ", "Task-1", "quote\"back\\slash'",
    "Größe", "naïve café", "Ελληνικά", "русский", "עברית", "العربية", "हिन्दी", "ไทย",
    "日本語テキスト", "한국어", "ｆｕｌｌｗｉｄｔｈ", "e\u0301 combining", "a" + "\u0301" * 50,
    "👩‍👩‍👧‍👦 family", "🏳️‍🌈", "👍🏽", "🇩🇪", "𝕄𝕒𝕥𝕙", "\U0010fffd",
    "tab\there", "newline\nhere", "return\rhere", "crlf\r\nhere", "bell\a", "back\b\b\b",
    "nul\0here", "\0", "\x7f delete", "\x1b[31mred\x1b[0m", "\x1b]0;title\x07",
    "\x9b31m one-byte CSI", "\x85 next line", "\xa0no-break", "\xadsoft hyphen",
    "\u202eright to left override", "\u2066isolate\u2069", "\u200bzero width", "\u200e",
    "\u061c", "\u2028line separator", "\u2029paragraph separator", "\ufeffbom",
    "\ufffe noncharacter", "\ue000 private", "\u115f hangul filler",
    "\U000e0041 tag", "\ufff9annotation\ufffb",
    "lone \ud800 high", "lone \udfff low", "\ud83d\ude00 pair", "\udcff escape",
    "x" * 100, "long " * 4000, "ж" * 20000, "日" * 20000, "😀" * 20000, "m" * (1 << 20),
]

ODD_CODE = """
async def odd(future):
    await future
"""


async def leaf():
    await asyncio.sleep(3600)


def odd_function(qualname, filename):
    """A coroutine function that is called so and comes from such a file."""
    names = {}
    exec(compile(ODD_CODE, filename, "exec"), names)
    function = names["odd"]
    function.__code__ = function.__code__.replace(co_qualname=qualname)
    function.__qualname__ = qualname
    return function


async def größe_messen():
    await asyncio.sleep(3600)


async def main():
    loop = asyncio.get_running_loop()
    kept = [loop.create_task(leaf()) for _ in range(3)]
    kept += [loop.create_task(leaf(), name=name) for name in NAMES]
    kept += [loop.create_task(leaf(), name=name)
             for name in (12345, 1 << 80, None, Name("str subclass"), Name("жsubclass"))]
    kept += [kind(leaf(), loop=loop) for kind in
             (MyTask, SlottedTask, TaskWithAttributes, Étrange)]
    kept.append(loop.create_task(größe_messen(), name="function"))
    for number, (qualname, filename) in enumerate([
            ("\x1b[31mred", "/tmp/\x1b[2Jfile.py"), ("new\nline", "/tmp/new\nline.py"),
            ("日本.<locals>.語", "/tmp/日本/語.py"), ("\ud800", "\udcff.py"), ("", ""),
            ("f" * 5000, "/" + "d/" * 3000 + "f.py"), ("<lambda>", "<string>")]):
        kept.append(loop.create_task(odd_function(qualname, filename)(loop.create_future()),
                                     name=f"odd {number}"))
    loop.call_later(0.05, truth.ready)
    await asyncio.sleep(3600)
    return kept


asyncio.run(main())
