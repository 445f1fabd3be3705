"""Newest wins, places are told, a failure is handed to whom it concerns, and the line has an end."""

import asyncio
import threading

import pytest
from own_loop import in_a_loop_of_its_own

from coregion.errors import CoregionError
from coregion.server.queue import Busy, Queue, Superseded


def run(play, longest=8):
    async def whole():
        queue = Queue(longest)
        gate, begun = threading.Event(), threading.Event()

        def held():
            begun.set()
            gate.wait(10)
            return "first"

        first = asyncio.create_task(queue.ask("someone", 1, held))
        await asyncio.to_thread(begun.wait, 10)
        try:
            return await play(queue, gate, first)
        finally:
            gate.set()
            queue.close()

    return in_a_loop_of_its_own(whole())


def test_a_newer_position_replaces_an_older_and_keeps_its_place():
    async def play(queue, gate, first):
        old = asyncio.create_task(queue.ask("me", 1, lambda: "old"))
        other = asyncio.create_task(queue.ask("you", 1, lambda: "other"))
        await asyncio.sleep(0)
        assert (queue.place("someone"), queue.place("me"), queue.place("you"), queue.place("nobody")) == (0, 1, 2, None)
        new = asyncio.create_task(queue.ask("me", 2, lambda: "new"))
        with pytest.raises(Superseded):
            await old
        assert (queue.place("me"), len(queue)) == (1, 2)
        with pytest.raises(Superseded):
            await queue.ask("me", 1, lambda: "late")
        gate.set()
        return await asyncio.gather(first, new, other)

    assert run(play) == [("first", 0), ("new", 1), ("other", 2)]


def test_an_answer_from_elsewhere_takes_the_older_request_out():
    async def play(queue, gate, first):
        old = asyncio.create_task(queue.ask("me", 3, lambda: "old"))
        await asyncio.sleep(0)
        queue.drop("me", 4)
        with pytest.raises(Superseded):
            await old
        assert len(queue) == 0

    run(play)


def test_the_line_has_an_end():
    async def play(queue, gate, first):
        waiting = [asyncio.create_task(queue.ask(f"client {n}", 1, int)) for n in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await queue.ask("one more", 1, lambda: 0)
        gate.set()
        await asyncio.gather(*waiting)

    run(play, longest=2)


def test_a_failure_concerns_only_its_own_request():
    def fail():
        raise CoregionError("no")

    async def play(queue, gate, first):
        bad = asyncio.create_task(queue.ask("bad", 1, fail))
        good = asyncio.create_task(queue.ask("good", 1, lambda: "good"))
        gate.set()
        with pytest.raises(CoregionError, match="no"):
            await bad
        return await good

    assert run(play)[0] == "good"


def test_who_leaves_is_not_solved():
    async def play(queue, gate, first):
        gone = asyncio.create_task(queue.ask("gone", 1, lambda: pytest.fail("solved for nobody")))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        assert len(queue) == 0
        gate.set()
        return await queue.ask("next", 1, lambda: "next")

    assert run(play)[0] == "next"
