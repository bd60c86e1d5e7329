"""The figures of cohorts: what page, CSV and REST show, each from here and from nowhere else."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from fractions import Fraction
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mentoring.common.statistics import Step, mean_interval, paired_effect_size, rounded
from mentoring.identity.models import OrganisationSettings
from metrics.definitions import CAUSE, EFFECT, END, START, WEEK, Figure
from metrics.disclosure import breakdown, shown_whole
from metrics.queries import agreed, direct
from metrics.queries.agreed import Decided, Reached
from metrics.queries.direct import Behind, Pairs, People
from metrics.queries.tallied import ATTENDANCE, CHECK_INS, SESSIONS, Moment, Tally, tallies
from metrics.queries.voices import CohortVoices, cohort_voices
from metrics.retention import Stay, curve, weekly
from programs.models import Cohort, Competency, Enrolment, Program
from sessions.models import Attendance, CancelCause, Session

PARTS = {
    Program.Format.MENTOR: (
        Enrolment.Part.MENTOR,
        Enrolment.Part.MENTEE,
        Enrolment.Part.BOTH,
    ),
    Program.Format.PAIRS: (Enrolment.Part.PEER,),
    Program.Format.CIRCLES: (Enrolment.Part.PEER,),
}


def figures_of(
    cohorts: Sequence[Cohort], chosen: OrganisationSettings, now: datetime
) -> dict[UUID, list[Figure]]:
    """Return all figures of these cohorts as of now, small cells hidden.

    The number of statements is the same for one cohort and for all of an organisation.
    Cohorts come with their program (`for_list`).
    """
    moment = Moment.of(chosen, now)
    ids = [cohort.pk for cohort in cohorts]
    facts = _Facts(
        k=chosen.threshold,
        moment=moment,
        people=direct.people(ids),
        behind=direct.behind(ids, moment),
        weeks=direct.behind_weeks(ids, moment),
        stays=direct.stays(ids, chosen.zone),
        changes=direct.changes(ids),
        competencies=direct.competencies(cohort.program_id for cohort in cohorts),
        decided=agreed.decided(ids, moment),
        reached=agreed.reached(ids, moment),
        tallies=tallies(ids, moment),
        voices=cohort_voices(ids),
    )
    return {cohort.pk: list(facts.figures(cohort)) for cohort in cohorts}


class _Facts:
    """What was read of all cohorts, and how it becomes the figures of one."""

    def __init__(
        self,
        *,
        k: int,
        moment: Moment,
        people: dict[UUID, People],
        behind: dict[UUID, Behind],
        weeks: dict[tuple[UUID, date], int],
        stays: dict[UUID, list[Stay]],
        changes: dict[tuple[UUID, UUID], Pairs],
        competencies: dict[UUID, list[Competency]],
        decided: dict[UUID, Decided],
        reached: dict[tuple[UUID, bool], Reached],
        tallies: list[Tally],
        voices: dict[UUID, CohortVoices],
    ) -> None:
        self.k, self.moment = k, moment
        self.people, self.behind, self.weeks = people, behind, weeks
        self.stays, self.changes, self.competencies = stays, changes, competencies
        self.voices = voices
        self.decided, self.reached = decided, reached
        self.tallies: dict[UUID, list[Tally]] = defaultdict(list)
        for tally in tallies:
            self.tallies[tally.cohort_id].append(tally)

    def figures(self, cohort: Cohort) -> Iterator[Figure]:
        """Yield one cohort's figures in the order of the dictionary."""
        people = self.people.get(cohort.pk, People())
        behind = self.behind.get(cohort.pk, Behind())
        yield from self._enrolled(cohort, people)
        yield from shown_whole(_matched(people), self.k)
        yield from self._sessions(cohort, behind)
        yield from self._attendance(cohort, behind)
        yield from self._check_ins(cohort, behind)
        yield from self._retention(cohort)
        yield from self._competencies(cohort)
        voices = self.voices.get(cohort.pk, CohortVoices())
        yield from shown_whole(list(voices.figures()), self.k)
        yield from shown_whole(_decided(self.decided.get(cohort.pk, Decided())), self.k)
        yield from shown_whole(self._reached(cohort), self.k)
        yield from shown_whole(_funnel(people), self.k)

    def _enrolled(self, cohort: Cohort, people: People) -> Iterator[Figure]:
        if not people.enrolled:
            yield Figure("enrolled", "", 0, 0, None, 0)
            return
        yield from shown_whole([Figure.count("enrolled", "", people.enrolled)], self.k)
        parts = [
            Figure.count("enrolled", part, getattr(people, part), str(Enrolment.Part(part).label))
            for part in Enrolment.Part.values
            if part in PARTS[Program.Format(cohort.program.format)] or getattr(people, part)
        ]
        yield from breakdown(parts, self.k, disjoint=True)

    def _sums(self, cohort: Cohort, key: str) -> tuple[dict[str, int], int]:
        """Return the numerators by part, and the denominator they share."""
        sums: dict[str, int] = defaultdict(int)
        whole = 0
        for tally in self.tallies[cohort.pk]:
            if tally.key == key:
                sums[tally.part] += tally.numerator
                whole += tally.denominator
        return sums, whole

    def _sessions(self, cohort: Cohort, behind: Behind) -> Iterator[Figure]:
        sums, whole = self._sums(cohort, SESSIONS)
        n = behind.sessions
        states = (Session.State.CANCELLED, Session.State.MISSED)
        parts = [("", "")] + [(state.value, str(state.label)) for state in states]
        parts += [
            (f"{CAUSE}{cause.value}", str(cause.label))
            for cause in CancelCause
            if sums.get(f"{CAUSE}{cause.value}")
        ]
        figures = [
            Figure.ratio(SESSIONS, part, sums[part], whole, n, label) for part, label in parts
        ]
        yield from shown_whole(figures, self.k)

    def _attendance(self, cohort: Cohort, behind: Behind) -> Iterator[Figure]:
        sums, whole = self._sums(cohort, ATTENDANCE)
        kinds = (Attendance.Kind.EXCUSED, Attendance.Kind.ABSENT)
        parts = [("", "")] + [(kind.value, str(kind.label)) for kind in kinds]
        figures = [
            Figure.ratio(ATTENDANCE, part, sums[part], whole, behind.attendance, label)
            for part, label in parts
        ]
        yield from shown_whole(figures, self.k)
        weeks = [
            Figure.ratio(
                "weekly_attendance",
                tally.week.isoformat(),
                tally.numerator,
                tally.denominator,
                self.weeks.get((cohort.pk, tally.week), 0),
                date_format(tally.week, "j M"),
            )
            for tally in self.tallies[cohort.pk]
            if tally.key == ATTENDANCE and not tally.part and tally.week
        ]
        yield from breakdown(sorted(weeks, key=lambda f: f.part), self.k, disjoint=False)

    def _check_ins(self, cohort: Cohort, behind: Behind) -> Iterator[Figure]:
        sums, whole = self._sums(cohort, CHECK_INS)
        figure = Figure.ratio(CHECK_INS, "", sums[""], whole, behind.check_ins)
        yield from shown_whole([figure], self.k)

    def _retention(self, cohort: Cohort) -> Iterator[Figure]:
        stays = self.stays.get(cohort.pk, [])
        figures = retention(curve(stays, self.moment.today), len(stays), self.k)
        yield from shown_whole(figures, self.k)

    def _competencies(self, cohort: Cohort) -> Iterator[Figure]:
        for competency in self.competencies.get(cohort.program_id, []):
            pairs = self.changes.get((cohort.pk, competency.pk), Pairs())
            yield from shown_whole(_change(competency.key, competency.name, pairs), self.k)

    def _reached(self, cohort: Cohort) -> list[Figure]:
        """Return goals met by whose they are: two figures of their own, without a sum."""
        kinds = ((False, "personal", _("Personal goals")), (True, "shared", _("Shared goals")))
        figures = []
        for shared, part, label in kinds:
            each = self.reached.get((cohort.pk, shared), Reached())
            figures.append(
                Figure.ratio("goal_attainment", part, each.met, each.due, len(each.people), label)
            )
        return figures


