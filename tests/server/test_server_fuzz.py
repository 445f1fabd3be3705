"""Requests that nobody would think of: none of them is answered with a mistake of the program."""

import os
import warnings
from collections import Counter

import httpx
import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, reject, seed, settings
from hypothesis import strategies as st
from made_up_server import made_up_app

from coregion.server import jobs as jobs_module

REQUESTS = int(os.environ.get("COREGION_FUZZ_REQUESTS", "240"))
"""In all, over every address. 2,000 with COREGION_FUZZ_REQUESTS=2000."""


def nothing_to_do(order, pipe):
    """Stands in for the work of a job, which has tests of its own."""
    pipe.send(("end", {"ranges": [], "note_en": "", "note_zh": ""}))


@pytest.fixture(scope="module")
def application(folder):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jobs_module, "work", nothing_to_do)
        yield made_up_app(folder)


@pytest.mark.slow
def test_no_request_is_answered_with_a_mistake_of_the_program(application):
    schema = schemathesis.openapi.from_dict(application.openapi())
    operations = [found.ok() for found in schema.get_all_operations()]
    operations = [one for one in operations if one.path != "/api/jobs/{job_id}/events"]
    seen: Counter[int] = Counter()
    with TestClient(application, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:

        def send(case):
            request = case.as_transport_kwargs(base_url="http://127.0.0.1")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                try:
                    answer = client.request(**{name: request[name] for name in request if name not in SKIPPED})
                except httpx.InvalidURL:
                    reject()  # longer than the client sends; the server's own limit is tested elsewhere
            seen[answer.status_code] += 1
            assert answer.status_code < 500 or answer.json()["error"] == "busy", (request, answer.text)
            if answer.status_code >= 400:
                assert answer.json()["sentence"], (request, answer.text)

        once = settings(
            max_examples=max(1, REQUESTS // len(operations)),
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        for number in range(ROUNDS):
            for operation in operations:
                cases = st.one_of([operation.as_strategy(generation_mode=mode) for mode in MODES])
                seed(number)(once(given(cases)(send)))()
            if sum(seen.values()) >= REQUESTS:
                break
    assert sum(seen.values()) >= REQUESTS, seen
    assert seen[200] > 0
    assert seen[422] > 0


ROUNDS = 12
"""An address without fields has few requests to make up: the others make up for it in further rounds."""

MODES = list(schemathesis.GenerationMode)
SKIPPED = ("allow_redirects",)
