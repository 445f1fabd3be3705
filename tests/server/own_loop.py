"""A coroutine run in a thread and a loop of its own: the browser's tests leave a running loop in this one."""

import asyncio
from concurrent.futures import ThreadPoolExecutor


def in_a_loop_of_its_own(coroutine):
    """What the coroutine returns; what it raises is raised."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()
