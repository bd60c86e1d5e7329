"""Who a signed-in user is: the one reading across organisations, and the settings in force."""

from uuid import UUID

from django.db import models

from core.members.models import Member
from core.tenancy.context import signed_in_user


def members_of(user_id: UUID) -> list[Member]:
    """Return this user's live Members of open organisations, by name of organisation.

    A plain QuerySet on purpose: no organisation is in force, and the database's `own` policy
    shows the rows of exactly this user.
    """
    with signed_in_user(user_id):
        return list(
            models.QuerySet(model=Member)
            .filter(user_id=user_id, state=Member.State.LIVE, organisation__closed_at=None)
            .select_related("organisation")
            .order_by("organisation__name")
        )
