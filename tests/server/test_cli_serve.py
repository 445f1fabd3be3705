"""The command: it says where to look, answers there, and stops when told to."""

import re
import signal
import subprocess
import sys

import httpx
import pytest
from typer.testing import CliRunner

from coregion import cli
from coregion.errors import CoregionError
from coregion.server import listen


@pytest.mark.slow
def test_serves_until_interrupted():
    command = [sys.executable, "-c", "from coregion.cli import main; main()", "serve", "jingjinji", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        found = re.match(r"Open (http://127\.0\.0\.1:\d+/) ", said)
        assert found, said
        with httpx.Client(base_url=found[1]) as client:
            assert client.get("/api/health").json()["warm"] is True
            page = client.get("/")
            assert page.headers["content-type"].startswith("text/html")
            for name in re.findall(r'(?:src|href)="([^"#]+)"', page.text):
                assert client.get("/" + name.lstrip("./")).status_code == 200, name
            vega = client.get("/vega.js")
            assert vega.headers["content-type"].startswith("text/javascript")
            assert "vegaEmbed" in vega.text
    finally:
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=60)
    assert process.returncode in (0, 130)
    assert "Traceback" not in complaints


def test_an_address_that_is_taken_is_told_before_any_work():
    opened = listen.bound("127.0.0.1", 0)
    port = opened.getsockname()[1]
    try:
        ran = CliRunner().invoke(cli.app, ["serve", "jingjinji", "--port", str(port)])
        assert isinstance(ran.exception, CoregionError)
        assert f"127.0.0.1:{port} not to be had" in str(ran.exception)
    finally:
        opened.close()
