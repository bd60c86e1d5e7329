"""Why somebody is left over, and what would change it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pairing.engine.shapes import LeftOverReason, score_out_of_100
from pairing.texts.reasons import listed

PARTNER_GONE = "partner_gone"  # not the engine's: who was to be theirs has left since the run
NOBODY: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Rival:
    """The best possible partner of somebody left over, and who was given that place.

    partner, rival: enrolment ids; points, rival_points: of either with the partner; locked: the
    rival holds the place by a lock.
    """

    partner: str
    points: int
    rival: str
    rival_points: int
    locked: bool


@dataclass(frozen=True)
class Remedy:
    """What would change it; without: rule -> partners that it alone keeps out."""

    without: Mapping[str, int]
    rival: Rival | None = None

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Remedy | None:
        """Return what a run keeps with somebody left over; it looks at so many people only."""
        if not stored:
            return None
        rival = stored.get("rival")
        return cls(stored["without"], Rival(**rival) if rival else None)

    def as_json(self) -> dict[str, object]:
        rival = {"rival": asdict(self.rival)} if self.rival else {}
        return {"without": dict(self.without), **rival}


def say_left_over(
    reason: str,
    detail: Mapping[str, int],
    labels: Mapping[str, str],
    remedy: Remedy | None = None,
    names: Mapping[str, str] = NOBODY,
    fixed: Collection[str] = (),
) -> tuple[str, str]:
    """Return why somebody has nobody, and what would change it.

    `labels` are the names of the run's rules by key, `names` those of its people by
    enrolment; `remedy` is what the run found would change it.  `fixed` are rules that nobody can
    loosen.
    """
    known = {**dict.fromkeys(("places", "seekers", "offerers", "allowed", "people"), 0), **detail}
    known.setdefault("fewest", 0)
    known.setdefault("circles", 0)
    known.setdefault("most", 0)
    rules = listed(
        [
            _("%(rule)s (%(n)d)") % {"rule": rule_name(key, labels), "n": count}
            for key, count in sorted(detail.items(), key=lambda item: -item[1])
        ]
    )
    why, change = _LEFT_OVER[reason]
    why_words, change_words = str(why) % {**known, "rules": rules}, str(change) % known
    by_rules = {LeftOverReason.NO_ALLOWED_PARTNER, LeftOverReason.NO_ALLOWED_CIRCLE}
    if reason in by_rules and set(detail) <= set(fixed):
        return why_words, _("Accept more people: this rule is always on.")
    if remedy is None:
        return why_words, change_words
    rival = remedy.rival
    if rival and rival.partner in names and rival.rival in names:
        why_words = f"{why_words} {_rival(rival, names)}"
        full = {LeftOverReason.FEWER_OFFERERS, LeftOverReason.CAPACITY_EXHAUSTED}
        if reason in full and not rival.locked:
            change_words = _("One more place with %(partner)s would do, or: %(change)s") % {
                "partner": names[rival.partner],
                "change": change_words[:1].lower() + change_words[1:],
            }
    if reason == LeftOverReason.NO_ALLOWED_PARTNER:
        change_words = _without(remedy.without, labels)
    return why_words, change_words


def say_to_coordinator(reason: str, detail: Mapping[str, int]) -> str:
    """Return why a run left somebody over, in short: rules are named on the run's own page."""
    if reason in {LeftOverReason.NO_ALLOWED_PARTNER, LeftOverReason.NO_ALLOWED_CIRCLE}:
        return _("The rules left nobody.")
    return say_left_over(reason, detail, {})[0]


def _rival(rival: Rival, names: Mapping[str, str]) -> str:
    """Say who was given the best possible place, and by how much they fit it better."""
    partner, other = names[rival.partner], names[rival.rival]
    if rival.locked:
        return _("The best fit, %(partner)s, is locked together with %(other)s.") % {
            "partner": partner,
            "other": other,
        }
    own, theirs = score_out_of_100(rival.points), score_out_of_100(rival.rival_points)
    numbers = {"partner": partner, "other": other, "own": own, "theirs": theirs}
    if theirs > own:
        return ngettext(
            "The best fit, %(partner)s, went to %(other)s, who fits better by %(n)d point"
            " (%(theirs)d to %(own)d).",
            "The best fit, %(partner)s, went to %(other)s, who fits better by %(n)d points"
            " (%(theirs)d to %(own)d).",
            theirs - own,
        ) % {**numbers, "n": theirs - own}
    if theirs == own:
        return (
            _("The best fit, %(partner)s, went to %(other)s, who fits as well (%(own)d points).")
            % numbers
        )
    return (
        _(
            "The best fit, %(partner)s, went to %(other)s, who fits less well"
            " (%(theirs)d to %(own)d): the matching as a whole is better so."
        )
        % numbers
    )


