"""What people read: the words of templates, and the strings that our code gives to gettext."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from devtools.embedded import ROOT
from tests.guards.source import nodes_of, python_files, shown, templates

TEMPLATES = ROOT / "templates"
GETTEXT = frozenset({"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext"})
# texts that are written into a new program, which its coordinator may change
PLAIN = ("programs/templates_catalog.py",)
_COMMENT = re.compile(r"{#.*?#}|{% comment %}.*?{% endcomment %}|<!--.*?-->", re.DOTALL)
_TRANSLATE = re.compile(r"{%-?\s*translate\s+([\"'])(.*?)\1.*?%}", re.DOTALL)
_BLOCK = re.compile(r"{%\s*blocktranslate.*?%}(.*?){%\s*endblocktranslate\s*%}", re.DOTALL)
_VARIABLE = re.compile(r"{{\s*([\w.]+).*?}}", re.DOTALL)
_BOLD = re.compile(r"</?b>")
_TAG = re.compile(r"{%.*?%}|</?[a-z][^<>]*>", re.DOTALL)


def sentences() -> Iterator[tuple[str, int, str]]:
    """Yield every text that people read as file, line and words on one line."""
    for path in templates():
        for line, words in _of_template(path.read_text()):
            yield shown(path), line, _on_one_line(words)
    for path in python_files():
        for line, words in _of_code(path):
            yield shown(path), line, _on_one_line(words)


def _of_template(source: str) -> Iterator[tuple[int, str]]:
    source = _COMMENT.sub(_blank, source)
    for pattern, group in ((_TRANSLATE, 2), (_BLOCK, 1)):
        for match in pattern.finditer(source):
            yield source.count("\n", 0, match.start()) + 1, match[group]
        source = pattern.sub(_blank, source)


def _of_code(path: Path) -> Iterator[tuple[int, str]]:
    plain = shown(path) in PLAIN
    for node in nodes_of(path):
        if isinstance(node, ast.Call) and _name(node.func) in GETTEXT:
            for argument in node.args:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.lineno, argument.value
        elif plain and isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _blank(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n")


def _on_one_line(words: str) -> str:
    words = _BOLD.sub("", words)
    words = _VARIABLE.sub(lambda match: "{" + match[1] + "}", words)
    return " ".join(_TAG.sub(" ", words).split())
