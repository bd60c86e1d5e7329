"""When the people of a partnership could meet: proposals of times, and the dates of a season."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

import holidays
from django.db.models import Exists, OuterRef
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.common.zones import zone_words
from core.members.models import Member
from core.tenancy.days import day_of
from core.tenancy.queries import settings_in_force
from pairing.models.partnerships import Partnership, Seat
from programs.models.parts import Answer, Question
from programs.models.programs import Program
from sessions.models.replies import BusyCalendar
from sessions.models.sessions import Session
from sessions.planning.engine.cadence import Cadence, season_days
from sessions.planning.engine.times import (
    Conflict,
    ConflictKind,
    Diary,
    Slot,
    Span,
    conflicts_at,
    rank_slots,
    spread_out,
)

NOTICE = timedelta(days=2)  # nobody is invited to a first session of tomorrow
PROPOSALS = 6
DATES_SHOWN = 6
LOOKED_AT = 14  # two times on each weekday are followed through the whole season


@dataclass(frozen=True)
class _Absentee:
    member: Member
    why: str


@dataclass(frozen=True)
class _SeasonDate:
    """One date of a season to be; `moved_from` is where the rhythm had it, and why not there."""

    starts_at: datetime
    absentees: tuple[_Absentee, ...]
    moved_from: datetime | None = None
    moved_why: str = ""


@dataclass(frozen=True)
class Proposal:
    """A time for the season: who can usually, who cannot and why, and the dates it gives."""

    starts_at: datetime
    minutes: int
    people: tuple[Member, ...]
    absentees: tuple[_Absentee, ...]
    dates: tuple[_SeasonDate, ...]

    @property
    def can(self) -> int:
        return len(self.people) - len(self.absentees)

    @property
    def suits_all(self) -> bool:
        return not self.absentees

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def missed(self) -> int:
        """How often somebody would be missing over all its dates."""
        return sum(len(date.absentees) for date in self.dates)


@dataclass(frozen=True)
class Gathering:
    """The people of a partnership with their weeks, holidays and other sessions."""

    partnership: Partnership
    program: Program
    members: dict[str, Member]
    diaries: tuple[Diary, ...]
    zone: ZoneInfo
    at: datetime

    @property
    def people(self) -> tuple[Member, ...]:
        return tuple(self.members.values())

    @property
    def earliest(self) -> datetime:
        """Two days from now, and not before the partnership's first day."""
        first_day = datetime.combine(self.partnership.starts_on, time(0), self.zone)
        return max(self.at + NOTICE, first_day).astimezone(UTC)

    def absentees(self, start: datetime, minutes: int) -> tuple[_Absentee, ...]:
        return self.in_words(start, conflicts_at(self.diaries, start, minutes))

    def in_words(self, start: datetime, conflicts: Iterable[Conflict]) -> tuple[_Absentee, ...]:
        zones = {diary.key: diary.zone for diary in self.diaries}
        return tuple(
            _Absentee(
                self.members[conflict.key],
                _why_missing(conflict, start.astimezone(zones[conflict.key])),
            )
            for conflict in conflicts
        )


def gather(*, partnership: Partnership, at: datetime) -> Gathering:
    """Return the people of a partnership as planning sees them, in a fixed number of queries.

    Wants the partnership with cohort__program.  A season keeps the wall time of the zone that
    all its people share; if they are in several, of the organisation's.
    """
    chosen = settings_in_force()
    seats = list(
        Seat.objects.open()
        .filter(partnership=partnership)
        .select_related("enrolment__member")
        .order_by("id")
    )
    members = {str(seat.enrolment.member_id): seat.enrolment.member for seat in seats}
    weekly = _weekly([seat.enrolment_id for seat in seats])
    busy = busy_elsewhere(partnership, at)
    private = _private([seat.enrolment.member_id for seat in seats])
    until = max(partnership.ends_on, day_of(at)) + timedelta(days=1)
    diaries = tuple(
        Diary(
            key=key,
            zone=ZoneInfo(member.time_zone or chosen.time_zone),
            weekly=tuple(weekly[key]),
            busy=tuple(busy[key]),
            private=private.get(key, ()),
            days_off=holidays_between(member.country, day_of(at) - timedelta(days=1), until),
        )
        for key, member in members.items()
    )
    zones = {str(diary.zone) for diary in diaries}
    zone = ZoneInfo(zones.pop()) if len(zones) == 1 else chosen.zone
    return Gathering(partnership, partnership.cohort.program, members, diaries, zone, at)


