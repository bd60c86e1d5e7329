"""The table of what tokens open: REST, the form of tokens and the docs are held against it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.accounts.errors import ScopeNotYours
from core.accounts.forms import SCOPE_WORDS
from core.accounts.operations.keys import create_token
from core.members import access
from core.members.access import RESOURCES, WRITES
from core.members.permissions import TOKEN_SCOPES, Permission
from core.tenancy.context import tenant
from mentoring.api import OrganisationSerializer, OrganisationView
from mentoring.resources import managed, router
from metrics.api import DefinitionSerializer, DefinitionsView
from sessions.models.sessions import CancelCause
from tests.api.test_api import Caller, make_token
from tests.cast import Cast
from tests.metrics.build import full_cohort

VIEWSETS: dict[str, Any] = {
    prefix: viewset for prefix, viewset, _name in (*router.registry, *managed.registry)
}
SINGLE: dict[str, Any] = {
    "organisation": (OrganisationView, OrganisationSerializer),
    "definitions": (DefinitionsView, DefinitionSerializer),
}
DOCS = Path(__file__).parents[2] / "docs" / "api.md"
DIRECTORY = {"email", "employee_id", "manager"}


def test_rest_has_the_resources_and_fields_of_the_table():
    assert {*VIEWSETS, *SINGLE} == set(RESOURCES)
    for name, (view, serializer) in SINGLE.items():
        row = RESOURCES[name]
        assert (view.required_permission, set(serializer().fields)) == (row.scope, {*row.fields})
    for name in VIEWSETS:
        row = RESOURCES[name]
        viewset = VIEWSETS[name]
        assert (viewset.resource, viewset.required_permission) == (name, row.scope)
        assert set(viewset.serializer_class().fields) == set(row.all_fields), name


def test_a_scope_that_opens_nothing_is_not_offered():
    opened = {scope for row in RESOURCES.values() for scope in (row.scope, *row.further)}
    opened |= set(WRITES.values())
    assert set(TOKEN_SCOPES) == opened
    assert set(SCOPE_WORDS) == {str(scope) for scope in opened}


def test_the_docs_hold_the_table():
    lines = DOCS.read_text().splitlines()
    assert [line for line in lines if line.startswith("|")] == access.table()


@pytest.mark.parametrize("scopes", [(Permission.FACTS_READ,), TOKEN_SCOPES])
def test_the_directory_needs_its_scope(cast: Cast, scopes: tuple[Permission, ...]):
    full_cohort(cast.acme)
    make_token(cast.cora, *scopes)
    row = Caller().json("/api/v1/members/")["results"][0]
    one = Caller().json(f"/api/v1/members/{row['id']}/")
    shown = DIRECTORY if Permission.PEOPLE_READ in scopes else set()
    assert (DIRECTORY & set(row), DIRECTORY & set(one)) == (shown, shown)


def test_no_cause_tells_of_health():
    words = " ".join(f"{value} {label}".casefold() for value, label in CancelCause.choices)
    assert not [word for word in ("ill", "sick", "health", "medical") if word in words]


def test_a_token_gets_no_scope_that_its_maker_has_not(cast: Cast):
    with tenant(cast.acme), pytest.raises(ScopeNotYours):
        create_token(name="HR", scopes=[Permission.PEOPLE_READ], by=cast.hugo)
