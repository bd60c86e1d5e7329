"""What the engine found, said in plain words: reasons, left-over people, proofs, policies."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from pairing.engine.shapes import Policy, score_out_of_100

MANY = 4  # values of a circle that a line of a list still names


@dataclass(frozen=True)
class Bar:
    """One criterion's part in a score, for a bar of `width` percent."""

    label: str
    shown: int
    of: int
    width: int
    sentence: str
    unanswered: bool


def bars_of(reasons: Sequence[Reason]) -> list[Bar]:
    """Return the parts of a score in the order of the criteria; what weighs nothing is left out."""
    return [
        Bar(
            label=reason.label,
            shown=reason.shown,
            of=reason.shown_of,
            width=min(100, 100 * reason.points // reason.of),
            sentence=say_reason(reason),
            unanswered=reason.reason.startswith("missing_"),
        )
        for reason in reasons
        if reason.of
    ]


POLICIES = {
    Policy.FAIREST_WORST_CASE: (
        gettext_lazy("Fairest worst case"),
        gettext_lazy("The weakest pair is as strong as it can be, then the best total score"),
    ),
    Policy.NOBODY_LEFT_OUT: (
        gettext_lazy("Nobody left out"),
        gettext_lazy("As many people as possible get a partner, then the best total score"),
    ),
    Policy.BEST_TOTAL: (
        gettext_lazy("Best fit overall"),
        gettext_lazy("The highest total score, even if somebody is left over"),
    ),
    Policy.STABLE: (
        gettext_lazy("Stable"),
        gettext_lazy("No two people would both rather have each other"),
    ),
}

Evidence = Mapping[str, Any]  # what a sentence fills in; each kind of reason has its own


@dataclass(frozen=True)
class Reason:
    """One criterion's part in a score, as it is stored: points, and why in a key and evidence.

    points, of: as the engine counts.  shown, shown_of: out of 100, adding up to the score.
    fields: which answers or work facts it read; None where it was stored before anybody asked.
    """

    criterion: str
    label: str
    points: int
    of: int
    shown: int
    shown_of: int
    reason: str
    fields: tuple[str, ...] | None
    evidence: Evidence

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Reason:
        fields = stored.get("fields")
        return cls(
            criterion=stored["criterion"],
            label=stored["label"],
            points=stored["points"],
            of=stored.get("of", 0),
            shown=stored.get("shown", 0),
            shown_of=stored.get("shown_of", 0),
            reason=stored["reason"],
            fields=None if fields is None else tuple(fields),
            evidence=stored["evidence"],
        )

    def as_json(self) -> dict[str, object]:
        stored = asdict(self) | {"evidence": dict(self.evidence)}
        return stored | ({} if self.fields is None else {"fields": list(self.fields)})

    def back(self) -> Reason | None:
        """Return a pair's reason the other way round, where that is not the same."""
        back = self.evidence.get("back")
        return back and replace(self, reason=back["reason"], evidence=back["evidence"])


def read_reasons(stored: Iterable[Mapping[str, Any]]) -> tuple[Reason, ...]:
    return tuple(map(Reason.from_json, stored))


def policy_name(policy: str) -> str:
    return str(POLICIES[Policy(policy)][0])


def say_reason(reason: Reason) -> str:
    """Return one criterion's part in one sentence, from the key and evidence the engine gave."""
    kind = reason.reason
    say = _SENTENCES.get(kind) or _SENTENCES.get(kind.rpartition("_")[0])
    sentence = say(reason.evidence) if say else ""
    if back := reason.back():
        sentence = _("%(there)s The other way round: %(back)s") % {
            "there": sentence,
            "back": say_reason(back),
        }
    if kind.startswith("missing_"):
        counts = _("Half of the points.") if reason.points else _("It is left out: no points.")
        return f"{sentence} {counts}"
    return sentence


def summary(reasons: Sequence[Reason], most: int = 2) -> str:
    """Return the reasons that weigh most, in one line; what nobody answered says nothing.

    A circle's many values are counted here and named where each criterion has its own line.
    """
    silent = ("missing", "kept_back")
    telling = [part for part in reasons if part.points and not part.reason.startswith(silent)]
    telling.sort(key=lambda part: -part.points)
    return " ".join(_with_label(part) for part in telling[:most])


def _with_label(reason: Reason) -> str:
    """Return the sentence, after the criterion's name where two bare values would say nothing."""
    present = reason.evidence.get("present", ())
    if len(present) > MANY:
        return _("%(criterion)s: %(n)d of %(of)d.") % {
            "criterion": reason.label,
            "n": len(present),
            "of": reason.evidence["of"],
        }
    if reason.reason.startswith(
        ("gap", "same", "different", "level_mean", "values", "circle_pairs", "bonus_circle")
    ):
        return _("%(criterion)s: %(sentence)s") % {
            "criterion": reason.label,
            "sentence": say_reason(reason),
        }
    return say_reason(reason)


def listed(words: Sequence[object]) -> str:
    """Return a list as it is read: a, b and c."""
    texts = [str(word) for word in words]
    if len(texts) < 2:
        return "".join(texts)
    return _("%(first)s and %(last)s") % {"first": ", ".join(texts[:-1]), "last": texts[-1]}


def duration(minutes: int) -> str:
    """Return minutes as hours and minutes: "2 h 30 min"."""
    hours, rest = divmod(int(minutes), 60)
    parts = [_("%(n)d h") % {"n": hours}] if hours else []
    if rest or not hours:
        parts.append(_("%(n)d min") % {"n": rest})
    return " ".join(parts)


def _shared(evidence: Evidence) -> str:
    if not evidence["shared"]:
        return _("Nothing of %(what)s in common.") % {"what": listed(evidence["lacking"])}
    return _("In common: %(what)s.") % {"what": listed(evidence["shared"])}


def _levels(evidence: Evidence) -> str:
    sentences = []
    if evidence["covered"]:
        sentences.append(
            _("Offered as sought: %(what)s.") % {"what": listed(list(evidence["covered"]))}
        )
    if evidence["short"]:
        sentences.append(
            _("Offered below the level sought: %(what)s.")
            % {"what": listed(list(evidence["short"]))}
        )
    if evidence["lacking"]:
        sentences.append(_("Not offered: %(what)s.") % {"what": listed(evidence["lacking"])})
    return " ".join(sentences)


def _same(evidence: Evidence) -> str:
    if evidence["seeker"] == evidence["offerer"]:
        return _("Both: %(what)s.") % {"what": evidence["seeker"]}
    return _("%(one)s and %(other)s.") % {"one": evidence["seeker"], "other": evidence["offerer"]}


def _gap(evidence: Evidence) -> str:
    gap, (low, high) = evidence["gap"], evidence["ideal"]
    words = (
        _("Behind by %(gap)s; best ahead by %(low)s to %(high)s.")
        if gap < 0
        else _("Ahead by %(gap)s; best by %(low)s to %(high)s.")
    )
    return words % {
        "gap": _plain(abs(gap)),
        "low": _plain(low),
        "high": _plain(high),
    }


def _timezone(evidence: Evidence) -> str:
    if not evidence["apart"]:
        return _("In the same time zone.")
    return _("%(common)s of the working day in common, time zones %(apart)s apart.") % {
        "common": duration(evidence["common"]),
        "apart": duration(evidence["apart"]),
    }


def _free(evidence: Evidence) -> str:
    if not evidence["common"]:
        return _("No free time in common.")
    return _("%(common)s a week free at the same time.") % {"common": duration(evidence["common"])}


def _circle_free(evidence: Evidence) -> str:
    if evidence["common"] is None:
        return _("Nobody has said when they are free.")
    if not evidence["common"]:
        return _("No time in the week at which all are free.")
    return _("%(common)s a week at which all are free.") % {"common": duration(evidence["common"])}


def _text(evidence: Evidence) -> str:
    return _("Alike in meaning: %(n)d of 100.") % {"n": evidence["alike"]}


def _mean(evidence: Evidence) -> str:
    if evidence["mean"] is None:
        return _("Nobody's level is known.")
    return _("Level %(mean).1f on average, %(all).1f over everybody.") % {
        "mean": evidence["mean"],
        "all": evidence["mean_of_all"],
    }


def _present(evidence: Evidence) -> str:
    here = evidence["present"]
    if not here:
        return _("Nobody has answered.")
    return _("%(n)d of %(of)d: %(what)s.") % {
        "n": len(here),
        "of": evidence["of"],
        "what": listed(here),
    }


def _bonus(words: Promise, **values: int) -> Callable[[Evidence], str]:
    """Return what says a bonus, with the points on top it may come to."""
    return lambda evidence: str(words) % {**values, "n": score_out_of_100(evidence["up_to"])}


def _trio(evidence: Evidence) -> str:
    """Return what each two of three have from a criterion, in points of 100."""
    pairs = [
        _("%(one)s and %(other)s %(points)d")
        % {"one": one, "other": other, "points": score_out_of_100(points)}
        for one, other, points in evidence["pairs"]
    ]
    return _("In points: %(pairs)s.") % {"pairs": listed(pairs)}


def _of_pairs(evidence: Evidence) -> str:
    return _("Each two here fit by it at %(n)d of 100 on average.") % {"n": evidence["mean"]}


def _fulfilled(evidence: Evidence) -> str:
    """Say how many of those whom people of a circle would like to sit with are in it."""
    if not evidence["of"]:
        return _("Concerns nobody in this circle.")
    return ngettext(
        "%(kept)d of %(of)d is fulfilled here.",
        "%(kept)d of %(of)d are fulfilled here.",
        evidence["of"],
    ) % {**evidence}


def _double(_evidence: Evidence) -> str:
    return _("Counts twice for who asked for it after their last circle.")


WISHES = ("wish", "wish_of_one")
_WISH = gettext_lazy("Wish %(rank)d of one of the two: up to %(n)d points on top.")
_DIFFERENT = _bonus(
    gettext_lazy("To be different from last time, so it counts twice: %(n)d points on top.")
)


def _plain(number: float) -> str:
    return f"{number:g}".replace("-", "−")


_SENTENCES: Mapping[str, Callable[[Evidence], str]] = {
    "overlap": _shared,
    "levels": _levels,
    "same": _same,
    "different": _same,
    "gap": _gap,
    "timezone": _timezone,
    "availability": _free,
    "text": _text,
    "level_mean": _mean,
    "circle_free": _circle_free,
    "circle_pairs": _of_pairs,
    "values_present": _present,
    "trio": _trio,
    "bonus_pair:preferred": _bonus(
        gettext_lazy(
            "A coordinator would like to see these two together: up to %(n)d points on top."
        )
    ),
    "kept_back": lambda _evidence: _("It counts for both of you; who answered what is not shown."),
    **{f"bonus_{key}:{rank}": _bonus(_WISH, rank=rank) for key in WISHES for rank in range(1, 6)},
    "bonus_first": _bonus(
        gettext_lazy("Has waited for a partner, and goes first: %(n)d points on top.")
    ),
    "bonus_circle:wishes": _fulfilled,
    "bonus_circle:pair:preferred": _fulfilled,
    **{f"bonus_circle:avoided:{cause}": _double for cause in ("time", "goals", "distance")},
    "bonus_avoided:time": _DIFFERENT,
    "bonus_avoided:goals": _DIFFERENT,
    "bonus_avoided:distance": _DIFFERENT,
    "missing_seeker": lambda _evidence: _("The mentee has not answered."),
    "missing_offerer": lambda _evidence: _("The mentor has not answered."),
    "missing_one": lambda _evidence: _("One of the two has not answered."),
    "missing_both": lambda _evidence: _("Neither has answered."),
}


def people_words(seekers: int | None, offerers: int, places: int) -> str:
    """Return whom a run is about: "46 mentees, 41 mentors with 44 places" or "168 people".

    `seekers` is None where there is one pool.
    """
    if seekers is None:
        return ngettext("%(n)d person", "%(n)d people", offerers) % {"n": offerers}
    return _("%(mentees)s, %(mentors)s with %(places)s") % {
        "mentees": ngettext("%(n)d mentee", "%(n)d mentees", seekers) % {"n": seekers},
        "mentors": ngettext("%(n)d mentor", "%(n)d mentors", offerers) % {"n": offerers},
        "places": ngettext("%(n)d place", "%(n)d places", places) % {"n": places},
    }
