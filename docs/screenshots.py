"""Draws the pictures of the live view: make screenshots.

The shop of examples/ is watched on a pseudo-terminal; pyte reads the screen, and
each picture is that screen as SVG.
"""

import shutil
import subprocess
import sys
from html import escape
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "e2e"))

import harness  # noqa: E402
import terminal  # noqa: E402

SIZE = 104, 30
CELL = 8.4, 18  # of a character, in pixels
MARGIN = 12
GROUND, TEXT = "#1d2021", "#e8e4d8"
COLORS = {"default": TEXT, "red": "#fb6a5b", "green": "#b0c84a", "brown": "#f2bd4b",
          "blue": "#83b5d8", "magenta": "#d898b8", "cyan": "#7fc8a9"}


def runs(line, columns):
    """The pieces of a line that look alike: (column, text, cell)."""
    begin, text = 0, ""
    for column in range(columns):
        cell, first = line[column], line[begin]
        if (cell.fg, cell.bold, cell.reverse) != (first.fg, first.bold, first.reverse):
            yield begin, text, first
            begin, text = column, ""
        text += cell.data
    yield begin, text, line[begin]


def svg(screen):
    width, height = CELL
    rows = ['<svg xmlns="http://www.w3.org/2000/svg" font-family="monospace" font-size="14" '
            f'width="{SIZE[0] * width + 2 * MARGIN:.0f}" '
            f'height="{SIZE[1] * height + 2 * MARGIN:.0f}">',
            f'<rect width="100%" height="100%" rx="6" fill="{GROUND}"/>']
    for number in range(SIZE[1]):
        top = MARGIN + number * height
        for column, text, cell in runs(screen.screen.buffer[number], SIZE[0]):
            left, color = MARGIN + column * width, COLORS.get(cell.fg, TEXT)
            if cell.reverse:
                rows.append(f'<rect x="{left:.1f}" y="{top}" width="{len(text) * width:.1f}" '
                            f'height="{height}" fill="{color}"/>')
                color = GROUND
            if text.strip():
                bold = ' font-weight="bold"' if cell.bold else ""
                rows.append(f'<text x="{left:.1f}" y="{top + 14}" fill="{color}"{bold} '
                            f'textLength="{len(text) * width:.1f}" xml:space="preserve">'
                            f'{escape(text)}</text>')
    return "\n".join([*rows, "</svg>", ""])


def shoot(screen, name):
    screen.settle()
    (HERE / name).write_text(svg(screen))
    print(HERE / name)


def main():
    tree = harness.Tree()
    shutil.copy(HERE.parent / "examples" / "shop.py", tree.outside)
    shop = subprocess.Popen(tree.command("/usr/bin/python3.14", f"{tree.inside}/shop.py"),
                            stdout=subprocess.PIPE)
    shop.stdout.readline()
    screen = terminal.live(shop.pid, size=SIZE)
    try:
        screen.until("4.0 s")
        screen.type("/Warehouse.ask\n")
        screen.until(lambda _: "Warehouse.ask" in (screen.selected() or ""))
        shoot(screen, "live.svg")
        screen.type("\t")
        screen.until("async with self.lock")
        shoot(screen, "live-detail.svg")
        screen.type("q")
        screen.wait()
    finally:
        screen.close()
        shop.kill()
        tree.remove()


main()
