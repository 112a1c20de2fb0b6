"""Compares what a target's tasks wait for with what the target tells: tests/targets/situations.py."""

import time

from harness import short

SLACK_S = 0.002  # of clocks that are read one after the other


def check(target, options=((), ("--no-pause",))):
    """Holds `waiting_on` of all situations against the target's own word, read before and
    after it was asked.  Gives the names of their tasks."""
    readings = [read(target, option) for option in options]
    told = target.ask("situations")
    readings += [read(target, option) for option in options]
    assert told == target.ask("situations"), "the target did not keep still"
    for reading in readings:
        problems = [problem for entry in told for problem in problems_of(entry, *reading)]
        assert not problems, "\n".join([f"{len(problems)} differences", *problems[:30]])
    names = {entry["name"] for entry in told}
    assert len(names) == len(told), "a name twice"
    return names


def read(target, option):
    before = time.monotonic()
    process = target.json(*option)
    return process, before, time.monotonic()


def problems_of(entry, process, before, after):
    tasks = {task["id"]: task for task in process["tasks"]}
    where = f"  {entry['name']}"
    if entry["id"] not in tasks:
        return [f"{where} is missing"]
    found, true = tasks[entry["id"]]["waiting_on"], entry["waiting_on"]
    if found is None:
        return [f"{where} does not wait: {short(tasks[entry['id']])}"]
    names = {task["id"]: task["name"] for task in process["tasks"]}
    return [f"{where}: {key}: truth {shown(true.get(key, 'no such key'), names)}, "
            f"found {shown(found.get(key, 'no such key'), names)}"
            for key in sorted(true.keys() | found.keys())
            if key not in true or key not in found
            or not is_true(found[key], true[key], before, after)]


def is_true(found, true, before, after):
    if isinstance(true, dict):
        return isinstance(found, float) and \
            true["due"] - after - SLACK_S <= found <= true["due"] - before + SLACK_S
    if isinstance(true, list) and isinstance(found, list) and key_is_unordered(true):
        return sorted(found) == sorted(true)
    return found == true and type(found) is type(true)


def key_is_unordered(true):
    return all(isinstance(item, str) and item.startswith("0x") for item in true)


def shown(value, names):
    if isinstance(value, list):
        return short([names.get(item, item) for item in value])
    return short(value)
