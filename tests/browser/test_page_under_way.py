"""What the page says while others are served first, without an equilibrium, and when the study has changed."""

from __future__ import annotations

import pytest

expect = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed").expect

STUB = """
const real = window.fetch;
window.fetch = (address, options) => {
  const answer = (window.stubs ?? {})[String(address).split('?')[0]];
  return answer ? answer(address, options, real) : real(address, options);
};
const json = (body, status) => new Response(JSON.stringify(body), {status});
"""


def stubbed(reader, stubs: str) -> None:
    """Answers of the server replaced in the page: an object of functions by address."""
    reader.context.add_init_script(f"{STUB} window.stubs = {stubs};")


def test_place_in_the_queue_is_told(reader):
    stubbed(
        reader,
        "{'api/queue': async () => json({place: 3, waiting: 5}, 200),"
        " 'api/solve': (a, o, real) => new Promise(r => setTimeout(r, 3000)).then(() => real(a, o))}",
    )
    reader.page.goto(f"{reader.address}?p=sub_centre:1&lang=en")
    expect(reader.page.locator("#busy")).to_have_text("in the queue, 3 before this", timeout=20_000)
    reader.solved()
    expect(reader.page.locator("#busy")).to_have_text("")


def test_package_without_equilibrium_leaves_the_map_and_says_why(reader):
    reader.open("?p=sub_centre:1&lang=en")
    headline = reader.page.inner_text("#headline")
    reader.page.evaluate(
        f"{STUB.replace('const real', 'var real').replace('const json', 'var json')}"
        " window.stubs = {'api/solve': async () =>"
        " json({error: 'not_converged', sentence: 'No equilibrium was found: lower the intensity.'}, 422)}; true"
    )
    reader.page.click("#all-on")
    expect(reader.page.locator("#mistake")).to_have_text("No equilibrium was found: lower the intensity.")
    assert reader.page.inner_text("#headline") == headline
    reader.page.evaluate("window.stubs = {}")
    reader.page.click("#all-off")
    expect(reader.page.locator("#mistake")).to_be_hidden()


def test_changed_study_is_told_and_read_anew(reader):
    stubbed(reader, "{'api/health': async () => json({stale: true, fingerprint: 'other', queue: 0}, 200)}")
    reader.open("?p=sub_centre:1&lang=en")
    assert not reader.page.is_visible("#stale")
    reader.page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(reader.page.locator("#stale")).to_be_visible()


def test_server_that_is_gone_is_told(reader):
    reader.open("?p=sub_centre:1&lang=en")
    reader.page.evaluate("window.fetch = () => Promise.reject(new TypeError('Failed to fetch')); true")
    reader.page.click("#all-off")
    expect(reader.page.locator("#mistake")).to_contain_text("does not answer")
