"""A run as it is shown: proof, histogram, tables with reasons, who is left over and why.

Which of its proposals are shown, by chips, department and words, is all in the URL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median_high
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.common.numbers import decimal
from core.members.models import Member
from core.ui.charts import BarsDrawing, Week, weekly_bars
from pairing.engine.shapes import FULL_POINTS, LeftOverReason, Policy
from pairing.inputs.problem import bonus_labels, text_keys
from pairing.inputs.snapshot import ALWAYS_ON, Facts, Shape, Snapshot
from pairing.models.runs import LeftOver, MatchRun, PairRule, Proposal, ProposalSeat
from pairing.partnerships.cohorts import is_circles, tables_count
from pairing.partnerships.queries import person_named
from pairing.runs.queries import changed_since
from pairing.texts.left_over import Remedy, say_left_over
from pairing.texts.reasons import (
    Bar,
    Reason,
    bars_of,
    duration,
    people_words,
    read_reasons,
)
from pairing.texts.sentence import why_these
from programs.models.programs import Cohort, Enrolment

CLASS_WIDTH = 10
FEWEST_CLASSES = 5  # one class alone would be a wall and no picture
NARROW_SPACE = "\u202f"
LOW = 60
SHOWN = ("all", "low", "changed", "locked")
ORDERS = {"best": "position", "lowest": "-position"}


@dataclass(frozen=True)
class ProofLine:
    """What is proved, said without more than that; `note` in small print."""

    title: str
    numbers: str
    note: str
    proved: bool


@dataclass(frozen=True)
class _ProposalRow:
    """A proposed pair or circle with everything its line shows; `rule` is set for pairs."""

    proposal: Proposal
    seats: Sequence[ProposalSeat]
    why: str
    bars: Sequence[Bar]
    rule: str
    names: str

    @property
    def first(self) -> ProposalSeat:
        return self.seats[0]

    @property
    def second(self) -> ProposalSeat:
        return self.seats[-1]


@dataclass(frozen=True)
class _LeftOverRow:
    """Somebody left over; `ask` leads to "why not these two?" with `partner`, the best fit."""

    member: Member
    part: str
    why: str
    change: str
    ask: str
    partner: str


def proof_of(run: MatchRun) -> ProofLine | None:
    if run.objective is None or run.bound is None:
        return None
    facts = Facts.from_json(run.facts)
    if facts.people == 0:
        return ProofLine(_nobody_title(run), "", _seconds(run.seconds or 0.0), proved=False)
    reached = 100.0 * run.objective / run.bound if run.bound else 100.0
    proved = facts.proved
    numbers = _("Score %(total)s of at most %(bound)s (%(reached)s %%).") % {
        "total": points_in_all(run.objective),
        "bound": points_in_all(run.bound),
        "reached": decimal(int(reached * 10) / 10),  # rounded down: 99.96 is not proved
    }
    took = _seconds(run.seconds or 0.0)
    snapshot = Snapshot.from_json(run.snapshot)
    seekers = None if snapshot.peers is not None else len(snapshot.rows)
    whom = people_words(seekers, len(snapshot.columns), sum(snapshot.columns.capacity))
    if snapshot.shape is Shape.CIRCLES:
        title = (
            _("Optimal: no other circles are better balanced.")
            if proved
            else _("The most balanced circles, best of %(n)d attempts; better ones may exist.")
            % {"n": run.rounds or 0}
        )
        note = " ".join([f"{whom}.", *_in_circles(facts), took])
        return ProofLine(title, numbers, note, proved)
    pairs = _("%(possible)d possible pairs, %(allowed)d allowed.") % {
        "possible": facts.possible,
        "allowed": facts.allowed,
    }
    title, again = _pairs_title(run, facts), _meeting_again(run, facts)
    note = " ".join(filter(None, [f"{whom}.", pairs, again, took]))
    return ProofLine(title, numbers, note, proved)


def _nobody_title(run: MatchRun) -> str:
    """Say plainly that a run proposes nobody; why, each person's line says."""
    few = LeftOver.objects.filter(run=run, reason=LeftOverReason.TOO_FEW_PEOPLE).first()
    if few is not None:
        return ngettext(
            "Too few for a circle: %(people)d person, and a circle needs %(fewest)d.",
            "Too few for a circle: %(people)d people, and a circle needs %(fewest)d.",
            few.detail["people"],
        ) % {**few.detail}
    if is_circles(run.cohort):
        return _("No circle can be formed. Beside each name is the reason.")
    return _("Nobody can be paired. Beside each name is the reason.")


def _in_circles(facts: Facts) -> list[str]:
    """Return what circles could not give everybody, in sentences; runs of old have not counted."""
    sentences = []
    if again := facts.met_again:
        sentences.append(_together_again(again))
    if alone := facts.alone:
        sentences.append(
            ngettext(
                "%(n)d person has nobody else of their group beside them.",
                "%(n)d people have nobody else of their group beside them.",
                alone,
            )
            % {"n": alone}
        )
    if short := facts.short:
        sentences.append(
            ngettext(
                "%(n)d circle shares less free time than it must.",
                "%(n)d circles share less free time than they must.",
                short,
            )
            % {"n": short}
        )
    return sentences


