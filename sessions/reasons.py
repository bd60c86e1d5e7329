"""The engine's reasons and findings as sentences for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sessions.engine import LeadBound, ReasonCode


def why(code: str, detail: Mapping[str, Any]) -> str:
    """Return why a turn went to its holder; a code that is not known gives ''."""
    match code:
        case ReasonCode.LOCKED:
            return _("Chosen by hand.")
        case ReasonCode.ONLY_ONE_PRESENT:
            return _("Nobody else free for it at this session.")
        case ReasonCode.NEVER_LED:
            return _("Leads for the first time.")
        case ReasonCode.NEVER_HELD:
            return _("In this role for the first time.")
        case ReasonCode.LONGEST_WAIT:
            ago = _number(detail, "meetings")
            return ngettext(
                "Longest wait of all: last in this role %(n)d session ago.",
                "Longest wait of all: last in this role %(n)d sessions ago.",
                ago,
            ) % {"n": ago}
        case ReasonCode.STRETCH:
            return _("Asked to grow in what this role exercises.")
        case ReasonCode.STRENGTH:
            return _("Strong in what this role needs: level %(n)d of 5.") % {
                "n": _number(detail, "level")
            }
        case ReasonCode.EVENS_OUT:
            turns = _number(detail, "turns")
            return ngettext(
                "Fewer turns in this role than the others: %(n)d so far.",
                "Fewer turns in this role than the others: %(n)d so far.",
                turns,
            ) % {"n": turns}
        case ReasonCode.IN_TURN:
            return _("Keeps the turns even over the whole season.")
    return ""


def _number(detail: Mapping[str, Any], name: str) -> int:
    value = detail.get(name, 0)
    return value if isinstance(value, int) else 0


def people(names: Sequence[str]) -> str:
    """Write names one after another: Amara, Leila and Jonas."""
    return get_text_list(list(names), _("and"))


def evenness(led: Mapping[str, int]) -> str:
    """Say how evenly leading goes round, from the leads by name over the whole season."""
    if not led:
        return _("Nobody leads yet.")
    most, least = max(led.values()), min(led.values())
    if most == least:
        return _("Yes. Everyone leads %(times)s.") % {"times": times(most)}
    if most - least == 1:
        more = [name for name, turns in led.items() if turns == most]
        return _("Yes. Everyone leads %(least)s, %(who)s once more.") % {
            "least": times(least),
            "who": people(more) if len(more) <= 3 else _("%(n)d of them") % {"n": len(more)},
        }
    often = [name for name, turns in led.items() if turns == most]
    seldom = [name for name, turns in led.items() if turns == least]
    return _("Not yet. %(often)s: %(most)s; %(seldom)s: %(least)s.") % {
        "often": people(often),
        "most": times(most),
        "seldom": people(seldom),
        "least": times(least),
    }


def times(n: int) -> str:
    """Write how often: never, once, twice, 3 times."""
    if n == 0:
        return _("never")
    if n == 1:
        return _("once")
    if n == 2:
        return _("twice")
    return _("%(n)d times") % {"n": n}


def forced(bound: LeadBound, names: Mapping[str, str], days: Mapping[str, str]) -> str:
    """Say what absences force: why no plan has a smaller lead spread, by name and day."""
    parts = []
    if bound.most > 1 and bound.most_meetings:
        parts.append(
            _("Only %(who)s can lead on %(days)s.")
            % {
                "who": people(_of(bound.most_members, names)),
                "days": people(_of(bound.most_meetings, days)),
            }
        )
    if bound.least_members:
        when = _of(bound.least_meetings, days)
        who = people(_of(bound.least_members, names))
        parts.append(
            _("%(who)s can lead on %(days)s only.") % {"who": who, "days": people(when)}
            if when
            else _("%(who)s can lead on no day that is left.") % {"who": who}
        )
    parts.append(_("No plan is more even than this."))
    return " ".join(parts)


def _of(ids: frozenset[str], words: Mapping[str, str]) -> list[str]:
    """Return the words for these ids in the order of the season, not of the set."""
    return [word for id_, word in words.items() if id_ in ids]
