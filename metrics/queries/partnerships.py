"""How partnerships go: whether they meet, how they end, and who has led; never who said what."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Aggregate, Count, Exists, F, FloatField, Min, OuterRef, Q

from core.common.statistics import kaplan_meier
from core.tenancy.days import day_of
from feedback.models.check_ins import CheckIn
from feedback.queries import met_by_check_in
from metrics.queries.direct import NOT_COUNTED, HeldSeat
from metrics.queries.tallied import AsOf
from pairing.models.partnerships import Partnership, Seat
from pairing.seating.operations import JOINED
from programs.models.parts import MeetingRole
from programs.models.programs import ENROLLED, Cohort, Enrolment
from sessions.models.sessions import Attendance, Session, Turn
from sessions.rotation.engine.evenness import SESSIONS_FOR_A_VERDICT, lead_spread, voice_balance

MONTH = 30  # days
A_DAY, A_WEEK = timedelta(days=1), timedelta(weeks=1)
NOT_BEGUN = (*NOT_COUNTED, Partnership.State.NEVER_STARTED)
ENDS = (
    Partnership.State.COMPLETED,
    Partnership.State.ENDED,
    Partnership.State.LAPSED,
    Partnership.State.NEVER_STARTED,
)


@dataclass(frozen=True)
class Waiting:
    """How many days each accepted person waited for a partner; `matched` is False of who waits."""

    days: tuple[int, ...] = ()
    matched: tuple[bool, ...] = ()

    @property
    def median(self) -> int | None:
        """Return the day by which half have a partner; None while fewer than half have."""
        for step in kaplan_meier(self.days, self.matched):
            if step.survival * 2 <= 1:
                return int(step.time)
        return None


def waiting(
    cohort_ids: Sequence[UUID], as_of: AsOf, held: Iterable[HeldSeat]
) -> dict[UUID, Waiting]:
    """Return how long people of each cohort waited to be matched; one statement."""
    zone = ZoneInfo(as_of.zone)
    first: dict[UUID, date] = {}
    for seat in held:
        day = day_of(max(seat.taken_at, seat.published_at), zone)
        first[seat.enrolment_id] = min(day, first.get(seat.enrolment_id, day))
    by_cohort: dict[UUID, list[tuple[int, bool]]] = defaultdict(list)
    accepted = Enrolment.objects.filter(ENROLLED, cohort__in=cohort_ids)
    for pk, cohort, at, ended in accepted.values_list("pk", "cohort", "accepted_at", "ended_at"):
        if at is None:  # never: ENROLLED; said for the type
            continue
        last = as_of.today if ended is None else day_of(ended, zone)
        until = first.get(pk, last)
        by_cohort[cohort].append((max(0, (until - day_of(at, zone)).days), pk in first))
    return {
        cohort: Waiting(tuple(days for days, _m in rows), tuple(matched for _d, matched in rows))
        for cohort, rows in by_cohort.items()
    }


@dataclass(frozen=True)
class Ends:
    """How many partnerships of a cohort ended in which way, and how many people were in them."""

    counts: Mapping[str, int]
    people: int

    @property
    def all(self) -> int:
        return sum(self.counts.values())


def ends(cohort_ids: Sequence[UUID]) -> dict[UUID, Ends]:
    """Return how partnerships ended; whose people went on in another circle did not end."""
    counts: dict[UUID, dict[str, int]] = defaultdict(lambda: dict.fromkeys(ENDS, 0))
    over = Partnership.objects.filter(cohort__in=cohort_ids, state__in=ENDS)
    tables = {}
    for pk, cohort, state in over.exclude(end_reason=JOINED).values_list("pk", "cohort", "state"):
        counts[cohort][state] += 1
        tables[pk] = cohort
    people = _people_of(tables)
    return {cohort: Ends(states, len(people[cohort])) for cohort, states in counts.items()}


@dataclass(frozen=True)
class Contact:
    """Of so many open partnerships, how many met as often as they should; and the people."""

    met: int = 0
    partnerships: int = 0
    people: int = 0


@dataclass(frozen=True)
class Contacts:
    regular: Contact = Contact()
    month: Contact = Contact()


def window_of(cadence_days: int) -> tuple[int, int]:
    """Return how many days are looked at, and how often a partnership should have met in them."""
    days = MONTH if cadence_days <= 2 * 7 else 2 * cadence_days
    return days, max(1, days // cadence_days - 1)


def contacts(cohorts: Sequence[Cohort], as_of: AsOf) -> dict[UUID, Contacts]:
    """Return how many active partnerships met lately; four statements.

    Counted are those that were open for the whole window: published, begun, and after a rest.
    """
    zone = ZoneInfo(as_of.zone)
    by_cohort = {cohort.pk: cohort for cohort in cohorts}
    rows = Partnership.objects.filter(cohort__in=list(by_cohort)).active()
    since = {
        pk: (cohort, max(starts, *(day_of(at, zone) for at in (published, resumed) if at)))
        for pk, cohort, starts, published, resumed in rows.values_list(
            "pk", "cohort", "starts_on", "published_at", "resumed_at"
        )
    }
    if not since:
        return {}
    longest = max(window_of(cohort.program.cadence_days)[0] for cohort in cohorts)
    first = as_of.today - timedelta(days=max(longest, MONTH))
    held: dict[UUID, list[date]] = defaultdict(list)
    sessions = Session.objects.filter(
        partnership__in=list(since),
        state=Session.State.HELD,
        day__gt=first,
        day__lte=as_of.today,
        starts_at__lte=as_of.now,
    )
    for pk, day in sessions.values_list("partnership", "day"):
        held[pk].append(day)
    seats: dict[UUID, set[UUID]] = defaultdict(set)
    open_seats = Seat.objects.open().filter(partnership__in=list(since))
    for pk, enrolment in open_seats.values_list("partnership", "enrolment"):
        seats[pk].add(enrolment)
    told: dict[UUID, list[date]] = defaultdict(list)
    sitting = {pk: len(enrolments) for pk, enrolments in seats.items()}
    for pk, day in met_by_check_in(list(since), sitting, after=first):
        if day <= as_of.today:
            told[pk].append(day)

    def contact(cohort: Cohort, days: int, times: int) -> Contact:
        begins = as_of.today - timedelta(days=days)
        tables = [pk for pk, (own, day) in since.items() if own == cohort.pk and day <= begins]
        # a session and the check-in that tells of it are one contact
        met = sum(
            max(sum(day > begins for day in held[pk]), sum(day > begins for day in told[pk]))
            >= times
            for pk in tables
        )
        people = frozenset[UUID]().union(*(seats[pk] for pk in tables))
        return Contact(met, len(tables), len(people))

    return {
        pk: Contacts(
            regular=contact(cohort, *window_of(cohort.program.cadence_days)),
            month=contact(cohort, MONTH, 1),
        )
        for pk, cohort in by_cohort.items()
    }


@dataclass(frozen=True)
class Contacted:
    """When one partnership was open, who sits or sat there, and the days on which it had contact:
    sessions held, and check-ins that told of it."""

    since: date
    until: date | None
    people: frozenset[UUID]
    held: Sequence[date]
    told: Sequence[date]

    def was_open(self, week: date) -> bool:
        """Say whether it was, on some day of the week that begins then."""
        return self.since <= week + A_WEEK - A_DAY and (self.until is None or self.until >= week)

    def met_in(self, week: date) -> bool:
        return _falls_in(week, self.held)

    def told_of(self, week: date) -> bool:
        return _falls_in(week, self.told)


def _falls_in(week: date, days: Iterable[date]) -> bool:
    return any(week <= day < week + A_WEEK for day in days)


def contacted(cohort_id: UUID, as_of: AsOf) -> dict[UUID, Contacted]:
    """Return the contact of all partnerships of a cohort that have begun; four statements."""
    zone = ZoneInfo(as_of.zone)
    rows = Partnership.objects.filter(cohort=cohort_id).exclude(state__in=NOT_BEGUN)
    begun = list(rows.values_list("pk", "starts_on", "published_at", "ended_at"))
    ids = [pk for pk, *_dates in begun]
    held: dict[UUID, list[date]] = defaultdict(list)
    sessions = Session.objects.filter(
        partnership__in=ids,
        state=Session.State.HELD,
        day__lte=as_of.today,
        starts_at__lte=as_of.now,
    )
    for pk, day in sessions.values_list("partnership", "day"):
        held[pk].append(day)
    people: dict[UUID, set[UUID]] = defaultdict(set)
    sitting: Counter[UUID] = Counter()
    seats = Seat.objects.filter(partnership__in=ids)
    for pk, enrolment, left in seats.values_list("partnership", "enrolment", "left_at"):
        people[pk].add(enrolment)
        sitting[pk] += left is None
    told: dict[UUID, list[date]] = defaultdict(list)
    for pk, day in met_by_check_in(ids, sitting):
        told[pk].append(day)
    return {
        pk: Contacted(
            max(starts, day_of(published, zone)),
            None if ended is None else day_of(ended, zone),
            frozenset(people[pk]),
            held[pk],
            told[pk],
        )
        for pk, starts, published, ended in begun
    }


@dataclass(frozen=True)
class Led:
    """How often each partner of one partnership has led a session: of who sits there, or sat
    there to its end; `season` are the counts of those who were there from its first session on,
    `course` the days on which they led, from the `first` session on."""

    partnership: UUID
    name: str
    counts: Mapping[UUID, int]
    season: Sequence[int]
    first: date
    course: Sequence[tuple[date, UUID]]

    @property
    def leaders(self) -> int:
        return sum(1 for count in self.counts.values() if count)

    @property
    def spread(self) -> int | None:
        return lead_spread(self.season) if len(self.season) > 1 else None

    @property
    def evenness(self) -> Fraction | None:
        """Return 1 − normalised Gini of turns led; None before three of them."""
        counts = list(self.counts.values())
        return voice_balance(counts) if sum(counts) >= SESSIONS_FOR_A_VERDICT else None


def led(cohort_ids: Sequence[UUID], as_of: AsOf) -> dict[UUID, list[Led]]:
    """Return who led in partnerships that have met, where the program has a role that leads."""
    held = Q(state=Session.State.HELD, day__lte=as_of.today, starts_at__lte=as_of.now)
    leads = MeetingRole.objects.filter(program=OuterRef("cohort__program"), leads=True)
    tables = Partnership.objects.filter(Exists(leads), cohort__in=cohort_ids)
    met = (
        Session.objects.filter(
            held, partnership__in=tables.exclude(state__in=NOT_BEGUN).values("pk")
        )
        .order_by()
        .values("partnership")
        .annotate(first=Min("starts_at"))
    )
    first = dict(met.values_list("partnership", "first"))
    away = Attendance.objects.filter(session=OuterRef("session"), seat=OuterRef("seat")).exclude(
        kind=Attendance.Kind.PRESENT
    )
    turns: dict[UUID, list[date]] = defaultdict(list)
    rows = Turn.objects.filter(
        ~Exists(away),
        role__leads=True,
        session__partnership__in=list(first),
        session__state=Session.State.HELD,
        session__day__lte=as_of.today,
        session__starts_at__lte=as_of.now,
    )
    for led_from, day in rows.values_list("seat", "session__day"):
        turns[led_from].append(day)
    sits = Q(left_at=None) | Q(left_at=F("partnership__ended_at"))
    people: dict[UUID, dict[UUID, int]] = defaultdict(dict)
    season: dict[UUID, list[int]] = defaultdict(list)
    names: dict[UUID, tuple[UUID, str]] = {}
    course: dict[UUID, list[tuple[date, UUID]]] = defaultdict(list)
    seats = Seat.objects.filter(sits, partnership__in=list(first)).order_by("partnership", "id")
    for seat, pk, enrolment, taken, cohort, name in seats.values_list(
        "pk", "partnership", "enrolment", "taken_at", "partnership__cohort", "partnership__name"
    ):
        names[pk] = cohort, name
        people[pk][enrolment] = people[pk].get(enrolment, 0) + len(turns[seat])
        course[pk] += [(day, enrolment) for day in turns[seat]]
        if taken <= first[pk]:
            season[pk].append(len(turns[seat]))
    by_cohort: dict[UUID, list[Led]] = defaultdict(list)
    for pk, (cohort, name) in sorted(names.items(), key=lambda row: (row[1][1], row[0])):
        began = day_of(first[pk], ZoneInfo(as_of.zone))
        by_cohort[cohort].append(Led(pk, name, people[pk], season[pk], began, course[pk]))
    return by_cohort


@dataclass(frozen=True)
class Answering:
    """How many hours people took to answer a check-in: the median, over so many of them."""

    hours: Fraction | None = None
    answers: int = 0
    people: int = 0


def answering(cohort_ids: Sequence[UUID], as_of: AsOf) -> dict[UUID, Answering]:
    """Return how long answers took of check-ins whose next one has fallen due; one statement."""
    rows = (
        CheckIn.objects.filter(
            seat__partnership__cohort__in=cohort_ids,
            answered_at__isnull=False,
            due_on__lte=as_of.today,
        )
        .exclude(seat__partnership__state=Partnership.State.WITHDRAWN)
        .order_by()
        .values_list("seat__partnership__cohort")
        .annotate(
            took=_MedianMicroseconds(F("answered_at") - F("opened_at")),
            answers=Count("pk"),
            people=Count("seat__enrolment", distinct=True),
        )
    )
    return {
        cohort: Answering(Fraction(took) / (3600 * 10**6), answers, people)
        for cohort, took, answers, people in rows
    }


class _MedianMicroseconds(Aggregate):
    """The median of durations, exactly: a double holds any whole or half one of 285 years."""

    template = (
        "percentile_cont(0.5) WITHIN GROUP (ORDER BY "
        "(extract(epoch FROM %(expressions)s) * 1000000)::double precision)"
    )
    output_field = FloatField()


def _people_of(tables: Mapping[UUID, UUID]) -> dict[UUID, set[UUID]]:
    """Return the people of each cohort who sit or sat in these partnerships."""
    people: dict[UUID, set[UUID]] = defaultdict(set)
    seats: Iterable[tuple[UUID, UUID]] = Seat.objects.filter(
        partnership__in=list(tables)
    ).values_list("partnership", "enrolment")
    for table, enrolment in seats:
        people[tables[table]].add(enrolment)
    return people