def _weekly(enrolments: Sequence[UUID]) -> dict[str, list[tuple[int, int, int]]]:
    """Return the free times of the week by member; what is no span is passed over."""
    weekly: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
    answers = Answer.objects.filter(
        enrolment__in=enrolments, question__kind=Question.Kind.AVAILABILITY
    ).select_related("enrolment")
    for answer in answers.order_by("id"):
        for span in answer.value if isinstance(answer.value, list) else ():
            match span:
                case [int(day), int(start), int(end)] if (
                    0 <= day < 7 and 0 <= start < end <= 24 * 60
                ):
                    weekly[str(answer.enrolment.member_id)].append((day, start, end))
    return weekly


def _private(members: Sequence[UUID]) -> dict[str, Sequence[tuple[int, int]]]:
    """Return the busy times of people's own calendars, by member."""
    rows = BusyCalendar.objects.filter(member__in=members).values_list("member", "spans")
    return {str(member): [(begins, ends) for begins, ends in spans] for member, spans in rows}


def busy_elsewhere(partnership: Partnership, at: datetime) -> dict[str, list[Span]]:
    """Return when these people meet elsewhere from now on, by member."""
    theirs = Seat.objects.open().filter(partnership=partnership).values("enrolment__member")
    elsewhere = (
        Seat.objects.open()
        .filter(enrolment__member__in=theirs)
        .exclude(partnership=partnership)
        .values_list("partnership", "enrolment__member")
    )
    people: dict[UUID, list[str]] = defaultdict(list)
    for partnership_id, member_id in elsewhere:
        people[partnership_id].append(str(member_id))
    busy: dict[str, list[Span]] = defaultdict(list)
    if people:
        coming = Session.objects.upcoming(at).filter(partnership__in=people)
        for session in coming.only("partnership_id", "starts_at", "duration_minutes"):
            for key in people[session.partnership_id]:
                busy[key].append((session.starts_at, session.ends_at))
    return busy


def _taken(partnership: Partnership, at: datetime) -> list[Span]:
    """Return the next session of each other partnership of the cohort: a time of the week."""
    sooner = Session.objects.upcoming(at).filter(
        partnership=OuterRef("partnership"), starts_at__lt=OuterRef("starts_at")
    )
    others = (
        Session.objects.upcoming(at)
        .filter(~Exists(sooner), partnership__cohort=partnership.cohort_id)
        .exclude(partnership=partnership)
    )
    return [
        (session.starts_at, session.ends_at)
        for session in others.only("starts_at", "duration_minutes")
    ]


def cadence_of(program: Program) -> Cadence:
    return Cadence(program.cadence_every, program.cadence_unit)


def proposed_times(
    *,
    gathering: Gathering,
    cadence: Cadence | None = None,
    count: int | None = None,
    limit: int = PROPOSALS,
    earliest: datetime | None = None,
) -> tuple[Proposal, ...]:
    """Return the times that suit most people over the whole season, the best first.

    They lie in the week from `earliest` on, two days from now unless given.  Where equally
    many can, one that other circles of the cohort have not taken comes first.
    """
    program = gathering.program
    cadence, count = cadence or cadence_of(program), count or program.sessions_planned
    minutes = program.session_minutes
    slots = rank_slots(
        gathering.diaries,
        earliest=earliest or gathering.earliest,
        minutes=minutes,
        zone=gathering.zone,
        taken=_taken(gathering.partnership, gathering.at),
    )
    meetings = [slot for slot in slots if len(gathering.diaries) - len(slot.conflicts) >= 2]
    differing = spread_out(meetings or slots, minutes=minutes, zone=gathering.zone, limit=LOOKED_AT)
    proposals = [_proposal(gathering, slot, cadence, count) for slot in differing]
    return tuple(
        sorted(proposals, key=lambda proposal: proposal.missed)[:limit]
    )  # equals keep their order


