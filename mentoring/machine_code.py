"""Where the engines' machine code is kept, by the state of their source: docs/adr/0043."""

import hashlib
import os
import shutil
from pathlib import Path

ENGINES = ("pairing/engine", "sessions/rotation/engine")  # where numba compiles
KEPT = 2  # the folder in use, and that of the release before: some of its processes may still run


def folder_for(root: Path, *, among: Path) -> Path:
    """Return the folder, among all, for what is compiled of the source below `root`.

    numba looks at a loop's own file alone: it would keep a loop whose parts in other files have
    changed, and fail on a type that has gone.
    """
    digest = hashlib.sha256()
    for engine in ENGINES:
        for path in sorted((root / engine).rglob("*.py")):
            source = path.read_bytes()
            digest.update(f"{path.relative_to(root)} {len(source)}\n".encode() + source)
    return among / digest.hexdigest()[:16]


def remove_older(folder: Path) -> None:
    """Remove what lies beside this folder, but for those that a worker started with last."""
    folder.mkdir(parents=True, exist_ok=True)
    os.utime(folder)  # an old release that is back is the latest
    rest = [path for path in folder.parent.iterdir() if path.is_dir() and path != folder]
    rest.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    for path in rest[KEPT - 1 :]:
        shutil.rmtree(path, ignore_errors=True)
