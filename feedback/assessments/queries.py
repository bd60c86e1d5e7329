"""How somebody leads, in their own view and that of their peers; and the scales there are."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.goals.models import Goal, GoalBody
from core.common.numbers import decimal
from core.common.statistics import t_quantile
from core.members.models import Member
from feedback.after_session.queries import feedback_of_turns
from feedback.assessments.asking import RATERS
from feedback.assessments.moments import ORDER
from feedback.assessments.peers import NAME, occasion_of
from feedback.assessments.rubric import BEHAVIOURS, next_behaviour
from feedback.assessments.scales import SCALES, LibraryScale, ScaleItem
from feedback.models.assessments import Assessment, AssessmentRating, PeerMark, PeerResult
from feedback.models.built import SurveyVersion
from feedback.models.scales import OWN, OwnScale
from feedback.models.surveys import AnonymousBox, SurveyResponse
from feedback.surveys.anonymous import answers_in
from pairing.models.partnerships import Seat
from pairing.partnerships.cohorts import as_uuid
from programs.models.parts import Competency
from programs.models.programs import Enrolment
from sessions.models.sessions import Attendance, Session, Turn

Of = TypeVar("Of")
MOST_STRENGTHS = 2
STRONG = 3.5  # from here on something is called a strength


def page_of(enrolment: Enrolment) -> str:
    return reverse("feedback:how_i_lead_in", args=[enrolment.organisation.slug, enrolment.pk])


def marks_in(occasion: str, cohort_id: UUID) -> dict[UUID, list[int]]:
    """Return all marks that peers gave one person at one moment, by competency; nobody's name."""
    boxes = AnonymousBox.objects.filter(survey=NAME, cohort=cohort_id, occasion=occasion)
    marks: dict[UUID, list[int]] = defaultdict(list)
    for answers in answers_in(boxes):
        for key, mark in answers.items():
            if not key.startswith("_"):
                marks[UUID(key)].append(mark)
    return marks


@dataclass(frozen=True)
class Seen:
    """A competency as peers saw it at one moment: an average of `n`, within its interval."""

    mean: float
    n: int
    reach: float | None

    def __str__(self) -> str:
        return decimal(self.mean)

    @property
    def low(self) -> float | None:
        return None if self.reach is None else max(1.0, self.mean - self.reach)

    @property
    def high(self) -> float | None:
        return None if self.reach is None else min(5.0, self.mean + self.reach)


@dataclass(frozen=True)
class Moved:
    """How far peers' averages are apart between two moments, within a 95 % interval."""

    before: Seen
    after: Seen
    low: float | None
    high: float | None

    @property
    def by(self) -> float:
        return self.after.mean - self.before.mean

    @property
    def grew(self) -> bool:
        """Only where the interval leaves out 0."""
        return self.low is not None and self.low > 0


@dataclass(frozen=True)
class SkillSeen:
    """One competency: the person's own ratings and what peers saw, by moment."""

    skill: Competency
    own: Mapping[str, int]
    peers: Mapping[str, Seen]
    moved: Moved | None

    @property
    def own_now(self) -> int | None:
        return _last(self.own)

    @property
    def own_moved(self) -> tuple[int, int] | None:
        """The first and the last rating of two."""
        given = [self.own[moment] for moment in ORDER if moment in self.own]
        return (given[0], given[-1]) if len(given) > 1 else None

    @property
    def peers_now(self) -> Seen | None:
        return _last(self.peers)

    @property
    def seen_otherwise(self) -> bool:
        """Whether the own rating lies outside the interval of the peers' average."""
        seen, own = self.peers_now, self.own_now
        if seen is None or own is None or seen.low is None or seen.high is None:
            return False
        return not seen.low <= own <= seen.high

    @property
    def level(self) -> float | None:
        """What peers see, or, where they were not enough, what the person says."""
        if self.peers_now:
            return self.peers_now.mean
        return None if self.own_now is None else float(self.own_now)


def _last(by_moment: Mapping[str, Of]) -> Of | None:
    return next((by_moment[moment] for moment in reversed(ORDER) if moment in by_moment), None)


@dataclass(frozen=True)
class PeersState:
    """Whether peers were asked at one moment, and what came of it."""

    moment: str
    until: datetime | None = None  # while they can answer
    shown: bool = False


