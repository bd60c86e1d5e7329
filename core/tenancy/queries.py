"""The open organisations, and the settings of the one in force."""

from core.tenancy.models import Organisation, OrganisationSettings


def live_organisations() -> list[Organisation]:
    """Return every organisation that is not closed, in a steady order: what a sweep visits."""
    return list(Organisation.objects.filter(closed_at=None).order_by("pk"))


def settings_in_force() -> OrganisationSettings:
    return OrganisationSettings.objects.get()
