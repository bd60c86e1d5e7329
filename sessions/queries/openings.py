"""What opens an agenda: what was to change last time, and what was promised."""

from __future__ import annotations

from mentoring.identity.models import Member
from sessions.models import Action, Retrospective, Session


def to_change(session: Session, member: Member) -> tuple[Retrospective, ...]:
    """Return what the last held session before this one wanted changed: it opens the agenda."""
    last = (
        Session.objects.filter(
            partnership=session.partnership,
            state=Session.State.HELD,
            starts_at__lt=session.starts_at,
        )
        .order_by("-starts_at", "-number")
        .values("pk")[:1]
    )
    rows = Retrospective.objects.visible_to(member).filter(session__in=last).exclude(change="")
    return tuple(rows.select_related("seat__enrolment__member").order_by("id"))


def promised_in(session: Session, member: Member) -> tuple[Action, ...]:
    """Return what was promised in this session, in the order in which it was written down."""
    rows = Action.objects.visible_to(member).filter(session=session)
    return tuple(rows.for_list().order_by("promised_at", "id"))