@dataclass(frozen=True)
class HowILead:
    """What one person reads of how they lead in one cohort, and nobody else does."""

    enrolment: Enrolment
    skills: Sequence[SkillSeen]
    asked: Sequence[PeersState]
    can_be_rated: bool  # they sit, or sat, in a circle that is large enough
    scores: Sequence[tuple[str, float | None, float | None]]
    led: int
    goals: Sequence[str]
    turns: Sequence[tuple[date, float, int]]

    @cached_property
    def strengths(self) -> list[SkillSeen]:
        rated = [row for row in self.skills if row.level is not None and row.level >= STRONG]
        rated.sort(key=lambda row: -(row.level or 0))  # of equals, the program's order
        return rated[:MOST_STRENGTHS]

    @cached_property
    def next_step(self) -> tuple[SkillSeen, str] | None:
        """The competency with most room, and what its rubric says comes next."""
        rated = [
            row for row in self.skills if row.level is not None and row.skill.key in BEHAVIOURS
        ]
        rated = [row for row in rated if row not in self.strengths] or rated
        if not rated:
            return None
        row = min(rated, key=lambda row: row.level or 0)
        return row, next_behaviour(row.skill.key, row.level or 1)

    @property
    def grown(self) -> list[SkillSeen]:
        return [row for row in self.skills if row.moved and row.moved.grew]

    @property
    def compared(self) -> list[SkillSeen]:
        """Those that both the person and their peers rated."""
        return [row for row in self.skills if row.own_now is not None and row.peers_now]

    @property
    def moved(self) -> list[SkillSeen]:
        return [row for row in self.skills if row.moved]

    @property
    def own_moved(self) -> list[SkillSeen]:
        return [row for row in self.skills if row.own_moved]

    @property
    def hidden(self) -> list[PeersState]:
        """Moments at which too few peers answered."""
        return [row for row in self.asked if not row.shown and row.until is None]

    @property
    def open(self) -> list[PeersState]:
        return [row for row in self.asked if row.until is not None]


def enrolments_of(member: Member) -> list[Enrolment]:
    """Return where this person was assessed or seated, the newest first."""
    rows = Enrolment.objects.visible_to(member).filter(member=member)
    seated = Seat.objects.filter(enrolment__member=member).values("enrolment")
    return list(rows.filter(pk__in=seated).for_list().order_by("-started_at", "-pk"))


def how_i_lead(enrolment: Enrolment, member: Member, *, at: datetime) -> HowILead:
    """Return what this person reads of themselves; the same few statements for any program."""
    skills = Competency.objects.filter(program=enrolment.cohort.program_id)
    own: dict[UUID, dict[str, int]] = defaultdict(dict)
    ratings = AssessmentRating.objects.visible_to(member).filter(assessment__enrolment=enrolment)
    for skill, moment, rating in ratings.values_list("competency", "assessment__moment", "rating"):
        own[skill][moment] = rating
    results = PeerResult.objects.visible_to(member).filter(enrolment=enrolment)
    by_moment = {row.moment: row for row in results}
    seen: dict[UUID, dict[str, Seen]] = defaultdict(dict)
    marks = PeerMark.objects.visible_to(member).filter(result__enrolment=enrolment)
    for mark in marks.select_related("result"):
        seen[mark.competency_id][mark.result.moment] = _seen(mark)
    return HowILead(
        enrolment=enrolment,
        skills=[
            SkillSeen(skill, own[skill.pk], seen[skill.pk], _moved(seen[skill.pk], by_moment))
            for skill in skills
        ],
        asked=_asked(enrolment, set(by_moment), at),
        can_be_rated=_in_a_circle(enrolment),
        scores=_scores(enrolment, member),
        led=_led(enrolment),
        goals=_goals_met(enrolment, member),
        turns=[
            (row.session.day, float(row.turns.mean or 0), row.turns.n)
            for row in feedback_of_turns(member)
            if row.turns and row.session.partnership.cohort_id == enrolment.cohort_id
        ],
    )


def _seen(mark: PeerMark) -> Seen:
    mean = mark.total / mark.n
    error = _error(mark.result, 1 / mark.n)
    return Seen(mean, mark.n, error)


def _error(result: PeerResult, share: float) -> float | None:
    """Return how far a 95 % interval reaches, from the pooled variance."""
    if result.variance is None or not result.degrees:
        return None
    spread = math.sqrt(float(result.variance) * share)
    return t_quantile(0.975, result.degrees) * spread


def _moved(seen: Mapping[str, Seen], results: Mapping[str, PeerResult]) -> Moved | None:
    """Compare the first and the last moment; each with the variance of its own peers (Welch)."""
    there = [moment for moment in ORDER if moment in seen]
    if len(there) < 2:
        return None
    first, last = there[0], there[-1]
    before, after = seen[first], seen[last]
    reach = _welch(results[first], before.n, results[last], after.n)
    by = after.mean - before.mean
    low, high = (None, None) if reach is None else (by - reach, by + reach)
    return Moved(before, after, low, high)


