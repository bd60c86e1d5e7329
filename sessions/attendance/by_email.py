"""Whether somebody comes, answered by e-mail: in words, or by their calendar."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.members.models import Member
from core.notifications.inbound.message import EventReply
from core.notifications.inbound.phrases import NotUnderstood, yes_or_no
from core.notifications.models import Email
from pairing.models.partnerships import Seat
from pairing.partnerships.seats import seat_of
from sessions.attendance.operations.replies import (
    accept_invitation,
    decline_invitation,
    leave_open,
)
from sessions.calendar.emails import CHANGED
from sessions.errors import MovedSince, NotPlanned
from sessions.models.replies import PartStat
from sessions.models.sessions import Absence, Session

HINT = gettext_lazy(
    "write “yes” or “I can’t”. A reason after “I can’t, …” goes to your partners. Anything else"
    " you write goes to your coordinator."
)


def asks(email: Email) -> bool:
    """Say whether an e-mail speaks of a session that one can still say yes or no to."""
    return not email.context.get("cancelled")


def read(email: Email, text: str) -> str:
    """Answer for the session of an e-mail; return what was understood.

    Raises NotUnderstood, MovedSince where a later e-mail has told another time, and what
    `accept_invitation` raises.
    """
    member, answer = email.member, yes_or_no(text)
    later = Email.objects.filter(member=member, kind=CHANGED, about_id=email.about_id)
    if later.filter(created_at__gt=email.created_at, withdrawn_at=None).exists():
        raise MovedSince
    session, seat = _session_of(member, email.about_id)
    if answer.yes:
        accept_invitation(session=session, seat=seat, by=member)
        return _("You will be there.")
    decline_invitation(session=session, seat=seat, by=member, reason=answer.reason)
    if answer.reason:
        return _("You cannot come. Your partners read: %(reason)s") % {"reason": answer.reason}
    return _("You cannot come.")


def read_event(member: Member, event: EventReply) -> None:
    """Answer as a calendar does for its person: accepted, declined, or tentative, which is open.

    Raises NotUnderstood for what is none of them, MovedSince for an answer to another time, and
    what `accept_invitation` raises.
    """
    session_id = None
    with suppress(ValueError):
        session_id = UUID(event.uid.partition("@")[0])
    session, seat = _session_of(member, session_id)
    if event.starts_at is not None:
        if event.starts_at != session.starts_at:
            raise MovedSince
    elif event.sequence is None or event.sequence < session.sequence:
        raise MovedSince
    if event.partstat == PartStat.ACCEPTED:
        accept_invitation(session=session, seat=seat, by=member)
    elif event.partstat == PartStat.DECLINED:
        # it may say so again: the line to the partners stays
        if not Absence.objects.filter(session=session, seat=seat).exists():
            decline_invitation(session=session, seat=seat, by=member)
    elif event.partstat == PartStat.TENTATIVE:
        leave_open(session=session, seat=seat, by=member)
    else:
        raise NotUnderstood


def _session_of(member: Member, session_id: UUID | None) -> tuple[Session, Seat]:
    rows = Session.objects.visible_to(member).for_list()
    session = rows.filter(pk=session_id).first() if session_id else None
    seat = seat_of(session.partnership, member) if session else None
    if session is None or seat is None:
        raise NotPlanned
    return session, seat
