"""What holds for every survey, also for the next one."""

from __future__ import annotations

import ast
import inspect
import textwrap

import pytest
from django.template.loader import get_template

from feedback.surveys.base import Survey
from feedback.surveys.table import SURVEYS


def test_no_two_surveys_share_a_name_a_link_or_an_address() -> None:
    for names in zip(*((row.name, row.purpose, row.address) for row in SURVEYS), strict=True):
        assert len(set(names)) == len(SURVEYS)


@pytest.mark.parametrize("survey", SURVEYS, ids=lambda survey: survey.name)
def test_a_sheet_reaches_rows_by_visible_to_alone(survey: Survey) -> None:
    """As views do: a sheet is what stands behind both links."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(survey.sheet)))
    managers = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "objects"
    ]
    narrowed = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr == "visible_to"
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "objects"
    ]
    assert len(managers) == len(narrowed)


@pytest.mark.parametrize("survey", SURVEYS, ids=lambda survey: survey.name)
def test_a_survey_has_its_page(survey: Survey) -> None:
    get_template(f"feedback/{survey.name}.html")
