"""A person's profile: what they say of themselves, and who reads each field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.db import transaction

from core.audit.operations import record
from core.members.models import Member
from programs.models.profiles import ProfileEntry


@transaction.atomic
def set_profile(
    *, texts: Mapping[str, str], shown_to: Mapping[str, Sequence[str]], by: Member
) -> None:
    """Keep somebody's own profile: of each field the words, and whom they let read them.

    What nobody may read but themselves is kept too; a field without words is nobody's to read.
    """
    audiences = list(ProfileEntry.Audience.values)
    for field in ProfileEntry.Field.values:
        chosen = [name for name in audiences if name in shown_to.get(field, ())]
        ProfileEntry.objects.update_or_create(
            member=by,
            field=field,
            defaults={"text": texts.get(field, "").strip(), "shown_to": chosen},
        )
    record(by=by, verb="profile.changed", target=by)
