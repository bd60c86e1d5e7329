"""Who may be asked, a cohort's check-ins as facts, and when a partnership last had contact."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    Max,
    OuterRef,
    Q,
    Subquery,
    UUIDField,
    Value,
    When,
    Window,
)
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from agreements.decisions.queries.lists import asking_of, deciders
from core.common.lists import Chip, ListFilter
from core.common.pages import Page, page
from core.common.statistics import rounded
from core.members.models import Member
from core.notifications.queries import LATELY, NudgeEffect, nudge_effects, nudged_lately
from core.tenancy.days import day_of
from core.tenancy.queries import settings_in_force
from feedback.models.assessments import Assessment
from feedback.models.check_ins import CheckIn, CheckInQuerySet
from feedback.released import Answer, Reading, Released, released_of
from pairing.models.partnerships import Partnership, PartnershipQuerySet, Seat, SeatQuerySet
from pairing.partnerships.queries import search
from programs.models.programs import Cohort, Enrolment
from sessions.attendance.queries import held_counts
from sessions.models.polls import TimePoll
from sessions.models.sessions import Session

MOOD, PROGRESS = "mood", "progress"
WHO = "seat__enrolment__member"
PERIODS_SHOWN = 12
TABLES = 25  # partnerships of one page of check-ins
SILENT = "silent"  # nobody has answered in the last two periods


def seats_to_ask(today: date) -> SeatQuerySet:
    """Return the seats whose people may be asked, or reminded, of how a partnership goes.

    Nobody is asked whose partnership is paused or over, who takes a break or has withdrawn, or
    who has left.
    """
    return (
        Seat.objects.open()
        .filter(
            not_on_a_break(today, "enrolment__"),
            partnership__state=Partnership.State.ACTIVE,
            enrolment__state=Enrolment.State.ACTIVE,
        )
        .exclude(enrolment__member__state=Member.State.LEFT)
    )


def not_on_a_break(today: date, enrolment: str = "") -> Q:
    """Return the condition that nobody is away until a later day; `enrolment` is the path to it."""
    until = f"{enrolment}paused_until"
    return Q(**{until: None}) | Q(**{f"{until}__lte": today})


def open_seats() -> SeatQuerySet:
    """Return the seats from which a partnership that goes on, or is paused, may be spoken of."""
    return Seat.objects.open().filter(
        partnership__state__in=Partnership.OPEN, enrolment__state=Enrolment.State.ACTIVE
    )


@dataclass(frozen=True)
class Response:
    """How many check-ins were asked for, and how many of these were answered."""

    asked: int
    answered: int


@dataclass(frozen=True)
class _PartnershipPeriods:
    """One partnership, and its response by period."""

    partnership_id: UUID
    name: str
    periods: dict[int, Response]


@dataclass(frozen=True)
class Mean:
    """One answer's mean (1–5) of a period as released: over `n` people, until that day.

    None where nothing is released: too few, too alike, or not yet.
    """

    period: int
    value: Decimal | None = None
    n: int | None = None
    until: date | None = None


@dataclass(frozen=True)
class CheckInFacts:
    """A cohort's check-ins of the last periods as a coordinator sees them; no words.

    `partnerships` and `waiting` are a page each; `means` and `total` are of the whole cohort,
    whatever is searched for: a mean of few names them.
    """

    partnerships: Sequence[_PartnershipPeriods]
    next_partnerships: str
    periods: Sequence[int]
    moods: Sequence[Mean]
    progress: Sequence[Mean]
    waiting: Sequence[CheckIn]
    next_waiting: str
    total: Response
    chips: Sequence[Chip]


@dataclass(frozen=True)
class CheckInsFilter(ListFilter):
    """What of a cohort's partnerships is wanted on the page of its check-ins."""

    CHOICES = {"answers": (SILENT,)}
    ORDERS = ("name",)

    answers: str = ""


def last_period() -> Subquery:
    """Return, for rows of cohorts, the latest period that anybody there has been asked about."""
    asked = CheckIn.objects.filter(seat=OuterRef("pk")).order_by("-period")
    seats = Seat.objects.filter(partnership__cohort=OuterRef("pk")).order_by()
    of_each = seats.annotate(period=Subquery(asked.values("period")[:1]))
    of_all = of_each.values("partnership__cohort").annotate(last=Max("period"))
    return Subquery(of_all.values("last"))


