"""The web application as its users meet it: first paint, a slider that moves, twenty users at once.

Starts ``coregion serve`` as a process of its own and talks to it over loopback, as a browser does.

    python benchmarks/server.py [STUDY] [--moves 100] [--users 20]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import statistics
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import httpx

FIRST = ("/api/study", "/api/boundaries", "/api/network", "/api/baseline")
"""What the page asks for before it shows a map, beside its own files."""

GOAL_PAINT, GOAL_MOVE = 1.0, 0.5


@contextmanager
def server(study: str):
    """A running server; yields its address, its process and the seconds until it listened."""
    command = [str(Path(sys.executable).with_name("coregion")), "serve", study, "--port", "0"]
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        for line in process.stdout:
            found = re.search(r"Open (http://\S+)/", line)
            if found:
                yield found[1], process, time.perf_counter() - begun
                return
        raise SystemExit("the server did not start")
    finally:
        process.terminate()
        process.wait(20)


def memory(process: subprocess.Popen) -> tuple[float, float]:
    """Resident memory of a process now and at its peak [MB]."""
    text = Path(f"/proc/{process.pid}/status").read_text()
    return tuple(int(re.search(rf"{name}:\s+(\d+) kB", text)[1]) / 1024 for name in ("VmRSS", "VmHWM"))  # type: ignore[index,return-value]


def busy(process: subprocess.Popen) -> float:
    """Seconds of processor time that a process has used, which do not depend on what else the machine does."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def first_paint(address: str) -> tuple[float, int, int]:
    """Seconds, bytes on the wire and requests until everything for the first map is there, as a browser asks for it:
    the page, what it names and what that imports, then the study's data and the first solution."""
    with httpx.Client(base_url=address, headers={"accept-encoding": "gzip"}) as client:
        begun, size, seen, waiting = time.perf_counter(), 0, set(), ["/"]
        while waiting:
            path = waiting.pop()
            if path in seen:
                continue
            seen.add(path)
            answer = client.get(path)
            size += answer.num_bytes_downloaded
            if answer.status_code == 200 and path.endswith(("/", ".js", ".html")) and path != "/vega.js":
                waiting += files_named(answer.text, path)
        for path in FIRST:
            answer = client.get(path)
            size += answer.num_bytes_downloaded
        answer = client.post("/api/solve", json={"session": "benchmark-paint", "sequence": 0, "package": ""})
        return time.perf_counter() - begun, size + answer.num_bytes_downloaded, len(seen) + len(FIRST) + 1


def files_named(text: str, path: str) -> list[str]:
    """Addresses that a page or a module names."""
    folder = path.rsplit("/", 1)[0]
    names = re.findall(r"""(?:src|href)=["']([^"'#?:]+)["']|(?:from|import)\s*\(?["'](\.[^"']+)["']""", text)
    return ["/" + os.path.normpath(f"{folder}/{one or other}").lstrip("/") for one, other in names if one or other]


def measures_of(address: str) -> list[dict]:
    """The measures of the study that is served."""
    return httpx.get(f"{address}/api/study").json()["measures"]


def moves(address: str, count: int, seed: int) -> list[float]:
    """Seconds from a slider's new position to the answer, one after the other, of packages that nobody asked before."""
    draw, measures, seconds = random.Random(seed), measures_of(address), []
    amounts = {m["name"]: m["intensity"] for m in measures}
    with httpx.Client(base_url=address, timeout=60) as client:
        for number in range(count):
            moved = draw.choice(measures)
            amounts[moved["name"]] = round(draw.uniform(moved["lowest"], moved["highest"]), 4)
            package = ",".join(f"{name}:{amount:g}" for name, amount in amounts.items())
            begun = time.perf_counter()
            answer = client.post(
                "/api/solve", json={"session": "benchmark-moves", "sequence": number, "package": package}
            )
            answer.raise_for_status()
            answer.json()
            seconds.append(time.perf_counter() - begun)
    return seconds


async def one_user(address: str, measures: list[dict], number: int, count: int) -> tuple[Counter, list[float]]:
    """A user who moves a slider every 0.3 s and does not wait for answers."""
    draw, told, seconds = random.Random(number), Counter(), []
    async with httpx.AsyncClient(base_url=address, timeout=300) as client:

        async def ask(sequence: int) -> None:
            moved = draw.choice(measures)
            amount = round(draw.uniform(moved["lowest"], moved["highest"]), 4)
            body = {"session": f"benchmark-{number:04}", "sequence": sequence, "package": f"{moved['name']}:{amount}"}
            begun = time.perf_counter()
            answer = await client.post("/api/solve", json=body)
            told[answer.status_code] += 1
            if answer.status_code == 200:
                seconds.append(time.perf_counter() - begun)

        tasks = []
        for sequence in range(count):
            tasks.append(asyncio.create_task(ask(sequence)))
            await asyncio.sleep(0.3)
        await asyncio.gather(*tasks)
    return told, seconds


async def crowd(address: str, users: int, count: int) -> tuple[Counter, list[float]]:
    """All users at once."""
    measures = measures_of(address)
    found = await asyncio.gather(*(one_user(address, measures, number, count) for number in range(users)))
    return sum((told for told, _ in found), Counter()), [s for _, seconds in found for s in seconds]


def quantile(values: list[float], part: float) -> float:
    """A quantile by rank."""
    return sorted(values)[min(len(values) - 1, int(part * len(values)))]


def main() -> None:
    """Print one line a figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("study", nargs="?", default="jingjinji")
    parser.add_argument("--moves", type=int, default=100)
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--moves-a-user", type=int, default=10)
    asked = parser.parse_args()
    with server(asked.study) as (address, process, start):
        print(f"start until it listens: {start:.1f} s, {memory(process)[0]:.0f} MB")
        for visit in ("first", "second"):
            seconds, size, requests = first_paint(address)
            print(f"{visit} visit: {seconds:.3f} s, {size / 1e3:.0f} kB, {requests} requests (goal {GOAL_PAINT} s)")
        warm = moves(address, 10, seed=1)
        print(f"first ten moves: median {statistics.median(warm):.3f} s, longest {max(warm):.3f} s")
        used = busy(process)
        found = moves(address, asked.moves, seed=2)
        used = (busy(process) - used) / asked.moves
        print(
            f"{asked.moves} moves: median {statistics.median(found):.3f} s, 95th of 100 {quantile(found, 0.95):.3f} s, "
            f"longest {max(found):.3f} s (goal {GOAL_MOVE} s at the 95th); {used:.3f} s of processor time a move, "
            f"load of the machine {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
        )
        told, seconds = asyncio.run(crowd(address, asked.users, asked.moves_a_user))
        now, peak = memory(process)
        errors = sum(told.values()) - told[200] - told[409]
        print(
            f"{asked.users} users, {asked.moves_a_user} moves each: {told[200]} answered, {told[409]} replaced "
            f"by newer ones, {errors} errors; median {statistics.median(seconds):.1f} s, longest {max(seconds):.1f} s; "
            f"memory {now:.0f} MB, peak {peak:.0f} MB"
        )


if __name__ == "__main__":
    main()
