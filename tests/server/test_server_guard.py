"""What the server refuses: paths out of its folder, strangers, floods, bodies too large, too slow or no JSON."""

import asyncio
import http.client
import socket
import threading
import time

import pytest
from fastapi.testclient import TestClient
from made_up_server import GENEROUS, made_up_app
from own_loop import in_a_loop_of_its_own

from coregion.cli_serve import access_for, address
from coregion.errors import CoregionError
from coregion.server import listen
from coregion.server.guard import Access, Guard, Rates
from coregion.server.limits import Limits

ASK = {"session": "guard-test", "sequence": 1, "package": ""}


def local(app):
    return TestClient(app, base_url="http://127.0.0.1", follow_redirects=False)


@pytest.fixture
def failing(folder):
    """An application with an address that breaks."""
    app = made_up_app(folder)

    @app.get("/api/broken")
    async def broken():
        raise RuntimeError("secret detail")

    return app


@pytest.mark.parametrize(
    "path",
    [
        "/pages/../app.py",
        "/pages/%2e%2e/app.py",
        "/pages/..%2fapp.py",
        "/pages/%2e%2e%2f%2e%2e%2fstudies%2fjingjinji%2fstudy.toml",
        "/pages/....//app.py",
        "/pages//etc/passwd",
        "/pages/%2fetc%2fpasswd",
        "/pages/..\\app.py",
        "/pages/index.html%00.png",
        "/../../study.toml",
        "/study.toml",
        "/api/county/..%2f..%2fstudy.toml",
    ],
)
def test_no_path_leads_out_of_the_pages(client, path):
    answer = client.get(path)
    assert answer.status_code in (400, 404, 422), answer.text
    assert "sentence" in answer.json()
    assert "import" not in answer.text
    assert "root:" not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/api/health", 200), ("GET", "/nothing", 404), ("PUT", "/api/solve", 415), ("GET", "/api/solve", 405)],
)
def test_every_answer_carries_the_policy(client, method, path, status):
    answer = client.request(method, path)
    assert answer.status_code == status
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_mistake_of_the_program_is_a_sentence_without_a_trace(failing):
    with TestClient(failing, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        answer = client.get("/api/broken")
        assert answer.status_code == 500
        assert answer.json()["error"] == "failed"
        assert "secret" not in answer.text
        assert "Traceback" not in answer.text
        assert "content-security-policy" in answer.headers
        assert client.get("/api/health").status_code == 200


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (b"", 422),
        (b"{", 422),
        (b"[" * 60_000, 422),
        (b'{"session":"guard-test","sequence":1e400}', 422),
        (b'{"session":"guard-test","sequence":NaN}', 422),
        (b'{"session":"guard-test","sequence":1,"package":"\xff\xfe"}', 422),
        (b'{"session":"guard-test","sequence":1,"more":1}', 422),
        (b'{"session":"../../x","sequence":1}', 422),
        (b"null", 422),
        (b'"' + b"a" * 70_000 + b'"', 413),
    ],
)
def test_odd_bodies_are_told_what_is_wrong(client, content, status):
    answer = client.post("/api/solve", content=content, headers={"content-type": "application/json"})
    assert answer.status_code in (status, 400), answer.text
    assert answer.json()["sentence"]
    assert "Traceback" not in answer.text


