"""Who could be matched at all as things stand, in words: counted live, before any run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pairing.inputs.choice import ALWAYS_ON, Choice
from pairing.runs.presenters.counting import Alone, Counts, RuleCount, count, grounds_of
from pairing.texts.reasons import listed, people_words
from programs.models.programs import Cohort

ALONE_SHOWN = 8


@dataclass(frozen=True)
class Line:
    """What stands below one criterion or rule."""

    key: str
    words: str


@dataclass(frozen=True)
class Stuck:
    name: str
    why: str


@dataclass(frozen=True)
class Studio:
    """What waits to be matched: `people` in words, a line for each criterion, who is stuck."""

    people: str
    ready: bool
    lines: Mapping[str, Line]
    allowed: str
    alone: str
    stuck: tuple[Stuck, ...]
    more_stuck: int
    problem: str
    too_many: bool

    def line(self, key: str) -> Line:
        """Return what stands below a criterion; nothing where it was not counted."""
        return self.lines.get(key, Line(key, ""))


def studio_of(cohort: Cohort, choice: Choice) -> Studio:
    """Return who could be matched in this cohort now under a choice, and whom no rule allows."""
    grounds = grounds_of(cohort, choice.limits)
    counts = count(grounds, choice)
    lines: dict[str, Line] = {}
    if counts:
        for key, alone in counts.as_must.items():
            lines[key] = Line(key, _must(alone, choice.weights.get(key, 1)))
        for key, rule in counts.by_rule.items():
            always = grounds.labels[key][1] in ALWAYS_ON
            lines[key] = Line(key, _rule(rule, counts, always))
    names = {key: label for key, (label, _kind) in grounds.labels.items()}
    stuck = counts.alone if counts else ()
    return Studio(
        people=people_words(
            None if grounds.one_pool else len(grounds.names), grounds.offerers, grounds.places
        ),
        ready=grounds.ready,
        lines=lines,
        allowed=_allowed(counts),
        alone=_alone(counts),
        stuck=tuple(Stuck(person.name, _why(person, names)) for person in stuck[:ALONE_SHOWN]),
        more_stuck=max(0, len(stuck) - ALONE_SHOWN),
        problem=grounds.problem,
        too_many=grounds.too_many,
    )


def _must(alone: int, weight: int) -> str:
    if not weight:
        return _("Does not count")
    if not alone:
        return _("As a must, everybody could still be matched")
    return ngettext(
        "As a must: %(n)d mentee could not be matched",
        "As a must: %(n)d mentees could not be matched",
        alone,
    ) % {"n": alone}


def _rule(rule: RuleCount, counts: Counts, always: bool) -> str:
    if not rule.on:
        return _off(rule, counts)
    sentences = [_("Always on.")] if always else []
    sentences.append(
        ngettext(
            "Rules out %(n)d of %(possible)d pairs.",
            "Rules out %(n)d of %(possible)d pairs.",
            rule.forbids,
        )
        % {"n": rule.forbids, "possible": counts.possible}
    )
    if rule.seekers:
        sentences.append(
            ngettext(
                "Without it %(n)d more person could be matched.",
                "Without it %(n)d more people could be matched.",
                rule.seekers,
            )
            % {"n": rule.seekers}
        )
    return " ".join(sentences)


def _off(rule: RuleCount, counts: Counts) -> str:
    if not rule.seekers:
        return _("Off. With it everybody could still be matched.")
    if counts.one_pool:
        return ngettext(
            "Off. Would leave %(n)d person without anyone.",
            "Off. Would leave %(n)d people without anyone.",
            rule.seekers,
        ) % {"n": rule.seekers}
    return ngettext(
        "Off. Would leave %(n)d mentee without anyone.",
        "Off. Would leave %(n)d mentees without anyone.",
        rule.seekers,
    ) % {"n": rule.seekers}


def _allowed(counts: Counts | None) -> str:
    if counts is None or not counts.possible:
        return ""
    sentence = _("%(allowed)d of %(possible)d pairs are allowed.") % {
        "allowed": counts.allowed,
        "possible": counts.possible,
    }
    if counts.alone_offerers:
        sentence += " " + ngettext(
            "%(n)d mentor may be matched with nobody.",
            "%(n)d mentors may be matched with nobody.",
            counts.alone_offerers,
        ) % {"n": counts.alone_offerers}
    return sentence


def _alone(counts: Counts | None) -> str:
    if counts is None or not counts.alone:
        return ""
    n = len(counts.alone)
    if counts.one_pool:
        return ngettext(
            "The rules leave %(n)d person nobody to sit with.",
            "The rules leave %(n)d people nobody to sit with.",
            n,
        ) % {"n": n}
    if not counts.places:
        return _("No mentor has a place free.")
    return ngettext(
        "The rules leave %(n)d mentee without any mentor.",
        "The rules leave %(n)d mentees without any mentor.",
        n,
    ) % {"n": n}


def _why(alone: Alone, names: Mapping[str, str]) -> str:
    if not alone.rules:
        return _("Several rules together, or people set to never together.")
    rules = listed([f"“{names[key]}”" for key in alone.rules])
    return ngettext(
        "Only %(rules)s stands in the way.",
        "Any of %(rules)s would have to go.",
        len(alone.rules),
    ) % {"rules": rules}
