"""Every URL name that is written down leads somewhere.

`{% url … as x %}` answers a wrong name with silence: the link is gone and the page is 200.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.template.loader import get_template
from django.urls import URLPattern, URLResolver, get_resolver

from devtools import mail_page
from tests.guards.source import nodes_of, python_files, shown, templates

URL_TAG = re.compile(r"\{%\s*url\s+(.*?)\s*%\}", re.DOTALL)
WORD = re.compile(r"""(?:[^\s"']|"[^"]*"|'[^']*')+""")
TAKE_A_NAME = {"reverse", "reverse_lazy", "redirect", "resolve_url"}
OUR_NAME = re.compile(r"[a-z_]+(:[a-z_]+)*")


def known() -> dict[str, set[int]]:
    """Return each URL name with the numbers of arguments that its patterns take."""
    names: dict[str, set[int]] = {}

    def walk(entries: list[URLPattern | URLResolver], namespace: str, above: int) -> None:
        for entry in entries:
            wants = above + len(entry.pattern.converters)
            if isinstance(entry, URLResolver):
                inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
                walk(entry.url_patterns, inner, wants)
            elif entry.name:
                if not entry.pattern.converters and entry.pattern.regex.groups:
                    wants += entry.pattern.regex.groups  # a regular expression of a library
                names.setdefault(f"{namespace}{entry.name}", set()).add(wants)

    # served only while developing
    walk([*get_resolver().url_patterns, *mail_page.urlpatterns], "", 0)
    return names


KNOWN = known()
NAMESPACES = {name.partition(":")[0] for name in KNOWN if ":" in name}


def wrong(name: str, arguments: int | None) -> str:
    """Return what is wrong with a link, or nothing; None arguments are not counted."""
    if name not in KNOWN:
        return f"{name} is no address"
    if arguments is not None and arguments not in KNOWN[name]:
        return f"{name} takes {sorted(KNOWN[name])} arguments, not {arguments}"
    return ""


def links_of_template(path: Path) -> Iterator[str]:
    for tag in URL_TAG.findall(path.read_text()):
        name, *arguments = WORD.findall(tag)
        if "as" in arguments:
            arguments = arguments[: arguments.index("as")]
        if name[0] not in "\"'":
            yield f"{name} is not written out"
            continue
        yield wrong(name.strip("\"'"), len(arguments))


def test_every_link_of_a_template_leads_somewhere():
    faults = [
        f"{shown(path)}: {fault}"
        for path in templates()
        for fault in links_of_template(path)
        if fault
    ]
    assert faults == []


def test_every_template_is_whole():
    """A merge may lose a closing tag on a page that few tests open."""
    for path in templates():
        folder = next(parent for parent in path.parents if parent.name == "templates")
        get_template(str(path.relative_to(folder)))


def test_the_links_of_templates_are_read():
    assert sum(len(list(links_of_template(path))) for path in templates()) > 300


def counted(call: ast.Call) -> int | None:
    """Return how many arguments of the address a call gives, None where that is not plain."""
    given: list[ast.expr] = list(call.args[1:])
    function = getattr(call.func, "attr", "") or getattr(call.func, "id", "")
    if function.startswith("reverse"):
        given = []
        for keyword in call.keywords:
            if keyword.arg == "args" and isinstance(keyword.value, ast.List | ast.Tuple):
                given = keyword.value.elts
            elif keyword.arg == "kwargs" and isinstance(keyword.value, ast.Dict):
                given = list(keyword.value.values)
            else:
                return None
    elif call.keywords:
        return None
    return None if any(isinstance(part, ast.Starred) for part in given) else len(given)


def links_of_code(path: Path) -> Iterator[tuple[int, str, int | None]]:
    """Yield line, name and number of arguments of each link that Python writes out.

    Any other string of the form `namespace:name` counts too: it is handed on to such a call.
    """
    called: set[int] = set()
    for node in nodes_of(path):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        function = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
        name = node.args[0]
        if function in TAKE_A_NAME and isinstance(name, ast.Constant):
            called.add(id(name))
            if OUR_NAME.fullmatch(name.value):
                yield name.lineno, name.value, counted(node)
    for node in nodes_of(path):
        if isinstance(node, ast.Constant) and id(node) not in called:
            text = node.value
            if isinstance(text, str) and OUR_NAME.fullmatch(text):
                namespace, colon, _ = text.partition(":")
                if colon and namespace in NAMESPACES:
                    yield node.lineno, text, None


def test_every_address_in_python_exists():
    faults = [
        f"{shown(path)}:{line}: {fault}"
        for path in (*python_files(), *python_files("tests", "bench"))
        for line, name, arguments in links_of_code(path)
        if (fault := wrong(name, arguments))
    ]
    assert faults == []


def test_the_links_of_python_are_read():
    assert sum(len(list(links_of_code(path))) for path in python_files()) > 60


def test_a_wrong_name_and_a_wrong_number_of_arguments_are_told():
    nowhere = ":".join(["sessions", "no_such_page"])  # in one piece it would be told as well
    assert wrong(nowhere, None) == f"{nowhere} is no address"
    assert wrong("accounts:people", 2) == "accounts:people takes [1] arguments, not 2"
