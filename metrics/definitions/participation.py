"""Who takes part, has a partner, and stays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from django.utils.translation import gettext, ngettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from core.common.statistics import Step, rounded
from metrics.definitions.shapes import WILSON, Basis, Definition, Figure, Sample, Unit, breakdown
from metrics.queries.facts import CohortFacts
from metrics.retention import curve, weekly
from programs.models.programs import Cohort, Enrolment, Program

WEEK = "week:"  # part: so many weeks after the start
PARTS = {
    Program.Format.MENTOR: (Enrolment.Part.MENTOR, Enrolment.Part.MENTEE, Enrolment.Part.BOTH),
    Program.Format.PAIRS: (Enrolment.Part.PEER,),
    Program.Format.CIRCLES: (Enrolment.Part.PEER,),
}
_EVERYBODY_ENROLLED = _("People whose enrolment was accepted.")


def _enrolled(facts: CohortFacts) -> Iterator[Figure]:
    people = facts.people
    if not people.enrolled:
        yield Figure(ENROLLED.key, "", 0, 0, None, 0)
        return
    yield Figure.count(ENROLLED.key, "", people.enrolled)
    usual = PARTS[Program.Format(facts.cohort.program.format)]
    counts = {part: getattr(people, part.value) for part in Enrolment.Part}
    cells = [
        Figure.count(ENROLLED.key, part.value, n, str(part.label))
        for part, n in counts.items()
        if part in usual or n
    ]
    if people.enrolled < facts.k:  # of so few a zero says too what each of them is not
        yield from (cell.hidden() for cell in cells)
        return
    for cell in breakdown(cells, facts.k, disjoint=True):
        # that nobody has a part is said of all of them
        yield replace(cell, n=people.enrolled) if cell.numerator == 0 else cell


ENROLLED = Definition(
    key="enrolled",
    name=_("Enrolled"),
    asks=_("How many people take or took part?"),
    numerator=_(
        "Enrolments that were accepted, whatever came of them: accepted, active, completed, "
        "or withdrawn after acceptance."
    ),
    denominator=_("None: this is a number of people."),
    window=_("From the opening of the cohort to now."),
    unit=Unit.PEOPLE,
    now=True,
    missing=_("No accepted enrolment is no data."),
    people=_EVERYBODY_ENROLLED,
    source=_("Enrolments: their state and the moment of acceptance."),
    parts=_("By part: mentor, mentee, both, or peer. Each person has one part in a cohort."),
    basis=Basis.FACTS,
    figures=_enrolled,
)


def _trained(facts: CohortFacts) -> Iterator[Figure]:
    done, people = facts.trained
    yield Figure.ratio(TRAINING_DONE.key, "", done, people, people)


TRAINING_DONE = Definition(
    key="training_done",
    name=_("Training done"),
    asks=_("How many people have done all the lessons that their program requires of them?"),
    numerator=_(
        "People with a place who have done every required lesson of their part. Who was let off a "
        "lesson has not done it."
    ),
    denominator=_("People with a place of whom the program requires a lesson."),
    window=_("This moment."),
    unit=Unit.SHARE,
    sample=Sample.ROWS,
    now=True,
    missing=_("Where no lesson is required there is no data."),
    people=_("People with a place of whom a lesson is required."),
    source=_("The program's path, and which lessons are done: never how they were answered."),
    method=WILSON,
    basis=Basis.FACTS,
    figures=_trained,
)


def _matched(facts: CohortFacts) -> Iterator[Figure]:
    people = facts.people
    yield Figure.ratio(MATCH_RATE.key, "", people.matched, people.active, people.active)


MATCH_RATE = Definition(
    key="match_rate",
    name=_("Matched now"),
    asks=_("How many active participants have a partner at this moment?"),
    numerator=_("Active participants with at least one open seat in a partnership that is open."),
    denominator=_("Active participants."),
    window=_("This moment."),
    unit=Unit.SHARE,
    sample=Sample.ROWS,
    now=True,
    missing=_("No active participant is no data. A paused partnership is open."),
    people=_("Active participants."),
    source=_("Enrolments, seats and the states of their partnerships."),
    method=WILSON,
    basis=Basis.FACTS,
    figures=_matched,
)


def _matched_ever(facts: CohortFacts) -> Iterator[Figure]:
    people = facts.people
    yield Figure.ratio(MATCH_RATE_EVER.key, "", people.matched_ever, people.active, people.active)


MATCH_RATE_EVER = Definition(
    key="match_rate_ever",
    name=_("Matched at some time"),
    asks=_("How many active participants have had a partner at all?"),
    numerator=_("Active participants who have or had a seat in a published partnership."),
    denominator=_("Active participants."),
    window=_("From the opening of the cohort to now."),
    unit=Unit.SHARE,
    sample=Sample.ROWS,
    missing=_("No active participant is no data. A partnership only proposed does not count."),
    people=_("Active participants."),
    source=_("Enrolments, seats and the states of their partnerships."),
    method=WILSON,
    basis=Basis.FACTS,
    figures=_matched_ever,
)


def _waited(facts: CohortFacts) -> Iterator[Figure]:
    days, matched = facts.waiting.median, sum(facts.waiting.matched)
    value = None if days is None else rounded(days)
    people = len(facts.waiting.days)
    yield Figure(TIME_TO_MATCH.key, "", None, matched, value, people)


TIME_TO_MATCH = Definition(
    key="time_to_match",
    name=_("Days to a partner"),
    asks=_("How long do people wait between acceptance and their first partnership?"),
    numerator=_(
        "The day after acceptance by which half of them have a seat in a published partnership."
    ),
    denominator=_("None: the median over all whose enrolment was accepted."),
    window=_("From each person's acceptance to today."),
    unit=Unit.DAYS,
    counted=ngettext_lazy("%(n)d person with a partner", "%(n)d people with a partner", "n"),
    missing=_(
        "Who still waits, or left without a partner, is followed to today or to that day: nobody "
        "is dropped. Until half have a partner there is no data."
    ),
    people=_EVERYBODY_ENROLLED,
    source=_("Enrolments, seats and the publication of their partnerships, in days."),
    method=_("Median of the curve of Kaplan and Meier, JASA 53 (1958) 457–481."),
    basis=Basis.FACTS,
    figures=_waited,
)


def _retention(facts: CohortFacts) -> list[Figure]:
    return retention(curve(facts.stays, facts.as_of.today), len(facts.stays), facts.k)


def retention(steps: Sequence[Step], n: int, k: int) -> list[Figure]:
    """Return the curve as figures: one for each whole week, and the last of them as the whole.

    The curve ends where fewer than k people are followed: beyond, its steps are single people.
    """
    points = weekly(steps, at_least=k)
    if not points:
        return [Figure(RETENTION.key, "", None, None, None, n)]
    figures = [
        Figure(
            RETENTION.key,
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
    return [replace(figures[-1], part=""), *figures]


RETENTION = Definition(
    key="retention",
    name=_("Still active"),
    asks=_("What share of those who started is still active so many weeks later?"),
    numerator=_(
        "Leaving is: withdrawn; a seat in a partnership that lapsed; or a seat that ended "
        "before its time without a new one within 30 days. It counts on the day on which the "
        "seat ended. Who holds another seat has not left."
    ),
    denominator=_("Participants who have started."),
    window=_("From each person's own start to today."),
    unit=Unit.SHARE,
    missing=_(
        "Who completed is followed to that day, who is still active to today, and whose seat "
        "ended less than 30 days ago to the end of that seat: nobody is dropped. The curve "
        "ends where fewer people are followed than a figure needs to be shown."
    ),
    people=_("Participants who have started."),
    source=_("Enrolments, seats and the states of their partnerships, in days."),
    parts=_("One for each whole week; the figure itself is that of the last week."),
    method=_(
        "Kaplan and Meier, JASA 53 (1958) 457–481; variance by Greenwood (1926); 95 % "
        "interval on the log-log scale by Kalbfleisch and Prentice (1980). While nobody has left, "
        "Wilson's interval of those followed so long, JASA 22 (1927) 209–212."
    ),
    basis=Basis.FACTS,
    figures=_retention,
)


# while a cohort is in these phases, that nobody has completed is no finding
MAY_COMPLETE = (
    Cohort.Phase.DRAFT,
    Cohort.Phase.ENROLLING,
    Cohort.Phase.MATCHING,
    Cohort.Phase.RUNNING,
)


def _funnel(facts: CohortFacts) -> list[Figure]:
    people = facts.people
    steps: Sequence[tuple[str, str, int]] = (
        ("applied", gettext("Applied"), people.applied),
        ("accepted", gettext("Accepted"), people.enrolled),
        ("active", gettext("Active"), people.started),
        ("met", gettext("Met at a session"), people.met),
        ("completed", gettext("Completed"), people.completed),
    )
    if not people.applied:
        return [Figure(FUNNEL.key, part, 0, 0, None, 0, label=label) for part, label, _n in steps]
    if facts.cohort.phase in MAY_COMPLETE and not people.completed:
        *steps, _completed = steps
        not_yet = gettext("Completed (not yet)")
        last = [Figure(FUNNEL.key, "completed", 0, 0, None, 0, label=not_yet)]
    else:
        last = []
    return [*_counted(steps, facts.k), *last]


def _counted(steps: Sequence[tuple[str, str, int]], k: int) -> Iterator[Figure]:
    """Yield how many reached each step, of those who reached the last one that anybody did.

    These are the people behind it: that nobody of three has met says it of each of them.
    """
    behind = 0
    for part, label, people in steps:
        behind = behind or people
        figure = replace(Figure.count(FUNNEL.key, part, people, label), n=behind)
        yield figure.hidden() if 0 < people < k else figure
        behind = people or behind


FUNNEL = Definition(
    key="funnel",
    name=_("From application to completion"),
    asks=_("How far do people come, and where do they stop?"),
    numerator=_(
        "People who have reached each step: applied (entered in the cohort), accepted, active "
        "(started), met (present at one held session or more), completed."
    ),
    denominator=_("People who applied."),
    window=_("From the opening of the cohort to now."),
    unit=Unit.PEOPLE,
    now=True,
    missing=_(
        "A cohort that nobody has entered is no data; so is completion while the cohort runs and "
        "nobody has completed yet."
    ),
    people=_("People who have reached the step before it; of the first, who applied."),
    source=_("Enrolments and attendance at held sessions."),
    parts=_("One for each step."),
    basis=Basis.FACTS,
    figures=_funnel,
)
