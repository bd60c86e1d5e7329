"""Whether people answer, and how far they moved in their own view."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from core.common.statistics import mean_interval, paired_effect_size, rounded
from metrics.definitions.shapes import Definition, Figure, Unit
from metrics.queries.direct import Pairs
from metrics.queries.facts import CohortFacts

START, END, EFFECT = "start:", "end:", "effect:"  # parts of one competency


def _check_ins(facts: CohortFacts) -> Iterator[Figure]:
    sums, whole = facts.sums(CHECKIN_RESPONSE.key)
    yield Figure.ratio(CHECKIN_RESPONSE.key, "", sums[""], whole, facts.respondents.check_ins)


CHECKIN_RESPONSE = Definition(
    key="checkin_response",
    name=_("Check-ins answered"),
    asks=_("Do people answer their check-ins in time?"),
    numerator=_("Check-ins answered before the next one fell due."),
    denominator=_("Check-ins asked, once the next one has fallen due."),
    window=_("From the first check-in to today."),
    unit=Unit.SHARE,
    missing=_(
        "A check-in that can still be answered in time does not count yet; one answered later "
        "counts as not answered."
    ),
    people=_("People who were asked."),
    additive=True,
    source=_("Check-ins: when they fell due and when they were answered, never what was said."),
    figures=_check_ins,
    tally="""
        SELECT p.cohort_id, c.due_on, '', c.in_time::int, 1
        FROM asked
        JOIN pairing_partnership_facts p ON p.cohort_id = asked.cohort_id
        JOIN pairing_seat_facts t ON t.partnership_id = p.id
        JOIN feedback_check_in_facts c ON c.seat_id = t.id AND c.due_on = asked.day
    """,
)


def _competencies(facts: CohortFacts) -> Iterator[Figure]:
    for competency in facts.competencies:
        yield from _change(competency.key, competency.name, facts.pairs(competency))


def _change(key: str, name: str, pairs: Pairs) -> Iterator[Figure]:
    """Yield one competency's change, the means it lies between, and its effect size."""
    interval = mean_interval(pairs.difference, pairs.squares, pairs.n)
    effect = paired_effect_size(pairs.difference, pairs.squares, pairs.n)
    figure = COMPETENCY_CHANGE.key
    yield Figure(
        figure,
        key,
        pairs.difference,
        pairs.n,
        rounded(pairs.difference, pairs.n),
        pairs.n,
        label=name,
        low=None if interval is None else rounded(Fraction(interval.low)),
        high=None if interval is None else rounded(Fraction(interval.high)),
    )
    yield Figure.ratio(figure, f"{START}{key}", pairs.start, pairs.n, pairs.n, name)
    yield Figure.ratio(figure, f"{END}{key}", pairs.end, pairs.n, pairs.n, name)
    value = None if effect is None else rounded(Fraction(effect))
    yield Figure(figure, f"{EFFECT}{key}", None, None, value, pairs.n, label=name)


COMPETENCY_CHANGE = Definition(
    key="competency_change",
    name=_("Competency change"),
    asks=_("How far did people move, in their own view?"),
    numerator=_("Sum of end minus start, over people who rated themselves at both moments."),
    denominator=_("People who rated themselves at both moments."),
    window=_("From the start assessment to the end assessment."),
    unit=Unit.POINTS,
    missing=_("Who rated at one moment only is left out; n says how many pairs there are."),
    people=_("People who rated that competency at both moments."),
    source=_("Self-assessments on a scale from 1 to 5."),
    parts=_(
        "One for each competency of the program: the mean change, the means at start and end "
        "over the same people, and the effect size."
    ),
    method=_(
        "95 % interval by Student's t from paired differences; effect size d_z is the mean "
        "difference in units of its standard deviation: Lakens, Frontiers in Psychology 4 "
        "(2013) 863, formula 6."
    ),
    figures=_competencies,
)
