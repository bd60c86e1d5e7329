"""Why these people: one plain sentence from the strongest reasons, and what partners may read.

Each answer that counts in a matching is stored with its owner's choice whether partners may
read it as a reason.  Work facts are known to colleagues anyway.  The choice is asked for when a
reason is read, not when the run was computed, so that it may be changed at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from django.utils.functional import Promise, lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.members.models import Member
from pairing.texts.reasons import Reason, duration, listed, summary
from programs.models.programs import Enrolment
from programs.queries.enrolments import shown_answers

MOST_CLAUSES = 3
MOST_NAMED = 3  # skills or interests that one clause names
HOUR = 60

SAME = {
    "member:department": gettext_lazy("same department"),
    "member:team": gettext_lazy("same team"),
    "member:job_title": gettext_lazy("same job title"),
    "member:level": gettext_lazy("same level"),
    "member:location": gettext_lazy("same location"),
    "member:time_zone": gettext_lazy("same time zone"),
}
DIFFERENT = {
    "member:department": gettext_lazy("different departments"),
    "member:team": gettext_lazy("different teams"),
    "member:job_title": gettext_lazy("different job titles"),
    "member:level": gettext_lazy("different levels"),
    "member:location": gettext_lazy("different locations"),
    "member:time_zone": gettext_lazy("different time zones"),
}
KEPT_BACK = "kept_back"
ANSWER = "answer:"
Seats = Sequence[tuple[UUID, str]]  # enrolment and part of everybody at the table
Shown = Mapping[UUID, Mapping[str, bool]]


def pair_sentence(reasons: Sequence[Reason], *, seeker: str, offerer: str) -> str:
    """Return why these two, as one sentence of at most three clauses, the strongest first.

    "Amara offers facilitation at level 5, which Jonas seeks; 4 shared free hours a week;
    same location."  Reasons whose evidence is kept back say only what was compared.
    "" where nothing speaks for the pair.
    """
    telling = [part for part in reasons if part.points and part.reason != "kept_back"]
    telling = [part for part in telling if speaks_for_them(part)]
    telling.sort(key=lambda part: -part.points)
    bonus = [part for part in telling if part.reason.startswith("bonus_")][:1]
    if bonus and bonus[0] not in telling[:MOST_CLAUSES]:
        # a wish, or a place before others, is no strength of the pair but always worth its clause
        telling = [*telling[: MOST_CLAUSES - 1], *bonus]
    clauses = [
        clause for part in telling[:MOST_CLAUSES] for clause in _clauses(part, seeker, offerer)
    ]
    sentence = "; ".join(clause for clause in clauses if clause)
    return _("%(sentence)s.") % {"sentence": sentence[0].upper() + sentence[1:]} if sentence else ""


def speaks_for_them(reason: Reason) -> bool:
    """Say whether a reason with points is one to name: a difference outside its best is none."""
    if reason.reason.startswith("gap"):
        return not reason.reason.endswith("_some")
    return not reason.reason.startswith("missing")


def _clauses(reason: Reason, seeker: str, offerer: str) -> list[str]:
    """Return what one criterion says for the pair; between peers it may say something each way."""
    there = _clause(reason, seeker, offerer) if _speaks(reason) else ""
    back = reason.back()
    if back and reason.reason.startswith("levels") and _speaks(back):
        return [there, _clause(back, offerer, seeker)]
    return [there]


def _speaks(reason: Reason) -> bool:
    """Say whether there is anything to name; of peers, one direction may have nothing."""
    evidence = reason.evidence
    return all(evidence[name] for name in ("covered", "shared", "common") if name in evidence)


def _why_these(reasons: Sequence[Reason], people: Sequence[tuple[str, Member]]) -> str:
    """Return why these people, each with their part: a pair's sentence, a circle's main reasons."""
    if len(people) != 2:
        return summary(reasons)
    (_part, seeker), (_other, offerer) = sorted(people, key=lambda person: person[0] != "mentee")
    alike = seeker.given_name == offerer.given_name
    names = [who.full_name if alike else who.given_name for who in (seeker, offerer)]
    return pair_sentence(reasons, seeker=names[0], offerer=names[1])


# in the language of who reads it: each of them gets an e-mail of somebody who publishes
why_these = lazy(_why_these, str)


def _clause(reason: Reason, seeker: str, offerer: str) -> str:
    kind = reason.reason.rpartition("_")[0]
    say = _CLAUSES.get(kind) or _CLAUSES.get(reason.reason)
    return say(reason, seeker, offerer) if say else reason.label


def _levels(reason: Reason, seeker: str, offerer: str) -> str:
    covered = sorted(
        reason.evidence["covered"].items(), key=lambda item: (-item[1][1], -item[1][0], item[0])
    )
    skills = [
        _("%(skill)s at level %(level)d") % {"skill": _inside(skill), "level": offered}
        for skill, (_sought, offered) in covered[:MOST_NAMED]
    ]
    return _("%(offerer)s offers %(skills)s, which %(seeker)s seeks") % {
        "offerer": offerer,
        "skills": listed(skills),
        "seeker": seeker,
    }


def _inside(word: str) -> str:
    """Return a word as it stands inside a sentence: "Facilitation" is small there, "SQL" is not."""
    return word if word[1:] != word[1:].lower() else word.lower()


def _overlap(reason: Reason, _seeker: str, _offerer: str) -> str:
    shared = [str(value) for value in reason.evidence["shared"]]
    return _("in common: %(what)s") % {"what": listed(shared[:MOST_NAMED])}


def _free(reason: Reason, _seeker: str, _offerer: str) -> str:
    hours, rest = divmod(int(reason.evidence["common"]), HOUR)
    if hours and not rest:
        return ngettext(
            "%(n)d shared free hour a week", "%(n)d shared free hours a week", hours
        ) % {"n": hours}
    return _("%(time)s of shared free time a week") % {"time": duration(reason.evidence["common"])}


def _zone(reason: Reason, _seeker: str, _offerer: str) -> str:
    if not reason.evidence["apart"]:
        return _("same time zone")
    return _("%(time)s of the working day in common") % {
        "time": duration(reason.evidence["common"])
    }


def _gap(reason: Reason, seeker: str, offerer: str) -> str:
    gap = reason.evidence["gap"]
    ahead, behind = (offerer, seeker) if gap >= 0 else (seeker, offerer)
    if not gap and _field(reason) == "member:level":
        return str(SAME["member:level"])
    if not gap:
        return _("%(what)s: the same") % {"what": reason.label}
    if _field(reason) == "member:level" and gap == int(gap):
        return ngettext(
            "%(ahead)s is %(n)d level ahead of %(behind)s",
            "%(ahead)s is %(n)d levels ahead of %(behind)s",
            int(abs(gap)),
        ) % {"ahead": ahead, "n": abs(gap), "behind": behind}
    return _("%(what)s: %(ahead)s is ahead by %(n)s") % {
        "what": reason.label,
        "ahead": ahead,
        "n": f"{abs(gap):g}",
    }


def _same(reason: Reason, _seeker: str, _offerer: str) -> str:
    if words := SAME.get(_field(reason)):
        return str(words)
    return _("%(what)s: both %(value)s") % {
        "what": reason.label,
        "value": reason.evidence["seeker"],
    }


def _different(reason: Reason, _seeker: str, _offerer: str) -> str:
    if words := DIFFERENT.get(_field(reason)):
        return str(words)
    evidence = reason.evidence
    return _("%(what)s: %(one)s and %(other)s") % {
        "what": reason.label,
        "one": evidence["seeker"],
        "other": evidence["offerer"],
    }


def _avoided(reason: Reason, _seeker: str, _offerer: str) -> str:
    return reason.label[:1].lower() + reason.label[1:]


def _as_it_is(words: Promise, rank: int = 0) -> Callable[[Reason, str, str], str]:
    """Return what says these words whatever the evidence; they may name seeker, label and rank."""
    return lambda reason, seeker, _offerer: (
        str(words)
        % {
            "what": reason.label,
            "name": seeker,
            "rank": rank,
        }
    )


_WISHES = {
    1: gettext_lazy("%(name)s’s first wish"),
    2: gettext_lazy("%(name)s’s second wish"),
    3: gettext_lazy("%(name)s’s third wish"),
    4: gettext_lazy("%(name)s’s fourth wish"),
    5: gettext_lazy("%(name)s’s fifth wish"),
}
# of a pair without an order: whose wish it was is not known here
_WISH_OF_ONE = gettext_lazy("wish %(rank)d of one of the two")


def _field(reason: Reason) -> str:
    """Return the work fact that both sides of the criterion read, "" where they differ."""
    fields = set(reason.fields or ())
    return fields.pop() if len(fields) == 1 else ""


_CLAUSES: Mapping[str, Callable[[Reason, str, str], str]] = {
    "levels": _levels,
    "overlap": _overlap,
    "availability": _free,
    "timezone": _zone,
    "gap": _gap,
    "same": _same,
    "different": _different,
    "text": _as_it_is(gettext_lazy("%(what)s: close in meaning")),
    "bonus_pair:preferred": _as_it_is(gettext_lazy("preferred by a coordinator")),
    **{f"bonus_wish:{rank}": _as_it_is(words) for rank, words in _WISHES.items()},
    **{f"bonus_wish_of_one:{rank}": _as_it_is(_WISH_OF_ONE, rank) for rank in _WISHES},
    "bonus_first": _as_it_is(gettext_lazy("goes first, having waited for a partner")),
    "bonus_avoided:time": _avoided,
    "bonus_avoided:goals": _avoided,
    "bonus_avoided:distance": _avoided,
}


def reasons_for_partners(reasons: Sequence[Reason], people: Seats) -> list[Reason]:
    """Return the reasons as the people they are about may read them; one statement."""
    return open_reasons(reasons, people, shown_answers([enrolment for enrolment, _part in people]))


def open_reasons(reasons: Sequence[Reason], people: Seats, shown: Shown) -> list[Reason]:
    """Return the reasons without evidence that somebody keeps to themselves.

    What was not answered, what a coordinator prefers and whom one has wished for is no reason
    between partners.  A reason that is kept back stays if it speaks for them: without its
    evidence, and so with neutral words.  `shown` is `programs.queries.shown_answers`.
    """
    told: list[Reason] = []
    for reason in reasons:
        if reason.reason.startswith(("missing_", "bonus_")):
            continue
        if _agreed(reason, people, shown):
            told.append(reason)
        elif reason.points:
            told.append(replace(reason, reason=KEPT_BACK, evidence={}))
    return told


def _agreed(reason: Reason, people: Seats, shown: Shown) -> bool:
    """Say whether everybody lets partners read their answers behind this reason.

    A reason that does not say which fields it read was stored before anybody was asked.  Of
    two, an answer that is gone is not shown either; among peers not everybody answers.
    """
    if reason.fields is None:
        return False
    return all(
        shown.get(enrolment, {}).get(field.removeprefix(ANSWER), part == Enrolment.Part.PEER)
        for enrolment, part in people
        for field in _fields_of(reason.fields, part)
        if field.startswith(ANSWER)
    )


def _fields_of(fields: Sequence[str], part: str) -> Sequence[str]:
    """Return what a reason read of somebody in that part; of peers, both."""
    if part == Enrolment.Part.MENTEE:
        return fields[:1]
    if part == Enrolment.Part.MENTOR:
        return fields[1:]
    return fields
