"""Why somebody is left over, and what would change it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pairing.engine.shapes import LeftOverReason, score_out_of_100
from pairing.texts.reasons import listed

NOTHING: Mapping[str, Any] = MappingProxyType({})


def say_left_over(
    reason: str,
    detail: Mapping[str, int],
    labels: Mapping[str, str],
    remedy: Mapping[str, Any] = NOTHING,
    names: Mapping[str, str] = NOTHING,
) -> tuple[str, str]:
    """Return why somebody has nobody, and what would change it.

    `labels` are the names of the run's rules by key, `names` those of its people by
    enrolment; `remedy` is what the run found would change it.
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
    why, change = _LEFT_OVER[LeftOverReason(reason)]
    said_why, said_change = str(why) % {**known, "rules": rules}, str(change) % known
    rival = remedy.get("rival")
    if rival and rival["partner"] in names and rival["rival"] in names:
        said_why = f"{said_why} {_rival(rival, names)}"
        if (
            reason in {LeftOverReason.FEWER_OFFERERS, LeftOverReason.CAPACITY_EXHAUSTED}
            and not rival["locked"]
        ):
            said_change = _("One more place with %(partner)s would do, or: %(change)s") % {
                "partner": names[rival["partner"]],
                "change": said_change[:1].lower() + said_change[1:],
            }
    if reason == LeftOverReason.NO_ALLOWED_PARTNER and remedy:
        said_change = _without(remedy["without"], labels)
    return said_why, said_change


def _rival(rival: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Say who was given the best possible place, and by how much they fit it better."""
    partner, other = names[rival["partner"]], names[rival["rival"]]
    if rival["locked"]:
        return _("The best fit, %(partner)s, is locked together with %(other)s.") % {
            "partner": partner,
            "other": other,
        }
    own, theirs = score_out_of_100(rival["points"]), score_out_of_100(rival["rival_points"])
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


_LEFT_OVER = {
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
        gettext_lazy("No circle is free of people they may not sit with: %(rules)s."),
        gettext_lazy("Loosen one of these rules, or accept more people."),
    ),
    LeftOverReason.ONLY_LOWER_SCORES: (
        gettext_lazy("A partner was possible, but the total is higher without."),
        gettext_lazy("Aim for “nobody left out”, or lock a pair and run again."),
    ),
}
