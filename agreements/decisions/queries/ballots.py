"""A ballot: who may answer and who has, whether that is enough, and what came of it as drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.decisions import counting
from agreements.decisions.models import (
    Adviser,
    Decision,
    Method,
    Outcome,
    Remark,
    Vote,
    Wording,
)
from core.members.models import Member
from core.ui.ballots import DotRow, RoundDrawing, Share, dot_rows, rounds, share_bar
from pairing.models.partnerships import Seat
from pairing.partnerships.seats import is_on_a_break, open_seats

#: Each answer in words, as the person who gives it says it.
ANSWERS = {
    "consent": gettext_lazy("I consent"),
    "object": gettext_lazy("I object"),
    "agree": gettext_lazy("I agree"),
    "aside": gettext_lazy("I stand aside"),
    "block": gettext_lazy("I block it"),
    "1": gettext_lazy("Wholly for it"),
    "2": gettext_lazy("For it, with a small point"),
    "3": gettext_lazy("For it, with reservations"),
    "4": gettext_lazy("I abstain"),
    "5": gettext_lazy("Let us talk more first"),
    "6": gettext_lazy("I don’t like it, and go along"),
    "7": gettext_lazy("I seriously disagree"),
    "8": gettext_lazy("I veto it"),
    "up": gettext_lazy("Thumb up"),
    "sideways": gettext_lazy("Thumb sideways"),
    "down": gettext_lazy("Thumb down"),
    "advice": gettext_lazy("My advice"),
}
#: How far an answer is from being for it: what its colour says, 1 to 8.
TONES = {"consent": 1, "object": 8, "agree": 1, "aside": 4, "block": 8, "advice": 1} | {
    "up": 1,
    "sideways": 4,
    "down": 8,
    **{str(step): step for step in range(1, 9)},
}
WHY = {
    "no_quorum": gettext_lazy("Too few answered for an outcome."),
    "objection": gettext_lazy("An objection stands."),
    "block": gettext_lazy("Somebody blocks it."),
    "stand_asides": gettext_lazy("As many stand aside as agree."),
    "veto": gettext_lazy("Somebody vetoes it."),
    "too_little_support": gettext_lazy("It has too little support."),
    "owner_said_no": gettext_lazy("Having heard the advice, its owner decided against it."),
}
#: How each method counts, in one sentence that stands on its page.
RULES = {
    Method.CONSENT: gettext_lazy(
        "Adopted when nobody objects. An objection says how it would harm what you are here for; "
        "it is taken up in the text, or its owner lets it go."
    ),
    Method.CONSENSUS: gettext_lazy(
        "Adopted when nobody blocks it and more agree than stand aside. A block has a reason."
    ),
    Method.GRADIENTS: gettext_lazy(
        "Adopted when nobody vetoes it and two thirds of those who do not abstain go along: "
        "steps 1, 2, 3 and 6. Steps 7 and 8 have a reason."
    ),
    Method.ADVICE: gettext_lazy(
        "Its owner asks those it affects and those with experience, then decides and says why."
    ),
    Method.SENSE_CHECK: gettext_lazy(
        "A picture of where you stand: more than half thumbs up is a yes. It binds nobody."
    ),
    Method.DOTS: gettext_lazy(
        "Three dots each. Most dots win; a tie goes to what more people gave a dot, then to what "
        "was named first."
    ),
    Method.RANKED: gettext_lazy(
        "Counted by instant run-off: the last of each round goes out and its votes move to their "
        "next choice, until one has more than half. A tie for last is broken by the round before, "
        "then what was named later goes out."
    ),
}


@dataclass(frozen=True)
class Turnout:
    """How the open ballot stands: who may answer, and the answers of those who still sit there."""

    method: counting.Method
    people: int
    needed: int
    answers: tuple[counting.Ballot, ...]
    options: int

    @property
    def answered(self) -> int:
        return len(self.answers)

    @property
    def quorate(self) -> bool:
        return self.answered >= self.needed

    def count(self) -> counting.Count:
        return counting.count(self.method, self.answers, options=self.options)


@dataclass(frozen=True)
class VoteLine:
    """One person's answer in words, with their reason; `dissent` if it is kept as such."""

    name: str
    words: str
    reason: str
    dissent: bool
    integrated_in: int | None


@dataclass(frozen=True)
class Result:
    """A ballot as drawn.  Of the three pictures that of its method is there."""

    adopted: bool
    why: str
    sentence: str
    votes: tuple[VoteLine, ...]
    shares: tuple[Share, ...] = ()
    dots: tuple[DotRow, ...] = ()
    rounds: tuple[RoundDrawing, ...] = ()
    winner: str = ""
    tied: bool = False
    reason: str = ""

    @property
    def shares_in_words(self) -> str:
        return ", ".join(f"{share.label}: {share.count}" for share in self.shares)

    @property
    def dissents(self) -> tuple[VoteLine, ...]:
        return tuple(vote for vote in self.votes if vote.dissent)


