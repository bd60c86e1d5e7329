"""Who a signed-in user is: the one reading across organisations, and the settings in force."""

from uuid import UUID

from django.db import models

from mentoring.identity.models import Member, Organisation, OrganisationSettings
from mentoring.identity.tenancy import signed_in_user


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


def live_organisations() -> list[Organisation]:
    """Return every organisation that is not closed, in a steady order: what a sweep visits."""
    return list(Organisation.objects.filter(closed_at=None).order_by("pk"))


def settings_in_force() -> OrganisationSettings:
    """Return the settings of the organisation in force."""
    return OrganisationSettings.objects.get()
