"""The served study with everything that is made of it on demand and kept: answers, files, urban areas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from coregion.report.page import vega_library
from coregion.server import areas, description, ground
from coregion.server.answer_store import Body, Latest, body, json_body, json_bytes
from coregion.server.answers import numbers, solve_answer
from coregion.server.known_ranges import Note, RangeStore
from coregion.server.limits import Limits
from coregion.server.live import Solved, Solver
from coregion.server.package_text import read_package
from coregion.server.served import Served, Watch

JOBS = ("packages", "goal", "draws")


class Current:
    """One study as it is served; a study that is read anew is a new object, so that nothing old is mixed in."""

    def __init__(self, served: Served, limits: Limits):
        self.served, self._limits = served, limits
        self.watch = Watch(served.study.folder, served.fingerprint)
        self._solver = Solver(served, limits.links)
        self._solved: Latest[Solved] = Latest(limits.answers_kept)
        self._answers: Latest[bytes] = Latest(limits.answers_kept)
        self._areas: Latest[Body] = Latest(limits.answers_kept)
        self._once: Latest[Any] = Latest(16)
        self._ranges = RangeStore(served.study)

    def canonical(self, text: str) -> str:
        """The package text in its one form; raises InputMistakes for what is not known or out of bounds."""
        package = read_package(text)
        self.served.measures(package, self._limits.links)
        return str(package)

    def has_solved(self, text: str) -> bool:
        """Whether the equilibrium of a canonical text is kept."""
        return self._solved.has(text)

    def has_answer(self, text: str) -> bool:
        """Whether the answer to a canonical text is kept."""
        return self._answers.has(text)

    def solved(self, text: str) -> Solved:
        """The equilibrium of a canonical text; only the solver's thread calls this when it is not kept."""
        return self._solved.get(text, lambda: self._solver.solve(text))[0]

    def answer(self, text: str) -> bytes:
        """The JSON of what is told of a canonical text; only the solver's thread calls this when it is not kept."""
        return self._answers.get(text, lambda: self._told(text))[0]

    def _told(self, text: str) -> bytes:
        solved = self.solved(text)
        return json_bytes(solve_answer(self.served, solved, self._ranges.of(text, solved.measures)))

    def take_ranges(self, text: str, rows: list[dict[str, Any]], note: Note) -> None:
        """Ranges that a job has drawn for a canonical text: the next answer to it tells them."""
        self._ranges.take(text, rows, note)
        self._answers.forget(text)

    def areas(self, solved: Solved) -> Body:
        """Urban areas before and after."""
        return self._areas.get(solved.text, lambda: self._urban_areas(solved))[0]

    def _urban_areas(self, solved: Solved) -> Body:
        before = self._kept("areas", lambda: areas.areas_before(self.served))
        return json_body(areas.urban_areas(self.served, solved, before))

    def study(self) -> bytes:
        """JSON of the study, to which the caller adds whether it is stale."""
        return self._kept("study", lambda: json_bytes(description.study_description(self.served, self._limits, JOBS)))

    def shapes(self) -> dict[str, Any]:
        """GeoJSON of the counties."""
        return self._kept("shapes", lambda: ground.boundaries(self.served))

    def boundaries(self) -> Body:
        """The same as it is sent."""
        return self._kept("boundaries", lambda: json_body(self.shapes()))

    def network(self) -> Body:
        """Places and links."""
        return self._kept("network", lambda: json_body(ground.network_drawing(self.served)))

    def baseline(self) -> Body:
        """One number a county for every variable."""
        figures = self.served.figures
        return self._kept("baseline", lambda: json_body({"figures": {n: numbers(v) for n, v in figures.items()}}))

    def vega(self) -> Body:
        """The drawing library as it comes inside vl-convert."""
        return self._kept("vega", lambda: body(vega_library().encode(), "text/javascript; charset=utf-8"))

    def _kept(self, name: str, make: Callable[[], Any]) -> Any:
        return self._once.get(name, make)[0]

    def warm(self, tell: Callable[[str, int, int], None]) -> None:
        """Compile the solver and make what the first page asks for, before anybody waits for it."""
        whole = ",".join(f"{m.name}:{m.intensity:g}" for m in self.served.study.measures)
        steps: tuple[Callable[[], Any], ...] = (
            lambda: self.answer(""),
            lambda: self.answer(self.canonical(whole)),
            self._solver.route_every_set,
            self.study,
            self.boundaries,
            self.network,
            self.baseline,
            self.vega,
        )
        for number, step in enumerate(steps):
            tell("warming up", number, len(steps))
            step()
        tell("warming up", len(steps), len(steps))
