"""One made-up study and one client for all tests of the server."""

import pytest
from fastapi.testclient import TestClient
from made_up_server import made_up_app


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("study")


@pytest.fixture(scope="session")
def client(folder):
    with TestClient(made_up_app(folder), base_url="http://127.0.0.1") as client:
        yield client
