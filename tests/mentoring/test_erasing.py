"""After an erasure no byte of the person's words or name is in any table; the facts are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.postgres.fields import ArrayField
from django.core.management import call_command
from django.db import connection, models

from agreements.goals.models import Goal
from core.audit.models import AuditEvent
from core.common import clock
from core.members.models import Member, User
from core.notifications.models import Email
from core.tenancy.context import tenant
from core.tenancy.models import TenantModel
from mentoring.privacy.erasing import ERASED, erase_member
from mentoring.privacy.tables import rows_of, tables
from pairing.models.partnerships import Partnership, Seat
from programs.models.programs import Enrolment
from sessions.models.sessions import Attendance, Session
from tests.walk.world import World, Worlds, kept_worlds

CANARY = "Zanzibar"


@pytest.fixture
def worlds(db: None) -> Worlds:
    return kept_worlds()


@pytest.fixture
def world(worlds: Worlds) -> World:
    return worlds.acme


def plant(model: type[TenantModel], member: Member) -> int:
    """Put the canary into all that this person's rows may say, as far as the columns hold it."""
    planted = 0
    for name in model.privacy.erase:
        field = model._meta.get_field(name)
        rows = rows_of(model, member, model.privacy.people)
        if model is Goal:
            rows = rows.filter(private=False)
        value: Any = None
        if isinstance(field, models.EmailField) or model is Member:
            continue
        if isinstance(field, models.CharField | models.TextField):
            value = CANARY[: field.max_length]
            # an open action and a vote that consents have no reason: only what is there is words
            rows = rows.exclude(**{name: ""}) if model._meta.constraints else rows
        elif isinstance(field, models.JSONField):
            value = {"said": CANARY} if field.get_default() == {} else [{"said": CANARY}]
        elif isinstance(field, ArrayField):
            value = [CANARY]
        planted += rows.update(**{name: value})
    return planted


def cells() -> Iterator[tuple[str, str]]:
    """Yield every text, list and JSON of every table that this member may read: column, value."""
    with connection.cursor() as cursor:
        for model in tables():
            table = model._meta.db_table
            cursor.execute(f'SELECT to_jsonb(t)::text FROM "{table}" t')
            for (row,) in cursor.fetchall():
                for column, value in json.loads(row).items():
                    yield f"{table}.{column}", json.dumps(value, ensure_ascii=False)


def holding(text: str, *readers: Member) -> set[str]:
    found = set()
    for reader in readers:
        with tenant(reader.organisation, member=reader.pk):
            found |= {column for column, value in cells() if text.casefold() in value.casefold()}
    return found


def everybody(world: World) -> list[Member]:
    with tenant(world.organisation):
        return list(Member.objects.all())


@pytest.mark.slow
def test_no_word_and_no_name_is_left_in_any_table(world: World):
    member = world.participant
    people = everybody(world)
    with tenant(world.organisation, member=member.pk):
        Member.objects.filter(pk=member.pk).update(
            family_name="Quetzal", employee_id="Q-9", department=CANARY, languages=[CANARY]
        )
        member.refresh_from_db()
        assert sum(plant(model, member) for model in tables()) > 10
        for kind, context in [("told", {"who": "Petra Quetzal"}), ("asks", {"name": "Petra"})]:
            Email.objects.create(
                member=world.partner, kind="pairing.changed", dedupe_key=kind, context=context
            )
        Partnership.objects.filter(pk=world.id_of("partnership")).update(name="Petra & Partner")
    assert holding(CANARY, *people) > {"feedback_checkinnote.text", "members_member.department"}
    address, user = member.email, member.user_id

    with tenant(world.organisation, member=world.owner.pk):
        erased = erase_member(member=member, by=world.owner)

    assert (erased.state, erased.given_name, bool(erased.erased_at)) == (
        "left",
        "Former member",
        True,
    )
    assert holding(CANARY, *people) == set()
    assert holding("Quetzal", *people) == set()
    assert holding("Petra", *people) == set()
    assert holding(address, *people) == set()
    assert not User.objects.filter(pk=user).exists()


def test_who_copies_what_has_changed_is_given_the_pseudonym(world: World):
    """REST publishes the name of a partnership: a copy by `changed_since` must not keep theirs."""
    person = world.participant
    with tenant(world.organisation):
        earlier, name = clock.now() - timedelta(days=3), person.full_name
        named = Partnership.objects.filter(seats__enrolment__member=person).first()
        assert named is not None
        Partnership.objects.update(changed_at=earlier)
        Partnership.objects.filter(pk=named.pk).update(name=f"{name} and others")
        erase_member(member=person, by=world.owner)
        changed = Partnership.objects.exclude(changed_at=earlier)
        assert [row.pk for row in changed] == [named.pk]
        assert name not in changed.get().name


def test_the_facts_stay_and_so_do_the_words_of_others(world: World):
    member = world.participant
    with tenant(world.organisation, member=world.owner.pk):
        counts = {
            model: model._base_manager.count()
            for model in (Seat, Enrolment, Session, Attendance, Partnership)
        }
        topic = Session.objects.get(pk=world.id_of("held_session")).topic
        erase_member(member=member, by=world.owner)
        assert {model: model._base_manager.count() for model in counts} == counts
        assert Session.objects.get(pk=world.id_of("held_session")).topic == topic
        act = AuditEvent.objects.get(verb="member.erased")
        assert (act.actor_id, act.target_id) == (world.owner.pk, member.pk)
    with tenant(world.organisation, member=world.partner.pk):
        # what they own together goes with the last of them
        erase_member(member=world.partner, by=world.owner)
        assert Session.objects.get(pk=world.id_of("held_session")).topic == ERASED


def test_the_sign_in_of_somebody_with_another_organisation_stays(worlds: Worlds):
    globex, world = worlds.globex, worlds.acme
    member = world.participant
    with tenant(globex.organisation):
        Member.objects.create(
            user=member.user,
            email="p@globex.example",
            given_name="P",
            live_at=clock.now(),
            state="live",
        )
    with tenant(world.organisation, member=world.owner.pk):
        erase_member(member=member, by=world.owner)
    assert User.objects.filter(pk=member.user_id, email=member.user.email).exists()


def test_nobody_is_erased_twice_and_not_the_last_owner(world: World):
    with tenant(world.organisation, member=world.owner.pk):
        with pytest.raises(Exception, match="owner"):
            erase_member(member=world.owner, by=world.owner)
        erased = erase_member(member=world.participant, by=world.owner)
        with pytest.raises(ValueError, match="before"):
            erase_member(member=erased, by=world.owner)


def test_what_a_restore_brings_back_is_erased_again_from_the_list(
    world: World, settings, tmp_path, django_capture_on_commit_callbacks
):
    settings.ERASURES_FILE = str(tmp_path / "erasures")
    member = world.participant
    as_owner = tenant(world.organisation, member=world.owner.pk)
    with django_capture_on_commit_callbacks(execute=True), as_owner:
        erase_member(member=member, by=world.owner)
    kept = (tmp_path / "erasures").read_text()
    assert kept == f"acme {member.pk}\n"
    with tenant(world.organisation, member=member.pk):  # as of before
        Member.objects.filter(pk=member.pk).update(erased_at=None, given_name=CANARY)
    call_command("erase", from_list=str(tmp_path / "erasures"))
    call_command("erase", from_list=str(tmp_path / "erasures"))
    with tenant(world.organisation):
        assert Member.objects.get(pk=member.pk).given_name == "Former member"
        assert AuditEvent.objects.filter(verb="member.erased").count() == 2
    assert (tmp_path / "erasures").read_text() == kept
