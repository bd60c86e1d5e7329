"""What is sent, what has texts and what is declared are the same kinds of e-mail."""

from __future__ import annotations

import ast

from core.notifications.kinds import KINDS
from tests.guards.emails import sent, texts
from tests.guards.source import nodes_of, python_files, shown


def test_what_is_sent_has_texts_and_all_texts_are_sent():
    assert sent() ^ texts() == set()


def test_the_table_of_kinds_has_what_is_sent_and_nothing_else():
    assert set(KINDS) ^ sent() == set()
    assert len({str(kind.words) for kind in KINDS.values()}) == len(KINDS)


def test_every_email_of_a_program_says_which():
    silent = [
        f"{shown(path)}:{call.lineno}"
        for path in python_files()
        if not shown(path).startswith("core/")
        for call in nodes_of(path)
        if isinstance(call, ast.Call)
        and {"member", "kind", "dedupe_key"} <= (named := {each.arg for each in call.keywords})
        and "program" not in named
    ]
    assert silent == []
