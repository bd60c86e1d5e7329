""" "Why not these two?", answered: what forbids them, or what it would cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pairing.engine.shapes import FULL_POINTS, score_out_of_100
from pairing.engine.whynot import Obstacle, WhyNot
from pairing.texts.left_over import rule_name
from pairing.texts.reasons import listed

SHOWN = FULL_POINTS // 100
TENTH = SHOWN // 10  # the finest step that is shown of a sum of scores


@dataclass(frozen=True)
class Verdict:
    """The answer in a line, what it means, and whether the pair may be locked."""

    title: str
    meaning: str
    possible: bool


def say_why_not(answer: WhyNot, *, seeker: str, offerer: str, labels: Mapping[str, str]) -> Verdict:
    """Return the verdict on a seeker and an offerer; `labels` are the names of rules by key."""
    if answer.together:
        title = _("%(seeker)s and %(offerer)s are proposed as a pair.")
        return Verdict(title % {"seeker": seeker, "offerer": offerer}, "", possible=False)
    if answer.obstacle is not None:
        return Verdict(*_forbidden(answer, seeker, offerer, labels), possible=False)
    points = score_out_of_100(answer.points)
    numbers = {"seeker": seeker, "offerer": offerer, "points": points}
    if answer.cost > 0:
        title = _("Possible, but all pairs together would score %(cost)s points less.")
        title %= {"cost": _sum(answer.cost)}
    elif answer.cost == 0 and answer.people <= 0:
        title = _("Possible, and as good: the total stays the same.")
    elif answer.cost == 0:
        title = _("Possible at the same total, but somebody would lose their partner.")
    else:
        title = _("Possible, and all pairs together would score %(gain)s points more.")
        title %= {"gain": _sum(-answer.cost)}
    meaning = [_("%(seeker)s and %(offerer)s would score %(points)d.") % numbers]
    meaning += _consequences(answer)
    return Verdict(title, " ".join(meaning), possible=True)


def _forbidden(
    answer: WhyNot, seeker: str, offerer: str, labels: Mapping[str, str]
) -> tuple[str, str]:
    names = {"seeker": seeker, "offerer": offerer}
    assert answer.obstacle is not None
    rules = listed([rule_name(key, labels) for key in answer.rules])
    titles = {
        Obstacle.RULES: _("A rule forbids it: %(rules)s.") % {"rules": rules}
        if len(answer.rules) == 1
        else _("Rules forbid it: %(rules)s.") % {"rules": rules},
        Obstacle.SEEKER_TAKES_NOBODY: _("%(seeker)s takes nobody at present.") % names,
        Obstacle.OFFERER_TAKES_NOBODY: _("%(offerer)s takes nobody at present.") % names,
        Obstacle.SEEKER_LOCKED: _("%(seeker)s is locked together with somebody else.") % names,
        Obstacle.OFFERER_LOCKED: _("All places with %(offerer)s are locked.") % names,
        Obstacle.BOTH_PARTS: _("%(offerer)s is locked to %(seeker)s in the other part.") % names,
    }
    meaning = _("Without it %(seeker)s and %(offerer)s would score %(points)d.") % {
        **names,
        "points": score_out_of_100(answer.points),
    }
    return titles[answer.obstacle], meaning


def _consequences(answer: WhyNot) -> list[str]:
    """Return what would become of the others, one sentence each."""
    sentences = []
    others = len(answer.moves) - 1
    if others > 0:
        sentences.append(
            ngettext(
                "%(n)d other person would change partner.",
                "%(n)d other people would change partner.",
                others,
            )
            % {"n": others}
        )
    if answer.people > 0:
        sentences.append(
            ngettext(
                "%(n)d person fewer would have a partner.",
                "%(n)d people fewer would have a partner.",
                answer.people,
            )
            % {"n": answer.people}
        )
    before, after = answer.floor_before, answer.floor_after
    if before is not None and after is not None:
        low, lower = score_out_of_100(before), score_out_of_100(after)
        if lower < low:
            sentences.append(
                _("The weakest pair would fall from %(low)d to %(lower)d.")
                % {"low": low, "lower": lower}
            )
    return sentences


def _sum(points: int) -> str:
    """Return points as shown, in tenths; what is more than nothing never reads as 0."""
    return f"{max(points, TENTH) / SHOWN:.1f}"
