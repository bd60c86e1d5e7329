"""Goals as their partners see them, and the facts of them that others may know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2s
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.formats import date_format

from agreements.goals.models import (
    Goal,
    GoalBody,
    GoalProgress,
    GoalQuerySet,
    GoalVoice,
    ReadyToClose,
)
from core.members.models import Member
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.seats import open_seats_seen

CELEBRATED = timedelta(days=14)
ASKED = 2  # goals in one check-in: it takes 20 seconds


@dataclass(frozen=True)
class GoalWords:
    """What a goal says, wherever it is kept: milestones as {"words", "done_on"}."""

    title: str = ""
    milestones: tuple[Mapping[str, Any], ...] = ()
    word: str = ""

    def whole(self, due_on: date) -> str:
        """Return all that changing a goal may change, as one text."""
        steps = [f"• {step['words']}" for step in self.milestones]
        return "\n".join([self.title, date_format(due_on, "j F Y"), *steps])

    @property
    def done(self) -> int:
        return sum(1 for step in self.milestones if step["done_on"])


@dataclass(frozen=True)
class GoalLine:
    """One goal with its words, who has yet to take it on or says it is met, and who sees it."""

    goal: Goal
    words: GoalWords
    mine: bool
    waiting: tuple[str, ...]
    say_met: tuple[str, ...]
    i_agreed: bool
    i_say_met: bool
    progress: int | None
    past_due: bool

    @property
    def share(self) -> int:
        """How much of it is done, in percent: its milestones, else how far it is seen."""
        if self.goal.state == Goal.State.MET:
            return 100
        if self.words.milestones:
            return round(100 * self.words.done / len(self.words.milestones))
        return 20 * (self.progress or 0)


@dataclass(frozen=True)
class _GoalPage:
    """All goals of a partnership that one person sees."""

    shared: tuple[GoalLine, ...]
    own: tuple[GoalLine, ...]
    others: tuple[GoalLine, ...]
    settled: tuple[GoalLine, ...]
    celebrated: tuple[GoalLine, ...]
    can_close: bool
    ready: tuple[str, ...]
    i_am_ready: bool
    partners: int


def words_of(goal: Goal, member: Member) -> GoalWords:
    """Return the words of a goal that this person may read; none of a private goal of another."""
    if not goal.private:
        return GoalWords(goal.title, tuple(goal.milestones), goal.word)
    return _bodies([goal.pk], member).get(goal.pk, GoalWords())


def mark_of(words: GoalWords, due_on: date) -> str:
    """Return what stands for these words, so that a form can say which it changes."""
    steps = [step["words"] for step in words.milestones]
    text = repr((words.title, due_on.isoformat(), steps))
    return blake2s(text.encode(), digest_size=12).hexdigest()


def _bodies(goals: Iterable[UUID], member: Member) -> dict[UUID, GoalWords]:
    rows = GoalBody.objects.visible_to(member).filter(goal__in=list(goals))
    return {row.goal_id: GoalWords(row.title, tuple(row.milestones), row.word) for row in rows}


def goal_lines(rows: GoalQuerySet, member: Member, *, today: date) -> list[GoalLine]:
    """Return these goals with all that their lines show, in a fixed number of statements."""
    goals = list(rows.for_list())
    ids = [goal.pk for goal in goals]
    bodies = _bodies([goal.pk for goal in goals if goal.private], member)
    voices: dict[UUID, dict[UUID, GoalVoice]] = defaultdict(dict)
    for voice in GoalVoice.objects.filter(goal__in=ids):
        voices[voice.goal_id][voice.seat_id] = voice
    progress: dict[UUID, dict[UUID, int]] = defaultdict(dict)
    for goal_id, seat_id, level in (
        GoalProgress.objects.filter(goal__in=ids)
        .order_by("on")
        .values_list("goal", "seat", "level")
    ):
        progress[goal_id][seat_id] = level
    tables: dict[UUID, list[Seat]] = defaultdict(list)
    seen = Seat.objects.visible_to(member).open()  # who has left sees nobody who came after
    seats = seen.filter(partnership__in={goal.partnership_id for goal in goals})
    for seat in seats.select_related("enrolment__member").order_by("id"):
        tables[seat.partnership_id].append(seat)
    return [
        _line(
            goal,
            bodies.get(goal.pk, GoalWords(goal.title, tuple(goal.milestones), goal.word)),
            voices[goal.pk],
            progress[goal.pk],
            tables[goal.partnership_id],
            member,
            today,
        )
        for goal in goals
    ]


def _line(
    goal: Goal,
    words: GoalWords,
    voices: Mapping[UUID, GoalVoice],
    progress: Mapping[UUID, int],
    seats: list[Seat],
    member: Member,
    today: date,
) -> GoalLine:
    mine = next((seat for seat in seats if seat.enrolment.member_id == member.pk), None)
    voice = voices.get(mine.pk) if mine else None
    shared = goal.is_shared
    seen = [level for seat, level in progress.items() if shared or seat == goal.seat_id]
    return GoalLine(
        goal=goal,
        words=words,
        mine=mine is not None and goal.seat_id == mine.pk,
        waiting=_names(seat for seat in seats if seat.pk not in voices) if shared else (),
        say_met=_names(seat for seat in seats if seat.pk in voices and voices[seat.pk].met_at),
        i_agreed=voice is not None,
        i_say_met=voice is not None and voice.met_at is not None,
        progress=round(sum(seen) / len(seen)) if seen else None,
        past_due=goal.is_past_due(today),
    )


def _names(seats: Iterable[Seat]) -> tuple[str, ...]:
    return tuple(seat.enrolment.member.given_name for seat in seats)


def goal_page(*, partnership: Partnership, member: Member, today: date) -> _GoalPage:
    rows = Goal.objects.visible_to(member).filter(partnership=partnership)
    lines = goal_lines(rows.order_by("due_on", "id"), member, today=today)
    open_ = [line for line in lines if not line.goal.is_settled]
    met = [line for line in lines if line.goal.state == Goal.State.MET]
    seats = open_seats_seen(partnership, member)
    ready = ReadyToClose.objects.visible_to(member).filter(
        partnership=partnership, seat__left_at=None
    )
    ready_seats = set(ready.values_list("seat", flat=True))
    return _GoalPage(
        shared=tuple(line for line in open_ if line.goal.is_shared),
        own=tuple(line for line in open_ if line.mine),
        others=tuple(line for line in open_ if not line.mine and not line.goal.is_shared),
        settled=tuple(line for line in lines if line.goal.is_settled),
        celebrated=tuple(
            line
            for line in met
            if line.goal.settled_on and line.goal.settled_on >= today - CELEBRATED
        ),
        can_close=partnership.is_open and goals_are_met(partnership),
        ready=_names(seat for seat in seats if seat.pk in ready_seats),
        i_am_ready=any(s.pk in ready_seats and s.enrolment.member_id == member.pk for s in seats),
        partners=len(seats),
    )


def goals_are_met(partnership: Partnership) -> bool:
    """Say whether every shared goal is settled, and one at least was met."""
    shared = Goal.objects.filter(partnership=partnership, seat=None)
    states = set(shared.values_list("state", flat=True))
    return Goal.State.MET in states and not states & {Goal.State.PROPOSED, Goal.State.ACTIVE}


def my_goals(member: Member, *, today: date) -> list[GoalLine]:
    """Return what this person works on, their own and the shared ones, the soonest due first."""
    rows = Goal.objects.visible_to(member).of(member)
    rows = rows.filter(
        state__in=[Goal.State.PROPOSED, Goal.State.ACTIVE],
        partnership__state__in=Partnership.OPEN,
    )
    return goal_lines(rows.order_by("due_on", "id"), member, today=today)


def goals_to_ask(partnership: Partnership, member: Member, *, today: date) -> list[GoalLine]:
    """Return the goals whose progress a check-in asks about: at most two, the soonest due."""
    rows = Goal.objects.visible_to(member).of(member).active().filter(partnership=partnership)
    return goal_lines(rows.order_by("due_on", "id"), member, today=today)[:ASKED]


def goals_past_due(
    partnerships: Collection[UUID] | QuerySet[Any, Any], *, today: date
) -> dict[UUID, tuple[int, date]]:
    """Return how many active goals of each partnership are past due, and since when: facts."""
    past_due: dict[UUID, tuple[int, date]] = {}
    rows = Goal.objects.active().filter(partnership__in=partnerships, due_on__lt=today)
    for partnership_id, due_on in rows.order_by("due_on").values_list("partnership", "due_on"):
        n, since = past_due.get(partnership_id, (0, due_on))
        past_due[partnership_id] = (n + 1, since)
    return past_due


def goal_counts(partnerships: Iterable[UUID]) -> dict[UUID, dict[str, int]]:
    """Return how many goals of each partnership are in which state: facts for coordinators."""
    ids = list(partnerships)
    counts = {partnership_id: dict.fromkeys(Goal.State.values, 0) for partnership_id in ids}
    rows = Goal.objects.filter(partnership__in=ids)
    for partnership_id, state in rows.values_list("partnership", "state"):
        counts[partnership_id][state] += 1
    return counts
