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

COLUMNS = 104
CELL, FONT, BASE = (9, 19), 15, 14  # of a character, in pixels: whole ones leave no seams
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
    rows = [f'<svg xmlns="http://www.w3.org/2000/svg" font-family="monospace" font-size="{FONT}" '
            f'width="{screen.columns * width + 2 * MARGIN}" '
            f'height="{screen.lines * height + 2 * MARGIN}">',
            f'<rect width="100%" height="100%" rx="6" fill="{GROUND}"/>']
    for number in range(screen.lines):
        top = MARGIN + number * height
        for column, text, cell in runs(screen.screen.buffer[number], screen.columns):
            left, color = MARGIN + column * width, COLORS.get(cell.fg, TEXT)
            if cell.reverse:
                rows.append(f'<rect x="{left}" y="{top}" width="{len(text) * width}" '
                            f'height="{height}" fill="{color}"/>')
                color = GROUND
            if text.strip():
                bold = ' font-weight="bold"' if cell.bold else ""
                rows.append(f'<text x="{left}" y="{top + BASE}" fill="{color}"{bold} '
                            f'textLength="{len(text) * width}" xml:space="preserve">'
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
    screen = terminal.live(shop.pid, size=(COLUMNS, 16))
    try:
        screen.until("4.0 s")
        screen.type("/Warehouse.ask\n")
        screen.until(lambda _: "Warehouse.ask" in (screen.selected() or ""))
        shoot(screen, "live.svg")
        screen.resize(COLUMNS, 34)
        screen.type("\t\014")
        screen.until("async with self.lock")
        shoot(screen, "live-detail.svg")
        screen.type("q")
        screen.wait()
    finally:
        screen.close()
        shop.kill()
        tree.remove()


main()
