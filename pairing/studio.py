"""Who could be matched at all as things stand: counted live, before any run."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pairing.compute import Counts, count_candidates
from pairing.engine import EngineError
from pairing.engine.rules import FORBIDDEN, SAME_PERSON
from pairing.operations.runs import has_candidates
from pairing.snapshot import take_snapshot
from pairing.words import people_count
from programs.models import Cohort


@dataclass(frozen=True)
class RuleLine:
    label: str
    words: str


@dataclass(frozen=True)
class Studio:
    """What waits to be matched: `people` in words, counts, and what stands in the way."""

    people: str
    ready: bool
    counts: Counts | None
    rules: tuple[RuleLine, ...]
    alone: str
    problem: str


def studio_of(cohort: Cohort) -> Studio:
    """Return who could be matched in this cohort now, and how many no rule allows anybody."""
    snapshot = take_snapshot(cohort)
    counts: Counts | None = None
    problem = ""
    try:
        counts = count_candidates(snapshot)
    except (EngineError, KeyError, AssertionError, TypeError, ValueError) as error:
        # what the engine cannot read it refuses when the run starts, in a sentence of its own
        problem = str(error) if isinstance(error, EngineError) else ""
    rules = [each for each in snapshot["criteria"] if each["sort"] == "rule"]
    return Studio(
        people=people_count(snapshot),
        ready=has_candidates(snapshot),
        counts=counts,
        rules=tuple(
            RuleLine(each["label"], _ruled_out(counts, each["key"], "peers" in snapshot))
            for each in rules
        ),
        alone=_alone(counts, "peers" in snapshot),
        problem=problem,
    )


def _ruled_out(counts: Counts | None, key: str, one_pool: bool) -> str:
    if counts is None or not counts.possible or key not in counts.by_rule:
        return ""
    # in one pool each pair stands twice in the square, and everybody once with themselves
    own = min(counts.by_rule.get(SAME_PERSON, 0), counts.seekers) if one_pool else 0
    possible = (counts.possible - own) // 2 if one_pool else counts.possible
    ruled_out = counts.by_rule[key] // 2 if one_pool else counts.by_rule[key]
    return ngettext(
        "Rules out %(n)d of %(possible)d pairs",
        "Rules out %(n)d of %(possible)d pairs",
        ruled_out,
    ) % {"n": ruled_out, "possible": possible}


def _alone(counts: Counts | None, one_pool: bool) -> str:
    if counts is None or not counts.alone:
        return ""
    if one_pool:
        return ngettext(
            "The rules leave %(n)d person nobody to sit with.",
            "The rules leave %(n)d people nobody to sit with.",
            counts.alone,
        ) % {"n": counts.alone}
    if counts.by_rule.get(FORBIDDEN) or counts.places:
        return ngettext(
            "The rules leave %(n)d mentee without any mentor.",
            "The rules leave %(n)d mentees without any mentor.",
            counts.alone,
        ) % {"n": counts.alone}
    return _("No mentor has a place free.")
