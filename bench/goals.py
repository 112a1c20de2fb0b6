"""What a snapshot should reach, held against the rows of a run."""


def at_least(least):
    return f"at least {least:g}", lambda value: value >= least


def at_most(most):
    return f"at most {most:g}", lambda value: value <= most


WHOLE = "whole process, times as fast as pstree"

# What is compared, of which shape, from and to which number of tasks, and the bound.
GOALS = [
    (WHOLE, "pstree_ratio", "groups", 1_000, 1_000, at_least(20)),
    (WHOLE, "pstree_ratio", "groups", 10_000, 10_000, at_least(50)),
    (WHOLE, "pstree_ratio", "groups", 50_000, 50_000, at_least(60)),
    (WHOLE, "pstree_ratio", "flat", 50_000, 50_000, at_least(200)),
    ("reading, times as long as the limit", "read_ratio", "groups", 10_000, None, at_most(3)),
    ("bytes read, times those of the limit", "bytes_ratio", "groups", 10_000, None, at_most(1.2)),
    ("system calls a task", "calls_a_task", "groups", 10_000, None, at_most(0.05)),
    ("pause, times as long as the reading", "pause_ratio", "groups", 10_000, None, at_most(1.2)),
    ("reading, times that without waits", "waits_ratio", "groups", 10_000, 10_000, at_most(1.3)),
    ("peak memory, times the target's", "memory_ratio", "groups", 1_000_000, None, at_most(1)),
    ("time a task, times that at 10,000", "growth", "groups", 1_000_000, None, at_most(1.5)),
]


def with_ratios(row, rows):
    """The row, and what takes more than one of its figures."""
    small = [other["us_a_task"] for other in rows
             if other["shape"] == row["shape"] and other["size"] == 10_000]
    return {**row, "memory_ratio": row["peak"] / row["target_mb"],
            "growth": row["us_a_task"] / small[0] if small else None}


def print_goals(rows):
    print("\ngoals")
    for what, key, shape, first, last, (bound, holds) in GOALS:
        for row in (with_ratios(row, rows) for row in rows):
            value = row.get(key)
            if row["shape"] != shape or row["size"] < first or row["size"] > (last or row["size"]) \
                    or value is None:
                continue
            verdict = "reached" if holds(value) else "MISSED"
            print(f"  {verdict:8} {value:8.3f}  {bound:14} {shape:7}{row['size']:>9,}  {what}")
