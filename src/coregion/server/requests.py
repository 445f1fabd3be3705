"""What a page may send, and how refusals and jobs look: the records that the interface's documentation shows."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from coregion.server.package_text import LONGEST

PackageField = Annotated[
    str,
    Field(
        max_length=LONGEST,
        description="Measures as name:intensity and links as ~FROM~TO~CLASS~INTENSITY, joined by commas; empty: none.",
        examples=["expressways:0.5,~131082~110112~expressway~1"],
    ),
]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SolveRequest(_Request):
    """A package to solve. session: of one page; sequence: rises with every request of it."""

    session: str = Field(pattern=r"^[A-Za-z0-9_-]{8,40}$")
    sequence: int = Field(ge=0, le=2**53)
    package: PackageField = ""


class PackagesRequest(_Request):
    """Every set of a package's measures, or of its pillars."""

    kind: Literal["packages"]
    package: PackageField
    by: Literal["measure", "pillar"] = "measure"


class GoalRequest(_Request):
    """The least effort of some measures that reaches a goal."""

    kind: Literal["goal"]
    goal: str = Field(min_length=3, max_length=1000, examples=["residents[130629+130632] >= 300000"])
    measures: list[Annotated[str, Field(max_length=100)]] = Field(min_length=1, max_length=64)


class DrawsRequest(_Request):
    """Draws of the parameters for a package, the model calibrated anew at each."""

    kind: Literal["draws"]
    package: PackageField
    draws: int = Field(default=100, ge=8, le=10_000)


JobRequest = Annotated[PackagesRequest | GoalRequest | DrawsRequest, Field(discriminator="kind")]


class Refusal(BaseModel):
    """Why a request was not done."""

    error: str
    sentence: str
    mistakes: list[str] = []


class JobRecord(BaseModel):
    """A job and where it is."""

    id: str
    kind: str
    title_en: str
    title_zh: str
    state: Literal["waiting", "running", "finished", "failed", "cancelled"]
    stage: str
    done: int
    of: int
    place: int | None
    created: str
    seconds: float
    request: dict[str, Any]
    sentence: str
    result: dict[str, Any] | None = None


class JobList(BaseModel):
    """The jobs that are kept, the newest first."""

    jobs: list[JobRecord]


class Place(BaseModel):
    """place: 0 while it is solved, n as the n-th to wait, null when it does not wait. waiting: all who wait."""

    place: int | None
    waiting: int


class Health(BaseModel):
    """How the server is. stale: the study's files differ from what is served."""

    stale: bool
    fingerprint: str
    queue: int
    jobs: int
    warm: bool
