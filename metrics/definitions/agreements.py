"""How long tables take to decide, whose voices are in it, and whether goals are reached."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from core.common.statistics import rounded
from metrics.definitions.shapes import Basis, Definition, Figure, Unit
from metrics.queries.agreed import goal_readings, voice_readings
from metrics.queries.facts import CohortFacts


def _days(facts: CohortFacts) -> Iterator[Figure]:
    decisions = facts.decisions
    days = decisions.median_days
    value = None if days is None else rounded(days)
    yield Figure(DECISION_DAYS.key, "", None, len(decisions.days), value, decisions.people)


DECISION_DAYS = Definition(
    key="decision_days",
    name=_("Days to decide"),
    asks=_("How long does it take from a proposal to its outcome?"),
    numerator=_("The median of days from proposal, or from opening it again, to outcome."),
    denominator=_("None: the median over all outcomes, adopted or not."),
    window=_("From the opening of the cohort to today."),
    unit=Unit.DAYS,
    counted=ngettext_lazy("%(n)d decision", "%(n)d decisions", "n"),
    missing=_(
        "Exercises and what was withdrawn are left out. What lacked a quorum is an outcome: "
        "not adopted. A decision opened again has an outcome each time."
    ),
    people=_("Members of a partnership that has such an outcome."),
    source=_("Outcomes of decisions: when, never what was decided or who answered what."),
    basis=Basis.FACTS,
    figures=_days,
)


def _voice(facts: CohortFacts) -> Iterator[Figure]:
    yield _ratio(facts, DECISION_VOICE.key)


def _ratio(facts: CohortFacts, key: str, part: str = "", label: str = "") -> Figure:
    """Return a share of what has been released, counted as (those that did, all)."""
    figure = facts.released(key, part)
    if figure is None:
        return Figure.unreleased(key, part, label)
    did, of = figure.counts
    return replace(Figure.ratio(key, part, did, of, figure.n, label), until=figure.until)


DECISION_VOICE = Definition(
    key="decision_voice",
    name=_("Voices in decisions"),
    asks=_("When partners decide, how many take part?"),
    numerator=_("Partners who answered, asked, replied or reacted. To pass is no part taken."),
    denominator=_("Members of the partnership when the decision closed."),
    window=_("From the opening of the cohort to today."),
    unit=Unit.SHARE,
    missing=_("Exercises and what was withdrawn are left out. No outcome is no data."),
    people=_("Members of a partnership that has such an outcome."),
    source=_("Outcomes of decisions: how many took part, never who or how they answered."),
    basis=Basis.ANSWERS,
    figures=_voice,
    readings=voice_readings,
)


def _met(facts: CohortFacts) -> Iterator[Figure]:
    """Yield goals met by whose they are: two figures of their own, without a sum."""
    labels = {"personal": gettext("Personal goals"), "shared": gettext("Shared goals")}
    for part, label in labels.items():
        yield _ratio(facts, GOAL_ATTAINMENT.key, part, label)


GOAL_ATTAINMENT = Definition(
    key="goal_attainment",
    name=_("Goals met"),
    asks=_("Do people reach the goals they set?"),
    numerator=_("Goals met."),
    denominator=_("Goals whose day has come, and those met before it."),
    window=_("From the opening of the cohort to today."),
    unit=Unit.SHARE,
    missing=_(
        "A shared goal that somebody has not taken on yet does not count, nor does a goal "
        "that was let go before its day. A goal counts once, as it stood when it was released."
    ),
    people=_("People whose goals these are: for a shared one all its members."),
    source=_("Goals: their state and day, never their words."),
    parts=_("Personal and shared goals apart; there is no sum of both."),
    basis=Basis.ANSWERS,
    figures=_met,
    readings=goal_readings,
)
