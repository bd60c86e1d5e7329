"""One action each: promised, carried from session to session, done or dropped with a reason."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.common import clock
from core.members.models import Member
from pairing.errors import DroppedWithoutWord
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.seats import require_seat
from sessions.errors import ActionSettled
from sessions.models.actions import Action
from sessions.models.sessions import Session


@transaction.atomic
def promise_action(*, session: Session, seat: Seat, words: str, by: Member) -> Action:
    """Write down what the person of that seat will do until next time; said again, it is reworded.

    Any partner may write it down, so that one phone on the table is enough.  Raises NotTheirs;
    ValueError without words or for a seat of another partnership.
    """
    require_seat(session.partnership, by)
    _check(session.partnership, seat, words)
    action, _is_new = Action.objects.update_or_create(
        session=session,
        seat=seat,
        state=Action.State.OPEN,
        defaults={"words": words},
        create_defaults={
            "words": words,
            "partnership": session.partnership,
            "promised_at": clock.now(),
        },
    )
    return action


@transaction.atomic
def promise_between_sessions(
    *, partnership: Partnership, seat: Seat, words: str, due_on: date | None, by: Member
) -> Action:
    """Write down an action that no session has asked for: what a decision makes its owner do.

    Raises as `promise_action`.
    """
    require_seat(partnership, by)
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


def close_actions(*, at: datetime) -> int:
    """Let go of what was promised in a partnership that is over, or by who has left one.

    Returns how many actions that were; safe to repeat.
    """
    gone = Action.objects.open().filter(seat__left_at__isnull=False)
    over = gone.exclude(partnership__state__in=Partnership.OPEN)
    ended = over.update(
        state=Action.State.DROPPED, settled_at=at, word=_("The partnership is over.")
    )
    left = gone.update(state=Action.State.DROPPED, settled_at=at, word=_("Has left."))
    return ended + left


def _settle(action: Action, by: Member, **values: str) -> Action:
    require_seat(action.partnership, by)
    hit = Action.objects.open().filter(pk=action.pk).update(settled_at=clock.now(), **values)
    if not hit:
        raise ActionSettled
    action.refresh_from_db()
    return action


def _check(partnership: Partnership, seat: Seat, words: str) -> None:
    if seat.partnership_id != partnership.pk or seat.left_at is not None:
        raise ValueError("a seat of another partnership, or one that was left")
    if not words.strip():
        raise ValueError("an action is words")
