"""Full queues: a finding where nothing is left that could get from them, and none else."""

import harness

PYTHONS = harness.PYTHONS_ONCE


def test_only_deserted_queues_are_found(start):
    process = start("queue_users.py").json()
    tasks = {task["id"]: task for task in process["tasks"]}
    putters = [task for task in tasks.values()
               if task["waiting_on"] and task["waiting_on"]["kind"] == "queue-put"]
    assert len({task["name"] for task in putters}) == 11
    found = [tasks[task] for finding in process["findings"] if finding["kind"] == "queue"
             for task in finding["tasks"]]
    assert [task["name"] for task in found] == 6 * ["deserted"], process["findings"]
    assert len({task["waiting_on"]["object"] for task in found}) == 3
