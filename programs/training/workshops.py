"""Workshops of a cohort: announced, signed up for, in line, reminded of, attended."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from core.audit.operations import record
from core.common import clock
from core.common.rows import row_by_row
from core.members.models import Member
from core.notifications.models import Email
from core.notifications.operations import CalendarPart, Draft, Link, enqueue_all, withdraw
from core.notifications.render import written
from core.tenancy import due
from core.tenancy.queries import settings_in_force
from programs.errors import (
    FewerPlacesThanComing,
    NotOfThisCohort,
    WorkshopInThePast,
    WorkshopNotYet,
    WorkshopOver,
)
from programs.models.programs import Cohort, Enrolment
from programs.models.training import Workshop, WorkshopPlace
from programs.training.ics import event_of

NEW, PLACE, CHANGED = "programs.workshop", "programs.workshop_place", "programs.workshop_changed"
REMINDER = "programs.workshop_reminder"
DAY = timedelta(days=1)
State = WorkshopPlace.State


@transaction.atomic
def plan_workshop(*, cohort: Cohort, starts_at: datetime, by: Member, **said: Any) -> Workshop:
    """Plan a workshop and tell everybody with a place in the cohort; raises WorkshopInThePast."""
    if starts_at <= clock.now():
        raise WorkshopInThePast
    workshop = Workshop.objects.create(cohort=cohort, starts_at=starts_at, **said)
    record(by=by, verb="workshop.planned", target=workshop)
    people = Enrolment.objects.in_place().filter(cohort=cohort).for_list().order_by("id")
    _write(workshop, NEW, [enrolment.member for enrolment in people if enrolment.member != by])
    _wake(workshop)
    return workshop


@transaction.atomic
def change_workshop(*, workshop: Workshop, by: Member, **said: Any) -> Workshop:
    """Change it; who has a place is told of another time or place, and more places fill up.

    Raises WorkshopOver, WorkshopInThePast, FewerPlacesThanComing.
    """
    held = _to_come(workshop)
    if said["starts_at"] <= clock.now():
        raise WorkshopInThePast
    coming = held.people.filter(state=State.COMING).count()
    if said["places"] is not None and said["places"] < coming:
        raise FewerPlacesThanComing
    moved = any(getattr(held, name) != said[name] for name in ("starts_at", "minutes", "place"))
    Workshop.objects.filter(pk=held.pk).update(**said, sequence=F("sequence") + 1)
    held.refresh_from_db()
    record(by=by, verb="workshop.changed", target=held)
    if moved:
        _withdraw_reminders(held)
        _write(held, CHANGED, _coming(held), calendar=True)
    _fill(held)
    _wake(held)
    return held


@transaction.atomic
def call_off_workshop(*, workshop: Workshop, by: Member) -> Workshop:
    """Call it off for good; who has a place or waits is told.  Raises WorkshopOver."""
    held = _to_come(workshop)
    Workshop.objects.filter(pk=held.pk).update(
        called_off_at=clock.now(), sequence=F("sequence") + 1
    )
    held.refresh_from_db()
    record(by=by, verb="workshop.called_off", target=held)
    for kind in (NEW, PLACE, REMINDER):
        withdraw(about=held.pk, kind=kind)
    people = [
        place.member
        for place in held.people.exclude(state=State.GIVEN_UP)
        .select_related("member")
        .order_by("id")
    ]
    _write(held, CHANGED, people, calendar=True, off=True)
    return held


@transaction.atomic
def sign_up(*, workshop: Workshop, by: Member) -> WorkshopPlace:
    """Take a place, or stand in the line where none is free.

    Raises WorkshopOver, NotOfThisCohort.  Who has one already keeps it.
    """
    held = _to_come(workshop)
    if not Enrolment.objects.in_place().filter(cohort=held.cohort_id, member=by).exists():
        raise NotOfThisCohort
    place, _is_new = WorkshopPlace.objects.get_or_create(
        workshop=held,
        member=by,
        defaults={"state": State.GIVEN_UP, "asked_at": clock.now()},
    )
    if place.state != State.GIVEN_UP:
        return place
    place.state = State.COMING if _has_room(held) else State.WAITING
    place.asked_at = clock.now()
    place.save(update_fields=["state", "asked_at"])
    record(by=by, verb="workshop.signed_up", target=held, state=str(place.state))
    if place.state == State.COMING:
        _write(held, PLACE, [by], calendar=True)
    return place


@transaction.atomic
def give_up(*, workshop: Workshop, by: Member) -> None:
    """Give a place up, or leave the line; who waits longest has the place then."""
    held = _to_come(workshop)
    rows = WorkshopPlace.objects.filter(workshop=held, member=by).exclude(state=State.GIVEN_UP)
    if rows.update(state=State.GIVEN_UP):
        record(by=by, verb="workshop.given_up", target=held)
        _fill(held)


@transaction.atomic
def record_attendance(*, workshop: Workshop, came: Collection[UUID], by: Member) -> int:
    """Keep who came, of those who had a place; how many.  Raises WorkshopNotYet."""
    if workshop.starts_at > clock.now() or workshop.called_off_at:
        raise WorkshopNotYet
    rows = WorkshopPlace.objects.filter(workshop=workshop, state=State.COMING)
    rows.exclude(member__in=came).update(came=False)
    present: int = rows.filter(member__in=came).update(came=True)
    record(by=by, verb="workshop.recorded", target=workshop, came=present)
    return present


def tend_workshops(*, at: datetime) -> int:
    """Free the places of who is gone, fill them in order, remind the day before; how much."""
    coming = Workshop.objects.to_come(at).for_list().order_by("starts_at", "id")
    mine = Enrolment.objects.in_place().filter(
        cohort=OuterRef("workshop__cohort"), member=OuterRef("member")
    )
    gone = WorkshopPlace.objects.filter(~Exists(mine), workshop__in=coming).exclude(
        state=State.GIVEN_UP
    )
    waiting = WorkshopPlace.objects.in_line().filter(workshop=OuterRef("pk"))
    done = row_by_row(gone.order_by("id"), _free)
    done += row_by_row(coming.filter(Exists(waiting)), _fill_locked)
    return done + row_by_row(coming.filter(starts_at__lte=at + DAY), _remind)


def _free(place: WorkshopPlace) -> bool:
    return bool(WorkshopPlace.objects.filter(pk=place.pk).update(state=State.GIVEN_UP))


def _fill_locked(workshop: Workshop) -> int:
    return _fill(Workshop.objects.select_for_update(of=("self",)).for_list().get(pk=workshop.pk))


def _remind(workshop: Workshop) -> int:
    told = Email.objects.filter(kind=REMINDER, about_id=workshop.pk, withdrawn_at=None)
    people = WorkshopPlace.objects.filter(workshop=workshop, state=State.COMING)
    missing = people.exclude(member__in=told.values("member")).select_related("member")
    return _write(workshop, REMINDER, [place.member for place in missing])


def _to_come(workshop: Workshop) -> Workshop:
    """Return it locked: places are counted by one person at a time."""
    held = Workshop.objects.select_for_update(of=("self",)).for_list().get(pk=workshop.pk)
    if held.called_off_at or held.starts_at <= clock.now():
        raise WorkshopOver
    return held


def _has_room(workshop: Workshop) -> bool:
    coming = WorkshopPlace.objects.filter(workshop=workshop, state=State.COMING).count()
    return workshop.places is None or coming < workshop.places


def _fill(workshop: Workshop) -> int:
    """Give free places to who waits, in order, and tell them; how many."""
    moved = 0
    for place in WorkshopPlace.objects.filter(workshop=workshop).in_line().select_related("member"):
        if not _has_room(workshop):
            break
        WorkshopPlace.objects.filter(pk=place.pk).update(state=State.COMING)
        record(by=None, verb="workshop.moved_up", target=workshop, person=str(place.member_id))
        _write(workshop, PLACE, [place.member], calendar=True, moved_up=True)
        moved += 1
    return moved


def _coming(workshop: Workshop) -> list[Member]:
    rows = WorkshopPlace.objects.filter(workshop=workshop, state=State.COMING)
    return [place.member for place in rows.select_related("member").order_by("id")]


def _withdraw_reminders(workshop: Workshop) -> None:
    withdraw(about=workshop.pk, kind=REMINDER)


def _wake(workshop: Workshop) -> None:
    due.mark(at=max(clock.now(), workshop.starts_at - DAY))


def _write(
    workshop: Workshop,
    kind: str,
    people: Iterable[Member],
    *,
    calendar: bool = False,
    **more: object,
) -> int:
    chosen = settings_in_force()
    moment = f"{workshop.sequence}:{clock.now().isoformat()}"
    drafts = []
    for member in people:
        if member.state != Member.State.LIVE:
            continue
        context: Mapping[str, object] = {
            "title": workshop.title,
            "cohort": str(workshop.cohort),
            "when": written(workshop.starts_at, member, chosen.zone),
            "minutes": workshop.minutes,
            "place": workshop.place,
            "off": False,
            "moved_up": False,
            **more,
        }
        drafts.append(
            Draft(
                member=member,
                kind=kind,
                program=workshop.cohort.program_id,
                dedupe_key=f"{kind}:{workshop.pk}:{member.pk}:{moment}",
                link=Link(page=workshop.get_absolute_url()),
                context=context,
                about=workshop.pk,
                cause=workshop.pk,
                calendar=[_part(workshop, member)] if calendar else (),
                needed_by=workshop.starts_at,
            )
        )
    enqueue_all(drafts)
    return len(drafts)


def _part(workshop: Workshop, member: Member) -> CalendarPart:
    method = "CANCEL" if workshop.called_off_at else "PUBLISH"
    return CalendarPart("workshop.ics", method, event_of(workshop, member).decode())
