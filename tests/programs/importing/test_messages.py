import ast
import re
from pathlib import Path

import pytest

import programs.importing
from metrics.impact import records
from programs.importing.messages import Code, UnreadableFile, sentence
from programs.importing.values import Problem

SOURCES = sorted(Path(programs.importing.__file__).parent.glob("*.py"))


def test_every_code_has_a_sentence_and_is_read_by_its_value():
    for code in Code:
        assert code.sentence.endswith(".")
        assert Code(str(code)) is code


@pytest.mark.parametrize("code", Code)
def test_every_code_is_used(code):
    used = re.compile(rf"Code\.{code.name}\b")

    users = [path for path in SOURCES if path.stem != "messages"]
    # HR records come in by the same sentences
    assert any(used.search(path.read_text()) for path in [*users, Path(records.__file__)])


def test_sentences_are_filled_in():
    problem = Problem("capacity", Code.CAPACITY_UNREADABLE, {"text": "-1 %s", "limit": 20})

    assert str(problem) == "“-1 %s” is not a whole number from 0 to 20."
    assert sentence(Code.FILE_TOO_LARGE, {"limit_mb": 10}) == "The file is larger than 10 MB."
    assert str(UnreadableFile(Code.FILE_OPEN_QUOTE, line=3)).startswith("A quotation mark opened")


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_planning_knows_nothing_of_django(path):
    names = [
        name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [each.name for each in node.names]
        )
    ]

    assert not [name for name in names if name.split(".")[0] in ("django", "mentoring")]
    assert not [name for name in names if name.startswith("programs.") and "importing" not in name]
