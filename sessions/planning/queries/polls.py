"""What a poll about times has come to so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.members.models import Member
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.seats import is_on_a_break
from sessions.models.polls import PollAnswer, PollTime, TimePoll

Says = PollAnswer.Says


@dataclass(frozen=True)
class _TimeResult:
    """One time with the answers to it, by seat in the order of the table."""

    time: PollTime
    answers: tuple[tuple[Seat, str], ...]

    @property
    def yes(self) -> int:
        return sum(word == Says.YES for _seat, word in self.answers)

    @property
    def can(self) -> int:
        return sum(word in {Says.YES, Says.IF_NEED_BE} for _seat, word in self.answers)


@dataclass(frozen=True)
class _PollResults:
    poll: TimePoll
    times: tuple[_TimeResult, ...]
    seats: tuple[Seat, ...]
    undecided: tuple[Seat, ...]

    @property
    def is_complete(self) -> bool:
        """Whether all have answered for whom it waits; where nobody has, it waits for its end."""
        return not self.undecided and any(word for time in self.times for _, word in time.answers)

    def best(self, *, after: datetime) -> _TimeResult | None:
        """Return the time at which most can; of equals most plain yes, then the earliest."""
        coming = [result for result in self.times if result.time.starts_at > after]
        return min(
            coming,
            key=lambda result: (-result.can, -result.yes, result.time.starts_at),
            default=None,
        )

    def answers_of(self, seat: Seat | None) -> dict[UUID, str]:
        return {
            result.time.pk: word
            for result in self.times
            for whose, word in result.answers
            if seat and whose.pk == seat.pk and word
        }


def poll_results(poll: TimePoll) -> _PollResults:
    """Return what a poll has come to, in three queries: answers of open seats alone count."""
    times = list(PollTime.objects.filter(poll=poll).order_by("starts_at", "id"))
    seats = list(
        Seat.objects.open()
        .filter(partnership=poll.partnership_id)
        .exclude(enrolment__member__state=Member.State.LEFT)
        .select_related("enrolment__member")
        .order_by("id")
    )
    words = {
        (time_id, seat_id): says
        for time_id, seat_id, says in PollAnswer.objects.filter(time__poll=poll).values_list(
            "time", "seat", "says"
        )
    }
    answered = {seat_id for _time, seat_id in words}
    return _PollResults(
        poll=poll,
        times=tuple(
            _TimeResult(time, tuple((seat, words.get((time.pk, seat.pk), "")) for seat in seats))
            for time in times
        ),
        seats=tuple(seats),
        undecided=tuple(
            seat for seat in seats if seat.pk not in answered and not is_on_a_break(seat)
        ),
    )


def poll_in_force(partnership: Partnership) -> TimePoll | None:
    return TimePoll.objects.in_force().filter(partnership=partnership).for_list().first()
