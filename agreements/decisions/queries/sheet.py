"""One decision as its page shows it: the text, where it is, what was said, what I can do now."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.decisions.models import (
    Adviser,
    Decision,
    Method,
    Outcome,
    Remark,
    Step,
    Vote,
    Wording,
)
from agreements.decisions.queries.ballots import (
    RULES,
    Result,
    Turnout,
    VoteLine,
    line_of,
    result_of,
    turnout,
    undecided,
    voters,
)
from agreements.decisions.queries.meeting import Meeting, here, meeting_of, steers
from core.common.diff import Piece, compare
from core.members.models import Member
from pairing.models.partnerships import Seat
from pairing.partnerships.seats import open_seats_seen


@dataclass(frozen=True)
class _Entry:
    """One thing that was said or done, in the order of time."""

    at: datetime
    kind: str  # step, wording, question, reaction, outcome, ballot
    name: str = ""
    mine: bool = False
    words: str = ""
    remark: Remark | None = None
    answers: tuple[_Entry, ...] = ()
    pieces: tuple[Piece, ...] = ()
    version: int = 0
    result: Result | None = None
    votes: tuple[VoteLine, ...] = ()
    passed: bool = False


@dataclass(frozen=True)
class _Can:
    """What this person may do now; each is a button on the page."""

    open: bool = False
    ask: bool = False
    answer: bool = False
    start_reactions: bool = False
    react: bool = False
    open_voting: bool = False
    vote: bool = False
    withdraw_objection: bool = False
    amend: bool = False
    close: bool = False
    decide: bool = False
    withdraw: bool = False
    agree: bool = False
    keep: bool = False
    reopen: bool = False


@dataclass(frozen=True)
class DecisionSheet:
    """All that a decision's page shows; for who does not sit there, its facts alone."""

    decision: Decision
    seat: Seat | None
    reads_words: bool
    wording: Wording | None
    rule: str
    phases: tuple[tuple[str, str, str], ...]
    turnout: Turnout
    waiting: tuple[str, ...]
    reactions: tuple[_Entry, ...]
    due_at: datetime | None
    advisers: tuple[Adviser, ...]
    mine: Vote | None
    my_reaction: Remark | None
    standing: tuple[Vote, ...]
    votes: tuple[VoteLine, ...]
    talk: tuple[_Entry, ...]
    result: Result | None
    can: _Can = field(default_factory=_Can)

    @property
    def objections(self) -> tuple[Vote, ...]:
        """The objections of the open ballot that this person may read."""
        return tuple(vote for vote in self.standing if vote.answer == "object")


def decision_sheet(*, decision: Decision, member: Member) -> DecisionSheet:
    """Return a decision as `member` sees it, in a fixed number of queries.

    Wants the decision from `for_list`.
    """
    seats = open_seats_seen(decision.partnership, member)
    seat = next((row for row in seats if row.enrolment.member_id == member.pk), None)
    wordings = list(_with_seat(Wording, decision, member, "by").order_by("version"))
    votes = list(_with_seat(Vote, decision, member, "seat").order_by("id"))
    remarks = list(_with_seat(Remark, decision, member, "seat").order_by("said_at", "id"))
    outcomes = list(Outcome.objects.visible_to(member).filter(decision=decision).order_by("at"))
    wording = wordings[-1] if wordings else None
    for row in (*votes, *outcomes):
        row.decision = decision
    results = {outcome.ballot: _result(outcome, wordings, votes) for outcome in outcomes}
    standing = tuple(vote for vote in votes if vote.ballot == decision.ballot)
    deciding = decision.state == Decision.State.DECIDE
    now, meeting = turnout(decision), meeting_of(decision.partnership)
    mine = next((v for v in standing if deciding and seat and v.seat_id == seat.pk), None)
    reactions = [r for r in remarks if r.kind == Remark.Kind.REACTION]
    this_round = [r for r in reactions if r.round == decision.round]
    others = standing if deciding and wording and len(standing) > (mine is not None) else ()
    return DecisionSheet(
        decision=decision,
        seat=seat,
        reads_words=bool(wordings),
        wording=wording,
        rule=str(RULES[Method(decision.method)]),
        phases=_phases(decision),
        turnout=now,
        waiting=_waiting(decision, here(seats, meeting), this_round),
        reactions=tuple(_entry(r, member) for r in this_round if r.words),
        due_at=_due_at(decision),
        advisers=tuple(_with_seat(Adviser, decision, member, "seat").order_by("id")),
        mine=mine,
        my_reaction=next((r for r in this_round if seat and r.seat_id == seat.pk), None),
        standing=standing if deciding else (),
        votes=tuple(line_of(vote, wording.options) for vote in others) if wording else (),
        talk=_talk(decision, member, wordings, remarks, votes, results),
        result=results.get(decision.ballot) if decision.is_over else None,
        can=_can(decision, seat, now, mine, remarks, meeting) if seat else _Can(),
    )


