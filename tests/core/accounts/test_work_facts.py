"""A work fact is named once, in Member.WORK_FACTS, and read once, in the importer's fields."""

from __future__ import annotations

from dataclasses import fields

import pytest

from core.accounts.forms import WorkFactsForm
from core.accounts.operations.work_facts import FACTS
from core.accounts.views.people import EXPORTED, _facts
from core.members.models import Member
from programs.api import MemberSerializer
from programs.importing.fields import FACTS as IMPORTED
from programs.importing.fields import PERSON_FIELDS
from programs.importing.values import PersonValues

NAMES = {"given_name", "family_name"}
WORK_FACTS = set(Member.WORK_FACTS)


def test_the_form_of_a_coordinator_has_a_field_for_each():
    form = WorkFactsForm(people=Member.objects.none())
    fields = tuple(name for name in form.fields if name != "version")
    assert fields == ("given_name", "family_name", "email", *Member.WORK_FACTS)
    assert all(form.fields[name].label for name in fields)
    assert {name for name in form.fields if form.fields[name].required} == {
        "given_name",
        "email",
    }


def test_the_export_and_the_api_have_a_column_for_each():
    assert set(EXPORTED) >= WORK_FACTS
    assert set(MemberSerializer().fields) >= WORK_FACTS


def test_an_import_reads_each_of_them_and_no_other():
    assert set(IMPORTED) == WORK_FACTS | NAMES | {"email"}
    assert {field.name for field in fields(PersonValues)} - {"answers"} == set(PERSON_FIELDS)


def test_what_an_import_may_write_are_columns_of_each():
    columns = {Member._meta.get_field(name).attname for name in WORK_FACTS}
    assert columns | NAMES | {"email"} == FACTS


@pytest.mark.parametrize("name", Member.WORK_FACTS)
def test_each_has_a_label_of_its_own(name):
    label = Member.fact_label(name)
    assert label[0].isupper()
    assert label not in {Member.fact_label(other) for other in WORK_FACTS - {name}}


def test_a_person_shows_all_but_those_that_the_page_draws_itself():
    labels = [
        label
        for label, _value in _facts(Member(organisation_id=1, languages=["German"], country="DE"))
    ]
    missing = (
        WORK_FACTS
        - {"manager", "hired_on"}
        - {name for name in WORK_FACTS if Member.fact_label(name) in labels}
    )
    assert missing == set()
