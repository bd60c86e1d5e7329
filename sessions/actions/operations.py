"""One action each: promised, carried from session to session, done or dropped with a word."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction

from core.common import clock
from core.common.errors import violated
from core.members.models import Member
from pairing.errors import DroppedWithoutWord, NotTheirs
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.seats import seat_of
from sessions.errors import ActionSettled
from sessions.models.actions import Action
from sessions.models.sessions import Session


@transaction.atomic
def promise_action(*, session: Session, seat: Seat, words: str, by: Member) -> Action:
    """Write down what the person of that seat will do until next time; said again, it is reworded.

    Any partner may write it down, so that one phone on the table is enough.  Raises NotTheirs;
    ValueError without words or for a seat of another partnership.
    """
    _require_partner(session.partnership, by)
    _check(session.partnership, seat, words)
    open_one = Action.objects.open().filter(session=session, seat=seat)
    if not open_one.update(words=words):
        _create(partnership=session.partnership, session=session, seat=seat, words=words)
    return open_one.get()


@transaction.atomic
def promise_between_sessions(
    *, partnership: Partnership, seat: Seat, words: str, due_on: date | None, by: Member
) -> Action:
    """Write down an action that no session has asked for: what a decision makes its owner do.

    Raises as `promise_action`.
    """
    _require_partner(partnership, by)
    _check(partnership, seat, words)
    return Action.objects.create(
        partnership=partnership, seat=seat, words=words, due_on=due_on, promised_at=clock.now()
    )


@transaction.atomic
def do_action(*, action: Action, by: Member) -> Action:
    """Mark an action as done; raises ActionSettled, NotTheirs."""
    return _settle(action, by, state=Action.State.DONE)


@transaction.atomic
def drop_action(*, action: Action, word: str, by: Member) -> Action:
    """Let an action go, with a word why; raises DroppedWithoutWord, ActionSettled, NotTheirs."""
    if not word.strip():
        raise DroppedWithoutWord
    return _settle(action, by, state=Action.State.DROPPED, word=word.strip())


def _settle(action: Action, by: Member, **values: str) -> Action:
    _require_partner(action.partnership, by)
    hit = Action.objects.open().filter(pk=action.pk).update(settled_at=clock.now(), **values)
    if not hit:
        raise ActionSettled
    action.refresh_from_db()
    return action


def _create(*, partnership: Partnership, session: Session, seat: Seat, words: str) -> None:
    """Write the row, or reword the one that another phone has written just now."""
    try:
        with transaction.atomic():
            Action.objects.create(
                partnership=partnership,
                session=session,
                seat=seat,
                words=words,
                promised_at=clock.now(),
            )
    except IntegrityError as error:
        if violated(error) != "action_one_open_each_session":
            raise
        Action.objects.open().filter(session=session, seat=seat).update(words=words)


def _check(partnership: Partnership, seat: Seat, words: str) -> None:
    if seat.partnership_id != partnership.pk or seat.left_at is not None:
        raise ValueError("a seat of another partnership, or one that was left")
    if not words.strip():
        raise ValueError("an action is words")


def _require_partner(partnership: Partnership, by: Member) -> None:
    if seat_of(partnership, by) is None:
        raise NotTheirs
