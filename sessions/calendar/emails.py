"""What people are told: one e-mail for a season, and one for each change of a session.

Each e-mail brings the events it speaks of, so that calendars follow without anybody typing.
Nothing is said of sessions that have begun: calendars keep the past as it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from django.urls import reverse

from core.common import clock
from core.members.languages import in_language_of
from core.members.links import absolute
from core.members.models import Member
from core.notifications.models import Email
from core.notifications.operations import (
    CalendarPart,
    Draft,
    Link,
    enqueue,
    enqueue_all,
    withdraw,
)
from core.notifications.render import written
from core.notifications.words import in_words_of
from core.tenancy.queries import settings_in_force
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.seats import cause_of_change, people_told, seats_told
from sessions.calendar.events import Entry, events_of
from sessions.calendar.queries import answers_by_member
from sessions.models import replies
from sessions.models.sessions import Session, Turn

CHANGED, INVITATION, REMINDER = "sessions.changed", "sessions.invitation", "sessions.reminder"
RECORD, RECORD_REMINDER = "sessions.record", "sessions.record_reminder"
RSVP = "rsvp"  # the purpose of the signed link that asks whether somebody comes


def invite(
    *,
    partnership: Partnership,
    sessions: Iterable[Session],
    by: Member | None,
    moved: bool = False,
    again: bool = False,
    to: Iterable[Member] | None = None,
) -> None:
    """Write to each partner once, with all dates of the season and the role held on each.

    `moved` says that these take the place of dates they know, `again` that what was called off
    takes place after all; `to` names who is written to
    instead of all.  An invitation to this season that has not left yet is taken back.
    """
    coming = [session for session in sessions if session.starts_at > clock.now()]
    if not coming:
        return
    for session in coming:  # each knows its address without asking again
        session.partnership, session.organisation = partnership, partnership.organisation
    seats = seats_told(partnership)
    people = [seat.enrolment.member for seat in seats]
    turns = _turns(coming)
    events = events_of(coming, people)
    zone = settings_in_force().zone
    stand = "".join(f"{session.pk}{session.sequence}" for session in coming)
    reason = f"{INVITATION}:{coming[0].pk}:{sha256(stand.encode()).hexdigest()[:16]}"
    wanted = None if to is None else {member.pk for member in to}
    for seat in seats:
        member = seat.enrolment.member
        if wanted is not None and member.pk not in wanted:
            continue
        withdraw(about=partnership.pk, kind=INVITATION, member=member)
        enqueue(
            member=member,
            kind=INVITATION,
            program=partnership.cohort.program_id,
            dedupe_key=f"{reason}:{member.pk}",
            link=Link(signed=RSVP, object_id=coming[0].pk),
            context={
                "partnership": partnership.name,
                "others": [person.full_name for person in people if person.pk != member.pk],
                "minutes": coming[0].duration_minutes,
                "moved": moved,
                "again": again,
                "subscribed": member.pk in events.subscribed,
                "calendar": calendar_page(member),
                "sessions": [str(session.pk) for session in coming],
                "dates": [
                    {
                        "when": written(session.starts_at, member, zone),
                        "role": _role(turns.get((session.pk, member.pk))),
                    }
                    for session in coming
                ],
            },
            about=partnership.pk,
            calendar=events.bring(
                member,
                [Entry(session, turns.get((session.pk, member.pk))) for session in coming],
            ),
            cause=seat.enrolment_id,
            needed_by=coming[0].starts_at,
        )


def taken_out(*, sessions: Iterable[Session], member: Member) -> list[CalendarPart]:
    """Return what takes sessions out of a person's calendar, for an e-mail of its own.

    They are cancelled, or go on without this person.
    """
    sessions = list(sessions)
    return events_of(sessions, [member]).take_out(member, sessions)


def calendar_page(member: Member) -> str:
    """Return where a person subscribes to their sessions, as an e-mail says it."""
    return absolute(reverse("sessions:calendar", args=[member.organisation.slug]))


def standing_events(*, session: Session, member: Member) -> list[CalendarPart]:
    """Return the event of a session that stays where it is, with what this person answered."""
    turn = _turns([session]).get((session.pk, member.pk))
    said = answers_by_member(session).get(member.pk, replies.PartStat.NEEDS_ACTION)
    return events_of([session], [member]).bring(member, [Entry(session, turn, said)])


def tell_called_off(
    *, partnership: Partnership, sessions: Sequence[Session], to: Iterable[Seat], why: str
) -> None:
    """Take these sessions out of calendars, in one e-mail to each person.

    `why` is "ended", "paused", or "left" for somebody without whom the others go on.
    """
    coming = [session for session in sessions if session.starts_at > clock.now()]
    people = {
        seat.enrolment.member: seat.enrolment_id
        for seat in to
        if seat.enrolment.member.state != Member.State.LEFT
    }
    for session in coming:
        session.partnership, session.organisation = partnership, partnership.organisation
    events = events_of(coming, people)
    zone = settings_in_force().zone
    shared = cause_of_change(partnership)
    marks = [f"{session.pk.hex[-6:]}{session.sequence}" for session in coming[:1] + coming[-1:]]
    enqueue_all(
        [
            Draft(
                member=member,
                kind="sessions.called_off",
                program=partnership.cohort.program_id,
                dedupe_key=f"sessions.called_off:{partnership.pk}:{'-'.join(marks)}:{member.pk}",
                link=Link(page=partnership.get_absolute_url()),
                context={
                    "partnership": partnership.name,
                    "why": why,
                    "dates": [written(session.starts_at, member, zone) for session in coming],
                },
                about=partnership.pk,
                calendar=events.take_out(member, coming),
                cause=shared or enrolment_id,
                needed_by=coming[0].starts_at,
            )
            for member, enrolment_id in people.items()
            if coming
        ]
    )


def tell_changed(
    *, session: Session, was_at: datetime, by: Member | None, elsewhere: bool = False
) -> None:
    """Write to each partner that a session has moved, changed its place, or will not be.

    Who did it is written to as well: their calendar has to hear of it too.  An e-mail about an
    earlier change that has not left yet is taken back, and this one says all that has changed
    since the last that left: the last one holds.  Who has not been sent the season yet gets it
    as it is now.
    """
    cancelled = session.state == Session.State.CANCELLED
    unsent = Email.objects.filter(sent_at=None, withdrawn_at=None)
    earlier = {
        email.member_id: email.context for email in unsent.filter(kind=CHANGED, about_id=session.pk)
    }
    for kind in (CHANGED, REMINDER, RECORD, RECORD_REMINDER):
        withdraw(about=session.pk, kind=kind)
    if max(session.starts_at, was_at) <= clock.now():
        return
    knowing = _write_unsent_seasons_anew(session, by)
    zone = settings_in_force().zone
    turns = _turns([session])
    answers = answers_by_member(session)
    people = people_told(session.partnership)
    events = events_of([session], people)
    for member in people:
        before = earlier.get(member.pk, {})
        said = answers.get(member.pk, replies.PartStat.NEEDS_ACTION)
        known_at = datetime.fromisoformat(str(before.get("was_at") or was_at.isoformat()))
        moved, other_place = session.starts_at != known_at, elsewhere or before.get("elsewhere")
        if member.pk in knowing or not (cancelled or moved or other_place):
            continue
        with in_language_of(member), in_words_of(session.partnership.cohort.program_id):
            cause = session.cause_words if cancelled else ""
        # who has answered reads the answer signed in
        reads = cancelled or said != replies.PartStat.NEEDS_ACTION
        enqueue(
            member=member,
            kind=CHANGED,
            program=session.partnership.cohort.program_id,
            dedupe_key=f"{CHANGED}:{session.pk}:{session.sequence}:{member.pk}",
            link=Link(page=session.get_absolute_url())
            if reads
            else Link(signed=RSVP, object_id=session.pk),
            context={
                "partnership": session.partnership.name,
                "cancelled": cancelled,
                "moved": moved,
                "elsewhere": bool(other_place),
                "cause": cause,
                "was": written(known_at, member, zone),
                "was_at": known_at.isoformat(),
                "now": written(session.starts_at, member, zone),
                "place": session.where,
                "by": by.full_name if by and by.pk != member.pk else "",
                "said": said != replies.PartStat.NEEDS_ACTION,
            },
            about=session.pk,
            calendar=events.bring(
                member, [Entry(session, turns.get((session.pk, member.pk)), said)]
            ),
            cause=session.pk,
            # whichever comes first: they would go to where it was
            needed_by=min(t for t in (was_at, session.starts_at) if t > clock.now()),
        )


def _write_unsent_seasons_anew(session: Session, by: Member | None) -> set[UUID]:
    """Write invitations that have not left yet as the season is now; return who needs no more.

    Who knows earlier dates (the season has moved, or comes back) still hears of one that is off.
    """
    rows = Email.objects.filter(
        kind=INVITATION, about_id=session.partnership_id, sent_at=None, withdrawn_at=None
    ).select_related("member")
    unsent = [email for email in rows if str(session.pk) in email.context.get("sessions", ())]
    if not unsent:
        return set()
    coming = Session.objects.upcoming(clock.now()).filter(partnership=session.partnership_id)
    sessions = list(coming)
    knowing = set()
    for email in unsent:
        moved, again = bool(email.context["moved"]), bool(email.context.get("again"))
        withdraw(about=session.partnership_id, kind=INVITATION, member=email.member)
        invite(
            partnership=session.partnership,
            sessions=sessions,
            by=by,
            moved=moved,
            again=again,
            to=[email.member],
        )
        if session.is_planned or not (moved or again):
            knowing.add(email.member_id)
    return knowing


def _turns(sessions: Sequence[Session]) -> dict[tuple[UUID, UUID], Turn]:
    turns = Turn.objects.filter(
        session__in=[session.pk for session in sessions], seat__left_at=None
    ).select_related("role", "seat__enrolment")
    return {(turn.session_id, turn.seat.enrolment.member_id): turn for turn in turns}


def _role(turn: Turn | None) -> str:
    return str(turn.role.name) if turn else ""