def _together_again(pairs: int) -> str:
    return ngettext(
        "%(n)d pair of people is together again.",
        "%(n)d pairs of people are together again.",
        pairs,
    ) % {"n": pairs}


NEW_FACES_FIRST = {Policy.NOBODY_LEFT_OUT, Policy.FAIREST_WORST_CASE}


def _meeting_again(run: MatchRun, facts: Facts) -> str:
    """Say how many peers meet again, and whether fewer could; "" where nobody has met."""
    if facts.met_again is None:
        return ""
    if not facts.met_again:
        return _("Nobody meets a partner of before.")
    if facts.proved and run.policy in NEW_FACES_FIRST:
        return ngettext(
            "%(n)d pair of people is together again; "
            "fewer would cost somebody a partner or a turn.",
            "%(n)d pairs of people are together again; "
            "fewer would cost somebody a partner or a turn.",
            facts.met_again,
        ) % {"n": facts.met_again}
    return _together_again(facts.met_again)


def _pairs_title(run: MatchRun, facts: Facts) -> str:
    if not facts.proved:
        return _("The best matching found; no matching can score more than the second number.")
    if facts.met_again is not None and run.policy == Policy.NOBODY_LEFT_OUT:
        return _(
            "Optimal: no other matching seats more people, none of those has fewer pairs that have "
            "met before, and none of those scores higher."
        )
    if facts.met_again is not None and run.policy == Policy.FAIREST_WORST_CASE:
        return _(
            "Optimal: of the matchings with fewest pairs that have met before, none has a better "
            "weakest pair, and none scores higher."
        )
    if run.policy == Policy.NOBODY_LEFT_OUT:
        return _("Optimal: no other matching seats more people, and none of those scores higher.")
    if run.policy == Policy.FAIREST_WORST_CASE:
        return _("Optimal: no other matching has a better weakest pair, and none scores higher.")
    if run.policy == Policy.STABLE:
        return _("Stable: no two people would both rather have each other.")
    return _("Optimal: no other matching scores higher.")


def points_in_all(points: int) -> str:
    return f"{points * 100 / FULL_POINTS:,.1f}".replace(",", NARROW_SPACE)


def _seconds(seconds: float) -> str:
    if seconds < 60:
        return _("Computed in %(seconds)s s.") % {"seconds": decimal(seconds)}
    return _("Computed in %(time)s.") % {"time": duration(round(seconds / 60))}


@dataclass(frozen=True)
class _Histogram:
    drawing: BarsDrawing
    headline: str
    sentence: str
    classes: Sequence[tuple[str, int]]


def score_classes(scores: Sequence[int], *, within: Sequence[int]) -> list[tuple[str, int]]:
    """Return how many scores lie in each class of ten, from the lowest to the highest `within`."""
    if not within:
        return []
    low = min(within) // CLASS_WIDTH * CLASS_WIDTH
    high = min(max(within), 99) // CLASS_WIDTH * CLASS_WIDTH
    low = max(0, min(low, high - (FEWEST_CLASSES - 1) * CLASS_WIDTH))
    classes = []
    for start in range(low, high + 1, CLASS_WIDTH):
        last = 100 if start == 90 else start + CLASS_WIDTH - 1
        classes.append((f"{start}–{last}", sum(start <= score <= last for score in scores)))
    return classes


def histogram(cohort: Cohort, scores: Sequence[int]) -> _Histogram | None:
    """Return how the scores are spread; None without any."""
    if not scores:
        return None
    classes = score_classes(scores, within=scores)
    median = median_high(scores)
    words = (
        (
            _("Half of the circles score %(n)d")
            if median == 100
            else _("Half of the circles score %(n)d or more")
        )
        if is_circles(cohort)
        else (
            _("Half of the pairs score %(n)d")
            if median == 100
            else _("Half of the pairs score %(n)d or more")
        )
    )
    return _Histogram(
        drawing=weekly_bars(
            [
                Week(label, n, _("%(label)s: %(n)s") % {"label": label, "n": n})
                for label, n in classes
            ]
        ),
        headline=words % {"n": median},
        sentence=_("Scores of %(tables)s: lowest %(low)d, highest %(high)d.")
        % {"tables": tables_count(cohort, len(scores)), "low": min(scores), "high": max(scores)},
        classes=classes,
    )


def rows_of(run: MatchRun, proposals: Sequence[Proposal]) -> list[_ProposalRow]:
    """Return proposals as lines; two queries, however many they are."""
    seats: dict[Any, list[ProposalSeat]] = {}
    for seat in (
        ProposalSeat.objects.filter(proposal__in=proposals)
        .select_related("enrolment__member")
        .order_by("id")
    ):
        seats.setdefault(seat.proposal_id, []).append(seat)
    rules = {
        frozenset((rule.first_id, rule.second_id)): rule.kind
        for rule in PairRule.objects.filter(cohort_id=run.cohort_id)
    }
    rows = []
    for proposal in proposals:
        people = sorted(seats[proposal.pk], key=_mentee_first_then_by_name)
        together = frozenset(seat.enrolment_id for seat in people)
        reasons = read_reasons(proposal.reasons)
        rows.append(
            _ProposalRow(
                proposal=proposal,
                seats=people,
                why=_why(reasons, people),
                bars=bars_of(reasons),
                rule=rules.get(together, ""),
                names=", ".join(seat.enrolment.member.full_name for seat in people),
            )
        )
    return rows


