"""A browser that reaches nothing but this machine, and the page served from the bundled study.

The system's Chromium is used, none is downloaded. Without one the tests are skipped, unless COREGION_BROWSER=required
says that it must be there. COREGION_PAGE names a server that already runs; COREGION_PICTURES a folder that keeps the
pictures of the documentation (Pillow makes them small).
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
START = 240  # seconds
COLOURS = 200
LOOPBACK = ("127.0.0.1", "localhost")
SERVE = (
    "import sys; from coregion.cli import main; sys.argv = ['coregion', 'serve', 'jingjinji', '--port', '0']; main()"
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.slow)


def _without_browser(reason: str) -> None:
    if os.environ.get("COREGION_BROWSER") == "required":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium() -> Iterator:
    """The system's Chromium, driven by Playwright."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _without_browser("Playwright is not installed: pip install 'coregion[test]'")
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found is None:
        _without_browser(f"no browser on this machine; expected one of {', '.join(CHROMIUM)}")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of ``coregion serve jingjinji``, as the command prints it."""
    if running := os.environ.get("COREGION_PAGE"):
        yield running
        return
    log = tmp_path_factory.mktemp("serve") / "log"
    with log.open("w") as output:
        server = subprocess.Popen([sys.executable, "-c", SERVE], stdout=output, stderr=subprocess.STDOUT)
    try:
        yield _printed_address(server, log)
    finally:
        server.terminate()
        server.wait(timeout=30)


def _printed_address(server: subprocess.Popen, log: Path) -> str:
    for _ in range(10 * START):
        if match := re.search(r"http://127\.0\.0\.1:\d+/", log.read_text()):
            return match[0]
        try:
            server.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            continue
        break
    raise AssertionError(f"coregion serve told no address within {START} s:\n{log.read_text()}")


class Reader:
    """Somebody who opens the page; remembers what went wrong behind it."""

    def __init__(self, browser, address: str, **options) -> None:
        self.address = address
        self.context = browser.new_context(**({"viewport": {"width": 1400, "height": 900}} | options))
        self.context.set_default_timeout(60_000)
        self.outside: list[str] = []
        self.errors: list[str] = []
        self.context.route("**/*", self._only_this_machine)
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._heard)

    def _only_this_machine(self, route) -> None:
        parts = urlsplit(route.request.url)
        if parts.scheme == "data" or parts.hostname in LOOPBACK:
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()

    def _heard(self, message) -> None:
        superseded = "409" in message.text and "/api/solve" in (message.location or {}).get("url", "")
        if message.type in ("error", "warning") and not superseded:
            self.errors.append(f"{message.type}: {message.text} {(message.location or {}).get('url', '')}")

    def open(self, query: str = "") -> None:
        """Load the page and wait for its first equilibrium."""
        self.page.goto(f"{self.address}{query}")
        self.solved()

    def solved(self) -> None:
        """Wait until no equilibrium is asked for any more."""
        self.page.wait_for_selector("body.ready:not(.busy)")
        self.page.wait_for_selector("#cards li")

    def card(self, number: int = 0) -> str:
        """A card of the verdict: the gain of a government's people."""
        return self.page.locator("#cards li .big").nth(number).inner_text()


@pytest.fixture
def reader_of(chromium, address: str) -> Iterator[Callable[..., Reader]]:
    """Makes readers with their own browser context; at the end nothing may have gone wrong, or out of this machine."""
    readers: list[Reader] = []

    def make(**options) -> Reader:
        readers.append(Reader(chromium, address, **options))
        return readers[-1]

    yield make
    for reader in readers:
        reader.context.close()
    assert [url for reader in readers for url in reader.outside] == []
    assert [error for reader in readers for error in reader.errors] == []


@pytest.fixture
def reader(reader_of: Callable[..., Reader]) -> Reader:
    """A reader at a desk, in English."""
    return reader_of(locale="en-GB")


@pytest.fixture
def picture(tmp_path: Path) -> Callable[..., Path]:
    """Keeps a picture of the page: for the documentation when COREGION_PICTURES names a folder."""
    keep = os.environ.get("COREGION_PICTURES", "")
    folder = Path(keep or tmp_path)

    def take(reader: Reader, name: str, part: str = "") -> Path:
        file = folder / f"page_{name}.png"
        reader.page.mouse.move(2, 2)
        (reader.page.locator(part) if part else reader.page).screenshot(path=file)
        if keep:
            _smaller(file)
        return file

    return take


def _smaller(file: Path) -> None:
    """Fewer colours: the page is flat, and the documentation stays light."""
    from PIL import Image

    with Image.open(file) as image:
        reduced = image.convert("RGB").quantize(COLOURS, method=Image.Quantize.FASTOCTREE)
    reduced.save(file, optimize=True)
