"""E-mails about turns: will you take this one, what the other said, what has moved."""

from __future__ import annotations

from collections.abc import Sequence, Set
from hashlib import blake2s
from uuid import UUID
from zoneinfo import ZoneInfo

from django.urls import reverse

from core.common import clock
from core.members.languages import in_language_of
from core.members.models import Member
from core.notifications.models import Email
from core.notifications.operations import Link, enqueue, withdraw
from core.notifications.render import written
from core.notifications.words import in_words_of
from core.tenancy.queries import settings_in_force
from pairing.models.partnerships import Partnership
from pairing.partnerships.seats import cause_of_change, open_seats
from sessions.calendar.events import Entry, events_of
from sessions.calendar.queries import answers_by_member
from sessions.models.offers import TurnOffer
from sessions.models.replies import PartStat
from sessions.models.sessions import Absence, Session, Turn
from sessions.rotation import texts as rotation_texts
from sessions.rotation.queries.turns import Holdings, Part, parts_changed

OFFER_LINK = "turn"
TURN_ASKED = "sessions.turn_asked"
TURNS_CHANGED = "sessions.turns_changed"
LINES = 5  # an e-mail names so many of the reader's changes, and counts the others


def ask_for_turn(*, offer: TurnOffer) -> None:
    """Ask the one person who could take a turn; the button answers without signing in."""
    member = offer.asked.enrolment.member
    zone = settings_in_force().zone
    enqueue(
        member=member,
        kind=TURN_ASKED,
        program=offer.session.partnership.cohort.program_id,
        dedupe_key=f"{TURN_ASKED}:{offer.pk}",
        link=Link(signed=OFFER_LINK, object_id=offer.pk),
        context=_words(offer, member, zone) | {"until": written(offer.expires_at, member, zone)},
        about=offer.pk,
        cause=cause_of_change(offer.session.partnership) or offer.session_id,
        needed_by=offer.expires_at,
    )


def tell_answer(*, offer: TurnOffer, accepted: bool) -> None:
    """Tell who gave up a turn, or asked for a swap, what the other said."""
    giver = offer.giver.enrolment.member
    if not accepted and offer.kind == TurnOffer.Kind.STAND_IN:
        return  # the next is asked; a no is nobody's business but theirs
    enqueue(
        member=giver,
        kind="sessions.turn_answered",
        program=offer.session.partnership.cohort.program_id,
        dedupe_key=f"sessions.turn_answered:{offer.pk}",
        link=Link(page=offer.session.get_absolute_url()),
        context=_words(offer, giver, settings_in_force().zone) | {"accepted": accepted},
        about=offer.pk,
        cause=offer.session_id,
    )


def tell_overtaken(*, offer: TurnOffer, cause: UUID | None, was_asked: bool) -> None:
    """Tell both that a question about a turn is settled otherwise; `was_asked` if its e-mail
    had gone.

    Nobody is told about a partnership that is over: that its questions are closed is said there.
    """
    if not offer.session.partnership.is_open:
        return
    swap = offer.kind == TurnOffer.Kind.SWAP
    readers = [(offer.giver, "giver")] if swap else []
    readers += [(offer.asked, "asked")] if was_asked else []
    for seat, side in readers:
        member = seat.enrolment.member
        if seat.left_at or member.state == Member.State.LEFT:
            continue
        enqueue(
            member=member,
            kind="sessions.turn_overtaken",
            program=offer.session.partnership.cohort.program_id,
            dedupe_key=f"sessions.turn_overtaken:{offer.pk}:{side}",
            link=Link(page=offer.session.get_absolute_url()),
            context=_words(offer, member, settings_in_force().zone) | {"side": side},
            about=offer.pk,
            cause=cause or seat.enrolment_id,
        )


