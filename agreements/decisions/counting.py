"""How a group's answers become an outcome: quorum, and the count of each method.

Each rule is one sentence that the page shows; a tie never depends on chance or on who asks.
Source: docs/adr/0018-decisions-that-keep-every-word.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum, unique


@unique
class Method(StrEnum):
    CONSENT = "consent"
    CONSENSUS = "consensus"
    GRADIENTS = "gradients"
    ADVICE = "advice"
    SENSE_CHECK = "sense_check"
    DOTS = "dots"
    RANKED = "ranked"


@unique
class Quorum(StrEnum):
    """How many of those who may answer have to."""

    HALF = "half"  # more than half
    TWO_THIRDS = "two_thirds"
    ALL = "all"


@unique
class Why(StrEnum):
    """What stood in the way of an outcome."""

    NO_QUORUM = "no_quorum"
    OBJECTION = "objection"
    BLOCK = "block"
    STAND_ASIDES = "stand_asides"  # as many stand aside as agree
    VETO = "veto"
    TOO_LITTLE_SUPPORT = "too_little_support"
    OWNER_SAID_NO = "owner_said_no"


#: What may be answered, in the order in which it is shown; choices are marked, not answered.
ANSWERS: dict[Method, tuple[str, ...]] = {
    Method.CONSENT: ("consent", "object"),
    Method.CONSENSUS: ("agree", "aside", "block"),
    Method.GRADIENTS: ("1", "2", "3", "4", "5", "6", "7", "8"),
    Method.ADVICE: ("advice",),
    Method.SENSE_CHECK: ("up", "sideways", "down"),
    Method.DOTS: (),
    Method.RANKED: (),
}
CHOICES = (Method.DOTS, Method.RANKED)
#: Answers that bind the others need a reason.
NEED_REASON = frozenset(
    {
        (Method.CONSENT, "object"),
        (Method.CONSENSUS, "block"),
        (Method.GRADIENTS, "7"),
        (Method.GRADIENTS, "8"),
        (Method.ADVICE, "advice"),
    }
)
#: Answers that are kept as dissent, whatever the outcome.
DISSENT = frozenset(
    {
        (Method.CONSENT, "object"),
        (Method.CONSENSUS, "aside"),
        (Method.CONSENSUS, "block"),
        (Method.GRADIENTS, "6"),
        (Method.GRADIENTS, "7"),
        (Method.GRADIENTS, "8"),
        (Method.SENSE_CHECK, "down"),
    }
)
# Of the eight steps, those of somebody who will go along with it.
SUPPORTING = ("1", "2", "3", "6")
DOTS_EACH = 3


@dataclass(frozen=True)
class Ballot:
    """One person's answer; for a choice the marks: dots by option, or options best first."""

    answer: str = ""
    marks: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Round:
    """One count of ranked ballots: votes by option (None: out before), and who goes out."""

    votes: tuple[int | None, ...]
    out: int | None


@dataclass(frozen=True)
class Count:
    """What the answers come to.  `tied` says that a stated rule had to break a tie."""

    adopted: bool
    why: Why | None = None
    counts: tuple[tuple[str, int], ...] = ()
    winner: int | None = None
    rounds: tuple[_Round, ...] = ()
    tied: bool = False