def test_a_body_that_does_not_say_how_long_it_is_is_counted(client):
    def parts():
        for _ in range(100):
            yield b" " * 1000

    answer = client.post("/api/solve", content=parts(), headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")
    for length in ("-1", "1e3", "99999999999999999999", "abc", "٣"):
        headers = {"content-type": "application/json", "content-length": length.encode()}
        assert client.post("/api/solve", content=b"{}", headers=headers).status_code == 413


def test_only_json_is_taken(client):
    for kind in ("text/plain", "application/x-www-form-urlencoded", ""):
        answer = client.post("/api/solve", content=b"{}", headers={"content-type": kind})
        assert answer.status_code == 415


def test_pages_of_others_cannot_send(client):
    for origin in ("https://example.org", "null"):
        assert client.post("/api/solve", json=ASK, headers={"origin": origin}).status_code == 403
    own = client.post("/api/solve", json=ASK, headers={"origin": "http://127.0.0.1"})
    assert own.status_code == 200


def test_a_server_without_a_token_answers_to_its_own_name_only(client):
    for host in ("example.org", "127.0.0.1.example.org", "", "[::1"):
        assert client.get("/api/health", headers={"host": host}).status_code == 400
    for host in ("localhost:8642", "127.0.0.1", "[::1]:80"):
        assert client.get("/api/health", headers={"host": host}).status_code == 200


def test_a_token_opens_the_door_once(folder):
    app = made_up_app(folder, access=Access(token="a-long-secret-token", hosts=()))
    client = local(app)
    for headers in ({}, {"authorization": "Bearer wrong"}, {"cookie": "coregion=wrong"}, {"authorization": "Bearer é"}):
        assert client.get("/api/health", headers={k: v.encode() for k, v in headers.items()}).status_code == 401
    assert client.get("/?token=wrong").status_code == 401
    assert client.get("/api/health?token=a-long-secret-token").status_code == 401
    first = client.get("/?p=link:1&token=a-long-secret-token")
    assert (first.status_code, first.headers["location"]) == (303, "/?p=link%3A1")
    cookie = first.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert client.get("/api/health").status_code == 200
    stranger = local(app)
    assert stranger.get("/api/health").status_code == 401
    bearer = stranger.get("/api/health", headers={"authorization": "Bearer a-long-secret-token"})
    assert bearer.status_code == 200


def test_a_flood_is_slowed(folder):
    client = local(made_up_app(folder, Limits(requests_a_second=0.001, burst=5)))
    found = [client.get("/api/health").status_code for _ in range(8)]
    assert found == [200] * 5 + [429] * 3


def test_one_client_does_not_use_up_anothers_rate():
    rates = Rates(0.001, 2)
    assert [rates.take("one") for _ in range(3)] == [True, True, False]
    assert rates.take("other")


def test_a_slow_body_is_not_waited_for():
    seen = []

    async def application(scope, receive, send):
        pytest.fail("the application saw a request without its body")

    async def receive():
        await asyncio.sleep(0.05)
        return {"type": "http.request", "body": b" ", "more_body": True}

    async def send(message):
        seen.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/solve",
        "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1),
    }
    in_a_loop_of_its_own(Guard(application, Access(), Limits(body_seconds=0.2))(scope, receive, send))
    assert seen[0]["status"] == 408


def test_headers_that_never_end_are_not_waited_for(folder, monkeypatch):
    monkeypatch.setattr(listen, "HEADER_SECONDS", 0.3)
    opened = listen.bound("127.0.0.1", 0)
    port = opened.getsockname()[1]
    threading.Thread(target=listen.listen, args=(made_up_app(folder), opened), daemon=True).start()
    slow = socket.create_connection(("127.0.0.1", port), timeout=10)
    slow.sendall(b"GET /api/health HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ")
    begun = time.monotonic()
    assert slow.recv(1000) == b""
    assert time.monotonic() - begun < 5
    quick = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    for _ in range(2):
        quick.request("GET", "/api/health")
        answer = quick.getresponse()
        assert (answer.status, answer.read()[:1]) == (200, b"{")
        time.sleep(0.5)
    with pytest.raises(CoregionError, match="not to be had"):
        listen.bound("127.0.0.1", port)


def test_who_may_ask_follows_from_the_address():
    assert access_for("127.0.0.1", "").token == ""
    assert "::1" in access_for("::1", "").hosts
    assert len(access_for("0.0.0.0", "").token) >= 24
    assert access_for("0.0.0.0", "my-own-token-123").token == "my-own-token-123"
    assert access_for("192.0.2.1", "").hosts == ()
    with pytest.raises(CoregionError, match="token"):
        access_for("0.0.0.0", "short")
    assert address("::1", 80, "") == "http://[::1]:80/"
    assert address("0.0.0.0", 80, "t") == "http://0.0.0.0:80/?token=t"


def test_the_limits_are_told(client):
    assert client.get("/api/study").json()["limits"]["body_bytes"] == GENEROUS.body_bytes
