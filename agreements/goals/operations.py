"""Goals: set, taken on by all where they are shared, met and celebrated, or dropped with a word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date, timedelta

from django.db import transaction

from agreements.errors import GoalNotActive, GoalNotYours, GoalSettled, GoalsNotMet
from agreements.goals.models import Goal, GoalBody, GoalProgress, GoalVoice, ReadyToClose
from agreements.goals.queries import GoalWords, goals_are_met, words_of
from core.audit.operations import record
from core.common import clock
from core.members.models import Member
from core.notifications.operations import Draft, Link, enqueue_all, withdraw
from core.tenancy.days import day_of
from pairing.errors import DroppedWithoutWord
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.operations.partnerships import end_partnership
from pairing.partnerships.seats import lock_partnership, open_seats, require_seat

LEAD_TERM = timedelta(weeks=8)


@transaction.atomic
def set_goal(
    *,
    partnership: Partnership,
    title: str,
    due_on: date,
    by: Member,
    milestones: Sequence[str] = (),
    shared: bool = False,
    private: bool = True,
) -> Goal:
    """Write down a goal of one's own, or suggest one for all, which begins when all take it on.

    A private goal's words are its owner's alone.  Raises NotTheirs; ValueError without a title.
    """
    seat = require_seat(partnership, by)
    goal = Goal(
        partnership=partnership,
        seat=None if shared else seat,
        private=private and not shared,
        due_on=due_on,
        state=Goal.State.PROPOSED if shared else Goal.State.ACTIVE,
    )
    steps = [{"words": words, "done_on": None} for words in milestones if words.strip()]
    _write(goal, GoalWords(title=title.strip(), milestones=tuple(steps)), new=True)
    if shared:
        goal.lead, goal.lead_until = seat, day_of(clock.now()) + LEAD_TERM
        goal.save(update_fields=["lead", "lead_until"])
        _suggest(goal, seat)
        _agree(goal, seat)
    record(by=by, verb="goal.set", target=goal, shared=shared)
    return goal


@transaction.atomic
def take_on_goal(*, goal: Goal, by: Member) -> Goal:
    """Say yes to a shared goal; with the last yes it begins.  Raises GoalSettled, NotTheirs."""
    goal = _lock(goal)
    seat = require_seat(goal.partnership, by)
    if not goal.is_shared:
        raise GoalNotYours
    _agree(goal, seat)
    return goal


@transaction.atomic
def change_goal(
    *, goal: Goal, title: str, due_on: date, milestones: Sequence[str], by: Member
) -> Goal:
    """Word a goal anew; milestones that keep their words stay done.

    A shared one then waits for everybody again.  Raises GoalSettled, GoalNotYours, NotTheirs.
    """
    goal = _lock(goal)
    seat = _may(goal, by)
    was = words_of(goal, by)
    done = {step["words"]: step["done_on"] for step in was.milestones}
    steps = [{"words": w, "done_on": done.get(w)} for w in milestones if w.strip()]
    goal.due_on = due_on
    _write(goal, replace(was, title=title.strip(), milestones=tuple(steps)))
    if goal.is_shared:
        GoalVoice.objects.filter(goal=goal).delete()
        Goal.objects.filter(pk=goal.pk).update(state=Goal.State.PROPOSED)
        goal.refresh_from_db()
        _suggest(goal, seat)
        _agree(goal, seat)
    return goal


@transaction.atomic
def share_goal(*, goal: Goal, private: bool, by: Member) -> Goal:
    """Show a goal of one's own to the partners, or take it back; raises GoalNotYours, NotTheirs."""
    goal = _lock(goal, settled=True)
    seat = require_seat(goal.partnership, by)
    if goal.seat_id != seat.pk:
        raise GoalNotYours
    if goal.private != private:
        words = words_of(goal, by)
        goal.private = private
        _write(goal, words)
    return goal