def _proposal(gathering: Gathering, slot: Slot, cadence: Cadence, count: int) -> Proposal:
    return Proposal(
        starts_at=slot.starts_at,
        minutes=gathering.program.session_minutes,
        people=gathering.people,
        absentees=gathering.in_words(slot.starts_at, slot.conflicts),
        dates=season_dates(
            gathering=gathering, first_at=slot.starts_at, cadence=cadence, count=count
        ),
    )


def season_dates(
    *, gathering: Gathering, first_at: datetime, cadence: Cadence, count: int
) -> tuple[_SeasonDate, ...]:
    """Return the dates of a season: one wall time, holidays avoided where the rhythm allows.

    Dates after the partnership's last day are left out, the first never is.  A wall time that
    the clocks skip comes an hour later (PEP 495, fold=0); one that they repeat is its first.
    """
    wall = first_at.astimezone(gathering.zone)
    minutes = gathering.program.session_minutes

    def instant(day: date) -> datetime:
        return datetime.combine(day, wall.time(), gathering.zone).astimezone(UTC)

    def holidays_on(day: date) -> tuple[Conflict, ...]:
        conflicts = conflicts_at(gathering.diaries, instant(day), minutes)
        return tuple(c for c in conflicts if c.kind == ConflictKind.HOLIDAY)

    days = season_days(
        wall.date(),
        cadence,
        count,
        until=gathering.partnership.ends_on,
        off=lambda day: bool(holidays_on(day)),
        missing=lambda day: len(conflicts_at(gathering.diaries, instant(day), minutes)),
    )
    return tuple(
        _SeasonDate(
            # the first keeps its instant: a wall time that comes twice names two
            starts_at=first_at.astimezone(UTC) if n == 0 else instant(day),
            absentees=gathering.absentees(instant(day), minutes),
            moved_from=instant(moved_from) if moved_from else None,
            moved_why=_holiday_words(gathering, holidays_on(moved_from)) if moved_from else "",
        )
        for n, (day, moved_from) in enumerate(days)
    )


def _holiday_words(gathering: Gathering, conflicts: Iterable[Conflict]) -> str:
    """Return which holidays a day has, each with whose: "Good Friday (Amara, Jonas)"."""
    names: dict[str, list[str]] = defaultdict(list)
    for conflict in conflicts:
        names[conflict.detail].append(gathering.members[conflict.key].given_name)
    return "; ".join(
        f"{holiday} ({', '.join(sorted(people))})" for holiday, people in names.items()
    )


def _why_missing(conflict: Conflict, here: datetime) -> str:
    """Return why somebody cannot come; `here` is the time where they are."""
    at = {"when": date_format(here, "l, H:i"), "zone": zone_words(here.tzinfo)}
    match conflict.kind:
        case ConflictKind.HOLIDAY:
            return _("has a public holiday: %(what)s") % {"what": conflict.detail}
        case ConflictKind.BUSY:
            return _("has another session then")
        case ConflictKind.NOT_FREE:
            return _("is not free then: %(when)s (%(zone)s)") % at
        case ConflictKind.UNSAID:
            return _("has not said when; it would be %(when)s (%(zone)s)") % at


def holidays_between(country: str, first: date, last: date) -> dict[date, str]:
    """Return the national holidays of a country (two letters) by day, in English.

    A country that is not known has none.  Source: the `holidays` library.
    """
    years = range(first.year, last.year + 1)
    names = {day: name for year in years for day, name in _of_year(country, year).items()}
    return {day: name for day, name in names.items() if first <= day <= last}


@lru_cache(maxsize=512)
def _of_year(country: str, year: int) -> Mapping[date, str]:
    if not country or country not in holidays.list_supported_countries():
        return {}
    return dict(holidays.country_holidays(country, years=year, language="en_US"))


def to_come(partnership: Partnership, *, at: datetime) -> list[Session]:
    """Return the next sessions of a partnership, the first first."""
    return list(Session.objects.filter(partnership=partnership).upcoming(at)[:DATES_SHOWN])
