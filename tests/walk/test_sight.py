"""Who sees what: a table, and the proof that it tells when a rule is dropped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from core.members.models import Member, TenantQuerySet
from core.tenancy.context import tenant
from core.tenancy.models import TenantModel
from tests.database import KEPT
from tests.figures import Figure
from tests.walk.leaving import Left, kept_left
from tests.walk.sight import TABLE, Sight, as_text, narrowing, people_of, seen_models, sight, words

RULES = sorted(set(narrowing()), key=lambda rule: (rule.__module__, rule.__qualname__))


@dataclass
class Seen:
    left: Left
    people: dict[str, Member]
    counts: Sight


@pytest.fixture
def seen(db: None) -> Seen:
    left = kept_left()
    people = people_of(left)
    return Seen(left, people, sight(left, people, seen_models()))


@pytest.mark.slow
def test_everybody_sees_what_the_table_says(seen: Seen):
    now = as_text(seen.counts)
    if now != TABLE.read_text():
        KEPT.mkdir(exist_ok=True)
        (KEPT / TABLE.name).write_text(now)
    assert now == TABLE.read_text(), f"if that is right: cp .data/{TABLE.name} tests/walk/"


@pytest.mark.slow
def test_a_dropped_rule_is_seen_in_the_table_or_shows_nothing(
    seen: Seen, figure: Callable[..., Figure]
):
    """Planted faults: one `visible_to` after the other gives every row to everybody.

    Where the table does not change, the database holds the rule as well: a policy of that table
    names who reads.  And in no case is a row of another organisation among them.
    """
    unseen, counted = [], figure("planted isolation faults: rules of rows", planted=True)
    for rule in RULES:
        counted.tried += 1
        mine = [model for model in seen_models() if isinstance(model.objects.all(), rule)]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(rule, "visible_to", lambda self, member: self.all())
            more = sight(seen.left, seen.people, mine)
            assert strangers(seen, mine) == {}
        counted.more["harmless to other organisations by the database alone"] += 1
        if all(words(more[label]) == words(seen.counts[label]) for label in more):
            unseen += [model._meta.label for model in mine if not _held_by_the_database(model)]
    counted.found = counted.tried - len(unseen)
    assert ",".join(unseen) == ""


def strangers(seen: Seen, models: Sequence[type[TenantModel]]) -> dict[str, int]:
    """Count the rows of other organisations that anybody sees."""
    found = {}
    for member in seen.people.values():
        with tenant(seen.left.world.organisation, member=member.pk):
            for model in models:
                rows: Any = model.objects
                count = rows.visible_to(member).exclude(organisation=member.organisation_id).count()
                if count:
                    found[model._meta.label] = count
    return found


def _held_by_the_database(model: Any) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_policies WHERE tablename = %s"
            " AND policyname IN ('readers_read', 'sealed')",
            [model._meta.db_table],
        )
        return bool(cursor.fetchone()[0])


# what everybody in an organisation may see, each with its reason
EVERYBODYS = {
    "programs.LessonFile": "lessons are open to everybody of an organisation, with their files",
    "programs.LessonVersion": "and so is each of their versions",
    "members.ConsentText": "everybody reads what everybody is asked",
    "tenancy.OrganisationSettings": "they shape every page; the page that shows them is an owner's",
    "tenancy.Tombstone": "the id of a row that is gone, which no page shows; a token is told it",
}


def test_every_table_says_who_sees_it():
    """The rule of TenantQuerySet alone shows every row to the whole organisation."""
    kinds: dict[str, Any] = {row._meta.label: type(row.objects.all()) for row in seen_models()}
    usual = TenantQuerySet.visible_to
    said = {label for label, kind in kinds.items() if kind.visible_to is not usual}
    tables = {model._meta.label for model in apps.get_models() if issubclass(model, TenantModel)}
    assert tables - said == EVERYBODYS.keys()


def test_the_rules_are_many():
    assert len(RULES) >= 30