def tell_turns(
    *,
    partnership: Partnership,
    before: Holdings,
    after: Holdings,
    cause: UUID | None,
    but: Set[UUID],
) -> None:
    """Write to each person whose turns have changed: theirs alone, with the events of those days.

    Who did it is written to as well, since their calendar has to hear of it; who said that they
    cannot come knows that they hold nothing there.  An e-mail about earlier changes that has not
    left yet is taken back, and this one says what has changed since the last that did.  `but` are
    seats whose people hear of their turns otherwise.
    """
    changed = parts_changed(before, after)
    if not changed:
        return
    sessions = {
        session.pk: session
        for session in Session.objects.for_list().filter(
            pk__in={part.session_id for parts in changed.values() for part in parts}
        )
    }
    away = set(Absence.objects.filter(session__in=sessions).values_list("session", "seat"))
    for seat in open_seats(partnership):
        parts = [
            part
            for part in changed.get(seat.pk, ())
            if part.now or (part.session_id, seat.pk) not in away
        ]
        if parts and seat.pk not in but and seat.enrolment.member.state != Member.State.LEFT:
            _tell_parts(partnership, seat.enrolment.member, parts, cause or seat.enrolment_id)


def _tell_parts(
    partnership: Partnership, member: Member, parts: Sequence[Part], cause: UUID
) -> None:
    was = {str(part.session_id): part.was.role.name if part.was else "" for part in parts}
    unsent = Email.objects.filter(
        member=member, kind=TURNS_CHANGED, about_id=partnership.pk, sent_at=None, withdrawn_at=None
    )
    for email in unsent.order_by("-created_at"):
        was |= email.context.get("was", {})  # the last that they were told
    withdraw(about=partnership.pk, kind=TURNS_CHANGED, member=member)
    lines, entries = [], []
    zone = settings_in_force().zone
    sessions = Session.objects.for_list().filter(pk__in=list(was))
    mine = Turn.objects.filter(session__in=list(was), seat__enrolment__member=member)
    turns = {turn.session_id: turn for turn in mine.select_related("role")}
    for session in sessions.upcoming(clock.now()):
        turn = turns.get(session.pk)
        before = was[str(session.pk)]
        if before == (turn.role.name if turn else ""):
            continue
        with in_language_of(member), in_words_of(partnership.cohort.program_id):
            why = rotation_texts.why(turn.reason, turn.reason_detail) if turn else ""
        lines.append(
            {
                "when": written(session.starts_at, member, zone),
                "was": before,
                "now": turn.role.name if turn else "",
                "why": why,
            }
        )
        entries.append(_entry(session, member, turn))
    if not lines:
        return
    state = "".join(f"{entry.session.pk}:{entry.session.sequence};" for entry in entries)
    enqueue(
        member=member,
        kind=TURNS_CHANGED,
        program=partnership.cohort.program_id,
        dedupe_key=f"{TURNS_CHANGED}:{partnership.pk}:{member.pk}:{_digest(state)}",
        link=Link(
            page=reverse(
                "sessions:partnership_sessions",
                args=[partnership.organisation.slug, partnership.pk],
            )
        ),
        context={
            "partnership": partnership.name,
            "lines": lines[:LINES],
            "more": len(lines[LINES:]),
            "count": len(lines),
            "was": was,
        },
        about=partnership.pk,
        calendar=events_of([entry.session for entry in entries], [member]).bring(member, entries),
        cause=cause,
    )


def _entry(session: Session, member: Member, turn: Turn | None) -> Entry:
    return Entry(session, turn, answers_by_member(session).get(member.pk, PartStat.NEEDS_ACTION))


def _digest(text: str) -> str:
    return blake2s(text.encode(), digest_size=12).hexdigest()


def _words(offer: TurnOffer, reader: Member, zone: ZoneInfo) -> dict[str, object]:
    returns = offer.return_session
    return {
        "partnership": offer.session.partnership.name,
        "kind": offer.kind,
        "giver": offer.giver.enrolment.member.given_name,
        "asked": offer.asked.enrolment.member.given_name,
        "role": offer.role.name,
        "leads": offer.role.leads,
        "when": written(offer.session.starts_at, reader, zone),
        "return_role": offer.return_role.name if offer.return_role else "",
        "return_when": written(returns.starts_at, reader, zone) if returns else "",
    }
