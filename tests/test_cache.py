"""What is kept in the cache is made once, and a cache that cannot be used costs time and nothing else."""

import pytest

from coregion.data.cache import cache_folder, kept_text


@pytest.fixture
def made(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("COREGION_CACHE", raising=False)
    calls = []

    def make() -> str:
        calls.append(1)
        return f"文本 {len(calls)}"

    return make


def test_a_text_is_made_once(made):
    assert [kept_text("a.txt", made) for _ in range(3)] == ["文本 1"] * 3
    assert (cache_folder() / "a.txt").read_text(encoding="utf-8") == "文本 1"
    assert kept_text("b.txt", made) == "文本 2"


def test_a_file_that_is_no_text_is_made_anew(made):
    cache_folder().mkdir(parents=True)
    (cache_folder() / "a.txt").write_bytes(b"\xff\xfe\xff")
    assert kept_text("a.txt", made) == "文本 1"
    assert kept_text("a.txt", made) == "文本 1"


def test_where_nothing_can_be_kept_it_is_made_again(made, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert [kept_text("a.txt", made), kept_text("a.txt", made)] == ["文本 1", "文本 2"]
    monkeypatch.setenv("COREGION_CACHE", "off")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "none"))
    assert kept_text("a.txt", made) == "文本 3"
    assert not (tmp_path / "none").exists()
