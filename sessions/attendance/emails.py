"""What people are told of a session: the day before, when it waits to be recorded, corrected."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q

from core.members.models import Member
from core.notifications.models import Email
from core.notifications.operations import Draft, Link, enqueue_all
from core.notifications.render import written
from core.tenancy.days import day_of
from core.tenancy.queries import settings_in_force
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.seats import people_told
from sessions.calendar.emails import RECORD, RECORD_REMINDER, REMINDER, RSVP
from sessions.calendar.queries import answers_by_member
from sessions.models.replies import PartStat
from sessions.models.sessions import MISSED_AFTER, Session, SessionQuerySet, Turn

DAY_BEFORE = timedelta(days=1)
SHORT_NOTICE = timedelta(hours=18)  # who was told of a session later than that needs no reminder
EVENING = time(18)
ONCE_MORE = timedelta(days=2)


def remind_of_sessions(*, at: datetime) -> int:
    """Remind people of a session the day before, but who has said that they cannot come.

    Safe to repeat: one e-mail for a person and a time.
    """
    reminded = Email.objects.filter(
        kind=REMINDER, about_id=OuterRef("pk"), created_at__gte=OuterRef("starts_at") - DAY_BEFORE
    )
    rows = _planned().filter(
        ~Exists(reminded), starts_at__gt=at + SHORT_NOTICE, starts_at__lte=at + DAY_BEFORE
    )
    return len(enqueue_all([draft for session in rows for draft in _reminders(session)]))


def _reminders(session: Session) -> Iterable[Draft]:
    zone = settings_in_force().zone
    answers = answers_by_member(session)
    roles = {
        turn.seat.enrolment.member_id: str(turn.role.name)
        for turn in Turn.objects.filter(session=session, seat__left_at=None).select_related(
            "role", "seat__enrolment"
        )
    }
    for member in people_told(session.partnership):
        answer = answers.get(member.pk)
        if answer == PartStat.DECLINED:
            continue
        yield Draft(
            member=member,
            kind=REMINDER,
            program=session.partnership.cohort.program_id,
            dedupe_key=f"{REMINDER}:{session.pk}:{session.starts_at:%Y%m%d%H%M}:{member.pk}",
            link=Link(page=session.get_absolute_url())
            if answer == PartStat.ACCEPTED
            else Link(signed=RSVP, object_id=session.pk),
            context={
                "partnership": session.partnership.name,
                "when": written(session.starts_at, member, zone),
                "minutes": session.duration_minutes,
                "role": roles.get(member.pk, ""),
                "place": session.where,
                "comes": answer == PartStat.ACCEPTED,
            },
            about=session.pk,
        )


def ask_to_record(*, at: datetime) -> int:
    """Ask the facilitator to record a session: that evening, and once more two days later.

    Where nobody leads, everybody who was expected is asked.  Safe to repeat.
    """
    emails = Email.objects.filter(kind__in=(RECORD, RECORD_REMINDER), about_id=OuterRef("pk"))
    lately = Q(created_at__gt=at - ONCE_MORE)
    twice = Q(created_at__gte=OuterRef("starts_at") + ONCE_MORE)
    rows = _planned().filter(
        ~Exists(emails.filter(lately | twice)),
        starts_at__lte=at,
        starts_at__gt=at - MISSED_AFTER - DAY_BEFORE,
    )
    return len(enqueue_all([draft for session in rows for draft in _requests(session, at)]))


def _requests(session: Session, at: datetime) -> Iterable[Draft]:
    zone = settings_in_force().zone
    people = _facilitators(session)
    first = max((_that_evening(session, member, zone) for member in people), default=at)
    if at < first or at >= session.ends_at + MISSED_AFTER:
        return
    kind, number = (RECORD_REMINDER, 2) if at >= first + ONCE_MORE else (RECORD, 1)
    for member in people:
        yield Draft(
            member=member,
            kind=kind,
            program=session.partnership.cohort.program_id,
            dedupe_key=f"{RECORD}:{session.pk}:{number}:{member.pk}",
            link=Link(page=session.get_absolute_url()),
            context={
                "partnership": session.partnership.name,
                "when": written(session.starts_at, member, zone),
                "until": written(session.ends_at + MISSED_AFTER, member, zone),
            },
            about=session.pk,
        )


def _facilitators(session: Session) -> list[Member]:
    told = people_told(session.partnership)
    away = set(
        Seat.objects.filter(pk__in=session.absences.values("seat")).values_list(
            "enrolment__member", flat=True
        )
    )
    leading = set(
        Turn.objects.filter(session=session, role__leads=True, seat__left_at=None).values_list(
            "seat__enrolment__member", flat=True
        )
    )
    here = [member for member in told if member.pk not in away]
    return [member for member in here if member.pk in leading] or here


def _that_evening(session: Session, member: Member, zone: ZoneInfo) -> datetime:
    """Return six in the evening where the person is, or the end if it is later."""
    here = ZoneInfo(member.time_zone) if member.time_zone else zone
    evening = datetime.combine(day_of(session.starts_at, here), EVENING, here)
    return max(session.ends_at, evening)


def _planned() -> SessionQuerySet:
    rows = Session.objects.filter(
        state=Session.State.PLANNED, partnership__state=Partnership.State.ACTIVE
    )
    return rows.for_list().order_by("starts_at", "id")


def tell_corrected(*, session: Session, by: Member | None, at: datetime) -> None:
    """Tell everybody that a session counts as missed, because fewer than two were there."""
    zone = settings_in_force().zone
    enqueue_all(
        [
            Draft(
                member=member,
                kind="sessions.corrected",
                program=session.partnership.cohort.program_id,
                dedupe_key=f"sessions.corrected:{session.pk}:{at.isoformat()}:{member.pk}",
                link=Link(page=session.get_absolute_url()),
                context={
                    "partnership": session.partnership.name,
                    "when": written(session.starts_at, member, zone),
                    "by": by.full_name if by and by.pk != member.pk else "",
                },
                about=session.pk,
            )
            for member in people_told(session.partnership)
        ]
    )