@transaction.atomic
def tick_milestone(*, goal: Goal, place: int, done: bool, by: Member) -> Goal:
    """Mark a milestone, counted from 0, as done today or as open again.

    Raises GoalSettled, GoalNotYours, NotTheirs; ValueError for a place that there is not.
    """
    goal = _lock(goal)
    _may(goal, by)
    words = words_of(goal, by)
    if not 0 <= place < len(words.milestones):
        raise ValueError("there is no such milestone")
    today = day_of(clock.now()).isoformat()
    steps = [dict(step) for step in words.milestones]
    steps[place]["done_on"] = (steps[place]["done_on"] or today) if done else None
    _write(goal, replace(words, milestones=tuple(steps)))
    return goal


@transaction.atomic
def lead_goal(*, goal: Goal, seat: Seat, until: date, by: Member) -> Goal:
    """Give the lead of a shared goal to somebody for a term; raises as `tick_milestone`."""
    goal = _lock(goal)
    require_seat(goal.partnership, by)
    if not goal.is_shared or seat.partnership_id != goal.partnership_id or seat.left_at:
        raise ValueError("a shared goal is led by somebody at its table")
    Goal.objects.filter(pk=goal.pk).update(lead=seat, lead_until=until, changed_at=clock.now())
    goal.refresh_from_db()
    record(by=by, verb="goal.led", target=goal, lead=str(seat.enrolment.member))
    return goal


@transaction.atomic
def record_progress(*, goal: Goal, level: int, by: Member) -> GoalProgress:
    """Write down how far one sees a goal today, 1–5; said again on that day, it is replaced.

    Raises GoalNotActive, GoalNotYours, NotTheirs.
    """
    goal = _lock(goal)
    seat = _may(goal, by)
    if goal.state != Goal.State.ACTIVE:
        raise GoalNotActive
    progress, _ = GoalProgress.objects.update_or_create(
        goal=goal, seat=seat, on=day_of(clock.now()), defaults={"level": level}
    )
    return progress


@transaction.atomic
def declare_met(*, goal: Goal, by: Member) -> Goal:
    """Say that a goal is met: one's own is, a shared one when everybody at the table says so.

    Raises GoalNotActive, GoalSettled, GoalNotYours, NotTheirs.
    """
    goal = _lock(goal)
    seat = _may(goal, by)
    if goal.state != Goal.State.ACTIVE:
        raise GoalNotActive
    at = clock.now()
    if goal.is_shared:
        GoalVoice.objects.update_or_create(
            goal=goal,
            seat=seat,
            defaults={"met_at": at},
            create_defaults={"agreed_at": at, "met_at": at},
        )
        voices = GoalVoice.objects.filter(goal=goal, seat__left_at=None, met_at__isnull=False)
        if voices.count() < len(open_seats(goal.partnership)):
            return goal
    _settle(goal, Goal.State.MET)
    record(by=by, verb="goal.met", target=goal, shared=goal.is_shared)
    _celebrate(goal, seat)
    return goal


@transaction.atomic
def drop_goal(*, goal: Goal, word: str, by: Member) -> Goal:
    """Let a goal go, with a word why; raises DroppedWithoutWord, GoalSettled, GoalNotYours."""
    if not word.strip():
        raise DroppedWithoutWord
    goal = _lock(goal)
    _may(goal, by)
    words = words_of(goal, by)
    _settle(goal, Goal.State.DROPPED)
    _write(goal, replace(words, word=word.strip()))
    record(by=by, verb="goal.dropped", target=goal, shared=goal.is_shared)
    return goal


