"""Tasks that only weak references keep: a garbage collection proves who they were."""


def orphans(process):
    names = {task["id"]: task["name"] for task in process["tasks"]}
    return {names[task] for finding in process["findings"] if finding["kind"] == "orphan"
            for task in finding["tasks"]}


def test_orphans_are_those_that_a_collection_ends(start):
    target = start("orphans.py")
    found = orphans(target.json())
    ended = set(target.ask("collect"))
    assert {"bare/alone", "knows_itself/alone", "gathers/alone", "holder/alone"} <= ended
    assert not any(name.endswith(("/kept", "/called back")) for name in ended)
    assert sorted(found) == sorted(ended)


def test_a_running_target_has_none(start):
    """Its references are not of one moment."""
    assert not orphans(start("orphans.py").json("--no-pause"))
