"""Whether people answer, and how far they moved in their own view."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial
from uuid import UUID

from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from core.common.statistics import mean_interval, paired_effect_size, rounded
from feedback.assessments.readings import (
    PEERS,
    PLACES,
    peer_readings,
    reliability_of,
    reliability_readings,
    scale_readings,
)
from feedback.assessments.scales import BELONGING, CONFIDENCE, OF_ONESELF, LibraryScale
from feedback.queries import check_in_readings
from feedback.released import Reading, Released
from feedback.surveys.pulse import satisfaction_readings, satisfied_readings
from metrics.definitions.shapes import (
    WILSON,
    WILSON_OF_PEOPLE,
    Basis,
    Definition,
    Figure,
    Sample,
    Unit,
)
from metrics.queries.concerns import concern_readings, late_readings
from metrics.queries.direct import Pairs, competency_readings, turn_readings
from metrics.queries.facts import CohortFacts
from metrics.queries.tallied import AsOf

START, END, EFFECT = "start:", "end:", "effect:"  # parts of one competency
PERIOD = "period:"  # before the number of a check-in
_PAIRS = ngettext_lazy("n = %(n)d pair", "n = %(n)d pairs", "n")
_CHECK_INS = ngettext_lazy("%(n)d check-in", "%(n)d check-ins", "n")
_OF_PEOPLE = ngettext_lazy("n = %(n)d person", "n = %(n)d people", "n")
ALPHA = "alpha:"  # before the key of a scale


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
    sample=Sample.PEOPLE,
    missing=_(
        "A check-in that can still be answered in time does not count yet; one answered later "
        "counts as not answered."
    ),
    people=_("People who were asked."),
    additive=True,
    source=_("Check-ins: when they fell due and when they were answered, never what was said."),
    method=WILSON_OF_PEOPLE,
    basis=Basis.FACTS,
    figures=_check_ins,
    tally="""
        SELECT p.cohort_id, c.due_on, '', c.in_time::int, 1
        FROM asked
        JOIN pairing_partnership_facts p ON p.cohort_id = asked.cohort_id
        JOIN pairing_seat_facts t ON t.partnership_id = p.id
        JOIN feedback_check_in_facts c ON c.seat_id = t.id AND c.due_on = asked.day
    """,
    weekly=True,
)


def _hours(facts: CohortFacts) -> Iterator[Figure]:
    took = facts.answering
    value = None if took.hours is None else rounded(took.hours)
    yield Figure(CHECKIN_HOURS.key, "", None, took.answers, value, took.people)


CHECKIN_HOURS = Definition(
    key="checkin_hours",
    name=_("Hours to answer a check-in"),
    asks=_("How long does it take until people answer?"),
    numerator=_("The median of hours from asking to the answer."),
    denominator=_(
        "None: the median over all answered check-ins, once the next one has fallen due."
    ),
    window=CHECKIN_RESPONSE.window,
    unit=Unit.HOURS,
    counted=_CHECK_INS,
    missing=_("Check-ins without an answer are left out: the share answered is beside it."),
    people=_("People who answered."),
    source=CHECKIN_RESPONSE.source,
    basis=Basis.FACTS,
    figures=_hours,
)


def _of_check_ins(key: str, facts: CohortFacts) -> Iterator[Figure]:
    """Yield the mean over all released periods, and over each.

    The whole adds what is released and releases nothing itself: were it counted from the answers,
    what is not released yet of a period would follow from it.
    """
    periods = sorted(facts.released_by_part(key).items(), key=lambda row: int(row[0]))
    if not periods:
        yield Figure.unreleased(key)
        return
    totals = [row.counts for _part, row in periods]
    n = max(row.n for _part, row in periods)
    until = max(row.until for _part, row in periods)
    total, answers = (sum(column) for column in zip(*totals, strict=True))
    yield replace(Figure.ratio(key, "", total, answers, n), until=until)
    for part, row in periods:
        label = gettext("Check-in %(n)s") % {"n": part}
        sum_of, count = row.counts
        figure = Figure.ratio(key, f"{PERIOD}{part}", sum_of, count, row.n, label)
        yield replace(figure, until=row.until)


_ANSWERS_TO_CHECK_INS = _("Answers to it that the person lets their coordinator see.")
_FROM_FIRST_CHECK_IN = _("From the first check-in to today: each one as far as it is released.")
_MOST_IN_A_CHECK_IN = _("People who answered the check-in that most people answered.")
_BY_CHECK_IN = _("One for each check-in.")

MOOD = Definition(
    key="mood",
    name=_("Mood"),
    asks=_("How do people feel about their partnership?"),
    numerator=_("Sum of the answers on mood in check-ins, from 1 to 5."),
    denominator=_ANSWERS_TO_CHECK_INS,
    window=_FROM_FIRST_CHECK_IN,
    unit=Unit.POINTS,
    counted=_OF_PEOPLE,
    missing=_("Who did not answer, or lets nobody see it, is left out."),
    people=_MOST_IN_A_CHECK_IN,
    source=_("Check-ins, on a scale from 1 to 5."),
    parts=_BY_CHECK_IN,
    basis=Basis.ANSWERS,
    figures=partial(_of_check_ins, "mood"),
    readings=lambda cohort_id, _as_of: check_in_readings(cohort_id, "mood"),
)
PROGRESS = Definition(
    key="progress",
    name=_("Progress"),
    asks=_("Do people say that they get on with what they set out to do?"),
    numerator=_("Sum of the answers on progress in check-ins, from 1 to 5."),
    denominator=_ANSWERS_TO_CHECK_INS,
    window=_FROM_FIRST_CHECK_IN,
    unit=Unit.POINTS,
    counted=_OF_PEOPLE,
    missing=_(
        "Who did not answer, did not meet and so was not asked, or lets nobody see it, is left out."
    ),
    people=_MOST_IN_A_CHECK_IN,
    source=MOOD.source,
    parts=_BY_CHECK_IN,
    basis=Basis.ANSWERS,
    figures=partial(_of_check_ins, "progress"),
    readings=lambda cohort_id, _as_of: check_in_readings(cohort_id, "progress"),
)


def _turns(facts: CohortFacts) -> Iterator[Figure]:
    released = facts.released(FEEDBACK_RATE.key)
    if released is None:
        yield Figure.unreleased(FEEDBACK_RATE.key)
        return
    heard, turns = released.counts
    figure = Figure.ratio(FEEDBACK_RATE.key, "", heard, turns, released.n)
    yield replace(figure, until=released.until)


FEEDBACK_RATE = Definition(
    key="feedback_rate",
    name=_("Turns with feedback"),
    asks=_("Do those who lead hear how it was?"),
    numerator=_("Turns after which at least 3 people gave feedback to whoever led."),
    denominator=_("Turns as facilitator in held sessions after which people were asked."),
    window=_("From the opening of the cohort to today."),
    unit=Unit.SHARE,
    missing=_(
        "In circles of fewer than 4 people nobody is asked. A turn counts once its feedback is "
        "closed, 14 days after the session."
    ),
    people=_("People who were asked for feedback."),
    source=_("Feedback after sessions: how many answered, never what they said."),
    basis=Basis.ANSWERS,
    figures=_turns,
    readings=turn_readings,
)


def _competencies(facts: CohortFacts) -> Iterator[Figure]:
    key = COMPETENCY_CHANGE.key
    for competency in facts.competencies:
        own = facts.released(key, str(competency.pk))
        yield from _change(key, competency.key, competency.name, own)
        peers = facts.released(key, f"{PEERS}{competency.pk.hex}")
        name = gettext("%(name)s, by peers") % {"name": competency.name}
        yield from _change(key, competency.key, name, peers, prefix=PEERS, units=PLACES)


def _change(
    figure: str,
    key: str,
    name: str,
    released: Released | None,
    *,
    prefix: str = "",
    units: int = 1,
) -> Iterator[Figure]:
    """Yield a change over pairs, the means it lies between, and its effect size.

    The pairs are counted in so many `units` to a point.
    """
    if released is None:
        for part in ("", START, END, EFFECT):
            yield Figure.unreleased(figure, f"{prefix}{part}{key}", name)
        return
    pairs = Pairs(*released.counts)
    for entry in _figures_of(figure, key, name, pairs, prefix, units):
        yield replace(entry, until=released.until)


def _figures_of(
    figure: str, key: str, name: str, pairs: Pairs, prefix: str, units: int
) -> Iterator[Figure]:
    moved = Fraction(pairs.difference, units)
    squares = Fraction(pairs.squares, units * units)
    interval = mean_interval(moved, squares, pairs.n)
    effect = paired_effect_size(moved, squares, pairs.n)
    whole = pairs.n * units
    yield Figure(
        figure,
        f"{prefix}{key}",
        pairs.difference,
        whole,
        rounded(pairs.difference, whole),
        pairs.n,
        label=name,
        low=None if interval is None else rounded(Fraction(interval.low)),
        high=None if interval is None else rounded(Fraction(interval.high)),
    )
    yield Figure.ratio(figure, f"{prefix}{START}{key}", pairs.start, whole, pairs.n, name)
    yield Figure.ratio(figure, f"{prefix}{END}{key}", pairs.end, whole, pairs.n, name)
    value = None if effect is None else rounded(Fraction(effect))
    yield Figure(figure, f"{prefix}{EFFECT}{key}", None, None, value, pairs.n, label=name)


def _all_change(cohort_id: UUID, as_of: AsOf) -> Iterator[Reading]:
    yield from competency_readings(cohort_id, as_of)
    yield from peer_readings(cohort_id, COMPETENCY_CHANGE.key)


COMPETENCY_CHANGE = Definition(
    key="competency_change",
    name=_("Competency change"),
    asks=_("How far did people move, in their own view and in that of their peers?"),
    numerator=_("Sum of end minus start, over people who were rated at both moments."),
    denominator=_("People who were rated at both moments: by themselves, or by their peers."),
    window=_("From the start assessment to the end assessment."),
    unit=Unit.CHANGE,
    counted=_PAIRS,
    missing=_(
        "Who was rated at one moment only is left out; n says how many pairs there are. Peers "
        "count where three or more rated that person's competency."
    ),
    people=_("People who were rated on that competency at both moments."),
    source=_(
        "Assessments on a scale from 1 to 5, by oneself and by three peers. Of peers the average "
        "for each person counts, in ten-thousandths of a point."
    ),
    parts=_(
        "For each competency of the program, by oneself and by peers apart: the mean change, the "
        "means at start and end over the same people, and the effect size."
    ),
    method=_(
        "95 % interval by Student's t from paired differences; effect size d_z is the mean "
        "difference in units of its standard deviation: Lakens, Frontiers in Psychology 4 "
        "(2013) 863, formula 6."
    ),
    basis=Basis.ANSWERS,
    figures=_competencies,
    readings=_all_change,
)


def _of_scale(key: str, scale: LibraryScale, facts: CohortFacts) -> Iterator[Figure]:
    """Yield how far a score has moved; it is the mean of its items."""
    items = len(scale.items)
    yield from _change(key, "", str(scale.name), facts.released(key), units=items)


_BOTH_MOMENTS = _("People who answered all items at the start and at the end.")
_ONE_MOMENT = _("Who left out an item, or answered at one moment only, is left out.")
_MEANS_AND_EFFECT = _("The means at start and end over the same people, and the effect size.")

CONFIDENCE_CHANGE = Definition(
    key="confidence_change",
    name=_("Confidence change"),
    asks=_("Are people more confident in leading than before?"),
    numerator=_("Sum of end minus start over the items, reversed ones turned round."),
    denominator=_("People who answered at both moments, times the items."),
    window=COMPETENCY_CHANGE.window,
    unit=Unit.CHANGE,
    counted=_PAIRS,
    missing=_ONE_MOMENT,
    people=_BOTH_MOMENTS,
    source=_("Four items on confidence in leading, in the self-assessments."),
    parts=_MEANS_AND_EFFECT,
    method=COMPETENCY_CHANGE.method,
    basis=Basis.ANSWERS,
    figures=partial(_of_scale, "confidence_change", CONFIDENCE),
    readings=lambda cohort_id, _as_of: scale_readings(cohort_id, "confidence_change", CONFIDENCE),
)
BELONGING_CHANGE = Definition(
    key="belonging_change",
    name=_("Belonging change"),
    asks=_("Do people feel more that they belong than before?"),
    numerator=CONFIDENCE_CHANGE.numerator,
    denominator=CONFIDENCE_CHANGE.denominator,
    window=COMPETENCY_CHANGE.window,
    unit=Unit.CHANGE,
    counted=_PAIRS,
    missing=_ONE_MOMENT,
    people=_BOTH_MOMENTS,
    source=_("Four items on belonging at work, in the self-assessments."),
    parts=_MEANS_AND_EFFECT,
    method=COMPETENCY_CHANGE.method,
    basis=Basis.ANSWERS,
    figures=partial(_of_scale, "belonging_change", BELONGING),
    readings=lambda cohort_id, _as_of: scale_readings(cohort_id, "belonging_change", BELONGING),
)


def _reliability(facts: CohortFacts) -> Iterator[Figure]:
    key = SCALE_RELIABILITY.key
    for scale in OF_ONESELF:
        part, row = f"{ALPHA}{scale.key}", facts.released(key, scale.key)
        if row is None:
            yield Figure.unreleased(key, part, str(scale.name))
            continue
        n, alpha = reliability_of(row.counts)
        value = None if alpha is None else rounded(alpha)
        yield Figure(key, part, None, None, value, n, label=str(scale.name), until=row.until)


SCALE_RELIABILITY = Definition(
    key="scale_reliability",
    name=_("Reliability of a scale"),
    asks=_("Do the items of a scale go together?"),
    numerator=_("Cronbach's alpha over the items, reversed ones turned round."),
    denominator=_("None: alpha is 1 where all items say the same."),
    window=_("The start assessment."),
    unit=Unit.POINTS,
    counted=_OF_PEOPLE,
    missing=_("Below 30 people who answered all items nothing is shown."),
    people=_("People who answered all items at the start."),
    source=_("The items on confidence and belonging in the self-assessments at the start."),
    parts=_("One for each scale."),
    method=_("Cronbach, Psychometrika 16 (1951) 297–334, formula 2."),
    basis=Basis.ANSWERS,
    figures=_reliability,
    readings=lambda cohort_id, _as_of: reliability_readings(cohort_id, "scale_reliability"),
)


def _concerns(facts: CohortFacts) -> Iterator[Figure]:
    figure = facts.released(CONCERN_DAYS.key, "")
    if figure is None:
        yield Figure.unreleased(CONCERN_DAYS.key)
        return
    twice, closed = figure.counts
    days = rounded(twice, 2)
    yield Figure(CONCERN_DAYS.key, "", None, closed, days, figure.n, until=figure.until)


CONCERN_DAYS = Definition(
    key="concern_days",
    name=_("Days to settle a concern"),
    asks=_("How long does it take until a concern is closed?"),
    numerator=_("The median of days from raising a concern to closing it."),
    denominator=_("None: the median over all closed concerns, however they ended."),
    window=_("From the opening of the cohort to today."),
    unit=Unit.DAYS,
    counted=ngettext_lazy("%(n)d concern", "%(n)d concerns", "n"),
    missing=_(
        "Open concerns are left out, and those raised without a name: nothing says of which "
        "cohort they are. Owners see how many are past their day on the desk's own page."
    ),
    people=_("Closed concerns: each counts as one person, since nothing says who raised it."),
    source=_("Days of concerns, never what they say, whose they are or about whom."),
    basis=Basis.ANSWERS,
    figures=_concerns,
    readings=concern_readings,
)


def _late(facts: CohortFacts) -> Iterator[Figure]:
    released = facts.released(CONCERN_LATE.key)
    if released is None:
        yield Figure.unreleased(CONCERN_LATE.key)
        return
    late, concerns = released.counts
    figure = Figure.ratio(CONCERN_LATE.key, "", late, concerns, released.n)
    yield replace(figure, until=released.until)


CONCERN_LATE = Definition(
    key="concern_late",
    name=_("Concerns past their day"),
    asks=_("How many concerns were still open after the day by which they should be settled?"),
    numerator=_("Concerns that were open after their day: also those that are open still."),
    denominator=_("Concerns that are closed, or whose day is over."),
    window=CONCERN_DAYS.window,
    unit=Unit.SHARE,
    sample=Sample.ROWS,
    missing=_(
        "Open concerns whose day is still to come are left out, and those raised without a name: "
        "nothing says of which cohort they are."
    ),
    people=_("Such concerns: each counts as one person, since nothing says who raised it."),
    source=CONCERN_DAYS.source,
    method=WILSON,
    basis=Basis.ANSWERS,
    figures=_late,
    readings=late_readings,
)


def _of_pulses(key: str, facts: CohortFacts) -> Iterator[Figure]:
    """Yield a mean over answers to the pulse, as far as they are released."""
    row = facts.released(key)
    if row is None:
        yield Figure.unreleased(key)
        return
    total, answers = row.counts
    yield replace(Figure.ratio(key, "", total, answers, row.n), until=row.until)


_PULSES = _("The pulse: on day 30 and every 60 days after, on a scale from 1 to 5.")
_FROM_DAY_30 = _("From day 30 of the cohort to today.")
_NO_ANSWER = _("Who did not answer a pulse is left out of it.")
_WHO_ANSWERED = _("People who answered a pulse.")

SATISFACTION = Definition(
    key="satisfaction",
    name=_("Satisfaction"),
    asks=_("How satisfied are people with the program? The target is 4 or more."),
    numerator=_("Sum of the answers to the pulse, from 1 to 5."),
    denominator=_("Answers to the pulse."),
    window=_FROM_DAY_30,
    unit=Unit.POINTS,
    counted=_OF_PEOPLE,
    missing=_NO_ANSWER,
    people=_WHO_ANSWERED,
    source=_PULSES,
    basis=Basis.ANSWERS,
    figures=partial(_of_pulses, "satisfaction"),
    readings=lambda cohort_id, _as_of: satisfaction_readings(cohort_id, "satisfaction"),
)
SATISFIED = Definition(
    key="satisfied",
    name=_("Satisfied people"),
    asks=_("How many are satisfied with the program?"),
    numerator=_("Answers of 4 or 5 to the pulse."),
    denominator=_("Answers to the pulse."),
    window=_FROM_DAY_30,
    unit=Unit.SHARE,
    sample=Sample.PEOPLE,
    missing=_NO_ANSWER,
    people=_WHO_ANSWERED,
    source=_PULSES,
    method=WILSON_OF_PEOPLE,
    basis=Basis.ANSWERS,
    figures=partial(_of_pulses, "satisfied"),
    readings=lambda cohort_id, _as_of: satisfied_readings(cohort_id, "satisfied"),
)