def _decided(found: Decided) -> list[Figure]:
    days = found.median_days
    value = None if days is None else rounded(days)
    return [
        Figure("decision_days", "", None, len(found.days), value, found.people),
        Figure.ratio("decision_voice", "", found.voices, found.partners, found.people),
    ]


def _matched(people: People) -> list[Figure]:
    return [
        Figure.ratio("match_rate", "", people.matched, people.active, people.active),
        Figure.ratio("match_rate_ever", "", people.matched_ever, people.active, people.active),
    ]


def _funnel(people: People) -> list[Figure]:
    steps = (
        ("applied", _("Applied"), people.applied),
        ("accepted", _("Accepted"), people.enrolled),
        ("active", _("Active"), people.started),
        ("met", _("Met at a session"), people.met),
        ("completed", _("Completed"), people.completed),
    )
    if not people.applied:
        return [Figure("funnel", part, 0, 0, None, 0, label=label) for part, label, _n in steps]
    return [Figure.count("funnel", part, count, label) for part, label, count in steps]


def retention(steps: Sequence[Step], n: int, k: int) -> list[Figure]:
    """Return the curve as figures: one for each whole week, and the last of them as the whole.

    The curve ends where fewer than k people are followed: beyond, its steps are single people.
    """
    points = weekly(steps, at_least=k)
    if not points:
        return [Figure("retention", "", None, None, None, n)]
    figures = [
        Figure(
            "retention",
            f"{WEEK}{point.week}",
            None,
            None,
            rounded(point.share),
            n,
            label=ngettext("after %(n)d week", "after %(n)d weeks", point.week) % {"n": point.week},
            low=rounded(Fraction(point.low)),
            high=rounded(Fraction(point.high)),
        )
        for point in points
    ]
    last = figures[-1]
    whole = Figure(
        "retention", "", None, None, last.value, n, label=last.label, low=last.low, high=last.high
    )
    return [whole, *figures]


def _change(key: str, name: str, pairs: Pairs) -> list[Figure]:
    """Return one competency's change, the means it lies between, and its effect size."""
    interval = mean_interval(pairs.difference, pairs.squares, pairs.n)
    effect = paired_effect_size(pairs.difference, pairs.squares, pairs.n)
    figure = "competency_change"
    return [
        Figure(
            figure,
            key,
            pairs.difference,
            pairs.n,
            rounded(pairs.difference, pairs.n),
            pairs.n,
            label=name,
            low=None if interval is None else rounded(Fraction(interval.low)),
            high=None if interval is None else rounded(Fraction(interval.high)),
        ),
        Figure.ratio(figure, f"{START}{key}", pairs.start, pairs.n, pairs.n, name),
        Figure.ratio(figure, f"{END}{key}", pairs.end, pairs.n, pairs.n, name),
        Figure(
            figure,
            f"{EFFECT}{key}",
            None,
            None,
            None if effect is None else rounded(Fraction(effect)),
            pairs.n,
            label=name,
        ),
    ]