def voters(decision: Decision) -> list[Seat]:
    """Return who may answer: everybody at the table; for advice those who were asked."""
    seats = open_seats(decision.partnership)
    if decision.method == Method.ADVICE:
        advisers = set(Adviser.objects.filter(decision=decision).values_list("seat", flat=True))
        seats = [seat for seat in seats if seat.pk in advisers]
    return [seat for seat in seats if seat.enrolment.member.state != Member.State.LEFT]


def undecided(decision: Decision) -> list[Seat]:
    """Return who is still to answer; who takes a break need not."""
    votes = Vote.objects.filter(decision=decision, ballot=decision.ballot)
    answered = set(votes.values_list("seat", flat=True))
    seats = [seat for seat in voters(decision) if seat.pk not in answered]
    return [seat for seat in seats if not is_on_a_break(seat)]


def turnout(decision: Decision) -> Turnout:
    """Return how the latest ballot of a decision stands.

    The answer of somebody who has left the table meanwhile is kept and does not count.  Who takes
    a break may answer, and is waited for by no quorum.
    """
    ballots = Vote.objects.filter(decision=decision, ballot=decision.ballot)
    heard = set(ballots.values_list("seat", flat=True))
    people = [s.pk for s in voters(decision) if s.pk in heard or not is_on_a_break(s)]
    votes = ballots.filter(seat__in=people)
    wording = Wording.objects.get(decision=decision, version=decision.version)
    return Turnout(
        method=counting.Method(decision.method),
        people=len(people),
        needed=counting.needed(counting.Quorum(decision.quorum), len(people)),
        answers=tuple(
            counting.Ballot(vote.answer, tuple(vote.marks)) for vote in votes.order_by("id")
        ),
        options=len(wording.options),
    )


def voices(decision: Decision) -> tuple[int, int]:
    """Return how many sit at the table, and how many of them have taken part.

    That is to have answered, asked or reacted since it was proposed or reopened.  To pass is to
    be heard, and no part taken.
    """
    since = decision.opened_at or decision.created_at
    seats = {seat.pk for seat in open_seats(decision.partnership)}
    votes = Vote.objects.filter(decision=decision, cast_at__gte=since)
    remarks = Remark.objects.filter(decision=decision, said_at__gte=since, passed=False)
    heard = {*votes.values_list("seat", flat=True), *remarks.values_list("seat", flat=True)}
    return len(seats), len(seats & heard)


def words_of(vote: Vote, options: Sequence[str]) -> str:
    """Return an answer in words: of a choice what was marked."""
    if vote.answer:
        return str(ANSWERS[vote.answer])
    if vote.decision.method == Method.DOTS:
        dots = zip(options, vote.marks, strict=False)
        return ", ".join(f"{option}: {n}" for option, n in dots if n)
    return ", ".join(f"{place}. {options[mark]}" for place, mark in enumerate(vote.marks, 1))


def line_of(vote: Vote, options: Sequence[str]) -> VoteLine:
    key = (counting.Method(vote.decision.method), vote.answer)
    return VoteLine(
        name=vote.seat.enrolment.member.full_name,
        words=words_of(vote, options),
        reason=vote.reason,
        dissent=key in counting.DISSENT,
        integrated_in=vote.integrated_in,
    )


def result_of(outcome: Outcome, wording: Wording, votes: Sequence[Vote]) -> Result:
    """Return an outcome with its picture; `votes` are those of its ballot that may be read."""
    decision: Decision = outcome.decision
    method = counting.Method(decision.method)
    counted = outcome.count
    counts = dict(counted.get("counts", []))
    winner = counted.get("winner")
    drawn = counted["answered"] >= counted["needed"]
    choice = method in counting.CHOICES
    return Result(
        adopted=outcome.adopted,
        why=str(WHY.get(outcome.why, "")),
        sentence=_("%(answered)d of %(people)d answered; %(needed)d were needed.") % counted,
        votes=tuple(line_of(vote, wording.options) for vote in votes),
        shares=share_bar(
            [(str(ANSWERS[a]), counts.get(a, 0), TONES[a]) for a in counting.ANSWERS[method]]
        )
        if drawn
        else (),
        dots=dot_rows(
            [(name, counts.get(str(n), 0)) for n, name in enumerate(wording.options)],
            winner=winner,
        )
        if drawn and method == counting.Method.DOTS
        else (),
        rounds=rounds(
            wording.options,
            [(turn["votes"], turn["out"]) for turn in counted.get("rounds", [])],
            winner=winner,
        )
        if drawn and method == counting.Method.RANKED
        else (),
        winner=wording.options[winner] if choice and winner is not None else "",
        tied=bool(counted.get("tied")),
        reason=outcome.reason,
    )
