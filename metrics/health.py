"""What waits for a coordinator, and why: each reason is a rule that opens and clears by itself.

Source: docs/adr/0010-reasons-that-clear-themselves.md.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum, unique
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import Count, Exists, F, Func, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Coalesce, JSONObject
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agreements.charters.models import Charter, CharterSignature
from agreements.decisions.queries.lists import overdue_reviews
from agreements.goals.queries import goals_past_due
from core.members.models import Member
from core.tenancy.days import day_of
from core.tenancy.queries import settings_in_force
from feedback.models.check_ins import CheckIn
from feedback.models.fits import FitQuestion
from feedback.models.voice import last_month
from feedback.voice.queries import second_signals
from metrics.models import Finding
from pairing.models.partnerships import Cause, Partnership, PartnershipQuerySet, Seat
from pairing.partnerships.queries import under_size
from programs.models.programs import Cohort, Program
from sessions.models.offers import DeclineReason, TurnDecline
from sessions.models.sessions import Session, Turn

FIRST_SESSION_DAYS = 14
QUIET_DAYS = 21
QUIET_CADENCES = 1.5
CHARTER_SESSIONS = 2  # it is to be signed before the third
LOW = 2
LED, MISSED = 4, 2  # the last sessions of which somebody led nearly all, or that all were missed
_EVER = datetime.min.replace(tzinfo=UTC)
REVIEW_PATIENCE = timedelta(days=14)
DECLINED_OFTEN, DECLINED_WITHIN = 3, timedelta(days=90)
_Judged = tuple[date, list[Any]]  # since when, and the facts of its words


@unique
class Reason(StrEnum):
    """Why something stands on the list; the order is that of urgency."""

    REPORTING_LINE = "reporting_line"  # one of the two has become the manager of the other
    NO_FIT = "no_fit"  # somebody said that it does not work for them, and let it be seen
    FALLING = "falling"  # mood or progress ≤ 2 twice, or falling by 2
    NO_FIRST_SESSION = "no_first_session"  # 14 days after publication
    QUIET = "quiet"  # no contact for 21 days, or 1.5 cadences where that is longer
    TWO_MISSED = "two_missed"  # two sessions missed running
    REPORTED = "reported"  # somebody finds a post in a discussion wrong
    APPLICATIONS = "applications"  # somebody has applied and nobody has decided
    PLACE_FREE = "place_free"  # somebody waits for a place, and one is free
    NO_PARTNER = "no_partner"  # taking part, the cohort runs, and nobody to meet
    UNDER_SIZE = "under_size"  # a circle smaller than the design asks for
    PHASE_LATE = "phase_late"  # a day has come, and the cohort is not where its dates say
    NOT_JOINED = "not_joined"  # invited a week ago and more, and not accepted
    SILENT = "silent"  # two check-ins unanswered running
    ASKED_TWICE = "asked_twice"  # two nudges within a week, and what a third would ask is open
    ONE_LEADS = "one_leads"  # the same person led 3 of the last 4
    GOALS_PAST_DUE = "goals_past_due"  # an active goal whose day has passed
    CHARTER_UNSIGNED = "charter_unsigned"  # before session 3
    REVIEW_DUE = "review_due"  # a decision is two weeks past the day it was to be looked at again
    VOICES = "voices"  # a circle said two months running that not everybody is heard
    DECLINES = "declines"  # somebody declined 3 turns within 90 days


@dataclass(frozen=True)
class Alert:
    """One reason with its evidence, already in words.

    `since` is the newest of the evidence: what a coordinator has settled comes back with it.
    `url` and `verb` say where it can be solved; by default at its partnership.  `also` is another
    way, with its verb.
    """

    reason: Reason
    subject: Partnership | Cohort
    title: str
    why: str
    since: date
    person: Member | None = None
    url: str = ""
    verb: str = ""
    also: tuple[str, str] | None = None

    @property
    def partnership(self) -> Partnership | None:
        return self.subject if isinstance(self.subject, Partnership) else None

    @property
    def opens(self) -> str:
        return self.url or self.subject.get_absolute_url()


@dataclass(frozen=True)
class Words:
    """What an alert says, and where it can be solved."""

    title: str
    why: str
    url: str = ""
    verb: str = ""
    also: tuple[str, str] | None = None


def in_words(findings: Sequence[Finding]) -> list[Alert]:
    """Return what findings about partnerships say, in the same order: two statements."""
    ids = {finding.about_id for finding in findings}
    rows = Partnership.objects.filter(pk__in=ids).for_list() if ids else ()
    partnerships = {partnership.pk: partnership for partnership in rows}
    return [
        _alert(finding, partnerships[finding.about_id])
        for finding in findings
        if finding.partnership_id in partnerships
    ]


def _alert(finding: Finding, partnership: Partnership) -> Alert:
    reason = Reason(finding.reason)
    seats: list[Seat] = getattr(partnership, "people", [])
    people = {seat.enrolment.member_id: seat.enrolment.member for seat in seats}
    person = people.get(finding.person_id) or finding.person  # one who has left the table since
    words = TELL[reason](*finding.facts, partnership, person)
    return Alert(reason, partnership, since=finding.since, person=person, **vars(words))


def partnership_findings(member: Member | None, *, now: datetime) -> list[Finding]:
    """Return which partnerships and people in them wait for this coordinator; None is for any.

    A fixed number of statements, which return what is due alone: nothing is read of a partnership
    that needs nobody, however many there are and however long they have met.
    """
    tables = coordinated_by(member)
    found = [*_Judge(now).findings(tables), *_of_others(member, tables, now=now)]
    ids = {finding.about_id for finding in found}
    cohorts = (
        dict(Partnership.objects.filter(pk__in=ids).values_list("pk", "cohort")) if ids else {}
    )
    for finding in found:
        finding.cohort_id = cohorts[finding.about_id]
    return found


def coordinated_by(member: Member | None) -> PartnershipQuerySet:
    """Return the active partnerships this person coordinates, or that anybody does.

    One's own table is not one of them: nobody reads of a partner, as their coordinator, what was
    not said to them as a partner.
    """
    if member is None:
        return Partnership.objects.active()
    cohorts = Cohort.objects.visible_to(member).filter(pk=OuterRef("cohort_id"))
    own = Seat.objects.open().filter(partnership=OuterRef("pk"), enrolment__member=member)
    rows = Partnership.objects.visible_to(member).active()
    return rows.filter(Exists(cohorts), ~Exists(own))


class _Falling(Func):
    """Say of the last two answers, the newest first, that mood or progress is low or falls by 2."""

    template = (
        "(SELECT mood <= 2 AND mood_was <= 2 OR mood_was - mood >= 2"
        " OR progress <= 2 AND progress_was <= 2 OR progress_was - progress >= 2"
        " FROM (SELECT (last[1]->>'mood')::int AS mood, (last[2]->>'mood')::int AS mood_was,"
        " (last[1]->>'progress')::int AS progress, (last[2]->>'progress')::int AS progress_was"
        " FROM (SELECT %(expressions)s AS last) AS answers) AS marks)"
    )
    output_field = models.BooleanField()


class _BothMissed(Func):
    """Say of the last two states, the newest first, that both are "missed"."""

    template = (
        "(SELECT cardinality(last) = 2 AND 'missed' = ALL (last)"
        " FROM (SELECT %(expressions)s AS last) AS states)"
    )
    output_field = models.BooleanField()


class _BothOpen(Func):
    """Say of the last two instants of an answer, the newest first, that there was none."""

    template = (
        "(SELECT cardinality(last) = 2 AND last[1] IS NULL AND last[2] IS NULL"
        " FROM (SELECT %(expressions)s AS last) AS answers)"
    )
    output_field = models.BooleanField()


class _LedMost(Func):
    """Return which of the last four leaders led three of them or more; none if one is unknown."""

    template = (
        "(SELECT leader FROM (SELECT %(expressions)s AS four) AS last, unnest(four) AS leader"
        " WHERE cardinality(four) = 4 AND array_position(four, NULL) IS NULL"
        " GROUP BY leader HAVING count(*) >= 3)"
    )
    output_field = models.UUIDField()


class _Evidence(NamedTuple):
    """A row that may be a finding, with what decides it."""

    reason: str
    about_id: UUID
    person_id: UUID | None
    facts: dict[str, Any]


def _evidence(
    rows: QuerySet[Any], reason: Reason, *, about: str = "pk", person: Any = None, **facts: Any
) -> QuerySet[Any, tuple[Any, ...]]:
    """Return these rows as evidence of one reason: all kinds have the same columns."""
    nobody = Cast(Value(None), models.UUIDField())
    evidence: QuerySet[Any, tuple[Any, ...]] = (
        rows.order_by()
        .annotate(
            why=Value(reason.value, models.CharField()),
            about=F(about),
            who=nobody if person is None else person,
            facts=JSONObject(**facts),
        )
        .values_list("why", "about", "who", "facts")
    )
    return evidence


def _of_tables(tables: PartnershipQuerySet, now: datetime) -> Iterator[QuerySet[Any, Any]]:
    """Yield, kind by kind, the partnerships whose sessions or charter somebody has to look at."""
    past = Session.objects.filter(partnership=OuterRef("pk"), starts_at__lte=now)
    held = past.filter(state=Session.State.HELD)
    last = held.order_by("-day", "-starts_at")
    ended = past.exclude(state=Session.State.PLANNED).order_by("-day", "-starts_at")
    seats = Seat.objects.open().filter(partnership=OuterRef("pk")).order_by()
    partners = Subquery(seats.values("partnership").annotate(n=Count("pk")).values("n"))

    yield _evidence(
        tables.filter(~Exists(held), published_at__lte=now - timedelta(days=FIRST_SESSION_DAYS)),
        Reason.NO_FIRST_SESSION,
        published_at="published_at",
        resumed_at="resumed_at",
    )
    yield _evidence(
        tables.annotate(
            last_at=Subquery(last.values("starts_at")[:1]),
            last_day=Subquery(last.values("day")[:1]),
        ).filter(last_at__lte=now - timedelta(days=QUIET_DAYS)),
        Reason.QUIET,
        starts_at="last_at",
        day="last_day",
        resumed_at="resumed_at",
        cohort="cohort_id",
    )
    yield _evidence(
        tables.filter(Exists(held), _BothMissed(ArraySubquery(ended.values("state")[:MISSED]))),
        Reason.TWO_MISSED,
        days=ArraySubquery(ended.values("day")[:MISSED]),
    )
    leader = Turn.objects.filter(session=OuterRef("pk"), role__leads=True).order_by()
    leaders = ArraySubquery(
        last.annotate(leader=Subquery(leader.values("seat")[:1])).values("leader")[:LED]
    )
    sits = Seat.objects.open().filter(pk=OuterRef("led_most")).order_by()
    yield _evidence(
        tables.annotate(
            led_most=_LedMost(leaders),
            leading=Subquery(sits.values("enrolment__member")[:1]),
            partners=partners,
        ).filter(leading__isnull=False, partners__gte=3),
        Reason.ONE_LEADS,
        person=F("leading"),
        leader="led_most",
        leaders=leaders,
        day=Subquery(last.values("day")[:1]),
    )
    charter = Charter.objects.filter(partnership=OuterRef("pk"))
    signed = CharterSignature.objects.filter(
        charter__partnership=OuterRef("pk"),
        revision=F("charter__revision"),
        signed=True,
        seat__left_at=None,
    )
    counted = signed.order_by().values("charter__partnership").annotate(n=Count("pk")).values("n")
    met = held.order_by("day", "starts_at").values("day")
    yield _evidence(
        tables.annotate(
            second_day=Subquery(met[1:CHARTER_SESSIONS]),
            partners=Coalesce(partners, 0),
            signed=Coalesce(Subquery(counted), 0),
        ).filter(
            ~Exists(charter) | Q(partners=0) | Q(signed__lt=F("partners")),
            second_day__isnull=False,
        ),
        Reason.CHARTER_UNSIGNED,
        day="second_day",
        begun=Exists(charter),
        signed="signed",
        partners="partners",
    )
    yield _evidence(under_size(tables), Reason.UNDER_SIZE, changed_at="changed_at")


def _of_seats(tables: PartnershipQuerySet, today: date) -> Iterator[QuerySet[Any, Any]]:
    """Yield, kind by kind, the people who sit there and whom somebody has to look at."""
    seats = Seat.objects.filter(partnership__in=tables.order_by().values("pk"), left_at=None)
    person = F("enrolment__member")
    asked = CheckIn.objects.filter(seat=OuterRef("pk")).order_by("-period")
    # what they let be seen
    seen = asked.filter(answered_on__isnull=False, coordinator_sees=True)
    past = asked.filter(due_on__lte=today)
    yield _evidence(
        seats.filter(_Falling(_last(seen, 2, mood="mood", progress="progress"))),
        Reason.FALLING,
        about="partnership_id",
        person=person,
        answers=_last(seen, 2, mood="mood", progress="progress", day="answered_on"),
    )
    yield _evidence(
        seats.filter(_BothOpen(ArraySubquery(past.values("answered_at")[:2]))),
        Reason.SILENT,
        about="partnership_id",
        person=person,
        opened=ArraySubquery(past.values("opens_on")[:2]),
    )
    manager = Seat.objects.filter(
        partnership=OuterRef("partnership"),
        left_at=None,
        enrolment__member=OuterRef("enrolment__member__manager"),
    )
    yield _evidence(
        seats.filter(Exists(manager)),
        Reason.REPORTING_LINE,
        about="partnership_id",
        person=person,
        published_at="partnership__published_at",
        manager="enrolment__member__manager",
        enrolment="enrolment_id",
    )


def _last(rows: QuerySet[Any], number: int, **columns: Any) -> ArraySubquery:
    """Return the first rows of each, as they are ordered, with these columns."""
    return ArraySubquery(rows.values(json=JSONObject(**columns))[:number])


def _finding(
    reason: Reason, about: UUID, since: date, facts: list[Any], person: UUID | None = None
) -> Finding:
    return Finding(
        reason=reason.value, partnership_id=about, person_id=person, since=since, facts=facts
    )


class _Judge:
    """Decides what the evidence of sessions, charters, check-ins and seats comes to, today."""

    def __init__(self, now: datetime) -> None:
        self.zone = settings_in_force().zone
        self.now, self.today = now, day_of(now, self.zone)

    def findings(self, tables: PartnershipQuerySet) -> Iterator[Finding]:
        first, *others = [*_of_tables(tables, self.now), *_of_seats(tables, self.today)]
        rows = sorted(map(_Evidence._make, first.union(*others, all=True)), key=_in_order)
        quiet = {UUID(row.facts["cohort"]) for row in rows if row.reason == Reason.QUIET}
        cohorts = Cohort.objects.filter(pk__in=quiet).select_related("program") if quiet else ()
        self.cadences = {cohort.pk: cohort.program.cadence_days for cohort in cohorts}
        judges = {
            Reason.NO_FIRST_SESSION: self._no_first_session,
            Reason.QUIET: self._quiet,
            Reason.TWO_MISSED: self._two_missed,
            Reason.ONE_LEADS: self._one_leads,
            Reason.CHARTER_UNSIGNED: self._charter,
            Reason.UNDER_SIZE: self._under_size,
            Reason.FALLING: self._falling,
            Reason.SILENT: self._silent,
            Reason.REPORTING_LINE: self._reporting_line,
        }
        for row in rows:
            reason = Reason(row.reason)
            if judged := judges[reason](row.facts):
                since, facts = judged
                yield _finding(reason, row.about_id, since, facts, row.person_id)

    def _no_first_session(self, facts: dict[str, Any]) -> _Judged | None:
        published_at = datetime.fromisoformat(facts["published_at"])
        waiting = (self.now - max(published_at, _instant(facts["resumed_at"]))).days
        if waiting < FIRST_SESSION_DAYS:
            return None
        return day_of(published_at, self.zone), [waiting]

    def _quiet(self, facts: dict[str, Any]) -> _Judged | None:
        # a rest is no silence: it counts from its end
        last_at = max(_instant(facts["starts_at"]), _instant(facts["resumed_at"]))
        quiet, day = (self.now - last_at).days, date.fromisoformat(facts["day"])
        if quiet < max(QUIET_DAYS, QUIET_CADENCES * self.cadences[UUID(facts["cohort"])]):
            return None
        return day, [quiet, facts["day"]]

    def _two_missed(self, facts: dict[str, Any]) -> _Judged:
        last, first = facts["days"]
        return date.fromisoformat(last), [first, last]

    def _one_leads(self, facts: dict[str, Any]) -> _Judged:
        times = facts["leaders"].count(facts["leader"])
        return date.fromisoformat(facts["day"]), [times]

    def _charter(self, facts: dict[str, Any]) -> _Judged:
        """Say that it is not signed, though they have met as often as it may wait."""
        signed = [facts["signed"], facts["partners"]] if facts["begun"] else None
        return date.fromisoformat(facts["day"]), [facts["day"], signed]

    def _under_size(self, facts: dict[str, Any]) -> _Judged:
        return day_of(_instant(facts["changed_at"]), self.zone), []

    def _falling(self, facts: dict[str, Any]) -> _Judged | None:
        last, before = facts["answers"]
        for name in ("mood", "progress"):
            was, now = before[name], last[name]
            if was is None or now is None:  # who did not meet was not asked for progress
                continue
            low = was <= LOW and now <= LOW
            if low or was - now >= 2:
                since = date.fromisoformat(last["day"])
                return since, [name, low, was, now]
        return None

    def _silent(self, facts: dict[str, Any]) -> _Judged:
        last, first = facts["opened"]
        return date.fromisoformat(last), [first, last]

    def _reporting_line(self, facts: dict[str, Any]) -> _Judged:
        since = day_of(_instant(facts["published_at"]), self.zone)
        return since, [facts["manager"], facts["enrolment"]]


def _in_order(row: _Evidence) -> tuple[UUID, str]:
    return row.about_id, str(row.person_id)


def _instant(text: str | None) -> datetime:
    return datetime.fromisoformat(text) if text else _EVER


def _of_others(
    member: Member | None, tables: PartnershipQuerySet, *, now: datetime
) -> Iterator[Finding]:
    """Yield what goals, decisions, months without names, refusals and answers come to."""
    zone = settings_in_force().zone
    today, ids = day_of(now, zone), tables.order_by().values("pk")
    for about, (n, since) in goals_past_due(ids, today=today).items():
        yield _finding(Reason.GOALS_PAST_DUE, about, since, [n, since.isoformat()])
    for about, day in overdue_reviews(ids, before=today - REVIEW_PATIENCE).items():
        yield _finding(Reason.REVIEW_DUE, about, day, [day.isoformat()])
    # what a circle said of itself twice running: of all together, of nobody
    for about, result in second_signals(ids, today=today).items():
        yield _finding(Reason.VOICES, about, result.closed_on, [result.month.isoformat()])
    for answer in _no_fits(member, ids):
        assert answer.answered_at is not None
        since, seat = day_of(answer.answered_at, zone), answer.seat
        facts, who = [answer.moment, answer.cause], seat.enrolment.member_id
        yield _finding(Reason.NO_FIT, seat.partnership_id, since, facts, who)
    declined: dict[UUID, list[TurnDecline]] = defaultdict(list)
    for decline in _declined_often(ids, now=now):
        declined[decline.seat_id].append(decline)
    for turns in declined.values():
        # a fact, not a fault: a role may be too much, or the wrong one
        since, seat = day_of(turns[-1].declined_at, zone), turns[-1].seat
        often: list[Any] = [len(turns), sorted({turn.reason for turn in turns})]
        who = seat.enrolment.member_id
        yield _finding(Reason.DECLINES, seat.partnership_id, since, often, who)


def _declined_often(ids: QuerySet[Any, Any], *, now: datetime) -> QuerySet[TurnDecline]:
    lately = TurnDecline.objects.filter(
        seat__partnership__in=ids, seat__left_at=None, declined_at__gt=now - DECLINED_WITHIN
    ).order_by("declined_at")
    often = lately.order_by().values("seat").annotate(n=Count("pk")).filter(n__gte=DECLINED_OFTEN)
    rows = lately.filter(seat__in=often.values("seat"))
    return rows.select_related("seat__enrolment")


def _no_fits(member: Member | None, partnerships: QuerySet[Any, Any]) -> QuerySet[FitQuestion]:
    """Return each last answer that is a no and may be seen: a later yes clears a no."""
    questions = FitQuestion.objects
    rows = questions.visible_to(member) if member else questions.filter(coordinator_sees=True)
    answers = rows.filter(answered_at__isnull=False)
    later = answers.filter(seat=OuterRef("seat"), answered_at__gt=OuterRef("answered_at"))
    rows = answers.filter(
        ~Exists(later),
        seat__partnership__in=partnerships,
        seat__left_at=None,
        coordinator_sees=True,
        fits=FitQuestion.Fits.NO,
    )
    return rows.select_related("seat__enrolment").order_by("answered_at")


def _day(text: str) -> str:
    return date_format(date.fromisoformat(text), "j F")


def _under_size(partnership: Partnership, _person: Member | None) -> Words:
    seats: list[Seat] = getattr(partnership, "people", [])
    address = [partnership.organisation.slug, partnership.pk]
    return Words(
        _("%(name)s has only %(n)d members") % {"name": partnership.name, "n": len(seats)},
        _("The design asks for %(least)d or more. Seat somebody, or join two circles.")
        % {"least": partnership.cohort.program.circle_min},
        url=reverse("pairing:seats", args=address),
        verb=_("Seat somebody"),
        also=(reverse("pairing:join_circles", args=address), _("Join two circles")),
    )


def _reporting_line(
    manager: str, enrolment: str, partnership: Partnership, person: Member | None
) -> Words:
    slug = partnership.organisation.slug
    circles = partnership.cohort.program.format == Program.Format.CIRCLES
    move = [slug, partnership.cohort_id, enrolment]
    seats: list[Seat] = getattr(partnership, "people", [])
    people = {seat.enrolment.member_id: seat.enrolment.member for seat in seats}
    return Words(
        _("%(manager)s manages %(person)s")
        % {"manager": people.get(UUID(manager)), "person": person},
        (
            _("Both are in %(name)s. Move one of them, or say that it is fine.")
            if circles
            else _("Both are in %(name)s. End it, or say that it is fine.")
        )
        % {"name": partnership.name},
        url=(
            reverse("pairing:seat_person", args=move)
            if circles
            else reverse("pairing:end_partnership", args=[slug, partnership.pk])
        ),
        verb=_("Move") if circles else _("End it"),
    )


def _no_first_session(waiting: int, partnership: Partnership, _person: Member | None) -> Words:
    return Words(
        _("%(name)s has not met yet") % {"name": partnership.name},
        ngettext(
            "Published %(days)d day ago, and no session has been held.",
            "Published %(days)d days ago, and no session has been held.",
            waiting,
        )
        % {"days": waiting},
    )


def _quiet(days: int, last: str, partnership: Partnership, _person: Member | None) -> Words:
    return Words(
        _("%(name)s has had no contact for %(days)d days")
        % {"name": partnership.name, "days": days},
        _("Last session: %(day)s.") % {"day": _day(last)},
    )


def _missed(first: str, last: str, partnership: Partnership, _person: Member | None) -> Words:
    return Words(
        _("%(name)s missed two sessions running") % {"name": partnership.name},
        _("%(first)s and %(second)s.") % {"first": _day(first), "second": _day(last)},
    )


def _leads(times: int, partnership: Partnership, person: Member | None) -> Words:
    return Words(
        _("%(person)s led %(times)d of the last four") % {"person": person, "times": times},
        _("%(name)s: the other turns of the season can be planned again.")
        % {"name": partnership.name},
    )


def _goals_past_due(n: int, since: str, partnership: Partnership, _person: Member | None) -> Words:
    return Words(
        ngettext("%(name)s: a goal is past due", "%(name)s: %(n)d goals are past due", n)
        % {"name": partnership.name, "n": n},
        _("Due on %(day)s.") % {"day": _day(since)},
    )


def _review_due(review_on: str, partnership: Partnership, _person: Member | None) -> Words:
    return Words(
        _("%(name)s has not looked at a decision again") % {"name": partnership.name},
        _("It was to be reviewed on %(day)s.") % {"day": _day(review_on)},
    )


def _unsigned(
    second_day: str,
    signed: list[int] | None,
    partnership: Partnership,
    _person: Member | None,
) -> Words:
    return Words(
        _("%(name)s has no charter that all have signed") % {"name": partnership.name},
        _("They met for the second time on %(day)s.") % {"day": _day(second_day)}
        + " "
        + (
            _("Signed by %(signed)d of %(all)d.") % {"signed": signed[0], "all": signed[1]}
            if signed
            else _("None was begun.")
        ),
    )


def _not_heard(month: str, partnership: Partnership, _person: Member | None) -> Words:
    second = date.fromisoformat(month)
    months = [date_format(last_month(second), "F"), date_format(second, "F")]
    return Words(
        _("%(name)s: not everybody is heard") % {"name": partnership.name},
        _(
            "Asked without names, two or more said so of %(first)s and of %(second)s. The circle"
            " has read it; offer whoever leads next a talk about ways to share the word."
        )
        % {"first": months[0], "second": months[1]},
    )


def _no_fit(moment: str, cause: str, partnership: Partnership, person: Member | None) -> Words:
    return Words(
        _("%(person)s says it does not work") % {"person": person},
        _("%(when)s (%(name)s). %(cause)s")
        % {
            "when": FitQuestion.Moment(moment).label,
            "name": partnership.name,
            "cause": Cause(cause).label if cause else _("No cause was given."),
        },
    )


def _declines(n: int, reasons: list[str], partnership: Partnership, person: Member | None) -> Words:
    words = sorted(str(DeclineReason(reason).label).lower() for reason in reasons)
    return Words(
        _("%(person)s declined %(n)d turns") % {"person": person, "n": n},
        _("Within 90 days, in %(name)s: %(why)s.")
        % {"name": partnership.name, "why": ", ".join(words)},
    )


def _falls(
    name: str, low: bool, was: int, now: int, partnership: Partnership, person: Member | None
) -> Words:
    words = _("%(person)s: %(what)s is low") if low else _("%(person)s: %(what)s falls")
    return Words(
        words % {"person": person, "what": _("mood") if name == "mood" else _("progress")},
        _("%(was)d, then %(now)d of 5 in the last two check-ins (%(name)s).")
        % {"was": was, "now": now, "name": partnership.name},
    )


def _silent(first: str, last: str, partnership: Partnership, person: Member | None) -> Words:
    return Words(
        _("%(person)s missed two check-ins") % {"person": person},
        _("Asked on %(first)s and %(second)s (%(name)s).")
        % {
            "first": _day(first),
            "second": _day(last),
            "name": partnership.name,
        },
    )


def _asked_twice(
    day: str, kinds: list[str], partnership: Partnership, person: Member | None
) -> Words:
    return Words(
        _("%(person)s was reminded twice in a week") % {"person": person},
        _("No third e-mail went on %(day)s. Not answered in %(name)s: %(what)s.")
        % {
            "day": _day(day),
            "name": partnership.name,
            "what": ", ".join(sorted(str(WHAT[kind]) for kind in kinds)),
        },
    )


WHAT = {
    "feedback.check_in_reminder": gettext_lazy("a check-in"),
    "feedback.survey_reminder": gettext_lazy("a survey"),
    "sessions.poll_reminder": gettext_lazy("a question about times"),
    "sessions.record_reminder": gettext_lazy("a session to record"),
    "agreements.decision_reminder": gettext_lazy("a decision"),
}
# what is said of each reason that is about a partnership, given the facts of a finding
TELL: Mapping[Reason, Callable[..., Words]] = {
    Reason.REPORTING_LINE: _reporting_line,
    Reason.NO_FIT: _no_fit,
    Reason.FALLING: _falls,
    Reason.NO_FIRST_SESSION: _no_first_session,
    Reason.QUIET: _quiet,
    Reason.TWO_MISSED: _missed,
    Reason.UNDER_SIZE: _under_size,
    Reason.SILENT: _silent,
    Reason.ASKED_TWICE: _asked_twice,
    Reason.ONE_LEADS: _leads,
    Reason.GOALS_PAST_DUE: _goals_past_due,
    Reason.CHARTER_UNSIGNED: _unsigned,
    Reason.REVIEW_DUE: _review_due,
    Reason.VOICES: _not_heard,
    Reason.DECLINES: _declines,
}