def _without(without: Mapping[str, int], labels: Mapping[str, str]) -> str:
    """Say which rule alone keeps partners out; often it takes two."""
    if not without:
        return _("No rule is it alone: each possible partner is kept out by two or more of them.")
    key, n = max(without.items(), key=lambda item: (item[1], item[0]))
    return ngettext(
        "Without “%(rule)s” %(n)d partner would be possible.",
        "Without “%(rule)s” %(n)d partners would be possible.",
        n,
    ) % {"rule": rule_name(key, labels), "n": n}


def rule_name(key: str, labels: Mapping[str, str]) -> str:
    """Return what a rule is called; the engine has some of its own."""
    ours = {
        "never_same_person": _("the same person"),
        "forbidden": _("set to never together, or a pair before"),
        "apart": _("set to never together"),
    }
    return ours.get(key) or labels.get(key, key)


def say_to_them(reason: str) -> str | Promise:
    """Return the plain reason for the person themselves: no rule, number or name of others."""
    return _TO_THEM[reason]


_TO_THEM: Mapping[str, str | Promise] = {
    LeftOverReason.NO_ALLOWED_PARTNER: gettext_lazy(
        "Nobody who was free fits you by the rules of the program."
    ),
    LeftOverReason.NO_CAPACITY: gettext_lazy("You take nobody at present."),
    LeftOverReason.FEWER_OFFERERS: gettext_lazy(
        "There are more mentees than places with mentors at present."
    ),
    LeftOverReason.FEWER_SEEKERS: gettext_lazy("There are more mentors than mentees at present."),
    LeftOverReason.CAPACITY_EXHAUSTED: gettext_lazy(
        "Everybody who fits you has a partner already."
    ),
    LeftOverReason.BOTH_PARTS: gettext_lazy("Everybody who fits you has a partner already."),
    LeftOverReason.SIZES_DO_NOT_FIT: gettext_lazy(
        "The number of people did not divide into circles of the right size."
    ),
    LeftOverReason.TOO_FEW_PEOPLE: gettext_lazy("There are too few people for a circle so far."),
    LeftOverReason.NO_ALLOWED_CIRCLE: gettext_lazy(
        "No circle was possible for you by the rules of the program."
    ),
    LeftOverReason.ONLY_LOWER_SCORES: gettext_lazy("Everybody who fits you has a partner already."),
    PARTNER_GONE: gettext_lazy("The person who was to work with you no longer takes part."),
}

_LEFT_OVER: Mapping[str, tuple[Any, Any]] = {
    LeftOverReason.NO_ALLOWED_PARTNER: (
        gettext_lazy("The rules leave nobody: %(rules)s."),
        gettext_lazy("Loosen one of these rules, or accept more people."),
    ),
    LeftOverReason.NO_CAPACITY: (
        gettext_lazy("Takes nobody at present."),
        gettext_lazy("Ask whether they have room again."),
    ),
    LeftOverReason.FEWER_OFFERERS: (
        gettext_lazy("There are %(places)d places with mentors for %(seekers)d mentees."),
        gettext_lazy("Accept more mentors, or ask some to take one more mentee."),
    ),
    LeftOverReason.FEWER_SEEKERS: (
        gettext_lazy("There are %(seekers)d mentees for %(offerers)d mentors."),
        gettext_lazy("Accept more mentees, or keep this person for the next round."),
    ),
    LeftOverReason.CAPACITY_EXHAUSTED: (
        gettext_lazy("All who are allowed (%(allowed)d) are taken by others."),
        gettext_lazy("Ask one of them to take one more, or lock a pair and run again."),
    ),
    LeftOverReason.BOTH_PARTS: (
        gettext_lazy("The one who is left already has this person in the other part."),
        gettext_lazy("Accept more people, or lock another pair and run again."),
    ),
    LeftOverReason.SIZES_DO_NOT_FIT: (
        gettext_lazy("%(people)d people do not divide into %(circles)d circles of %(most)d."),
        gettext_lazy("Allow larger or smaller circles in the design of the program."),
    ),
    LeftOverReason.TOO_FEW_PEOPLE: (
        gettext_lazy("There are %(people)d people, and a circle needs %(fewest)d."),
        gettext_lazy("Accept more people, or allow smaller circles."),
    ),
    LeftOverReason.NO_ALLOWED_CIRCLE: (
        gettext_lazy("Each circle has people they may not be with: %(rules)s."),
        gettext_lazy("Loosen one of these rules, or accept more people."),
    ),
    PARTNER_GONE: (
        gettext_lazy("Who was to be the partner has left since the run."),
        gettext_lazy("Pair them by hand, or run again."),
    ),
    LeftOverReason.ONLY_LOWER_SCORES: (
        gettext_lazy("A partner was possible, but the total is higher without."),
        gettext_lazy("Aim for “nobody left out”, or lock a pair and run again."),
    ),
}
