"""What is compiled of one state of the engines is never read by another."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from devtools.embedded import ROOT
from mentoring import compiling, machine_code
from tests.guards.source import python_files


@pytest.fixture
def source(tmp_path) -> Path:
    """The engines' source, to be changed."""
    for engine in machine_code.ENGINES:
        shutil.copytree(ROOT / engine, tmp_path / "source" / engine)
    return tmp_path / "source"


@pytest.mark.parametrize(
    "name", ["pairing/engine/compiled/moves.py", "sessions/rotation/engine/anneal.py"]
)
def test_another_source_has_another_folder(source, tmp_path, name):
    before = machine_code.folder_for(source, among=tmp_path)
    assert machine_code.folder_for(ROOT, among=tmp_path) == before  # wherever it lies
    (source / name).write_text((source / name).read_text().replace("NamedTuple", "Named", 1))
    assert machine_code.folder_for(source, among=tmp_path) != before


def test_a_file_that_moves_has_another_folder(source, tmp_path):
    before = machine_code.folder_for(source, among=tmp_path)
    (source / "pairing/engine/large.py").rename(source / "pairing/engine/larger.py")
    assert machine_code.folder_for(source, among=tmp_path) != before


def test_every_loop_that_is_kept_lies_in_a_folder_of_the_digest():
    kept = re.compile(r"njit\(.*cache=True")
    paths = [str(p.relative_to(ROOT)) for p in python_files() if kept.search(p.read_text())]
    assert len(paths) >= 2
    assert [path for path in paths if not path.startswith(machine_code.ENGINES)] == []


def test_numba_is_told_the_folder_of_this_source(tmp_path):
    code = (
        "import django; django.setup(); import numba;"
        " from pairing.engine.compiled.moves import __name__; print(numba.config.CACHE_DIR)"
    )
    said = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "COMPILED_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    assert said == str(machine_code.folder_for(ROOT, among=tmp_path))


def test_the_folder_in_use_stays_and_the_one_before(tmp_path):
    folders = [tmp_path / name for name in ("first", "second", "third")]
    for age, folder in zip((3, 2, 1), folders, strict=True):
        (folder / "loops").mkdir(parents=True)
        os.utime(folder, (1_000_000_000 - age, 1_000_000_000 - age))
    machine_code.remove_older(tmp_path / "fourth")  # before anything is compiled
    assert {path.name for path in tmp_path.iterdir()} == {"third", "fourth"}

    os.utime(tmp_path / "fourth", (1_000_000_000, 1_000_000_000))
    machine_code.remove_older(tmp_path / "third")  # the release before is back
    machine_code.remove_older(tmp_path / "fifth")
    assert {path.name for path in tmp_path.iterdir()} == {"third", "fifth"}


def test_a_worker_of_jobs_removes_what_is_older(tmp_path, settings, monkeypatch):
    for name in ("old", "older"):
        (tmp_path / name).mkdir()
    settings.MACHINE_CODE = tmp_path / "new"
    monkeypatch.setattr(compiling, "compile_engines", lambda: None)
    worker = SimpleNamespace(app=SimpleNamespace(amqp=SimpleNamespace(queues={"jobs"})))
    compiling.compile_ahead(instance=worker)
    assert len(list(tmp_path.iterdir())) == machine_code.KEPT
    assert (tmp_path / "new").is_dir()
