"""An election as its page shows it: the step it is at, what one may see, and what one may do."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from core.members.models import Member
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.seats import is_on_a_break
from sessions.models.elections import Election, ElectionVote, Nomination, nominations_are_hidden

STEPS = (
    Election.State.NOMINATING,
    Election.State.REASONS,
    Election.State.CHANGES,
    Election.State.CONSENT,
)


@dataclass(frozen=True)
class _Votes:
    consented: tuple[ElectionVote, ...]
    objections: tuple[ElectionVote, ...]
    waiting: tuple[Seat, ...]


@dataclass(frozen=True)
class ElectionSheet:
    """All that an election's page shows; nominations of others only once they are open to all."""

    election: Election
    people: tuple[Seat, ...]
    seat: Seat | None
    mine: Nomination | None
    hidden: bool
    nominations: tuple[Nomination, ...]
    nominated: int
    tally: tuple[tuple[Seat, int], ...]
    votes: _Votes
    my_vote: ElectionVote | None
    time_is_up: bool
    steps: tuple[tuple[str, bool, bool], ...]  # name, done, current

    @property
    def whose_turn(self) -> str:
        """Who begins the round of reasons: whoever opened the election."""
        return str(self.election.opened_by.enrolment.member.given_name)


def election_sheet(*, election: Election, member: Member, at: datetime) -> ElectionSheet:
    """Return an election as `member`, who sits at its table, sees it.

    Wants the election from `for_list`.
    """
    people = _people(election.partnership)
    seat = next((s for s in people if s.enrolment.member_id == member.pk), None)
    made = list(
        Nomination.objects.visible_to(member)
        .filter(election=election)
        .select_related(
            "seat__enrolment__member", "nominee__enrolment__member", "changed_to__enrolment__member"
        )
        .order_by("id")
    )
    mine = next((n for n in made if seat and n.seat_id == seat.pk), None)
    hidden = nominations_are_hidden(election, at)
    votes = counted(election)
    order = list(STEPS)
    current = order.index(Election.State(election.state)) if election.is_open else len(order)
    chosen = Counter(
        seat_id for n in made if (seat_id := n.changed_to_id or n.nominee_id) is not None
    )
    by_id = {s.pk: s for s in people}
    return ElectionSheet(
        election=election,
        people=tuple(people),
        seat=seat,
        mine=mine,
        hidden=hidden,
        nominations=() if hidden else tuple(made),
        nominated=len(made),
        tally=()
        if hidden
        else tuple((by_id[pk], n) for pk, n in chosen.most_common() if pk in by_id),
        votes=votes,
        my_vote=next(
            (v for v in (*votes.consented, *votes.objections) if seat and v.seat_id == seat.pk),
            None,
        ),
        time_is_up=at >= election.nominate_until,
        steps=tuple(
            (str(step.label), place < current, place == current) for place, step in enumerate(order)
        ),
    )


def counted(election: Election) -> _Votes:
    """Return the answers to the proposal that stands, of the people at the table."""
    people = _people(election.partnership)
    here = {seat.pk for seat in people}
    votes = list(
        ElectionVote.objects.filter(election=election, lap=election.lap, seat__in=here)
        .select_related("seat__enrolment__member")
        .order_by("id")
    )
    answered = {vote.seat_id for vote in votes}
    return _Votes(
        consented=tuple(vote for vote in votes if vote.consents),
        objections=tuple(vote for vote in votes if not vote.consents),
        waiting=tuple(
            seat for seat in people if seat.pk not in answered and not is_on_a_break(seat)
        ),
    )


def elections_of(*, partnership: Partnership, member: Member) -> list[Election]:
    """Return the elections of a table that this member sees, open ones first, newest first."""
    rows = Election.objects.visible_to(member).filter(partnership=partnership).for_list()
    return sorted(rows.order_by("-id"), key=lambda election: not election.is_open)


def _people(partnership: Partnership) -> list[Seat]:
    seats = Seat.objects.open().filter(partnership=partnership)
    return list(seats.select_related("enrolment__member").order_by("id"))
