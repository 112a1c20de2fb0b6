"""Forks children in a process with threads, which end at once: no target by itself."""
import os
import time
import warnings

warnings.simplefilter("ignore", DeprecationWarning)  # fork with threads


def fork_forever(counts, every_s):
    """Counts them in counts["forks"]."""
    while True:
        child = os.fork()
        if not child:
            os._exit(0)
        assert os.waitpid(child, 0) == (child, 0)
        counts["forks"] += 1
        time.sleep(every_s)
