"""Kinds of e-mail: those that code sends, and those that have texts."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from devtools.embedded import ROOT
from tests.guards.source import nodes_of, python_files, strings


@cache
def texts() -> frozenset[str]:
    """Return the kinds that have a text: `<app>.<name>`."""
    return frozenset(
        f"{path.parent.parent.name}.{path.stem}"
        for path in (ROOT / "templates").glob("*/mail/*.md")
    )


def sent() -> set[str]:
    """Return the kinds that our code names: whole, or put together as `f"app.{kind}"`."""
    whole = {
        text
        for path in python_files()
        if not _is_list_of_words(path)
        for _, text in strings(path)
        if text in texts()
    }
    return whole | {kind for path in python_files() for kind in put_together(path)}


def _is_list_of_words(path: Path) -> bool:
    return path.name == "kinds.py" and path.parent.name == "notifications"


def put_together(path: Path) -> Iterator[str]:
    """Yield the kinds of a function that writes `f"app.{kind}"`, from the calls in its file."""
    apps = {kind.partition(".")[0] for kind in texts()}
    for function in nodes_of(path):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            if not isinstance(node, ast.JoinedStr) or len(node.values) != 2:
                continue
            prefix, value = node.values
            if (
                isinstance(prefix, ast.Constant)
                and isinstance(prefix.value, str)
                and prefix.value.removesuffix(".") in apps
                and prefix.value.endswith(".")
                and isinstance(value, ast.FormattedValue)
                and isinstance(value.value, ast.Name)
            ):
                for name in _passed(path, function, value.value.id):
                    yield f"{prefix.value}{name}"


def _passed(path: Path, function: ast.FunctionDef, parameter: str) -> Iterator[str]:
    names = [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]
    for call in nodes_of(path):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == function.name:
            given = dict(zip(names, call.args, strict=False))
            given |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
            value = given[parameter]
            yield value.value if isinstance(value, ast.Constant) else f"<{ast.unparse(value)}>"
