"""When each e-mail that is written goes, and with which others: rows, before anything is sent.

The rules of the clock are in pacing.py; here they meet what a reader has chosen, and what waits for
them already.  See docs/adr/0026-how-much.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.db.models import Q

from core.common import clock
from core.members.models import Member
from core.notifications import pacing
from core.notifications.kinds import KINDS, NUDGES
from core.notifications.models import Email, Envelope, KindPace, QuietHours
from core.notifications.pacing import BURST, DEFAULT, NUDGES_A_WEEK, WEEK, Category, Hours
from core.tenancy.context import current_organisation_id
from core.tenancy.queries import settings_in_force

if TYPE_CHECKING:
    from django.db.models import QuerySet

LATELY = timedelta(days=15)  # whatever is older counts no more: it went, or was given up on
DIGEST = "notifications.digest"  # the kind of a head: it leads what goes as one message
JUST_ASKED = timedelta(hours=3)
COLLECTED, BURSTS = "digest", "burst"  # what it leads; its dedupe key begins with it
_MOST_PRESSING_FIRST = list(Category)


@dataclass
class _Place:
    """When an e-mail is due, or went, and with what: those of one bundle are one message.

    `waits`: nobody has begun to send it.  `leads`: of a head, what it leads.
    """

    email_id: UUID
    kind: str
    due_at: datetime
    bundle_id: UUID | None
    waits: bool = True
    leads: str = ""

    @property
    def message(self) -> UUID:
        return self.bundle_id or self.email_id

    @property
    def pressing(self) -> int:
        return _MOST_PRESSING_FIRST.index(KINDS[self.kind].category)


def held_for(email: Email) -> timedelta:
    """Return how long an e-mail waits for others that come at the same time."""
    urgent = KINDS[email.kind].category == Category.SECURITY
    if email.cause_id or (settings.NOTIFICATION_PACING and not urgent):
        hold: timedelta = settings.NOTIFICATION_HOLD
        return hold
    return timedelta()


def due_again(emails: Sequence[Email], now: datetime) -> datetime:
    """Return when what is about to be sent as one message may go: now, unless it is late.

    A mail server's evening is not to end in somebody's night.
    """
    categories = {KINDS[email.kind].category for email in emails}
    if not settings.NOTIFICATION_PACING or Category.SECURITY in categories:
        return now
    first = emails[0]
    strictest = Category.NUDGE if Category.NUDGE in categories else Category.NEWS
    if Category.INVITATION in categories:
        strictest = Category.INVITATION
    needed_by = min((email.needed_by for email in emails if email.needed_by), default=None)
    zone, hours = Choices([first.member]).clock_of(first.member)
    return pacing.due(strictest, now, zone, hours, needed_by=needed_by)


class Timetable:
    """The places of e-mails that have just been written.

    `places` has each of them but the `escalated`, whose readers have been asked again often enough,
    and the `moot`, who have hardly been asked the first time.  `heads` are e-mails to be written
    beside them, which lead what goes as one message.
    """

    def __init__(
        self,
        emails: Sequence[Email],
        earliest: Mapping[UUID, datetime],
        dissolved: Collection[UUID] = (),
    ) -> None:
        """Place each not before its `earliest`; heads that are `dissolved` lead nothing more."""
        self._dissolved = dissolved
        self.escalated: list[Email] = []
        self.moot: list[Email] = []
        self.heads: list[Email] = []
        self.places = {
            email.pk: _Place(
                email.pk,
                email.kind,
                earliest[email.pk],
                email.cause_id and uuid5(email.cause_id, str(email.member_id)),
            )
            for email in emails
        }
        if emails and settings.NOTIFICATION_PACING:
            self._pace(emails)

    def _pace(self, emails: Sequence[Email]) -> None:
        people = {email.member_id: email.member for email in emails}
        self._choices = Choices(people.values())
        # of each person, what waits and what has asked again lately; new places join it
        self._others = _others(
            people,
            but=[*self.places, *self._dissolved],
            lock=any(email.kind in NUDGES for email in emails),
        )
        for email in emails:
            self._by_the_clock(email)
        self._keep_together(emails)
        asked_lately = _asked_lately([email for email in emails if email.kind in NUDGES])
        for email in emails:
            if (email.member_id, email.about_id) in asked_lately and email.kind in NUDGES:
                self.moot.append(email)
                del self.places[email.pk]
            elif email.kind in NUDGES:
                self._ask_again(email)
            if email.pk in self.places:
                self._others[email.member_id].append(self.places[email.pk])
        for email in emails:
            if email.pk in self.places:
                self._join_burst(email)

    def _by_the_clock(self, email: Email) -> None:
        place, category = self.places[email.pk], KINDS[email.kind].category
        zone, hours = self._choices.clock_of(email.member)
        pace, needed_by = self._choices.pace_of(email), email.needed_by
        now = place.due_at
        morning = pacing.next_digest(category, now, zone, hours, pace, needed_by=needed_by)
        if morning:
            key = f"{COLLECTED}:{email.member_id}:{morning:%Y%m%d%H%M}"
            place.due_at, place.bundle_id = morning, uuid5(email.member_id, key)
            self._lead(email.member, key, place, COLLECTED, pace=str(pace))
        else:
            place.due_at = pacing.due(category, now, zone, hours, needed_by=needed_by)

    def _lead(self, member: Member, key: str, place: _Place, leads: str, pace: str = "") -> None:
        """Have an e-mail lead what goes with this place; one that is there already stays."""
        known = {other.message for other in self._others[member.pk] if other.leads}
        if place.message not in known:
            head = Email(member=member, kind=DIGEST, context={"pace": pace}, dedupe_key=key)
            self.heads.append(head)
            led = _Place(head.pk, DIGEST, place.due_at, place.bundle_id, leads=leads)
            self.places[head.pk] = led
            self._others[member.pk].append(led)

    def _keep_together(self, emails: Sequence[Email]) -> None:
        """Let what one act says go at one time: when the most pressing part of it does."""
        parts: dict[UUID, list[_Place]] = defaultdict(list)
        for email in emails:
            place = self.places[email.pk]
            if email.cause_id and place.bundle_id == uuid5(email.cause_id, str(email.member_id)):
                parts[place.bundle_id].append(place)
        for others in self._others.values():
            for place in others:
                if place.bundle_id in parts and place.waits:
                    parts[place.bundle_id].append(place)
        for bundle_id, places in parts.items():
            dues = [place.due_at for place in places]
            if max(dues) - min(dues) > settings.NOTIFICATION_HOLD:
                first = min(places, key=lambda place: (place.pressing, place.due_at))
                _move(places, first.due_at, bundle_id)

    def _ask_again(self, email: Email) -> None:
        """Let what asks again go with other such, or as one of two a week, or not at all."""
        place, others = self.places[email.pk], self._others[email.member_id]
        asking = [other for other in others if other.kind in NUDGES]
        if place.bundle_id in {other.bundle_id for other in asking if other.waits}:
            return  # collected in the same e-mail
        if place.bundle_id is None:
            collected = {other.bundle_id for other in others if other.leads == COLLECTED}
            for other in asking:
                if other.waits and other.bundle_id and other.bundle_id not in collected:
                    place.due_at, place.bundle_id = other.due_at, other.bundle_id
                    return
        messages = {o.message for o in asking if abs(o.due_at - place.due_at) < WEEK}
        if len(messages) >= NUDGES_A_WEEK:
            self.escalated.append(email)
            del self.places[email.pk]
        elif place.bundle_id is None:
            place.bundle_id = uuid5(email.member_id, str(email.pk))

    def _join_burst(self, email: Email) -> None:
        """Let more than a few messages that come at once be one, and what still comes join it."""
        place, others = self.places[email.pk], self._others[email.member_id]
        collected = {other.bundle_id for other in others if other.leads == COLLECTED}
        near = [
            other
            for other in others
            if other.waits
            and abs(other.due_at - place.due_at) <= settings.NOTIFICATION_HOLD
            and (other.bundle_id is None or other.bundle_id not in collected)
            and KINDS[other.kind].category not in (Category.SECURITY, Category.NUDGE)
        ]
        burst = next((other for other in near if other.leads == BURSTS), None)
        if place not in near or (burst is None and len({o.message for o in near}) <= BURST):
            return
        key = f"{BURSTS}:{email.pk}"
        bundle_id = (burst and burst.bundle_id) or uuid5(email.member_id, key)
        _move(near, min(other.due_at for other in near), bundle_id)
        self._lead(email.member, key, place, BURSTS)


class Choices:
    """What some people have chosen: their clock, their quiet hours, and how often."""

    def __init__(self, members: Iterable[Member]) -> None:
        people = [member.pk for member in members]
        self._zone = settings_in_force().zone
        rows = QuietHours.objects.filter(member__in=people)
        self._hours = {row.member_id: row.hours for row in rows}
        self._people = people

    @cached_property
    def _paces(self) -> dict[tuple[UUID, str], str]:
        rows = KindPace.objects.filter(member__in=self._people)
        return {(row.member_id, row.kind): row.pace for row in rows}

    def clock_of(self, member: Member) -> tuple[ZoneInfo, Hours]:
        zone = ZoneInfo(member.time_zone) if member.time_zone else self._zone
        return zone, self._hours.get(member.pk, DEFAULT)

    def pace_of(self, email: Email) -> str:
        kind = KINDS[email.kind]
        chosen = self._paces.get((email.member_id, email.kind)) if kind.can_be_paced else None
        return chosen or kind.pace


def unclaimed() -> QuerySet[Envelope]:
    """Return the envelopes of the organisation in force that nobody has begun to send."""
    return Envelope.objects.filter(
        organisation_id=current_organisation_id(),
        state=Envelope.State.DUE,
        attempts=0,
        lease_until=None,
    )


def _move(places: Sequence[_Place], due_at: datetime, bundle_id: UUID) -> None:
    """Give these one time and one message; of those that are rows, what nobody has begun on."""
    for place in places:
        place.due_at, place.bundle_id = due_at, bundle_id
    ids = [place.email_id for place in places]
    unclaimed().filter(email_id__in=ids).update(due_at=due_at, bundle_id=bundle_id)


def _asked_lately(nudges: Sequence[Email]) -> set[tuple[UUID, UUID | None]]:
    """Return who is only now asked, or will be, what these ask again: by person and row."""
    if not nudges:
        return set()
    rows = Email.objects.filter(
        Q(sent_at=None) | Q(sent_at__gt=clock.now() - JUST_ASKED),
        about_id__in=[email.about_id for email in nudges],
        kind__in=[name for name, kind in KINDS.items() if kind.category == Category.QUESTION],
        withdrawn_at=None,
    )
    return set(rows.values_list("member_id", "about_id"))


def _others(
    members: Collection[UUID], *, but: Collection[UUID], lock: bool
) -> dict[UUID, list[_Place]]:
    """Return, by person, what waits for them, and what has asked them again lately.

    With `lock` nobody begins to send what asks again until this transaction ends, nor counts it.
    """
    if lock:
        with connection.cursor() as cursor:
            key = f"nudges:{current_organisation_id()}"
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [key])
    emails = {
        email.pk: email
        for email in Email.objects.filter(
            Q(sent_at=None) | Q(kind__in=NUDGES),
            member__in=list(members),
            created_at__gt=clock.now() - LATELY,
            withdrawn_at=None,
        )
        .exclude(pk__in=list(but))
        .only("pk", "member_id", "organisation_id", "kind", "dedupe_key", "sent_at")
    }
    rows = Envelope.objects.filter(
        organisation_id=current_organisation_id(), email_id__in=list(emails)
    )
    waiting = unclaimed().filter(email_id__in=list(emails))
    if lock:
        waiting = waiting.select_for_update(skip_locked=True)
    waits = {envelope.pk for envelope in waiting}
    places: dict[UUID, list[_Place]] = defaultdict(list)
    for envelope in rows:
        email = emails[envelope.email_id]
        places[email.member_id].append(
            _Place(
                email.pk,
                email.kind,
                email.sent_at or envelope.due_at,
                envelope.bundle_id,
                envelope.pk in waits,
                email.dedupe_key.partition(":")[0] if email.kind == DIGEST else "",
            )
        )
    return places
