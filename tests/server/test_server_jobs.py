"""Long jobs: progress, answer, cancel, limits; a process that dies takes nothing down."""

import json
import math
import os
import signal
import time

import pytest
from fastapi.testclient import TestClient
from made_up_server import GENEROUS, made_up_app, made_up_served

from coregion.all_packages import solve_all_packages
from coregion.server import jobs as jobs_module
from coregion.server.limits import Limits

PACKAGES = {"kind": "packages", "package": "relocate:1,dock:0.5"}
GOAL = {"kind": "goal", "goal": "residents[b2] >= 1", "measures": ["relocate"]}


def sleepy(order, pipe):
    """Stands in for a job that takes long."""
    pipe.send(("state", "sleeping", 1, 3))
    time.sleep(60)


def dying(order, pipe):
    """Stands in for a job whose process is killed from outside."""
    os.kill(os.getpid(), signal.SIGKILL)


def ended(client, job_id, seconds=120):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        job = client.get(f"/api/jobs/{job_id}").json()
        if job["state"] in ("finished", "failed", "cancelled"):
            return job
        time.sleep(0.05)
    pytest.fail("the job did not end")


def events(client, job_id):
    with client.stream("GET", f"/api/jobs/{job_id}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        text = "".join(stream.iter_text())
    blocks = [block.split("\n") for block in text.strip().split("\n\n")]
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in blocks]


@pytest.mark.slow
def test_all_packages_in_a_process_of_their_own(client, folder, tmp_path):
    posted = client.post("/api/jobs", json=PACKAGES)
    assert posted.status_code == 202
    job_id = posted.json()["id"]
    assert job_id in [job["id"] for job in client.get("/api/jobs").json()["jobs"]]
    told = events(client, job_id)
    assert [name for name, _ in told][-1] == "end"
    job = told[-1][1]
    assert (job["state"], job["result"]["packages"]) == ("finished", 4)
    assert ended(client, job_id)["result"] == job["result"]
    study = made_up_served(folder).study
    amounts = {"relocate": 1.0, "dock": 0.5}
    own = [m.model_copy(update={"intensity": amounts[m.name]}) for m in study.measures if m.name in amounts]
    table = solve_all_packages(study.with_measures(own), tmp_path, [m.name for m in own]).shapley
    gains = table[(table["group"] == "") & (table["variable"] == "equivalent_variation_registered")]
    whole = dict(gains[gains["jurisdiction"] == "all"][["measure", "shapley"]].itertuples(index=False, name=None))
    bars = {bar["jurisdiction"]: bar["rows"] for bar in job["result"]["bars"]}
    assert set(bars) == {"all", "A", "B"}
    for row in bars["all"]:
        assert math.isclose(row["shapley"], whole[row["player"]], rel_tol=1e-5)
    assert client.delete(f"/api/jobs/{job_id}").status_code == 200
    assert client.get(f"/api/jobs/{job_id}").status_code == 404


def test_a_job_is_cancelled_and_the_next_one_starts(folder, monkeypatch):
    monkeypatch.setattr(jobs_module, "work", sleepy)
    with TestClient(made_up_app(folder), base_url="http://127.0.0.1") as client:
        first = client.post("/api/jobs", json=PACKAGES).json()
        second = client.post("/api/jobs", json=GOAL).json()
        assert (second["state"], second["place"]) == ("waiting", 1)
        while client.get(f"/api/jobs/{first['id']}").json()["stage"] != "sleeping":
            time.sleep(0.05)
        assert client.delete(f"/api/jobs/{first['id']}").json()["state"] == "cancelled"
        assert client.get(f"/api/jobs/{second['id']}").json()["state"] == "running"
        client.delete(f"/api/jobs/{second['id']}")
        assert [job["state"] for job in client.get("/api/jobs").json()["jobs"]] == ["cancelled", "cancelled"]


def test_a_process_that_dies_is_a_job_that_failed(folder, monkeypatch):
    monkeypatch.setattr(jobs_module, "work", dying)
    with TestClient(made_up_app(folder), base_url="http://127.0.0.1") as client:
        job = ended(client, client.post("/api/jobs", json=GOAL).json()["id"])
        assert job["state"] == "failed"
        assert "ended by itself" in job["sentence"]
        assert client.get("/api/health").json()["jobs"] == 0


def test_a_job_that_takes_too_long_is_stopped(folder, monkeypatch):
    monkeypatch.setattr(jobs_module, "work", sleepy)
    limits = Limits(job_seconds=0.2, requests_a_second=1e6, burst=10**6)
    with TestClient(made_up_app(folder, limits), base_url="http://127.0.0.1") as client:
        job = ended(client, client.post("/api/jobs", json=GOAL).json()["id"])
        assert (job["state"], "Stopped after" in job["sentence"]) == ("failed", True)


def test_jobs_wait_only_so_many(folder, monkeypatch):
    monkeypatch.setattr(jobs_module, "work", sleepy)
    with TestClient(made_up_app(folder), base_url="http://127.0.0.1") as client:
        found = [client.post("/api/jobs", json=GOAL) for _ in range(GENEROUS.jobs_waiting + 2)]
        assert [answer.status_code for answer in found] == [202] * (GENEROUS.jobs_waiting + 1) + [503]
        assert found[-1].headers["retry-after"]


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"kind": "packages", "package": ""}, "1 to 10 for all packages"),
        ({"kind": "packages", "package": "nothing:1"}, "unknown measure 'nothing'"),
        ({"kind": "packages", "package": "link:1", "by": "colour"}, "by"),
        ({"kind": "goal", "goal": "more", "measures": ["link"]}, "expected variable[place] >= number"),
        ({"kind": "goal", "goal": "residents[b2] >= 1", "measures": ["lnk"]}, "unknown measure 'lnk'"),
        ({"kind": "goal", "goal": "residents[b2] >= 1", "measures": []}, "measures"),
        ({"kind": "dance"}, "draws"),
    ],
)
def test_what_cannot_be_done_is_told_at_once(client, order, words):
    answer = client.post("/api/jobs", json=order)
    assert answer.status_code == 422
    assert words in answer.text


def test_jobs_that_are_not_there(client):
    for job_id, status in (("0" * 16, 404), ("../etc", 404), ("zz", 422)):
        for method, path in (("GET", ""), ("GET", "/events"), ("DELETE", "")):
            assert client.request(method, f"/api/jobs/{job_id}{path}").status_code in (status, 404)
