"""The engine's reasons and findings as sentences for people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from sessions.rotation.engine.shapes import LeadBound, ReasonCode

# reasons that no plan gives: turns that change hands by agreement, by an election, between two
AGREED, VOLUNTEERED, ELECTED, TAKING_TURNS = "agreed", "volunteered", "elected", "taking_turns"


_PLAIN: dict[str, object] = {
    AGREED: gettext_lazy("Agreed between the two."),
    VOLUNTEERED: gettext_lazy("Volunteered for it."),
    TAKING_TURNS: "",
    ReasonCode.LOCKED: gettext_lazy("Chosen by hand."),
    ReasonCode.OPENS_A_ROLE: gettext_lazy("Comes before another role, which it opens."),
    ReasonCode.ONLY_ONE_PRESENT: gettext_lazy("Nobody else free for it at this session."),
    ReasonCode.NEVER_LED: gettext_lazy("Leads for the first time."),
    ReasonCode.NEVER_HELD: gettext_lazy("In this role for the first time."),
    ReasonCode.STRETCH: gettext_lazy("Asked to grow in what this role exercises."),
    ReasonCode.IN_TURN: gettext_lazy("Keeps the turns even over the whole season."),
}


def why(code: str, detail: Mapping[str, Any]) -> str:
    """Return why a turn went to its holder; a code that is not known gives ''."""
    if code in _PLAIN:
        return str(_PLAIN[code])
    match code:
        case "elected":
            return _("Elected until %(day)s.") % {"day": _day(detail, "until")}
        case ReasonCode.LONGEST_WAIT:
            ago = _number(detail, "meetings")
            return ngettext(
                "Longest wait of all: last in this role %(n)d session ago.",
                "Longest wait of all: last in this role %(n)d sessions ago.",
                ago,
            ) % {"n": ago}
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
    return ""


def difference(*, role: str, leads: bool, day: str, was: str, now: str, because: str) -> str:
    """Say of one turn who has it now instead of whom, and why; an empty name is nobody."""
    words = {"role": role, "day": day, "was": was, "now": now, "why": because}
    if not now:
        return _("%(role)s on %(day)s: %(was)s no longer, and nobody yet.") % words
    if not was:
        sentence = _("%(now)s leads on %(day)s.") if leads else _("%(role)s on %(day)s: %(now)s.")
    elif leads:
        sentence = _("%(now)s leads on %(day)s instead of %(was)s.")
    else:
        sentence = _("%(role)s on %(day)s: %(now)s instead of %(was)s.")
    return sentence % words + (_(" Because: %(why)s") % words if because else "")


def _number(detail: Mapping[str, Any], name: str) -> int:
    value = detail.get(name, 0)
    return value if isinstance(value, int) else 0


def _day(detail: Mapping[str, Any], name: str) -> str:
    try:
        return date_format(date.fromisoformat(str(detail.get(name))), "j F Y")
    except ValueError:
        return _("the end of the term")


def people(names: Sequence[str]) -> str:
    """Write names one after another: Amara, Leila and Jonas."""
    return get_text_list(list(names), _("and"))


FEW = 3  # so many people are named, more are counted


def evenness(led: Mapping[str, int], *, sessions: int, best: bool = False) -> str:
    """Say how evenly leading goes round, from the leads by name over the whole season.

    `sessions` are those of the season; `best` says that no plan could be more even.
    """
    most, least = max(led.values(), default=0), min(led.values(), default=0)
    if not most:
        return _("Nobody leads yet.")
    often = [name for name, turns in led.items() if turns == most]
    seldom = [name for name, turns in led.items() if turns == least]
    if most == least:
        return _("Yes. Everyone leads %(times)s this season.") % {"times": times(most)}
    if most == 1:
        sentences = [_some_lead_once(led, seldom)]
        if sessions < len(led):
            sentences.append(_too_few_sessions(sessions, len(led)))
        return " ".join(sentences)
    if most - least == 1:
        return _once_more(often, seldom, most, least)
    return _uneven(often, seldom, most, least, best=best)


def _some_lead_once(led: Mapping[str, int], others: Sequence[str]) -> str:
    lead = len(led) - len(others)
    if len(others) == 1:
        sentence = ngettext(
            "Yes. %(n)d of %(all)d leads once this season, %(who)s has not had a turn yet.",
            "Yes. %(n)d of %(all)d lead once this season, %(who)s has not had a turn yet.",
            lead,
        )
    else:
        sentence = ngettext(
            "Yes. %(n)d of %(all)d leads once this season, the others have not had their turn yet.",
            "Yes. %(n)d of %(all)d lead once this season, the others have not had their turn yet.",
            lead,
        )
    return sentence % {"n": lead, "all": len(led), "who": others[0]}


def _too_few_sessions(sessions: int, everyone: int) -> str:
    return ngettext(
        "In %(n)d session not all %(all)d can lead.",
        "In %(n)d sessions not all %(all)d can lead.",
        sessions,
    ) % {"n": sessions, "all": everyone}


def _once_more(often: Sequence[str], seldom: Sequence[str], most: int, least: int) -> str:
    counts = {"most": times(most), "least": times(least)}
    if len(often) <= min(FEW, len(seldom)):
        return ngettext(
            "Yes. %(who)s leads %(most)s this season, everyone else %(least)s.",
            "Yes. %(who)s lead %(most)s this season, everyone else %(least)s.",
            len(often),
        ) % (counts | {"who": people(often)})
    if len(seldom) <= FEW:
        return _("Yes. Everyone leads %(most)s this season, only %(who)s %(least)s.") % (
            counts | {"who": people(seldom)}
        )
    # both are more than a few, so there is no singular
    return _("Yes. %(n)d of %(all)d lead %(most)s this season, the others %(least)s.") % (
        counts | {"n": len(often), "all": len(often) + len(seldom)}
    )


def _uneven(
    often: Sequence[str], seldom: Sequence[str], most: int, least: int, *, best: bool
) -> str:
    if best:
        sentence = ngettext(
            "As even as it can be. %(often)s leads %(most)s this season, %(seldom)s %(least)s.",
            "As even as it can be. %(often)s lead %(most)s this season, %(seldom)s %(least)s.",
            len(often),
        )
    else:
        sentence = ngettext(
            "Not yet. %(often)s leads %(most)s this season, %(seldom)s %(least)s.",
            "Not yet. %(often)s lead %(most)s this season, %(seldom)s %(least)s.",
            len(often),
        )
    return sentence % {
        "often": _named_or_counted(often),
        "most": times(most),
        "seldom": _named_or_counted(seldom),
        "least": times(least),
    }


def _named_or_counted(names: Sequence[str]) -> str:
    if len(names) <= FEW:
        return people(names)
    # more than a few, so there is no singular
    return _("%(n)d people") % {"n": len(names)}


def times(n: int) -> str:
    if n == 0:
        return _("never")
    if n == 1:
        return _("once")
    if n == 2:
        return _("twice")
    return _("%(n)d times") % {"n": n}


def forced(
    bound: LeadBound, names: Mapping[str, str], days: Mapping[str, str], settled: Set[str]
) -> str:
    """Say why no plan has a smaller lead spread, by name and day.

    `settled` are the sessions, by id, whose leader stands: held already or chosen by hand.
    """
    parts = []
    if bound.most > 1 and bound.most_meetings:
        words = {
            "who": people(_of(bound.most_members, names)),
            "days": people(_of(bound.most_meetings, days)),
        }
        parts.append(
            ngettext(
                "%(who)s leads on %(days)s, as held or as chosen by hand.",
                "%(who)s lead on %(days)s, as held or as chosen by hand.",
                len(bound.most_members),
            )
            % words
            if bound.most_meetings <= settled
            else _("Only %(who)s can lead on %(days)s.") % words
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