def _why(reasons: Sequence[Reason], seats: Sequence[ProposalSeat]) -> str:
    sentence = why_these(reasons, [(seat.part, seat.enrolment.member) for seat in seats])
    return sentence or (_("No criterion fits these two.") if len(seats) == 2 else "")


def _mentee_first_then_by_name(seat: ProposalSeat) -> tuple[bool, str]:
    return seat.part == Enrolment.Part.MENTOR, seat.enrolment.member.full_name


def unused_of(run: MatchRun) -> list[str]:
    """Return the names of what the design wants weighed and this kind of run does not weigh."""
    snapshot = Snapshot.from_json(run.snapshot)
    labels = snapshot.labels | bonus_labels()
    for key in text_keys(snapshot):
        labels[key] = _("%(name)s (free text is not compared here)") % {"name": labels[key]}
    return [labels[key] for key in Facts.from_json(run.facts).unused if key in labels]


def remaining_of(run: MatchRun) -> list[_LeftOverRow]:
    """Return who is left over, mentees first, with why and what would change it."""
    snapshot = Snapshot.from_json(run.snapshot)
    names = snapshot.names
    fixed = {spec.key for spec in snapshot.rules if spec.kind in ALWAYS_ON}
    remaining = []
    rows = LeftOver.objects.filter(run=run).select_related("enrolment__member")
    for left in rows.order_by("-part", "enrolment__member__family_name", "id"):
        remedy = Remedy.from_json(left.remedy)
        why, change = say_left_over(left.reason, left.detail, snapshot.labels, remedy, names, fixed)
        part = str(Enrolment.Part(left.part).label)
        partner = remedy.rival.partner if remedy and remedy.rival else ""
        ask = _ask(run, left, partner)
        if str(left.enrolment_id) in snapshot.first:
            why = _("%(why)s Goes first: has waited for a partner.") % {"why": why}
        remaining.append(
            _LeftOverRow(left.enrolment.member, part, why, change, ask, names.get(partner, ""))
        )
    return remaining


def _ask(run: MatchRun, left: LeftOver, partner: str) -> str:
    """Return where to ask why this person is not with that partner, or with anybody."""
    own, other = ("second", "first") if left.part == Enrolment.Part.MENTOR else ("first", "second")
    people = {own: str(left.enrolment_id)} | ({other: partner} if partner else {})
    page = reverse("pairing:why_not", args=[run.organisation.slug, run.pk])
    return f"{page}?{urlencode(people)}"


@dataclass(frozen=True)
class ProposalFilter:
    """What the URL asks for; what it does not know counts as not asked."""

    show: str = "all"
    department: str = ""
    words: str = ""
    order: str = "best"

    def query(self, **changed: str) -> str:
        """Return it as a query string, with some of it changed; what is usual is left out."""
        usual = {"show": "all", "department": "", "q": "", "order": "best"}
        values = {
            "show": self.show,
            "department": self.department,
            "q": self.words,
            "order": self.order,
        }
        values |= changed
        told = {key: value for key, value in values.items() if value != usual.get(key, "")}
        return f"?{urlencode(told)}"


def read_filter(query: Mapping[str, str]) -> ProposalFilter:
    show, order = query.get("show", "all"), query.get("order", "best")
    return ProposalFilter(
        show=show if show in SHOWN else "all",
        department=query.get("department", "")[:120],
        words=query.get("q", "").replace("\x00", "")[:100].strip(),
        order=order if order in ORDERS else "best",
    )


def narrowed(rows: QuerySet[Proposal], filters: ProposalFilter) -> QuerySet[Proposal]:
    """Narrow proposals to those with somebody of that department, and with all of these words."""
    seats = ProposalSeat.objects.filter(proposal=OuterRef("pk"))
    if filters.department:
        rows = rows.filter(Exists(seats.filter(enrolment__member__department=filters.department)))
    for word in filters.words.split()[:5]:
        rows = rows.filter(Exists(seats.filter(person_named(word))))
    return rows


def chosen(
    rows: QuerySet[Proposal], run: MatchRun, against: MatchRun | None, filters: ProposalFilter
) -> QuerySet[Proposal]:
    rows = narrowed(rows, filters)
    if filters.show == "low":
        rows = rows.filter(score__lt=LOW)
    elif filters.show == "locked":
        rows = rows.filter(locked=True)
    elif filters.show == "changed":
        rows = rows.filter(pk__in=changed_since(run, against) if against else [])
    return rows


def departments_of(run: MatchRun) -> list[str]:
    seats = ProposalSeat.objects.filter(proposal__run=run).exclude(enrolment__member__department="")
    names = seats.order_by("enrolment__member__department").values_list(
        "enrolment__member__department", flat=True
    )
    return list(names.distinct())