def _with_seat(model: type, decision: Decision, member: Member, seat: str):  # type: ignore[no-untyped-def]  # four models, one reading
    rows = model.objects.visible_to(member).filter(decision=decision)  # type: ignore[attr-defined]  # each has it
    return rows.select_related(f"{seat}__enrolment__member")


def _result(outcome: Outcome, wordings: list[Wording], votes: list[Vote]) -> Result:
    wording = next(row for row in wordings if row.version == outcome.version)
    return result_of(outcome, wording, [v for v in votes if v.ballot == outcome.ballot])


def _phases(decision: Decision) -> tuple[tuple[str, str, str], ...]:
    """Return where it is: the steps for the timeline, with what each came to."""
    order = [Decision.State.CLARIFY, Decision.State.REACT, Decision.State.DECIDE]
    at = order.index(Decision.State(decision.state)) if decision.state in order else len(order)
    at = -1 if decision.state == Decision.State.DRAFT else at
    names = [_("Clarify"), _("React"), _("Decide"), _("Outcome")]
    again = _("round %(n)d") % {"n": decision.round} if decision.round > 1 else ""
    ending = str(decision.get_state_display()) if decision.is_over else ""
    notes = ["", again if at >= 1 else "", "", ending]
    states = ["now" if n == at else "done" if n < at else "" for n in range(4)]
    return tuple(zip(names, notes, states, strict=True))


def _due_at(decision: Decision) -> datetime | None:
    """Return when clarifying or reacting is over, and the next step begins by itself."""
    if decision.state not in (Decision.State.CLARIFY, Decision.State.REACT):
        return None
    if decision.in_the_meeting or decision.partnership.state != "active":
        return None
    last: datetime = decision.steps.aggregate(at=Max("at"))["at"]
    since = max(last, decision.partnership.resumed_at or last)
    return since + timedelta(days=decision.window_days)


def _waiting(decision: Decision, seats: list[Seat], this_round: list[Remark]) -> tuple[str, ...]:
    """Return who has not yet spoken: names, never opinions."""
    waiting: Iterable[Seat] = ()
    if decision.state == Decision.State.DECIDE:
        sitting = {seat.pk for seat in seats}
        waiting = [seat for seat in undecided(decision) if seat.pk in sitting]
    elif decision.state == Decision.State.REACT:
        spoken = {remark.seat_id for remark in this_round}
        waiting = [seat for seat in seats if seat.pk not in spoken]
    return tuple(seat.enrolment.member.given_name for seat in waiting)


def _can(
    decision: Decision,
    seat: Seat,
    now: Turnout,
    mine: Vote | None,
    remarks: list[Remark],
    meeting: Meeting | None,
) -> _Can:
    state = decision.state
    owns = decision.proposer_id == seat.pk
    gone = decision.proposer.left_at is not None
    its_own = decision.steered_by(seat)
    moves_on = steers(decision, seat, meeting)
    deciding = state == Decision.State.DECIDE
    advice = decision.method == Method.ADVICE
    objects = mine is not None and mine.answer in ("object", "block")
    amends = its_own or (objects and mine is not None and mine.answer == "object")
    may_answer = deciding and any(voter.pk == seat.pk for voter in voters(decision))
    all_in = moves_on or now.answered >= now.people
    return _Can(
        open=state == Decision.State.DRAFT and owns,
        ask=state == Decision.State.CLARIFY,
        answer=state in (Decision.State.CLARIFY, Decision.State.REACT),
        start_reactions=state == Decision.State.CLARIFY and moves_on and not _unanswered(remarks),
        react=state == Decision.State.REACT,
        open_voting=state == Decision.State.REACT and moves_on,
        vote=decision.takes_answers and may_answer,
        withdraw_objection=decision.takes_answers and objects,
        amend=state in Decision.RUNNING and amends,
        close=deciding and not advice and now.quorate and all_in,
        decide=deciding and advice and (owns or gone) and now.quorate,
        withdraw=state in Decision.RUNNING and its_own,
        agree=state == Decision.State.ADOPTED,
        keep=state == Decision.State.REVIEW,
        reopen=decision.is_over,
    )


def _unanswered(remarks: list[Remark]) -> bool:
    answered = {remark.question_id for remark in remarks}
    return any(r.kind == Remark.Kind.QUESTION and r.pk not in answered for r in remarks)


