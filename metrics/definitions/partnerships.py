"""Whether partnerships meet, how they end, and how evenly leading is shared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from uuid import UUID

from django.utils.text import format_lazy
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from core.common.statistics import rounded
from feedback.released import Reading
from metrics.definitions.agreements import DECISION_VOICE
from metrics.definitions.shapes import WILSON, Basis, Definition, Figure, Sample, Unit, breakdown
from metrics.definitions.voice import VOICE_BALANCE
from metrics.queries.facts import CohortFacts
from metrics.queries.partnerships import ENDS, Contact, Led
from metrics.queries.tallied import AsOf
from metrics.queries.voices import PLACES
from pairing.models.partnerships import Partnership

CIRCLE = "circle:"  # part: one circle, by its id
A_CIRCLE = 3  # people and more

_CONTACT = _(
    "Contact is a held session, or check-ins that say so by both of a pair or by at least half of "
    "a circle; a session and the check-in that tells of it are one."
)
_PEOPLE_OF_THEM = _("People with an open seat in such a partnership.")


def _contact(key: str, contact: Contact) -> Figure:
    return Figure.ratio(key, "", contact.met, contact.partnerships, contact.people)


def _regular(facts: CohortFacts) -> Iterator[Figure]:
    yield _contact(REGULAR_CONTACT.key, facts.contacts.regular)


REGULAR_CONTACT = Definition(
    key="regular_contact",
    name=_("Regular contact"),
    asks=_("Do partnerships meet as often as their program means them to?"),
    numerator=_(
        "Active partnerships that had contact in the window at least as often as their cadence "
        "implies, less one; at least once."
    ),
    denominator=_("Active partnerships that were open for the whole window."),
    window=_(
        "The last 30 days where sessions come every two weeks or more often, else two cadences."
    ),
    unit=Unit.SHARE,
    sample=Sample.ROWS,
    now=True,
    missing=_("Paused partnerships, and those that began or resumed within it, are left out."),
    people=_PEOPLE_OF_THEM,
    source=_("Sessions held, and check-ins: whether two met, never how it was."),
    method=format_lazy("{} {}", _CONTACT, WILSON),
    basis=Basis.FACTS,
    figures=_regular,
)


def _month(facts: CohortFacts) -> Iterator[Figure]:
    yield _contact(CONTACT_30D.key, facts.contacts.month)


CONTACT_30D = Definition(
    key="contact_30d",
    name=_("Contact in 30 days"),
    asks=_("How many partnerships had contact at all lately?"),
    numerator=_("Active partnerships that had contact at least once."),
    denominator=_("Active partnerships that were open for all 30 days."),
    window=_("The last 30 days."),
    unit=Unit.SHARE,
    sample=Sample.ROWS,
    now=True,
    missing=REGULAR_CONTACT.missing,
    people=_PEOPLE_OF_THEM,
    source=REGULAR_CONTACT.source,
    method=format_lazy("{} {}", _CONTACT, WILSON),
    basis=Basis.FACTS,
    figures=_month,
)


def _completed(facts: CohortFacts) -> Iterator[Figure]:
    over, key = facts.ends, COMPLETION.key
    done = over.counts.get(Partnership.State.COMPLETED, 0)
    yield Figure.ratio(key, "", done, over.all, over.people)
    for state in ENDS:
        if state != Partnership.State.COMPLETED:
            count = over.counts.get(state, 0)
            yield Figure.ratio(key, state.value, count, over.all, over.people, str(state.label))


COMPLETION = Definition(
    key="completion",
    name=_("Partnerships completed"),
    asks=_("Of the partnerships that are over, how many came to their end as meant?"),
    numerator=_(
        "Partnerships completed: their last day was reached, or all met their goals, and they held "
        "at least as many sessions as agreed."
    ),
    denominator=_("Partnerships that are over: completed, ended, lapsed or never started."),
    window=_("From the opening of the cohort to now."),
    unit=Unit.SHARE,
    sample=Sample.ROWS,
    missing=_(
        "A partnership whose people joined another circle is not over, nor is one whose "
        "publication was undone."
    ),
    people=_("People with a seat in such a partnership."),
    source=_("States of partnerships."),
    parts=_("Ended, lapsed and never started as shares of the same partnerships."),
    method=WILSON,
    basis=Basis.FACTS,
    figures=_completed,
)


def _have_led(tables: Sequence[Led], key: str, part: str = "", label: str = "") -> Figure:
    leaders, seats = sum(t.leaders for t in tables), sum(len(t.counts) for t in tables)
    people = {who for table in tables for who in table.counts}
    return Figure.ratio(key, part, leaders, seats, len(people), label)


def _coverage(facts: CohortFacts) -> Iterator[Figure]:
    key, tables = LEAD_COVERAGE.key, facts.led
    yield _have_led(tables, key)
    circles = [
        Figure.ratio(
            key,
            f"{CIRCLE}{table.partnership}",
            table.leaders,
            len(table.counts),
            len(table.counts),
            table.name,
        )
        for table in tables
        if len(table.counts) >= A_CIRCLE
    ]
    yield from breakdown(circles, facts.k, disjoint=False)


LEAD_COVERAGE = Definition(
    key="lead_coverage",
    name=_("Partners who have led"),
    asks=_("How many partners have led a session? The target is everybody by the season's end."),
    numerator=_("Partners who were present and led at least one held session."),
    denominator=_("Partners of partnerships that have met: who is there, or was to its end."),
    window=_("All sessions held so far."),
    unit=Unit.SHARE,
    missing=_(
        "A program without a role that leads is no data, nor is a partnership that has not met. "
        "A person in two partnerships counts in each."
    ),
    people=_("Partners of such partnerships."),
    source=_("Turns as facilitator, and attendance at held sessions."),
    parts=_("One for each circle."),
    basis=Basis.FACTS,
    figures=_coverage,
)


def _spread(facts: CohortFacts) -> Iterator[Figure]:
    tables = [table for table in facts.led if table.spread is not None]
    people = {who for table in tables for who in table.counts}
    widest = max((table.spread or 0 for table in tables), default=None)
    value = None if widest is None else rounded(widest)
    yield Figure(LEAD_SPREAD.key, "", widest, len(tables), value, len(people))


LEAD_SPREAD = Definition(
    key="lead_spread",
    name=_("Widest gap in turns to lead"),
    asks=_("Does anybody lead much more often than the others? The target is 1 or less."),
    numerator=_(
        "The largest difference, in any partnership, between the most and the fewest turns to "
        "lead of its partners."
    ),
    denominator=_("Partnerships that it was looked for in."),
    window=LEAD_COVERAGE.window,
    unit=Unit.TURNS,
    counted=ngettext_lazy("%(n)d person", "%(n)d people", "n"),
    missing=_(
        "Only partners who were there from the first session on count; a partnership with fewer "
        "than two of them says nothing."
    ),
    people=_("Partners of such partnerships."),
    source=LEAD_COVERAGE.source,
    basis=Basis.FACTS,
    figures=_spread,
)


def _nothing_of_its_own(_cohort: UUID, _as_of: AsOf) -> Iterable[Reading]:
    """Release nothing: what is released of speaking and deciding is read here once more."""
    return ()


def _shared(facts: CohortFacts) -> Iterator[Figure]:
    """Yield the index, and the four shares that it is the mean of."""
    parts = dict(_parts(facts))
    key = SHARED_LEADERSHIP.key
    known = [figure.value for figure in parts.values() if figure.value is not None]
    if any(f.suppressed or (f.n or 0) < facts.k for f in parts.values()) or len(known) < len(parts):
        yield Figure.unreleased(key)
    else:
        n = min(figure.n or 0 for figure in parts.values())
        until = max(figure.until for figure in parts.values() if figure.until is not None)
        yield Figure(key, "", None, None, rounded(sum(known), len(known)), n, until=until)
    for part, figure in parts.items():
        # of a figure of answers, nobody and too few read the same
        unknown = figure.value is None
        yield Figure.unreleased(key, part, figure.label) if unknown else figure


def _parts(facts: CohortFacts) -> Iterator[tuple[str, Figure]]:
    key, tables = SHARED_LEADERSHIP.key, facts.led
    yield "led", _have_led(tables, key, "led", str(LEAD_COVERAGE.name))

    even = [table for table in tables if table.evenness is not None]
    total = sum((table.evenness or Fraction(0) for table in even), Fraction(0))
    people = {who for table in even for who in table.counts}
    label = gettext("Evenness of turns to lead")
    yield (
        "even",
        Figure(key, "even", None, None, rounded(total, len(even)), len(people), label=label),
    )

    label, row = gettext("Speaking balance"), facts.released(VOICE_BALANCE.key)
    if row is None:
        yield "voices", Figure.unreleased(key, "voices", label)
    else:
        value = rounded(row.counts[0], PLACES)
        yield (
            "voices",
            Figure(key, "voices", None, None, value, row.n, label=label, until=row.until),
        )

    label, row = gettext("Voices in decisions"), facts.released(DECISION_VOICE.key)
    if row is None:
        yield "decisions", Figure.unreleased(key, "decisions", label)
    else:
        took, of = row.counts
        figure = Figure.ratio(key, "decisions", took, of, row.n, label)
        yield "decisions", replace(figure, until=row.until)


# Circle by circle there is a course of leading alone: words and decisions are answers, and a
# circle is smaller than two of the steps in which answers are released.
SHARED_LEADERSHIP = Definition(
    key="shared_leadership",
    name=_("Shared leadership"),
    asks=_("Is leading shared: turns, words and decisions?"),
    numerator=_(
        "The mean of four shares: partners who have led; evenness of turns to lead, 1 − G·n/(n−1) "
        "with G the Gini coefficient, over partnerships with three turns or more; speaking "
        "balance; voices in decisions."
    ),
    denominator=_("None: a mean of four shares, from 0 to 100 %."),
    window=_("From the opening of the cohort to today."),
    unit=Unit.SHARE,
    missing=_("While one of the four is hidden or not known yet, so is the mean."),
    people=_("The people behind that of the four which is about the fewest."),
    source=_("Turns as facilitator and attendance; released figures of speaking and deciding."),
    parts=_("The four shares. It is a figure of circles, never of a person."),
    basis=Basis.ANSWERS,
    figures=_shared,
    readings=_nothing_of_its_own,
)