def _welch(first: PeerResult, n: int, last: PeerResult, m: int) -> float | None:
    """Return the reach of a 95 % interval of a difference of means with unequal variances.

    Source: Welch, Biometrika 34 (1947) 28–35; degrees of freedom by Satterthwaite.
    """
    if first.variance is None or last.variance is None:
        return None
    parts = [
        (float(row.variance or 0) / count, row.degrees) for row, count in ((first, n), (last, m))
    ]
    together = sum(part for part, _degrees in parts)
    if not together:
        return None
    degrees = together**2 / sum(part**2 / free for part, free in parts if free)
    return t_quantile(0.975, max(1, int(degrees))) * math.sqrt(together)


def _asked(enrolment: Enrolment, shown: set[str], at: datetime) -> list[PeersState]:
    """Return the moments at which peers were asked about this person; never how many answered."""
    occasions = {occasion_of(moment, enrolment.pk): moment for moment in ORDER}
    rows = SurveyResponse.objects.filter(survey=NAME, occasion__in=occasions)
    closes = dict(rows.order_by("closes_at").values_list("occasion", "closes_at"))
    return [
        PeersState(
            str(moment.label), closes[occasion] if closes[occasion] > at else None, moment in shown
        )
        for occasion, moment in occasions.items()
        if occasion in closes
    ]


def _in_a_circle(enrolment: Enrolment) -> bool:
    tables = Seat.objects.filter(enrolment=enrolment).values("partnership")
    others = Seat.objects.filter(partnership__in=tables).exclude(enrolment=enrolment)
    return others.count() >= RATERS


def _scores(enrolment: Enrolment, member: Member) -> list[tuple[str, float | None, float | None]]:
    """Return the person's own scores at the start and the end, of what they answered."""
    rows = Assessment.objects.visible_to(member).filter(enrolment=enrolment)
    answers = dict(rows.values_list("moment", "scales"))
    scores = []
    for scale in SCALES:
        first, last = (scale.score(answers.get(moment, {})) for moment in (ORDER[0], ORDER[-1]))
        if first is not None or last is not None:
            scores.append(
                (
                    str(scale.name),
                    None if first is None else float(first),
                    None if last is None else float(last),
                )
            )
    return scores


def _led(enrolment: Enrolment) -> int:
    """Return how many held sessions this person led, being there."""
    there = Attendance.objects.filter(
        seat__enrolment=enrolment, kind=Attendance.Kind.PRESENT, session__state=Session.State.HELD
    )
    turns = Turn.objects.filter(
        role__leads=True, seat__enrolment=enrolment, session__in=there.values("session")
    )
    return turns.values("session").distinct().count()


def _goals_met(enrolment: Enrolment, member: Member) -> list[str]:
    """Return the goals that this person reached, alone or with all at their table."""
    tables = Seat.objects.filter(enrolment=enrolment).values("partnership")
    rows = Goal.objects.visible_to(member).filter(
        Q(seat=None) | Q(seat__enrolment=enrolment),
        partnership__in=tables,
        state=Goal.State.MET,
    )
    goals = list(rows.order_by("settled_at", "pk"))
    bodies = GoalBody.objects.visible_to(member).filter(goal__in=goals)
    words = dict(bodies.values_list("goal", "title"))
    titles = [goal.title or words.get(goal.pk, "") for goal in goals]
    return [title or _("A goal of your own") for title in titles]


def scale_of(row: OwnScale) -> LibraryScale:
    """Return an organisation's own scale as one of the library."""
    return LibraryScale(
        key=row.key,
        name=row.name,
        question=row.question,
        items=[ScaleItem(item["key"], item["words"], item["reversed"]) for item in row.items],
        steps=row.steps,
        source=row.source,
        licence=row.licence,
        use=row.use,
        exportable=row.exportable,
    )


def versions_with(scale: OwnScale) -> QuerySet[SurveyVersion]:
    """Return the versions of surveys, asked or not, in which items of a scale stand."""
    return SurveyVersion.objects.filter(items__contains=[{"scale": {"key": scale.key}}])


def surveys_with(scale: OwnScale) -> int:
    """Return how many surveys of the organisation have asked items of a scale, or are to."""
    return versions_with(scale).order_by().values("survey").distinct().count()


def own_scales(member: Member) -> list[LibraryScale]:
    return [scale_of(row) for row in OwnScale.objects.visible_to(member).order_by("name", "pk")]


def find_own(key: str, member: Member) -> OwnScale:
    """Return the row of an organisation's own scale, or 404: those of the library stay."""
    pk = as_uuid(key.removeprefix(OWN)) if key.startswith(OWN) else None
    return get_object_or_404(OwnScale.objects.visible_to(member), pk=pk)


def find_scale(key: str, member: Member) -> LibraryScale:
    """Return a scale of the library or of the organisation's own, or 404."""
    known = [*SCALES, *own_scales(member)]
    for scale in known:
        if scale.key == key:
            return scale
    raise Http404