def _talk(
    decision: Decision,
    member: Member,
    wordings: list[Wording],
    remarks: list[Remark],
    votes: list[Vote],
    results: dict[int, Result],
) -> tuple[_Entry, ...]:
    steps = list(_with_seat(Step, decision, member, "by").order_by("number"))
    entries = [
        *_worded(wordings, member),
        *_spoken(remarks, member),
        *_gone_through(decision, steps, wordings, votes, results),
    ]
    # of one moment: what asked for words comes before them, what closed after
    rank = {"step": 0, "outcome": 2}
    return tuple(sorted(entries, key=lambda entry: (entry.at, rank.get(entry.kind, 1))))


def _worded(wordings: list[Wording], member: Member) -> Iterator[_Entry]:
    for before, after in itertools.pairwise(wordings):
        yield _Entry(
            at=after.written_at,
            kind="wording",
            name=after.by.enrolment.member.full_name,
            mine=after.by.enrolment.member_id == member.pk,
            version=after.version,
            pieces=compare(_whole(before), _whole(after)),
        )


def _whole(wording: Wording) -> str:
    options = "\n".join(f"• {option}" for option in wording.options)
    return "\n\n".join(part for part in (wording.title, wording.text, options) if part)


def _spoken(remarks: list[Remark], member: Member) -> Iterator[_Entry]:
    answers: dict[object, list[_Entry]] = defaultdict(list)
    for remark in remarks:
        if remark.kind == Remark.Kind.ANSWER:
            answers[remark.question_id].append(_entry(remark, member))
    for remark in remarks:
        if remark.kind != Remark.Kind.ANSWER:
            yield _entry(remark, member, tuple(answers[remark.pk]))


def _entry(remark: Remark, member: Member, answers: tuple[_Entry, ...] = ()) -> _Entry:
    return _Entry(
        at=remark.said_at,
        kind=remark.kind,
        name=remark.seat.enrolment.member.full_name,
        mine=remark.seat.enrolment.member_id == member.pk,
        words=remark.words,
        remark=remark,
        answers=answers,
        version=remark.round,
        passed=remark.passed,
    )


def _gone_through(
    decision: Decision,
    steps: list[Step],
    wordings: list[Wording],
    votes: list[Vote],
    results: dict[int, Result],
) -> Iterator[_Entry]:
    before = ""
    for step in steps:
        closing = step.state in (
            Decision.State.ADOPTED,
            Decision.State.NOT_ADOPTED,
        ) and step.why not in ("kept", "over")
        name = step.by.enrolment.member.full_name if step.by else ""
        lines: tuple[VoteLine, ...] = ()
        if before == Decision.State.DECIDE and step.state in (
            Decision.State.REACT,
            Decision.State.WITHDRAWN,
        ):
            # a ballot that was not counted: its answers are kept here
            options = next(w.options for w in wordings if w.version <= step.version)
            lines = tuple(line_of(v, options) for v in votes if v.ballot == step.ballot)
        yield _Entry(
            at=step.at,
            kind="outcome" if closing else "step",
            name=name,
            words=_step_words(step, before, name),
            version=step.version,
            result=results.get(step.ballot) if closing else None,
            votes=lines,
        )
        before = step.state


_WHY = {
    "over": gettext_lazy("The partnership is over, so it was closed as it was."),
    "extended": gettext_lazy("Too few had answered, so it was extended once."),
    "reopened": gettext_lazy("%(name)s opened it again."),
    "kept": gettext_lazy("%(name)s: it stays as it is."),
}
_BY_THE_CLOCK = {
    "react": gettext_lazy("The time to ask was over: everybody was asked for a reaction."),
    "decide": gettext_lazy("The time to react was over: everybody was asked to decide."),
}


def _step_words(step: Step, before: str, name: str) -> str:
    who = {"name": name or _("The clock")}
    if step.why in _WHY:
        return str(_WHY[step.why]) % who
    if step.by is None and step.state in _BY_THE_CLOCK:
        return str(_BY_THE_CLOCK[step.state])
    match step.state:
        case Decision.State.CLARIFY:
            return (
                _("%(name)s changed the text.") % who
                if before
                else _("%(name)s proposed it.") % who
            )
        case Decision.State.REACT:
            if before == Decision.State.CLARIFY:
                return _("Everybody was asked for a reaction.")
            return _("%(name)s changed the text: back to reactions.") % who
        case Decision.State.DECIDE:
            return _("Everybody was asked to decide.")
        case Decision.State.ADOPTED:
            return _("Adopted.")
        case Decision.State.NOT_ADOPTED:
            return _("Not adopted.")
        case Decision.State.REVIEW:
            return _("Its review date has come. It stays valid until you decide otherwise.")
        case _:
            return _("%(name)s withdrew it.") % who
