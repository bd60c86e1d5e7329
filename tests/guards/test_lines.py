"""A diff of a page can be read: no line of a template, a stylesheet or a script is long."""

from __future__ import annotations

from devtools.embedded import ROOT
from tests.guards.source import shown, templates

LONGEST = 120
# folders and files whose lines are still to be wrapped
EXCEPT = ("templates/agreements/", "templates/cotton/form.html")


def test_no_line_of_a_template_a_stylesheet_or_a_script_is_long():
    assets = [
        path for kind in ("css", "js") for path in sorted((ROOT / "static").rglob(f"*.{kind}"))
    ]
    long = [
        f"{shown(path)}:{number}"
        for path in [*templates(), *assets]
        if not shown(path).startswith(EXCEPT)
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if len(line) > LONGEST
    ]
    assert not long
