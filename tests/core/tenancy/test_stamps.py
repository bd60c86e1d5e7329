"""What is pulled by its change: stamped by the database, and neither skipped nor given twice."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.apps import apps
from django.db import connection

from core.members.models import Member
from core.tenancy.context import tenant
from core.tenancy.models import Organisation, StampedModel, Tombstone
from core.tenancy.queries import tombstones_of, unseen_since
from tests.cast import Cast, make_member

STAMPED = [model for model in apps.get_models() if issubclass(model, StampedModel)]


def stamp_of(member: Member) -> datetime:
    stamp: datetime = Member.objects.values_list("stamped_at", flat=True).get(pk=member.pk)
    return stamp


def remove(member: Member) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM members_member WHERE id = %s", [member.pk])


@pytest.mark.django_db
def test_every_stamped_table_has_its_triggers_and_its_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger"
            " WHERE tgname IN ('stamp', 'tombstone')"
        )
        triggers = set(cursor.fetchall())
        cursor.execute("SELECT tablename, indexname FROM pg_indexes")
        indexes = set(cursor.fetchall())
    tables = [model._meta.db_table for model in STAMPED]
    assert triggers == {(table, name) for table in tables for name in ("stamp", "tombstone")}
    assert {(table, f"{table}_stamped_idx") for table in tables} <= indexes


def test_whatever_writes_a_row_stamps_it(cast: Cast) -> None:
    with tenant(cast.acme):
        one = make_member(cast.acme, "One")
        made = stamp_of(one)
        Member.objects.filter(pk=one.pk).update(department="Law")
        changed = stamp_of(one)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE members_member SET stamped_at = '2000-01-01' WHERE id = %s", [one.pk]
            )
        assert made < changed < stamp_of(one)


def test_what_is_deleted_leaves_its_id(cast: Cast) -> None:
    with tenant(cast.acme):
        one = make_member(cast.acme, "One")
        before = unseen_since()
        remove(one)
        (left,) = tombstones_of(Member)
        assert (left.pk, left.table) == (one.pk, "members_member")
        assert left.stamped_at >= before
    with tenant(cast.globex):
        assert not Tombstone.objects.all().exists()


def test_a_closed_organisation_leaves_no_tombstones(cast: Cast) -> None:
    with tenant(cast.acme):
        one = make_member(cast.acme, "One")
        Organisation.objects.filter(pk=cast.acme.pk).update(closed_at=unseen_since())
        remove(one)
        assert not tombstones_of(Member).exists()
