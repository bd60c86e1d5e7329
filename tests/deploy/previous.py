"""The release before this one, by its commit in deploy/previous-release."""

from __future__ import annotations

import io
import subprocess
import tarfile
from functools import cache
from pathlib import Path

import pytest

from devtools.embedded import ROOT

COMMIT = (ROOT / "deploy" / "previous-release").read_text().strip()
GIT = ["git", "-C", str(ROOT)]


@cache
def files() -> frozenset[str]:
    """Return the paths of that release's files."""
    _need()
    listed = subprocess.run(
        [*GIT, "ls-tree", "-r", "--name-only", COMMIT], capture_output=True, text=True, check=True
    )
    return frozenset(listed.stdout.splitlines())


def changed(pattern: str) -> list[str]:
    """Return the files of that release, of this pattern, that are others now or gone."""
    _need()
    command = [*GIT, "diff", "--name-only", "--diff-filter=a", COMMIT, "--", f":(glob)**/{pattern}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()


def unpack(target: Path) -> Path:
    """Unpack that release's tree and return it."""
    _need()
    packed = subprocess.run([*GIT, "archive", COMMIT], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(target, filter="data")
    return target


def _need() -> None:
    """Skip where the clone is too shallow to hold it; .ci/run fetches it, and there none skips."""
    there = subprocess.run([*GIT, "cat-file", "-e", f"{COMMIT}^{{commit}}"], check=False)
    if there.returncode:
        pytest.skip(f"this clone is too shallow: git fetch --depth 1 origin {COMMIT}")
