"""Goals: set, taken on by all where they are shared, met and celebrated, or dropped with a word."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef

from agreements.errors import GoalChanged, GoalNotActive, GoalNotYours, GoalSettled, GoalsNotMet
from agreements.goals.models import Goal, GoalBody, GoalProgress, GoalVoice, ReadyToClose
from agreements.goals.queries import GoalWords, goals_are_met, mark_of, words_of
from core.audit.operations import record
from core.common import clock
from core.common.rows import row_by_row
from core.members.models import Member
from core.notifications.models import Email
from core.notifications.operations import Draft, Link, enqueue_all, withdraw
from core.tenancy.days import day_of
from pairing.errors import DroppedWithoutWord
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.operations.partnerships import end_partnership
from pairing.partnerships.seats import (
    lock_partnership,
    open_seats,
    require_seat,
    seats_awaited,
    seats_not_awaited,
)

LEAD_TERM = timedelta(weeks=8)
SUGGESTED = "agreements.goal_proposed"
AT_ONCE = 500  # goals in one round of the sweep


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
    _record(goal, by=by, verb="goal.set")
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
    *,
    goal: Goal,
    title: str,
    due_on: date,
    milestones: Sequence[str],
    by: Member,
    version: str | None = None,
) -> Goal:
    """Word a goal anew; milestones that keep their words stay done.

    `version` is the mark of the words that were changed (`mark_of`).  A shared one then waits for
    everybody again.  Raises GoalChanged if somebody was faster, GoalSettled, GoalNotYours.
    """
    goal = _lock(goal)
    seat = _may(goal, by)
    was = words_of(goal, by)
    if version not in (None, mark_of(was, goal.due_on)):
        raise GoalChanged
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
    record(by=by, verb="goal.led", target=goal, lead=str(seat.enrolment.member_id))
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
        if not _all_say_met(goal):
            return goal
    _settle(goal, Goal.State.MET)
    _record(goal, by=by, verb="goal.met")
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
    _record(goal, by=by, verb="goal.dropped")
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
    if _all_are_ready(partnership):
        _complete(partnership, by=by)
    return partnership


def recount_goals(*, at: datetime) -> int:
    """Count again where a table has changed: who has left, or takes a break, is not waited for.

    What all who stay have taken on begins, what all of them say is met is met, and where all are
    ready the partnership completes.  A newcomer is asked to take on what has begun without them.
    Returns how much that was; safe to repeat.
    """
    return _begin_or_end_shared(at) + _complete_ready() + _ask_newcomers()


def close_goals(*, at: datetime) -> int:
    """Close the goals of partnerships that are over, neither met nor dropped; return how many."""
    open_ones = Goal.objects.filter(state__in=[Goal.State.PROPOSED, Goal.State.ACTIVE])
    over = open_ones.exclude(partnership__state__in=Partnership.OPEN).select_related("organisation")

    def close(row: Goal) -> int:
        goal = _lock(row, settled=True)
        if goal.is_settled:
            return 0
        _settle(goal, Goal.State.OVER)
        _record(goal, by=None, verb="goal.closed")
        return 1

    return row_by_row(over.order_by("id"), close, most=AT_ONCE)


def _begin_or_end_shared(at: datetime) -> int:
    shared = Goal.objects.filter(
        Exists(seats_not_awaited(at)),
        seat=None,
        state__in=[Goal.State.PROPOSED, Goal.State.ACTIVE],
        partnership__state__in=Partnership.OPEN,
    )

    def move(row: Goal) -> int:
        goal = _lock(row, settled=True)
        if goal.state == Goal.State.PROPOSED:
            return bool(_begin(goal))
        if goal.state != Goal.State.ACTIVE or not _all_say_met(goal):
            return 0
        _settle(goal, Goal.State.MET)
        record(by=None, verb="goal.met", target=goal, shared=True)
        _celebrate(goal, None)
        return 1

    return row_by_row(shared.order_by("id"), move)


def _complete_ready() -> int:
    ready = ReadyToClose.objects.filter(partnership=OuterRef("pk"), seat__left_at=None)

    def complete(row: Partnership) -> int:
        partnership = lock_partnership(row)
        if not partnership.is_open or not goals_are_met(partnership):
            return 0
        if not _all_are_ready(partnership):
            return 0
        _complete(partnership, by=None)
        return 1

    return row_by_row(Partnership.objects.open().filter(Exists(ready)).order_by("id"), complete)


def _ask_newcomers() -> int:
    """Ask who took a seat after a shared goal began to take it on too; once each."""
    told = Email.objects.filter(
        kind="agreements.goal_proposed",
        about_id=OuterRef(OuterRef("pk")),
        member=OuterRef("enrolment__member"),
        created_at__gte=OuterRef("taken_at"),
    )
    silent = (
        Seat.objects.open()
        .filter(
            ~Exists(GoalVoice.objects.filter(goal=OuterRef(OuterRef("pk")), seat=OuterRef("pk"))),
            ~Exists(told),
            partnership=OuterRef("partnership_id"),
            taken_at__gt=OuterRef("created_at"),
        )
        .exclude(enrolment__member__state=Member.State.LEFT)
    )
    goals = Goal.objects.filter(
        Exists(silent), seat=None, state__in=[Goal.State.PROPOSED, Goal.State.ACTIVE]
    )

    def ask(goal: Goal) -> int:
        voices = set(GoalVoice.objects.filter(goal=goal).values_list("seat", flat=True))
        seats = open_seats(goal.partnership)
        new = [s for s in seats if s.pk not in voices and s.taken_at > goal.created_at]
        lead = goal.lead or next((seat for seat in seats if seat.pk in voices), None)
        return _tell(goal, "goal_proposed", lead, key="joined", to=new, joined=True)

    return row_by_row(goals.filter(partnership__state="active").for_list().order_by("id"), ask)


def _record(goal: Goal, *, by: Member | None, verb: str) -> None:
    """Write an act down, unless the goal is private: that there is one is its owner's alone."""
    if not goal.private:
        record(by=by, verb=verb, target=goal, shared=goal.is_shared)


