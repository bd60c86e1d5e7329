"""The tabs of a cohort: groups of pages, one row of them where a group has several."""

from __future__ import annotations

import pytest

from core.members.models import Member
from core.tenancy.context import tenant
from programs.templatetags.cohorts import PAGES, cohort_tabs
from tests.cast import Cast
from tests.programs.build import make_cohort, make_program

ALL = [key for _label, pages in PAGES for key, _words, _address in pages]


@pytest.mark.parametrize("tab", ALL)
def test_one_group_and_one_page_are_where_one_is(cast: Cast, tab: str) -> None:
    with tenant(cast.acme):
        cohort = make_cohort(make_program(cast.acme))
        groups, *rows = cohort_tabs(cast.olga, cohort, tab)

    assert [group.current for group in groups].count(True) == 1
    assert [[page.current for page in pages].count(True) for pages in rows] in ([], [1])
    assert (rows == []) == (tab in {"overview", "report"})


def test_each_role_is_offered_what_it_may_open(cast: Cast) -> None:
    with tenant(cast.acme):
        cohort = make_cohort(make_program(cast.acme))
        hr = [[str(tab.label) for tab in row] for row in cohort_tabs(cast.hugo, cohort, "surveys")]
        assert cast.hugo.role == Member.Role.HR
        assert cohort_tabs(cast.petra, cohort, "community") == [[]]

    assert hr == [["Feedback", "Report"]]
