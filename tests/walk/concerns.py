"""A concern of the walks: raised by the participant, handled by the coordinator.

Its words are none of the world's: who reads them is tested where the desk is.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from core.accounts.operations import keys
from core.common import clock
from core.common.secrets import seal
from core.members.keys import derived_secret
from core.members.models import Key
from core.tenancy.models import TenantModel
from feedback.models.concerns import (
    Concern,
    ConcernDesk,
    ConcernFile,
    ConcernHandler,
    ConcernStep,
    ConcernText,
)

if TYPE_CHECKING:
    from tests.walk.world import World


def raise_concern(world: World) -> dict[str, TenantModel]:
    """Make one of each row of the desk; a concern is known by the id of its file."""
    today = clock.now().date()
    desk = ConcernDesk.objects.create(phone="112")
    desk.link = desk.pk
    desk.save()
    world.secrets["concern"] = derived_secret(Key.Kind.CONCERN, desk.pk)
    keys.issue_key(kind=Key.Kind.CONCERN, object_id=desk.pk, secret=world.secrets["concern"])
    handler = ConcernHandler.objects.create(member=world.coordinator)
    concern = Concern.objects.create(
        topic="conflict",
        urgency="week",
        raised_on=today,
        due_on=today + timedelta(days=7),
        passes_on=today + timedelta(days=8),
        handler=world.coordinator,
    )
    file = ConcernFile.objects.create(
        concern=concern, reporter=world.participant, reader=world.participant.pk
    )
    step = ConcernStep.objects.create(file=file, kind="listen", done_on=today)
    for text in ({"kind": "report"}, {"kind": "note", "step": step}):
        ConcernText.objects.create(
            file=file,
            said_on=today,
            sealed=seal("a concern", purpose="concern"),
            readers=[world.participant.pk],
            **text,
        )
    return {"concern": file, "handler": handler}