def needed(quorum: Quorum, people: int) -> int:
    """Return how many of so many people have to answer; at least one."""
    match quorum:
        case Quorum.HALF:
            return people // 2 + 1
        case Quorum.TWO_THIRDS:
            return max(1, -(-2 * people // 3))
        case Quorum.ALL:
            return max(1, people)


def valid(method: Method, ballot: Ballot, options: int) -> bool:
    """Say whether that is an answer which the method knows."""
    if method == Method.DOTS:
        whole = len(ballot.marks) == options and all(mark >= 0 for mark in ballot.marks)
        return whole and 0 < sum(ballot.marks) <= DOTS_EACH and not ballot.answer
    if method == Method.RANKED:
        known = all(0 <= mark < options for mark in ballot.marks)
        once = len(set(ballot.marks)) == len(ballot.marks)
        return bool(ballot.marks) and known and once and not ballot.answer
    return ballot.answer in ANSWERS[method] and not ballot.marks


def count(method: Method, ballots: Sequence[Ballot], *, options: int = 0) -> Count:
    """Return what so many answers come to; for advice the owner decides, so it is adopted.

    Raises ValueError for an answer that the method does not know.
    """
    for ballot in ballots:
        if not valid(method, ballot, options):
            raise ValueError(f"{ballot} is no answer to {method}")
    if method == Method.DOTS:
        return _dots(ballots, options)
    if method == Method.RANKED:
        return _ranked(ballots, options)
    tally = Counter(ballot.answer for ballot in ballots)
    counts = tuple((answer, tally[answer]) for answer in ANSWERS[method])
    why = _against(method, tally)
    return Count(adopted=why is None, why=why, counts=counts)


def _against(method: Method, tally: Counter[str]) -> Why | None:
    if method == Method.CONSENT and tally["object"]:
        return Why.OBJECTION
    if method == Method.CONSENSUS:
        if tally["block"]:
            return Why.BLOCK
        if tally["agree"] <= tally["aside"]:
            return Why.STAND_ASIDES
    if method == Method.GRADIENTS:
        if tally["8"]:
            return Why.VETO
        support = sum(tally[step] for step in SUPPORTING)
        speaking = tally.total() - tally["4"]
        if not support or 3 * support < 2 * speaking:
            return Why.TOO_LITTLE_SUPPORT
    if method == Method.SENSE_CHECK and 2 * tally["up"] <= tally.total():
        return Why.TOO_LITTLE_SUPPORT
    return None


def _dots(ballots: Sequence[Ballot], options: int) -> Count:
    """Most dots win; a tie goes to what more people gave a dot, then to what was named first."""
    dots = [sum(ballot.marks[option] for ballot in ballots) for option in range(options)]
    givers = [sum(ballot.marks[option] > 0 for ballot in ballots) for option in range(options)]
    counts = tuple((str(option), dots[option]) for option in range(options))
    if not any(dots):
        return Count(adopted=False, why=Why.TOO_LITTLE_SUPPORT, counts=counts)
    winner = min(range(options), key=lambda option: (-dots[option], -givers[option], option))
    return Count(adopted=True, counts=counts, winner=winner, tied=dots.count(dots[winner]) > 1)


def _ranked(ballots: Sequence[Ballot], options: int) -> Count:
    """Count by instant run-off: until one has more than half of the ballots that still rank one.

    The last of each round goes out and its ballots move to their next choice.  A tie for last is
    broken by the rounds before, the latest first; then what was named later goes out.
    """
    standing = list(range(options))
    rounds: list[_Round] = []
    tied = False
    while standing:
        votes = dict.fromkeys(standing, 0)
        for ballot in ballots:
            first = next((mark for mark in ballot.marks if mark in votes), None)
            if first is not None:
                votes[first] += 1
        shown = tuple(votes.get(option) for option in range(options))
        total = sum(votes.values())
        best = max(standing, key=lambda option: (votes[option], -option))
        if not total:
            return Count(adopted=False, why=Why.TOO_LITTLE_SUPPORT, rounds=(_Round(shown, None),))
        if 2 * votes[best] > total or len(standing) == 1:
            rounds.append(_Round(shown, None))
            counts = tuple((str(option), votes.get(option, 0)) for option in range(options))
            return Count(adopted=True, counts=counts, winner=best, rounds=tuple(rounds), tied=tied)
        fewest = min(votes.values())
        last = [option for option in standing if votes[option] == fewest]
        tied = tied or len(last) > 1
        out = min(last, key=lambda option: (*_history(rounds, option), -option))
        rounds.append(_Round(shown, out))
        standing.remove(out)
    return Count(adopted=False, why=Why.TOO_LITTLE_SUPPORT)


def _history(rounds: Sequence[_Round], option: int) -> tuple[int, ...]:
    return tuple(turn.votes[option] or 0 for turn in reversed(rounds))


def proposed_method(*, reversible: bool, few_affected: bool) -> Method:
    """Return the lightest method that is safe: what is hard to undo needs more agreement.

    Easy to undo and few affected: advice.  Easy to undo: consent.  Hard to undo and few
    affected: gradients, to see where people stand.  Hard to undo, all affected: consensus.
    """
    if reversible:
        return Method.ADVICE if few_affected else Method.CONSENT
    return Method.GRADIENTS if few_affected else Method.CONSENSUS
