"""Our own source as the guards read it; which packages are ours stands in pyproject.toml alone."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from devtools.embedded import ROOT

PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
OURS: tuple[str, ...] = tuple(PYPROJECT["tool"]["importlinter"]["root_packages"])


@cache
def python_files(*folders: str) -> tuple[Path, ...]:
    """Return our Python files but for migrations, or those of other top folders."""
    return tuple(
        path
        for folder in folders or OURS
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts
    )


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """Return every node of a file: the guards go through them again and again."""
    return tuple(ast.walk(tree_of(path)))


@cache
def strings(path: Path) -> tuple[tuple[int, str], ...]:
    """Return each string literal of a file with its line; parts of f-strings are none."""
    inside = {
        id(part)
        for node in nodes_of(path)
        if isinstance(node, ast.JoinedStr)
        for part in ast.walk(node)
    }
    return tuple(
        (node.lineno, node.value)
        for node in nodes_of(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside
    )


def templates() -> list[Path]:
    """Return every template: those of the house and those inside a package."""
    places = [ROOT / "templates", *(ROOT / app for app in OURS)]
    return sorted(
        path
        for place in places
        for pattern in ("*.html", "*.txt", "*.md")
        for path in place.rglob(pattern)
        if "templates" in path.parts
    )


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imported_by(tree: ast.Module) -> Iterator[Path]:
    """Yield the files of ours that a module imports from."""
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for name in names:
            place = ROOT.joinpath(*name.split("."))
            if name.partition(".")[0] in OURS:
                for path in (place.with_suffix(".py"), place / "__init__.py"):
                    if path.exists():
                        yield path
