"""Python without asyncio, or with one that only was imported."""
import sys
import time

import truth

loop = None
if len(sys.argv) > 1:
    import asyncio
    if sys.argv[1] == "loop":
        loop = truth.know_loop(asyncio.new_event_loop())
truth.ready()
time.sleep(3600)
