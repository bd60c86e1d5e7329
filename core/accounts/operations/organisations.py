"""Opening an organisation, and what its owners choose for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from core.accounts.errors import SlugsUsedUp, SlugTaken
from core.accounts.operations.invitations import send_invitation
from core.accounts.operations.people import add_member
from core.audit.operations import changes_of, record
from core.common import clock
from core.common.errors import refusing, violated
from core.common.names import clean_name, name_parts
from core.members.models import DirectoryToken, IdentityProvider, Invitation, Member, User
from core.tenancy.context import FORMER_SLUG_LEADS, tenant
from core.tenancy.models import FormerSlug, Organisation, OrganisationSettings
from core.tenancy.queries import settings_in_force

# slugs that would read as something else in an address
RESERVED_SLUGS = frozenset({"api", "account", "static", "new", "admin", "o", "l", "www"})
SLUG_LENGTH = 32
SLUGS_A_YEAR = 5  # each is kept from everybody else for good


@transaction.atomic
def create_organisation(
    *,
    name: str,
    user: User,
    given_name: str,
    family_name: str,
    time_zone: str = "UTC",
    locale: str = settings.LANGUAGE_CODE,
) -> Member:
    """Open an organisation for a user and return its first Member, the owner, live.

    `locale` is what the others will read until they choose: the language of who founds it.
    """
    organisation = _new_organisation(name, time_zone, locale)
    given_name, family_name = name_parts(given_name, family_name, email=user.email)
    with tenant(organisation):
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


@transaction.atomic
def create_invited_organisation(
    *,
    name: str,
    email: str,
    given_name: str,
    family_name: str,
    time_zone: str,
    locale: str = settings.LANGUAGE_CODE,
) -> Invitation:
    """Open an organisation for an owner who has yet to come: the operator's way."""
    organisation = _new_organisation(name, time_zone, locale)
    with tenant(organisation):
        owner = add_member(
            email=email,
            given_name=given_name,
            family_name=family_name,
            role=Member.Role.OWNER,
            by=None,
        )
        record(by=None, verb="organisation.created", target=organisation)
        return send_invitation(member=owner, by=None)


def _new_organisation(name: str, time_zone: str, locale: str) -> Organisation:
    organisation = _with_free_slug(clean_name(name))
    with tenant(organisation):
        OrganisationSettings.objects.create(time_zone=time_zone, locale=locale)
    return organisation


def _with_free_slug(name: str) -> Organisation:
    wanted = _short(slugify(name)) or "organisation"
    number = 2 if wanted in RESERVED_SLUGS else 1
    while True:
        slug = wanted if number == 1 else f"{wanted}-{number}"
        try:
            with transaction.atomic():
                organisation = Organisation.objects.create(slug=slug, name=name.strip())
                _refuse_former(slug)
                return organisation
        except SlugTaken:
            number += 1
        except IntegrityError as error:
            if violated(error) != "organisation_slug_once":
                raise
            number += 1


def _short(slug: str) -> str:
    """Return the whole words that fit into an address, or the one word cut."""
    if len(slug) <= SLUG_LENGTH:
        return slug.strip("-")
    words, dash, _cut = slug[: SLUG_LENGTH + 1].rpartition("-")
    return (words if dash else slug[:SLUG_LENGTH]).strip("-")


def _refuse_former(slug: str, *, by: Organisation | None = None) -> None:
    """Refuse what was the address of somebody else, once the slug is ours.

    Afterwards, not before: who gives it up at this moment has then written that it was theirs.
    """
    if FormerSlug.objects.filter(slug=slug).exclude(organisation=by).exists():
        raise SlugTaken


@dataclass(frozen=True)
class SlugChange:
    """What follows a change of an organisation's address."""

    people: int
    directory_tokens: int
    provider: str  # the name of where its people sign in, or ''
    leads_until: datetime


def what_a_new_slug_changes() -> SlugChange:
    found = IdentityProvider.objects.first()
    return SlugChange(
        people=Member.objects.live().count(),
        directory_tokens=DirectoryToken.objects.filter(revoked_at=None).count(),
        provider=found.name if found else "",
        leads_until=clock.now() + FORMER_SLUG_LEADS,
    )


@transaction.atomic
def change_slug(*, slug: str, by: Member) -> Organisation:
    """Give the organisation another address; the old one leads to it for a year.

    The old one is never given to another organisation; its own may go back to it.  What a machine
    was told works on where it is: SCIM for the year, and single sign-on as long as the provider
    is kept (`registered_slug`).  Raises SlugTaken, SlugsUsedUp.
    """
    organisation = Organisation.objects.select_for_update().get(pk=by.organisation.pk)
    old = str(organisation.slug)
    if slug == old:
        return organisation
    lately = FormerSlug.objects.filter(
        organisation=organisation, left_at__gt=clock.now() - FORMER_SLUG_LEADS
    )
    if lately.exclude(slug=slug).count() >= SLUGS_A_YEAR:
        raise SlugsUsedUp
    FormerSlug.objects.filter(organisation=organisation, slug=slug).delete()
    with refusing("organisation_slug_once", SlugTaken()):
        Organisation.objects.filter(pk=organisation.pk).update(slug=slug)
    FormerSlug.objects.create(organisation=organisation, slug=old)
    _refuse_former(slug, by=organisation)
    IdentityProvider.objects.filter(registered_slug="").update(registered_slug=old)
    IdentityProvider.objects.filter(registered_slug=slug).update(registered_slug="")
    record(by=by, verb="organisation.moved", target=organisation, before=old, after=slug)
    organisation.slug = by.organisation.slug = slug
    return organisation


@transaction.atomic
def set_logo(*, content: bytes, by: Member) -> OrganisationSettings:
    """Show this picture, as `redraw` has drawn it, on the organisation's pages; b"" shows none."""
    chosen = settings_in_force()
    digest = sha256(content).hexdigest()[:12] if content else ""
    if digest == chosen.logo_digest:
        return chosen
    OrganisationSettings.objects.filter(pk=chosen.pk).update(logo=content, logo_digest=digest)
    record(by=by, verb="organisation.changed", target=by.organisation, changed=["logo"])
    return settings_in_force()


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
    own_facts: Sequence[str],
    idle_minutes: int,
    asks_second_step: bool,
    locale: str | None = None,
    week_starts_on: int | None = None,
) -> OrganisationSettings:
    """Change what an organisation has chosen for itself; the audit trail keeps what changed.

    Its address is another matter: see `change_slug`.  `locale` None leaves the language as it is,
    `week_starts_on` (0 is Monday) the first day of the week.
    """
    organisation, chosen = by.organisation, settings_in_force()
    wanted: dict[str, object] = {
        "time_zone": time_zone,
        "accent": accent,
        "video_template": video_template,
        "threshold": threshold,
        "retention_days": retention_days,
        "own_facts": list(own_facts),
        "idle_minutes": idle_minutes,
        "asks_second_step": asks_second_step,
        "locale": chosen.locale if locale is None else locale,
        "week_starts_on": chosen.week_starts_on if week_starts_on is None else week_starts_on,
    }
    changes = changes_of(chosen, wanted) | changes_of(organisation, {"name": name})
    if not changes:
        return chosen
    Organisation.objects.filter(pk=organisation.pk).update(name=name)
    organisation.name = name
    OrganisationSettings.objects.filter(pk=chosen.pk).update(**wanted)
    changed = sorted(changes)
    record(
        by=by, verb="organisation.changed", target=organisation, changed=changed, changes=changes
    )
    chosen.refresh_from_db()
    return chosen
