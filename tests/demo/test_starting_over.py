"""What `make demo` does with the data of an earlier start."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from devtools import devstack
from devtools.demo import __main__ as program
from devtools.devstack import Preparation

ENV = {"DATABASE_URL": "postgresql:///x", "SITE_URL": "http://127.0.0.1:8000"}


class Servers(SimpleNamespace):
    """Servers whose database holds something, or nothing."""

    data: Path
    holds_data: bool
    processes: None = None

    def empty_database(self) -> bool:
        held, self.holds_data = self.holds_data, False
        return held


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setattr(devstack, "FOLDER", tmp_path)
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "1.eml").touch()
    return tmp_path


def prepare(folder: Path, *, holds_data: bool) -> tuple[Preparation, Servers]:
    servers = Servers(data=folder, holds_data=holds_data)
    return Preparation(servers, ENV, threading.Event()), servers


def test_the_first_start_says_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    preparation, _servers = prepare(folder, holds_data=False)
    preparation._start_over()
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("note", "why"), [(None, "was left half made"), ("0" * 64, "was made by another version")]
)
def test_what_is_not_whole_or_not_ours_is_made_anew_and_said(
    folder: Path, capsys: pytest.CaptureFixture[str], note: str | None, why: str
) -> None:
    for name in ("demo.txt", "demo-token"):
        (folder / name).touch()
    if note:
        (folder / "demo-data-of").write_text(note)

    preparation, servers = prepare(folder, holds_data=True)
    assert not preparation._has_data
    preparation._start_over()

    assert capsys.readouterr().out == f"The demo's data {why}: starting over.\n"
    assert not servers.holds_data
    assert not (folder / "demo-data-of").exists()
    assert not list((folder / "mail").glob("*.eml"))


def test_data_of_this_version_stays(folder: Path) -> None:
    version = prepare(folder, holds_data=True)[0]._version
    for name in ("demo.txt", "demo-token"):
        (folder / name).touch()
    (folder / "demo-data-of").write_text(version)

    assert prepare(folder, holds_data=True)[0]._has_data
    (folder / "demo-token").unlink()
    assert not prepare(folder, holds_data=True)[0]._has_data


def test_servers_of_somebody_keep_what_they_hold(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql:///theirs")
    preparation, servers = prepare(folder, holds_data=True)

    preparation._start_over()

    assert servers.holds_data


def test_northwinds_seed_starts_beside_the_migrations_and_is_told_when_they_are_done(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrated = folder / "migrated"
    migrated.touch()  # by an earlier start
    steps = []

    def note(name: str) -> None:
        steps.append((name, migrated.exists()))

    monkeypatch.setitem(ENV, "DATABASE_OWNER_URL", "postgresql:///x")
    monkeypatch.setattr(devstack, "_finish", lambda _all, name, _stop: note(f"{name} ends"))
    preparation, _servers = prepare(folder, holds_data=False)
    preparation.processes = SimpleNamespace(spawn=lambda name, *_words, **_more: note(name))

    preparation.begin()

    begun = [("collectstatic", False), ("migrate", False), ("seed_demo", False)]
    assert steps == [*begun, ("migrate ends", False)]
    assert migrated.exists()


def test_a_seed_that_is_to_wait_makes_nothing_before_the_word_is_given(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrated = folder / "migrated"
    pauses, made = [], []

    def pause(seconds: float) -> None:
        pauses.append(made.copy())
        if len(pauses) == 3:
            migrated.touch()

    monkeypatch.setattr(sys, "argv", ["demo", "--only=northwind", "--after", str(migrated)])
    monkeypatch.setattr(time, "sleep", pause)
    monkeypatch.setattr(program, "make_demo", lambda *, only, say: made.append(only))

    program.main()

    assert (pauses, made) == ([[], [], []], ["northwind"])
