""" "Why not these two?" for two people of a run: what forbids them, or what it would cost."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.common.numbers import decimal
from pairing.engine.rules import blocked_by
from pairing.engine.shapes import FULL_POINTS, EngineError, Policy, Problem, score_out_of_100
from pairing.engine.whynot import Move, Obstacle, WhyNot, why_not
from pairing.inputs.snapshot import MENTEE, MENTOR, PEER, Candidates, Facts, Shape, Snapshot
from pairing.models.runs import MatchRun
from pairing.runs.queries import tables_of, together
from pairing.solve import BroughtTogether, Seats, Solver, solver_of
from pairing.texts.left_over import rule_name
from pairing.texts.reasons import Bar, bars_of, listed
from pairing.texts.sentence import pair_sentence

# beyond it the answer would keep a page waiting: lock the two and run again
MOST_PAIRS = 4_000_000
MOST_PEERS, MOST_IN_CIRCLES = 2_000, 1_000
SHOWN = FULL_POINTS // 100
TENTH = SHOWN // 10  # the finest step that is shown of a sum of scores


@dataclass(frozen=True)
class _Change:
    """Whose partner would change, from whom to whom, in words."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class _Answer:
    verdict: _Verdict
    sentence: str
    bars: Sequence[Bar]
    changes: Sequence[_Change]