def _all_say_met(goal: Goal) -> bool:
    voices = GoalVoice.objects.filter(goal=goal, met_at__isnull=False)
    return _all_have(goal.partnership, voices.values_list("seat", flat=True))


def _all_are_ready(partnership: Partnership) -> bool:
    ready = ReadyToClose.objects.filter(partnership=partnership)
    return _all_have(partnership, ready.values_list("seat", flat=True))


def _all_have(partnership: Partnership, seats: Iterable[UUID]) -> bool:
    """Say whether everybody at the table is among these seats; who takes a break need not be."""
    awaited = {seat.pk for seat in seats_awaited(partnership)}
    return bool(awaited) and awaited <= set(seats)


def _complete(partnership: Partnership, *, by: Member | None) -> None:
    end_partnership(
        partnership=partnership, reason="goals_met", by=by, state=Partnership.State.COMPLETED
    )
    partnership.refresh_from_db()


def _agree(goal: Goal, seat: Seat) -> None:
    GoalVoice.objects.get_or_create(goal=goal, seat=seat, defaults={"agreed_at": clock.now()})
    _begin(goal)


def _begin(goal: Goal) -> bool:
    """Let a suggested goal begin if everybody at the table has taken it on."""
    voices = GoalVoice.objects.filter(goal=goal)
    begun = False
    if _all_have(goal.partnership, voices.values_list("seat", flat=True)):
        waiting = Goal.objects.filter(pk=goal.pk, state=Goal.State.PROPOSED)
        begun = bool(waiting.update(state=Goal.State.ACTIVE, changed_at=clock.now()))
        if begun:
            withdraw(about=goal.pk, kind=SUGGESTED)
    goal.refresh_from_db()
    return begun


def _settle(goal: Goal, state: str) -> None:
    at = clock.now()
    Goal.objects.filter(pk=goal.pk).update(
        state=state, settled_at=at, settled_on=day_of(at), changed_at=at
    )
    withdraw(about=goal.pk, kind=SUGGESTED)
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
    withdraw(about=goal.pk, kind=SUGGESTED)
    _tell(goal, "goal_proposed", seat, key=goal.changed_at.isoformat())


def _celebrate(goal: Goal, seat: Seat | None) -> None:
    """Tell the others of a goal that is met, unless it was private."""
    if not goal.private:
        _tell(goal, "goal_met", seat, key="met")


def _tell(
    goal: Goal,
    kind: str,
    by: Seat | None,
    *,
    key: str,
    to: Sequence[Seat] | None = None,
    joined: bool = False,
) -> int:
    """Write to the others at the table, or to those named; return to how many."""
    others = open_seats(goal.partnership) if to is None else to
    return len(
        enqueue_all(
            [
                Draft(
                    member=other.enrolment.member,
                    kind=f"agreements.{kind}",
                    program=goal.partnership.cohort.program_id,
                    dedupe_key=f"{kind}:{goal.pk}:{key}:{other.pk}",
                    link=Link(page=goal.get_absolute_url()),
                    context={
                        "partnership": goal.partnership.name,
                        "person": by.enrolment.member.full_name if by else "",
                        "shared": goal.is_shared,
                        "joined": joined,
                    },
                    about=goal.pk,
                    cause=other.enrolment_id if joined else None,
                )
                for other in others
                if (by is None or other.pk != by.pk)
                and other.enrolment.member.state != Member.State.LEFT
            ]
        )
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
