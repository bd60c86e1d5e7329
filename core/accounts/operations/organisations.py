"""Opening an organisation, and what its owners choose for it."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from core.audit.operations import record
from core.common import clock
from core.common.errors import violated
from core.members.models import Member, User
from core.tenancy.context import tenant
from core.tenancy.models import Organisation, OrganisationSettings
from core.tenancy.queries import settings_in_force

# slugs that would read as something else in an address
RESERVED_SLUGS = frozenset({"api", "account", "static", "new", "admin", "o", "l", "www"})


@transaction.atomic
def create_organisation(
    *, name: str, user: User, given_name: str, family_name: str, time_zone: str = "UTC"
) -> Member:
    """Open an organisation for a user and return its first Member, the owner, live."""
    organisation = _with_free_slug(name)
    with tenant(organisation):
        OrganisationSettings.objects.create(time_zone=time_zone)
        owner = Member.objects.create(
            user=user,
            email=user.email,
            given_name=given_name,
            family_name=family_name,
            role=Member.Role.OWNER,
            state=Member.State.LIVE,
            live_at=clock.now(),
        )
        record(by=owner, verb="organisation.created", target=organisation)
    return owner


def _with_free_slug(name: str) -> Organisation:
    wanted = slugify(name)[:32].strip("-") or "organisation"
    number = 2 if wanted in RESERVED_SLUGS else 1
    while True:
        slug = wanted if number == 1 else f"{wanted}-{number}"
        try:
            with transaction.atomic():
                return Organisation.objects.create(slug=slug, name=name.strip())
        except IntegrityError as error:
            if violated(error) != "organisation_slug_once":
                raise
            number += 1


@transaction.atomic
def update_organisation(
    *,
    by: Member,
    name: str,
    time_zone: str,
    accent: str,
    video_template: str,
    threshold: int,
    retention_days: int,
) -> OrganisationSettings:
    """Change what an organisation has chosen for itself; the audit trail keeps what changed.

    The address (slug) stays: e-mails and calendars point to it.
    """
    organisation, chosen = by.organisation, settings_in_force()
    wanted: dict[str, object] = {
        "time_zone": time_zone,
        "accent": accent,
        "video_template": video_template,
        "threshold": threshold,
        "retention_days": retention_days,
    }
    changed = {key: value for key, value in wanted.items() if getattr(chosen, key) != value}
    if organisation.name != name:
        Organisation.objects.filter(pk=organisation.pk).update(name=name)
        organisation.name = changed["name"] = name
    if not changed:
        return chosen
    OrganisationSettings.objects.filter(pk=chosen.pk).update(**wanted)
    record(by=by, verb="organisation.changed", target=organisation, changed=sorted(changed))
    chosen.refresh_from_db()
    return chosen