def choices_of(run: MatchRun) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return whom one may ask about, by enrolment and name: mentees and mentors, or all twice."""
    snapshot = Snapshot.from_json(run.snapshot)
    return _by_name(snapshot.rows), _by_name(snapshot.columns)


def _by_name(side: Candidates) -> list[tuple[str, str]]:
    people = zip(side.enrolments, side.names, strict=True)
    return sorted(people, key=lambda person: person[1].casefold())


def answer_why_not(run: MatchRun, first: str, second: str) -> _Answer:
    """Return why two people of a finished run are not together, and what it would cost.

    Solved anew from the run's own snapshot with the two locked, by the run's policy and seed.
    """
    try:
        solver = solver_of(Snapshot.from_json(run.snapshot))
        return _ANSWERS[solver.snapshot.shape](run, solver, first, second)
    except EngineError as error:
        return _Answer(_Verdict(str(error), "", possible=False), "", (), ())


def _in_pairs(run: MatchRun, solver: Solver, mentee: str, mentor: str) -> _Answer:
    problem, snapshot, names = solver.as_two_sides(), solver.snapshot, solver.snapshot.names
    i, j = snapshot.rows.places[mentee], snapshot.columns.places[mentor]
    reasons = solver.explain([(mentee, MENTEE), (mentor, MENTOR)]) or ()
    sentence = pair_sentence(reasons, seeker=names[mentee], offerer=names[mentor])
    if len(problem.seekers) * len(problem.offerers) > MOST_PAIRS:
        verdict = _too_many(blocked_by(problem, i, j), snapshot.labels)
        return _Answer(verdict, sentence, bars_of(reasons), ())
    answer = why_not(
        problem, i, j, policy=Policy(run.policy), pairs=_pairs(run, snapshot), seed=run.seed
    )
    verdict = say_why_not(
        answer, seeker=names[mentee], offerer=names[mentor], labels=snapshot.labels
    )
    changes = [_change(move, problem) for move in answer.moves]
    return _Answer(verdict, sentence, bars_of(reasons), changes)


def _pairs(run: MatchRun, snapshot: Snapshot) -> list[tuple[int, int]]:
    rows, columns = snapshot.rows.places, snapshot.columns.places
    pairs = [{part: who for who, part in people} for _proposal, people, _score in tables_of(run)]
    return [(rows[pair[MENTEE]], columns[pair[MENTOR]]) for pair in pairs]


def _change(move: Move, problem: Problem) -> _Change:
    def partner(offerer: int | None, points: int | None) -> str:
        if offerer is None or points is None:
            return _("nobody")
        return _("%(name)s (%(score)d)") % {
            "name": problem.offerers.names[offerer],
            "score": score_out_of_100(points),
        }

    return _Change(
        problem.seekers.names[move.seeker],
        partner(move.before, move.points_before),
        partner(move.after, move.points_after),
    )


def _too_many(rules: Sequence[str], labels: dict[str, str]) -> _Verdict:
    if rules:
        names = listed([rule_name(key, labels) for key in rules])
        return _Verdict(_("Rules forbid it: %(rules)s.") % {"rules": names}, "", possible=False)
    return _Verdict(
        _("No rule forbids it."),
        _("So many people take longer than a page may wait: lock the two and run again."),
        possible=True,
    )


def _rules_between(solver: Solver, first: str, second: str) -> tuple[str, ...]:
    """Return the keys of the rules that keep two of one pool apart, either way."""
    two_sides, places = solver.as_two_sides(), solver.snapshot.rows.places
    a, b = places[first], places[second]
    return blocked_by(two_sides, a, b) or blocked_by(two_sides, b, a)


def _in_peer_pairs(run: MatchRun, solver: Solver, first: str, second: str) -> _Answer:
    """Say what the best pairs lose when these two are one of them, and who else would move."""
    snapshot, names = solver.snapshot, solver.snapshot.names
    reasons = solver.explain([(first, PEER), (second, PEER)]) or ()
    sentence = pair_sentence(reasons, seeker=names[first], offerer=names[second])
    bars = bars_of(reasons)
    if rules := _rules_between(solver, first, second):
        return _Answer(_too_many(rules, snapshot.labels), sentence, bars, ())
    before = _partners([people for _proposal, people, _score in tables_of(run)])
    if second in before.get(first, ()):
        verdict = _Verdict(_("They are proposed as partners."), "", possible=False)
        return _Answer(verdict, sentence, bars, ())
    if len(snapshot.rows) > MOST_PEERS:
        return _Answer(_too_many((), {}), sentence, bars, ())
    result = solver.locking(first, second).solve(policy=Policy(run.policy), seed=run.seed)
    after = _partners([proposal.people for proposal in result.proposals])
    cost = (run.objective or 0) - result.objective
    title = _("Possible: all pairs together would score %(cost)s of 100 less.")
    if cost <= 0:
        title = _("Possible: all pairs together would score %(cost)s of 100 more.")
    if not cost:
        title = _("Possible: all pairs together would score the same.")
    more = _more_repeats(run, snapshot, result.facts.met_again, (first, second))
    meaning = "" if cost > 0 else _("Another aim of this run forbids it, such as the weakest pair.")
    if more > 0:
        meaning = ngettext(
            "%(n)d more pair would be together again.",
            "%(n)d more pairs would be together again.",
            more,
        ) % {"n": more}
    verdict = _Verdict(title % {"cost": decimal(abs(cost) / 1000)}, meaning, possible=True)

    def listed_names(partners: Sequence[str]) -> str:
        return listed([names[who] for who in partners]) or _("nobody")

    changes = [
        _Change(names[who], listed_names(before.get(who, ())), listed_names(after.get(who, ())))
        for who in snapshot.rows.enrolments
        if set(before.get(who, ())) != set(after.get(who, ()))
    ]
    return _Answer(verdict, sentence, bars, changes)


def _more_repeats(
    run: MatchRun, snapshot: Snapshot, after: int | None, asked: tuple[str, str]
) -> int:
    """Return how many more pairs would be together again, the two asked about included."""
    before = Facts.from_json(run.facts).met_again
    if before is None or after is None:
        return 0
    met = {frozenset(pair) for pair in snapshot.met}
    return after + (frozenset(asked) in met) - before


def _partners(tables: Sequence[Seats]) -> dict[str, tuple[str, ...]]:
    return {
        who: tuple(other for other, _part in table if other != who)
        for table in tables
        for who, _part in table
    }


def _in_circles(run: MatchRun, solver: Solver, first: str, second: str) -> _Answer:
    """Say what circles lose with both in one of them: proved for few people, else with its gap."""
    snapshot, tables = solver.snapshot, tables_of(run)
    if rules := _rules_between(solver, first, second):
        return _Answer(_too_many(rules, snapshot.labels), "", (), ())
    if any({first, second} <= together(people) for _proposal, people, _score in tables):
        return _Answer(
            _Verdict(_("They are proposed for one circle."), "", possible=False), "", (), ()
        )
    if len(snapshot.rows) > MOST_IN_CIRCLES:
        return _Answer(_too_many((), {}), "", (), ())
    groups = [sorted(together(people)) for _proposal, people, _score in tables]
    found = solver.bring_together(first, second, groups, seed=run.seed)
    assert found is not None
    now = run.objective or 0
    proved = found.objective == found.bound
    lost = now - found.objective
    if lost > 0 and proved:
        title = _("Possible, but all circles together would score %(cost)s of 100 less.")
    elif lost > 0:
        title = _(
            "Possible: the best circles found with both in one circle score %(cost)s of 100 less."
        )
    else:
        title = _("Possible, and all circles together would score no less.")
    meaning = [_proof_of_circles(now, found), *_given_up(run, found)]
    if found.moved:
        meaning.append(
            ngettext(
                "%(n)d person would sit in another circle.",
                "%(n)d people would sit in another circle.",
                len(found.moved),
            )
            % {"n": len(found.moved)}
        )
    if found.swapped is not None and len(found.moved) > len(found.swapped[:2]):
        one, other, objective = found.swapped
        words = _("The smallest change: %(one)s and %(other)s change places, %(cost)s of 100 less.")
        if objective >= now:
            words = _("The smallest change: %(one)s and %(other)s change places, and no less.")
        cost = _sum(now - objective)
        names = snapshot.names
        meaning.append(words % {"one": names[one], "other": names[other], "cost": cost})
    return _Answer(
        _Verdict(title % {"cost": _sum(lost)}, " ".join(meaning), possible=True), "", (), ()
    )


def _proof_of_circles(now: int, found: BroughtTogether) -> str:
    """Say what is proved of circles with two in one of them, and what is not."""
    if found.objective == found.bound:
        return _("That is proved: no circles with both in one score more.")
    if found.bound < now:
        return _(
            "That is not proved; with both in one circle at most %(most)s of 100 are possible, so "
            "at least %(least)s would be lost."
        ) % {"most": _hundredths(found.bound), "least": decimal((now - found.bound) / 1000, 2)}
    return _(
        "That is not proved; with both in one circle at most %(most)s of 100 are possible, and "
        "%(found)s were found."
    ) % {"most": _hundredths(found.bound), "found": _hundredths(found.objective)}


def _hundredths(points: int) -> str:
    return decimal(points / SHOWN, 2)


def _given_up(run: MatchRun, found: BroughtTogether) -> list[str]:
    """Say what would be given up of that which circles put before points."""
    facts, sentences = Facts.from_json(run.facts), []
    if facts.met_again is not None and (more := found.met_again - facts.met_again) > 0:
        sentences.append(
            ngettext(
                "%(n)d more pair would be together again.",
                "%(n)d more pairs would be together again.",
                more,
            )
            % {"n": more}
        )
    if facts.alone is not None and (more := found.alone - facts.alone) > 0:
        sentences.append(
            ngettext(
                "%(n)d more person would have nobody else of their group beside them.",
                "%(n)d more people would have nobody else of their group beside them.",
                more,
            )
            % {"n": more}
        )
    if facts.short is not None and (more := found.short - facts.short) > 0:
        sentences.append(
            ngettext(
                "%(n)d more circle would share less free time than it must.",
                "%(n)d more circles would share less free time than they must.",
                more,
            )
            % {"n": more}
        )
    if facts.people is not None and (fewer := facts.people - found.people) > 0:
        sentences.append(
            ngettext(
                "%(n)d person fewer would have a seat.",
                "%(n)d people fewer would have a seat.",
                fewer,
            )
            % {"n": fewer}
        )
    return sentences


_ANSWERS: Mapping[Shape, Callable[[MatchRun, Solver, str, str], _Answer]] = {
    Shape.TWO_SIDES: _in_pairs,
    Shape.PEER_PAIRS: _in_peer_pairs,
    Shape.CIRCLES: _in_circles,
}


@dataclass(frozen=True)
class _Verdict:
    """The answer in a line, what it means, and whether the pair may be locked."""

    title: str
    meaning: str
    possible: bool


def say_why_not(
    answer: WhyNot, *, seeker: str, offerer: str, labels: Mapping[str, str]
) -> _Verdict:
    """Return the verdict on a seeker and an offerer; `labels` are the names of rules by key."""
    if answer.together:
        title = _("%(seeker)s and %(offerer)s are proposed as a pair.")
        return _Verdict(title % {"seeker": seeker, "offerer": offerer}, "", possible=False)
    if answer.obstacle is not None:
        return _Verdict(*_forbidden(answer, seeker, offerer, labels), possible=False)
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
    return _Verdict(title, " ".join(meaning), possible=True)


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
    return decimal(max(points, TENTH) / SHOWN)
