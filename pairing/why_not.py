""" "Why not these two?" for two people of a run, computed on the spot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from pairing.compute import reasons_of
from pairing.engine import (
    CirclesProblem,
    EngineError,
    Move,
    PeersProblem,
    Policy,
    Problem,
    blocked_by,
    form_circles,
    pair_peers,
    score_out_of_100,
    why_not,
)
from pairing.models import MatchRun, ProposalSeat
from pairing.results import Bar, bars_of
from pairing.snapshot import names_of, problem_of, sides_of
from pairing.words import Verdict, listed, pair_sentence, rule_name, say_why_not

# beyond it the answer would keep a page waiting: lock the two and run again
MOST_PAIRS = 2_000_000
MOST_PEERS = 300


@dataclass(frozen=True)
class Change:
    """Whose partner would change, from whom to whom, in words."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Answer:
    """The verdict on two people, why they fit, and who would move."""

    verdict: Verdict
    sentence: str
    bars: Sequence[Bar]
    changes: Sequence[Change]


def choices_of(run: MatchRun) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return whom one may ask about, by enrolment and name: mentees and mentors, or all twice."""
    names = names_of(run.snapshot)
    sides = sides_of(run.snapshot)
    first, second = sides.seekers or sides.peers, sides.offerers or sides.peers
    return _by_name(first, names), _by_name(second, names)


def _by_name(people: Sequence[str], names: dict[str, str]) -> list[tuple[str, str]]:
    return sorted(((each, names[each]) for each in people), key=lambda each: each[1].casefold())


def answer_why_not(run: MatchRun, first: str, second: str) -> Answer:
    """Return why two people of a finished run are not together, and what it would cost.

    Solved anew from the run's own snapshot with the two locked, by the run's policy and seed.
    """
    try:
        problem = problem_of(run.snapshot)
        if isinstance(problem, CirclesProblem):
            return _in_circles(run, problem, first, second)
        if isinstance(problem, PeersProblem):
            return _in_peer_pairs(run, problem, first, second)
        return _in_pairs(run, problem, first, second)
    except EngineError as error:
        return Answer(Verdict(str(error), "", possible=False), "", (), ())


def _in_pairs(run: MatchRun, problem: Problem, mentee: str, mentor: str) -> Answer:
    sides, names = sides_of(run.snapshot), names_of(run.snapshot)
    i, j = sides.seekers.index(mentee), sides.offerers.index(mentor)
    reasons = reasons_of(run.snapshot, problem, i, j)
    sentence = pair_sentence(reasons, seeker=names[mentee], offerer=names[mentor])
    if len(problem.seekers) * len(problem.offerers) > MOST_PAIRS:
        verdict = _too_many(blocked_by(problem, i, j), _labels(run))
        return Answer(verdict, sentence, bars_of(reasons), ())
    found = why_not(
        problem, i, j, policy=Policy(run.policy), pairs=_pairs(run, problem), seed=run.seed
    )
    verdict = say_why_not(found, seeker=names[mentee], offerer=names[mentor], labels=_labels(run))
    changes = [_change(move, problem) for move in found.moves]
    return Answer(verdict, sentence, bars_of(reasons), changes)


def _pairs(run: MatchRun, problem: Problem) -> list[tuple[int, int]]:
    """Return the run's proposals by the engine's numbers."""
    sides = sides_of(run.snapshot)
    rows = {enrolment: i for i, enrolment in enumerate(sides.seekers)}
    columns = {enrolment: j for j, enrolment in enumerate(sides.offerers)}
    together: dict[Any, dict[str, str]] = {}
    seats = ProposalSeat.objects.filter(proposal__run=run)
    for proposal, enrolment, part in seats.values_list("proposal_id", "enrolment_id", "part"):
        together.setdefault(proposal, {})[part] = str(enrolment)
    return [(rows[pair["mentee"]], columns[pair["mentor"]]) for pair in together.values()]


def _change(move: Move, problem: Problem) -> Change:
    def partner(offerer: int | None, points: int | None) -> str:
        if offerer is None or points is None:
            return _("nobody")
        return _("%(name)s (%(score)d)") % {
            "name": problem.offerers.names[offerer],
            "score": score_out_of_100(points),
        }

    return Change(
        problem.seekers.names[move.seeker],
        partner(move.before, move.points_before),
        partner(move.after, move.points_after),
    )


def _labels(run: MatchRun) -> dict[str, str]:
    return {each["key"]: each["label"] for each in run.snapshot["criteria"]}


def _too_many(rules: Sequence[str], labels: dict[str, str]) -> Verdict:
    if rules:
        said = listed([rule_name(key, labels) for key in rules])
        return Verdict(_("Rules forbid it: %(rules)s.") % {"rules": said}, "", possible=False)
    return Verdict(
        _("No rule forbids it."),
        _("So many people take longer than a page may wait: lock the two and run again."),
        possible=True,
    )


def _in_peer_pairs(run: MatchRun, problem: PeersProblem, first: str, second: str) -> Answer:
    """Say what the best pairs lose when these two are one of them, and who else would move."""
    people, names = sides_of(run.snapshot).peers, names_of(run.snapshot)
    a, b = people.index(first), people.index(second)
    reasons = reasons_of(run.snapshot, problem, a, b)
    sentence = pair_sentence(reasons, seeker=names[first], offerer=names[second])
    bars = bars_of(reasons)
    two_sides = problem.as_two_sides()
    if rules := blocked_by(two_sides, a, b) or blocked_by(two_sides, b, a):
        return Answer(_too_many(rules, _labels(run)), sentence, bars, ())
    before = _tables(run, {enrolment: i for i, enrolment in enumerate(people)})
    if b in before.get(a, ()):
        verdict = Verdict(_("They are proposed as partners."), "", possible=False)
        return Answer(verdict, sentence, bars, ())
    if len(people) > MOST_PEERS:
        return Answer(_too_many((), {}), sentence, bars, ())
    policy = Policy(run.policy)
    found = pair_peers(
        replace(problem, locked=problem.locked | {(a, b)}), policy=policy, seed=run.seed
    )
    after = {i: tuple(j for j in group if j != i) for group in found.groups for i in group}
    cost = (run.objective or 0) - found.objective
    title = _("Possible: all pairs together would score %(cost)s of 100 less.")
    if cost <= 0:
        title = _("Possible: all pairs together would score %(cost)s of 100 more.")
    if not cost:
        title = _("Possible: all pairs together would score the same.")
    meaning = "" if cost > 0 else _("Another aim of this run forbids it, such as the weakest pair.")
    verdict = Verdict(title % {"cost": f"{abs(cost) / 1000:.1f}"}, meaning, possible=True)

    def said(partners: Sequence[int]) -> str:
        return listed([problem.people.names[i] for i in partners]) or _("nobody")

    changes = [
        Change(problem.people.names[i], said(before.get(i, ())), said(after.get(i, ())))
        for i in range(len(people))
        if set(before.get(i, ())) != set(after.get(i, ()))
    ]
    return Answer(verdict, sentence, bars, changes)


def _tables(run: MatchRun, number: dict[str, int]) -> dict[int, tuple[int, ...]]:
    """Return whom each person of a run's proposals would sit with, by the engine's numbers."""
    together: dict[Any, list[int]] = {}
    seats = ProposalSeat.objects.filter(proposal__run=run).order_by("id")
    for proposal, enrolment in seats.values_list("proposal_id", "enrolment_id"):
        together.setdefault(proposal, []).append(number[str(enrolment)])
    return {i: tuple(j for j in table if j != i) for table in together.values() for i in table}


def _in_circles(run: MatchRun, problem: CirclesProblem, first: str, second: str) -> Answer:
    """Say whether two may share a circle; circles are searched, so their price is no proof."""
    people = sides_of(run.snapshot).peers
    a, b = people.index(first), people.index(second)
    both_ways = problem.apart | {(j, i) for i, j in problem.apart}
    square = Problem(problem.people, problem.people, (), problem.rules, forbidden=both_ways)
    if rules := blocked_by(square, a, b):
        return Answer(_too_many(rules, _labels(run)), "", (), ())
    mine = ProposalSeat.objects.filter(proposal__run=run, enrolment=UUID(first))
    theirs = ProposalSeat.objects.filter(proposal__run=run, enrolment=UUID(second))
    if mine.filter(proposal__in=theirs.values("proposal")).exists():
        return Answer(
            Verdict(_("They are proposed for one circle."), "", possible=False), "", (), ()
        )
    if len(people) > MOST_PEERS:
        return Answer(_too_many((), {}), "", (), ())
    low, high = run.snapshot["sizes"]
    together = replace(problem, together=problem.together | {(a, b)})
    found = form_circles(together, sizes=(low, high), seed=run.seed)
    cost = (run.objective or 0) - found.objective
    title = (
        _("Possible: the best circles found with both at one table score %(cost)s of 100 less.")
        % {"cost": f"{cost / 1000:.1f}"}
        if cost > 0
        else _("Possible, and no worse: circles with both at one table were found.")
    )
    meaning = _("Circles are searched, not proved: better ones may exist.")
    return Answer(Verdict(title, meaning, possible=True), "", (), ())
