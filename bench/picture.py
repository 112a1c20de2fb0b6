"""Draws the rows of a run as SVG: time over tasks, a panel for each shape."""

import math
from pathlib import Path

SERIES = [  # the row's key, colour, name
    ("pstree", "#b3261e", "asyncio pstree"),
    ("ps", "#e08a00", "asyncio ps"),
    ("whole", "#0b57d0", "asynctree, whole process"),
    ("read", "#1e8e3e", "asynctree, reading"),
    ("limit", "#777777", "limit: copying the pages"),
]
WIDTH, HEIGHT = 380, 340  # of a panel
LEFT, RIGHT, TOP, BOTTOM = 62, 14, 34, 46
LEGEND = 24 * len(SERIES) + 16


class Scale:
    """A logarithmic scale of whole decades onto pixels."""

    def __init__(self, values, start, end):
        self.low = math.floor(math.log10(min(values)))
        self.high = max(math.ceil(math.log10(max(values))), self.low + 1)
        self.start, self.end = start, end

    def __call__(self, value):
        part = (math.log10(value) - self.low) / (self.high - self.low)
        return self.start + part * (self.end - self.start)

    def ticks(self):
        return [10.0 ** power for power in range(self.low, self.high + 1)]


def text(x, y, content, anchor="middle", size=12):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}">{content}</text>'


def line(x1, y1, x2, y2, colour="#dddddd"):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def milliseconds(value):
    return f"{value / 1000:g} s" if value >= 1000 else f"{value:g} ms"


def axes(x, y, title):
    parts = [text((x.start + x.end) / 2, TOP - 12, title, size=14),
             text((x.start + x.end) / 2, HEIGHT - 8, "tasks")]
    for tick in x.ticks():
        parts += [line(x(tick), y.start, x(tick), y.end),
                  text(x(tick), y.start + 18, f"{tick:,.0f}", size=10)]
    for tick in y.ticks():
        parts += [line(x.start, y(tick), x.end, y(tick)),
                  text(x.start - 6, y(tick) + 4, milliseconds(tick), "end", 11)]
    return parts


def curve(points, colour):
    path = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
    dots = [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in points]
    return [f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>', *dots]


def panel(rows, x, y, title):
    parts = axes(x, y, title)
    for key, colour, _ in SERIES:
        points = [(x(row["tasks"]), y(row[key])) for row in rows if row.get(key)]
        if points:
            parts += curve(points, colour)
    return parts


def legend(top):
    parts = []
    for place, (_, colour, name) in enumerate(SERIES):
        middle = top + 24 * place
        parts += curve([(LEFT, middle), (LEFT + 30, middle)], colour)
        parts.append(text(LEFT + 42, middle + 4, name, "start"))
    return parts


def draw(rows, path):
    shapes = list(dict.fromkeys(row["shape"] for row in rows))
    x = Scale([row["tasks"] for row in rows], LEFT, WIDTH - RIGHT)
    y = Scale([row[key] for row in rows for key, _, _ in SERIES if row.get(key)],
              HEIGHT - BOTTOM, TOP)
    width, height = WIDTH * len(shapes), HEIGHT + LEGEND
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
             f'viewBox="0 0 {width} {height}" font-family="sans-serif">',
             f'<rect width="{width}" height="{height}" fill="white"/>']
    for place, shape in enumerate(shapes):
        parts.append(f'<g transform="translate({WIDTH * place} 0)">')
        parts += panel([row for row in rows if row["shape"] == shape], x, y, shape)
        parts.append("</g>")
    parts += [*legend(HEIGHT + 12), "</svg>"]
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text("\n".join(parts) + "\n")
