"""Putting a mentor beside a circle by hand, and taking leave of them."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from core.audit.operations import record
from core.common import clock
from core.members.models import Member
from core.notifications.operations import Draft, Link, enqueue_all
from pairing.errors import KeptApart, PartnershipOver, SeatTaken
from pairing.models.companions import Companion
from pairing.models.partnerships import Partnership
from pairing.partnerships.seats import lock_partnership, open_seats, seats_told

BESIDE, TOLD = "pairing.companion", "pairing.companion_changed"


@transaction.atomic
def put_beside(*, partnership: Partnership, member: Member, by: Member) -> Companion:
    """Put somebody beside a circle that runs, in the place of who is there; all are told.

    Raises PartnershipOver, SeatTaken for who sits there, KeptApart for a manager of theirs.
    """
    partnership = lock_partnership(partnership)
    if not partnership.is_open:
        raise PartnershipOver
    for seat in open_seats(partnership):
        person = seat.enrolment.member
        if person.pk == member.pk:
            raise SeatTaken
        if person.manager_id == member.pk or member.manager_id == person.pk:
            raise KeptApart(person.full_name, _("one reports to the other"))
    before = Companion.objects.filter(partnership=partnership, left_at=None)
    here = before.filter(member=member).first()
    if here:
        return here
    now = clock.now()
    before.update(left_at=now)
    companion = Companion.objects.create(partnership=partnership, member=member, since=now)
    record(by=by, verb="companion.put_beside", target=partnership, person=str(member.pk))
    _tell(companion, partnership, left=False)
    return companion


@transaction.atomic
def take_leave(*, companion: Companion, by: Member) -> bool:
    """End it, by a coordinator or the companion; the circle goes on. False if it had ended."""
    rows = Companion.objects.filter(pk=companion.pk, left_at=None)
    if not rows.update(left_at=clock.now()):
        return False
    partnership = companion.partnership
    record(by=by, verb="companion.left", target=partnership, person=str(companion.member_id))
    _tell(companion, partnership, left=True)
    return True


def _tell(companion: Companion, partnership: Partnership, *, left: bool) -> None:
    name, kind = companion.member.full_name, "left" if left else "came"
    context = {"partnership": partnership.name, "companion": name, "left": left}
    drafts = [
        Draft(
            member=seat.enrolment.member,
            kind=TOLD,
            program=partnership.cohort.program_id,
            dedupe_key=f"{TOLD}:{kind}:{companion.pk}:{seat.enrolment.member_id}",
            link=Link(page=partnership.get_absolute_url()),
            context=context,
            about=partnership.pk,
            cause=companion.pk,
        )
        for seat in seats_told(partnership)
    ]
    if companion.member.state != Member.State.LEFT:
        drafts.append(
            Draft(
                member=companion.member,
                kind=BESIDE,
                program=partnership.cohort.program_id,
                dedupe_key=f"{BESIDE}:{kind}:{companion.pk}",
                link=Link(page=companion.get_absolute_url()),
                context=context | {"program": partnership.cohort.program.name},
                about=partnership.pk,
                cause=companion.pk,
            )
        )
    enqueue_all(drafts)