def check_in_facts(
    cohort: Cohort,
    member: Member,
    *,
    at: datetime,
    last: int,
    wanted: CheckInsFilter = CheckInsFilter(),
    after: str = "",
    waiting_after: str = "",
) -> CheckInFacts:
    """Return the facts of a cohort's check-ins that this member may see, in five statements.

    Of the periods up to `last` alone: what it costs does not grow with the years.
    """
    chosen = settings_in_force()
    today = day_of(at, chosen.zone)
    rows = CheckIn.objects.visible_to(member).filter(seat__partnership__cohort=cohort)
    rows = rows.filter(period__gt=last - PERIODS_SHOWN)
    of_it = rows.filter(seat__partnership=OuterRef("pk"))
    tables = search(
        Partnership.objects.visible_to(member).filter(Exists(of_it), cohort=cohort), wanted.q
    )
    shown, n, silent = _tables(tables, of_it.filter(period__gt=last - 2), wanted, after)
    to_ask = seats_to_ask(today).filter(pk=OuterRef("seat_id"))
    waiting = rows.unanswered().filter(
        Exists(to_ask), due_on__gt=today, seat__partnership__in=tables
    )
    people = page(waiting.for_list(), order=f"{WHO}__family_name", cursor=waiting_after)
    by_period, partnerships = _responses(rows, shown.rows)
    periods = list(by_period)
    means = released_of(cohort, chosen.threshold)
    return CheckInFacts(
        partnerships=partnerships,
        next_partnerships=shown.next_cursor,
        periods=periods,
        moods=[_mean(period, means.get((MOOD, str(period)))) for period in periods],
        progress=[_mean(period, means.get((PROGRESS, str(period)))) for period in periods],
        waiting=people.rows,
        next_waiting=people.next_cursor,
        total=Response(
            sum(row.asked for row in by_period.values()),
            sum(row.answered for row in by_period.values()),
        ),
        chips=wanted.chips("answers", [(SILENT, _("No answer in the last two"), silent)], total=n),
    )


def _tables(
    tables: PartnershipQuerySet, lately: CheckInQuerySet, wanted: CheckInsFilter, after: str
) -> tuple[Page[Partnership], int, int]:
    """Return a page of partnerships, how many there are, and how many of them are silent.

    The first page of all brings the numbers along; any other needs a second statement.
    """
    answered = lately.exclude(answered_at=None)
    judged = tables.annotate(silent=Exists(lately) & ~Exists(answered))
    if not wanted.answers and not after:
        counted = judged.annotate(
            n=Window(Count("pk")), n_silent=Window(Count("pk", filter=Q(silent=True)))
        )
        shown = page(counted, order="name", size=TABLES)
        counts = vars(shown.rows[0]) if shown.rows else {"n": 0, "n_silent": 0}
        return shown, counts["n"], counts["n_silent"]
    shown = page(
        judged.filter(silent=True) if wanted.answers else tables,
        order="name",
        cursor=after,
        size=TABLES,
    )
    numbers = judged.aggregate(n=Count("pk"), n_silent=Count("pk", filter=Q(silent=True)))
    return shown, numbers["n"], numbers["n_silent"]


def _responses(
    rows: CheckInQuerySet, partnerships: Sequence[Partnership]
) -> tuple[dict[int, Response], list[_PartnershipPeriods]]:
    """Return the response of all by period, and that of each of these partnerships."""
    lines = {row.pk: _PartnershipPeriods(row.pk, row.name, {}) for row in partnerships}
    which = When(seat__partnership__in=partnerships, then=F("seat__partnership"))
    counted = rows.order_by("period").values("period", table=Case(which))
    total: dict[int, Response] = {}
    for row in counted.annotate(asked=Count("pk"), answered=Count("answered_at")):
        found = Response(row["asked"], row["answered"])
        if row["table"]:
            lines[row["table"]].periods[row["period"]] = found
        before = total.get(row["period"], Response(0, 0))
        total[row["period"]] = Response(
            before.asked + found.asked, before.answered + found.answered
        )
    return total, list(lines.values())


def _mean(period: int, figure: Released | None) -> Mean:
    if figure is None:
        return Mean(period)
    total, answers = figure.counts
    return Mean(period, rounded(total, answers), figure.n, figure.until)


def check_in_readings(cohort_id: UUID, key: str) -> Iterator[Reading]:
    """Yield mood or progress of each period, of those who let their coordinator see it."""
    rows = CheckIn.objects.filter(
        seat__partnership__cohort=cohort_id, answered_at__isnull=False, coordinator_sees=True
    ).exclude(**{key: None})  # who did not meet was not asked for progress
    by_period: dict[int, list[Answer]] = defaultdict(list)
    for pk, enrolment, period, value in rows.values_list("pk", "seat__enrolment", "period", key):
        answer = Answer(pk, frozenset({enrolment}), values=(value,), adds=(value, 1))
        by_period[period].append(answer)
    for period, answers in by_period.items():
        yield Reading(key, str(period), answers)