@transaction.atomic
def agree_to_close(*, partnership: Partnership, by: Member) -> Partnership:
    """Say that the shared goals are met and it is time to close; with the last yes it completes.

    Raises GoalsNotMet while a shared goal is open or none was met, NotTheirs.
    """
    partnership = lock_partnership(partnership)
    seat = require_seat(partnership, by)
    if not goals_are_met(partnership):
        raise GoalsNotMet
    ReadyToClose.objects.get_or_create(
        partnership=partnership, seat=seat, defaults={"at": clock.now()}
    )
    ready = ReadyToClose.objects.filter(partnership=partnership, seat__left_at=None).count()
    if ready == len(open_seats(partnership)):
        end_partnership(
            partnership=partnership,
            reason="goals_met",
            by=by,
            state=Partnership.State.COMPLETED,
        )
        partnership.refresh_from_db()
    return partnership


def _agree(goal: Goal, seat: Seat) -> None:
    GoalVoice.objects.get_or_create(goal=goal, seat=seat, defaults={"agreed_at": clock.now()})
    voices = GoalVoice.objects.filter(goal=goal, seat__left_at=None).count()
    if voices >= len(open_seats(goal.partnership)):
        waiting = Goal.objects.filter(pk=goal.pk, state=Goal.State.PROPOSED)
        if waiting.update(state=Goal.State.ACTIVE, changed_at=clock.now()):
            withdraw(about=goal.pk)
    goal.refresh_from_db()


def _settle(goal: Goal, state: str) -> None:
    at = clock.now()
    Goal.objects.filter(pk=goal.pk).update(
        state=state, settled_at=at, settled_on=day_of(at), changed_at=at
    )
    withdraw(about=goal.pk)
    goal.refresh_from_db()


def _write(goal: Goal, words: GoalWords, *, new: bool = False) -> None:
    """Put a goal's words where they belong: with it, or where its owner alone reads them."""
    if not words.title:
        raise ValueError("a goal has words")
    shown, hidden = (GoalWords(), words) if goal.private else (words, GoalWords())
    goal.title, goal.milestones, goal.word = shown.title, list(shown.milestones), shown.word
    goal.changed_at = clock.now()
    goal.save(force_insert=new)
    values = {**asdict(hidden), "milestones": list(hidden.milestones)}
    body = GoalBody.objects.filter(goal=goal)
    if not body.update(**values) and goal.private and goal.seat is not None:
        owner = goal.seat.enrolment.member_id
        GoalBody.objects.create(goal=goal, readers=[owner], **values)


def _suggest(goal: Goal, seat: Seat) -> None:
    """Ask the others to take a goal on, once each time it is worded."""
    withdraw(about=goal.pk)
    _tell(goal, "goal_proposed", seat, key=goal.changed_at.isoformat())


def _celebrate(goal: Goal, seat: Seat) -> None:
    """Tell the others of a goal that is met, unless it was private."""
    if not goal.private:
        _tell(goal, "goal_met", seat, key="met")


def _tell(goal: Goal, kind: str, seat: Seat, *, key: str) -> None:
    enqueue_all(
        [
            Draft(
                member=other.enrolment.member,
                kind=f"agreements.{kind}",
                dedupe_key=f"{kind}:{goal.pk}:{key}:{other.pk}",
                link=Link(page=goal.get_absolute_url()),
                context={
                    "partnership": goal.partnership.name,
                    "person": seat.enrolment.member.full_name,
                    "shared": goal.is_shared,
                },
                about=goal.pk,
            )
            for other in open_seats(goal.partnership)
            if other.pk != seat.pk
        ]
    )


def _lock(goal: Goal, *, settled: bool = False) -> Goal:
    """Let one change of a goal at a time through; raises GoalSettled once it is met or dropped."""
    locked = (
        Goal.objects.select_for_update(of=("self",))
        .select_related("organisation", "partnership__organisation", "seat__enrolment__member")
        .get(pk=goal.pk)
    )
    if locked.is_settled and not settled:
        raise GoalSettled
    return locked


def _may(goal: Goal, by: Member) -> Seat:
    """Return the seat of who may work on it: its owner, or everybody where it is shared."""
    seat = require_seat(goal.partnership, by)
    if not goal.is_shared and goal.seat_id != seat.pk:
        raise GoalNotYours
    return seat
