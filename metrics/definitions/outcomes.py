"""What became of participants, beside similar colleagues: never by itself what the program did."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core.common.statistics import rounded
from metrics.definitions.shapes import Basis, Definition, Figure, Unit
from metrics.queries.compared import JOB_SATISFACTION, PROMOTION, STAY
from metrics.queries.facts import CohortFacts

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

PARTICIPANTS, OTHERS, UNMEASURED = "participants:", "others:", "e_value:"

_PARTS = _(
    "Participants and similar colleagues apart, each as a share of the people compared, weighted "
    "alike; and the E-value."
)
_METHOD = _(
    "Coarsened exact matching on the month of the start, level, department, location and tenure "
    "(under 1, 1 to 2, 3 to 5, 6 to 10, 11 or more years). The difference is the Mantel–Haenszel "
    "risk difference with Sato's 95 % interval. The E-value is the risk ratio by which something "
    "not in the records would have to go along with both taking part and the outcome to explain "
    "the interval away (VanderWeele and Ding). People chose to take part: this compares, it does "
    "not say why."
)
_WINDOW = _(
    "From the first of the month in which a person started to 12 months later. Compared once, when "
    "HR says that all records are in; later records change nothing."
)
_MISSING = _(
    "No data until it is compared, with fewer than 20 participants or 20 colleagues who match, and "
    "where fewer people than the organisation's threshold are on one side of an outcome. A cohort "
    "that was compared together with others has no figure of its own."
)
_DENOMINATOR = _(
    "Participants who started, withdrawn ones too, of whom the records know the start and the "
    "end, and for whom there is a similar colleague."
)
_PEOPLE = _("Participants who were compared.")
_SOURCE = _("Enrolments that started, and the records of HR.")


def _figures(key: str) -> Callable[[CohortFacts], Iterator[Figure]]:
    """Return the function of one outcome: the difference, and both shares it is made of."""

    def figures(facts: CohortFacts) -> Iterator[Figure]:
        whole = facts.compared.get(key)
        if whole is None:
            yield Figure(key, "", None, None, None, None)
            return
        result = whole.estimate
        difference = Figure(
            key,
            "",
            None,
            None,
            rounded(result.difference),
            whole.participants,
            low=rounded(Fraction(result.low)),
            high=rounded(Fraction(result.high)),
        )
        yield difference
        sides = (
            (PARTICIPANTS, result.participants, whole.participants, gettext("Participants")),
            (OTHERS, result.others, whole.others, gettext("Similar colleagues")),
        )
        for part, value, people, label in sides:
            yield Figure(key, part, None, None, rounded(value), people, label=label)
        yield replace(
            difference,
            part=UNMEASURED,
            value=rounded(Fraction(result.unmeasured)),
            low=None,
            high=None,
            label=gettext("E-value"),
        )

    return figures


def _outcome(key: str, name: _StrPromise, asks: _StrPromise, numerator: _StrPromise) -> Definition:
    return Definition(
        key=key,
        name=name,
        asks=asks,
        numerator=numerator,
        denominator=_DENOMINATOR,
        window=_WINDOW,
        unit=Unit.DIFFERENCE,
        missing=_MISSING,
        people=_PEOPLE,
        source=_SOURCE,
        parts=_PARTS,
        method=_METHOD,
        basis=Basis.FACTS,
        figures=_figures(key),
    )


OUTCOME_PROMOTION = _outcome(
    PROMOTION,
    _("Promoted, beside similar colleagues"),
    _("Were more participants promoted within 12 months than similar colleagues?"),
    _(
        "People with a promotion within the 12 months. Who left without one was not promoted. The "
        "share of participants less the share of colleagues."
    ),
)
OUTCOME_STAY = _outcome(
    STAY,
    _("Stayed, beside similar colleagues"),
    _("Are more participants still employed after 12 months than similar colleagues?"),
    _(
        "People whose last day does not lie within the 12 months. The share of participants less "
        "the share of colleagues."
    ),
)
OUTCOME_JOBSAT = _outcome(
    JOB_SATISFACTION,
    _("Satisfied with the job, beside similar colleagues"),
    _("Are more participants satisfied with their job after 12 months than similar colleagues?"),
    _(
        "People whose last mark around the end is 4 or 5 on a scale of 1 to 5, of those who are "
        "still there. The share of participants less the share of colleagues."
    ),
)