def cohort_nudges(cohort: Cohort, *, at: datetime) -> list[NudgeEffect]:
    """Return what came of asking again in a cohort lately, by kind; where nobody was, none."""
    tables = Partnership.objects.filter(cohort=cohort)
    nudged, nobody = Q(pk__in=nudged_lately(at=at)), Cast(Value(None), UUIDField())
    rows = deciders(tables, since=at - LATELY).union(
        CheckIn.objects.filter(nudged, seat__partnership__in=tables).values_list("pk", nobody),
        TimePoll.objects.filter(nudged, partnership__in=tables).values_list("pk", nobody),
        Session.objects.filter(nudged, partnership__in=tables).values_list("pk", nobody),
        all=True,
    )
    about = {asking_of(pk, seat) if seat else pk for pk, seat in rows}
    return nudge_effects(about, at=at)


def last_contact(partnerships: Sequence[Partnership]) -> dict[UUID, date]:
    """Return the organisation's day of each one's last contact, in four statements.

    The latest of: its first day, the day its last rest ended, its last held session, and the
    last period for which enough partners said that they met.
    """
    zone = settings_in_force().zone
    days: dict[UUID, list[date]] = defaultdict(list)
    for partnership in partnerships:
        started = max(partnership.starts_on, day_of(partnership.published_at, zone))
        days[partnership.pk].append(started)
        if partnership.resumed_at:
            days[partnership.pk].append(day_of(partnership.resumed_at, zone))
    held = Session.objects.filter(partnership__in=list(days), state=Session.State.HELD)
    for row in held.order_by().values("partnership").annotate(last=Max("day")):
        days[row["partnership"]].append(row["last"])
    seats = Seat.objects.open().filter(partnership__in=list(days)).order_by()
    sitting = dict(seats.values_list("partnership").annotate(n=Count("pk")))
    for pk, day in met_by_check_in(list(days), sitting):
        days[pk].append(day)
    return {pk: max(contacts) for pk, contacts in days.items()}


def met_by_check_in(
    partnerships: Sequence[UUID], sitting: Mapping[UUID, int], *, after: date = date.min
) -> Iterator[tuple[UUID, date]]:
    """Yield the day of each period for which enough partners said that they met; one statement.

    Enough are both of a pair, and of a circle at least half of those who are `sitting` there.
    Periods whose last answer is not `after` that day are left out.
    """
    met = (
        CheckIn.objects.filter(seat__partnership__in=partnerships, met=True)
        .order_by()
        .values("seat__partnership", "period")
        .annotate(told=Count("pk"), last=Max("answered_on"))
        .filter(told__gte=2, last__gt=after)
    )
    for period in met:
        pk = period["seat__partnership"]
        if period["told"] >= max(2, -(-sitting.get(pk, 0) // 2)):
            yield pk, period["last"]


@dataclass(frozen=True)
class CohortEnding:
    """What would end if the cohort were closed now: open partnerships by what they would become,
    sessions still planned, surveys that nobody has answered."""

    completed: int
    too_few: int
    never: int
    sessions: int
    surveys: int

    @property
    def partnerships(self) -> int:
        return self.completed + self.too_few + self.never


def cohort_ends(cohort: Cohort, *, at: datetime) -> CohortEnding:
    """Count what ends with a cohort, by the rule that ends partnerships."""
    open_still = Partnership.objects.filter(cohort=cohort).open()
    held = list(held_counts(open_still.values_list("pk", flat=True)).values())
    agreed = cohort.program.sessions_agreed
    never = sum(not n for n in held)
    completed = sum(n >= agreed for n in held if n)
    return CohortEnding(
        completed=completed,
        too_few=len(held) - never - completed,
        never=never,
        sessions=Session.objects.filter(
            partnership__cohort=cohort, state=Session.State.PLANNED, starts_at__gte=at
        ).count(),
        surveys=CheckIn.objects.filter(seat__partnership__cohort=cohort, answered_at=None).count()
        + Assessment.objects.filter(enrolment__cohort=cohort, answered_at=None).count(),
    )


@dataclass(frozen=True)
class Leaving:
    """Who is concerned when people leave: partners who stay, partnerships, sessions to come."""

    partners: int
    partnerships: int
    sessions: int


def concerned_by_leaving(enrolments: Sequence[Enrolment], *, at: datetime) -> Leaving:
    """Count what these people would leave behind if they withdrew now."""
    seats = Seat.objects.open().filter(enrolment__in=enrolments)
    tables = list(seats.order_by().values_list("partnership_id", flat=True).distinct())
    staying = Seat.objects.open().filter(partnership__in=tables).exclude(enrolment__in=enrolments)
    return Leaving(
        partners=staying.values("enrolment__member").distinct().count(),
        partnerships=len(tables),
        sessions=Session.objects.filter(
            partnership__in=tables, state=Session.State.PLANNED, starts_at__gte=at
        ).count(),
    )
