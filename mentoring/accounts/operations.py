"""Every change to users, organisations, members, keys and tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction
from django.utils.text import slugify

from mentoring.accounts.errors import AlreadyHere
from mentoring.audit.operations import record
from mentoring.common import clock
from mentoring.common.errors import violated
from mentoring.identity.keys import hashed, new_secret
from mentoring.identity.models import (
    ApiToken,
    Key,
    Member,
    Organisation,
    OrganisationSettings,
    User,
)
from mentoring.identity.permissions import Permission
from mentoring.identity.tenancy import current_organisation_id, tenant

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
    wanted = slugify(name)[:32] or "organisation"
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


def find_or_create_user(email: str) -> User:
    """Return the user of an e-mail, made without a password if there is none."""
    address = email.strip().casefold()
    user = User.objects.filter(email__iexact=address).first()
    if user:
        return user
    try:
        with transaction.atomic():
            return User.objects.create_user(address)
    except IntegrityError:
        return User.objects.get(email__iexact=address)


@transaction.atomic
def add_member(
    *,
    email: str,
    given_name: str,
    family_name: str = "",
    role: str = Member.Role.PARTICIPANT,
    by: Member | None,
    **work_facts: Any,
) -> Member:
    """Enter a person, invited but not yet live; makes or finds the user and never says which.

    Raises AlreadyHere if a member with that e-mail exists.
    """
    try:
        with transaction.atomic():
            member = Member.objects.create(
                user=find_or_create_user(email),
                email=email.strip().casefold(),
                given_name=given_name,
                family_name=family_name,
                role=role,
                **work_facts,
            )
    except IntegrityError as error:
        if violated(error) not in {"member_email_once", "member_user_once"}:
            raise
        raise AlreadyHere from error
    record(by=by, verb="member.added", target=member, role=role)
    return member


@transaction.atomic
def make_live(*, member: Member, by: Member | None = None) -> Member:
    """Let an invited member in: their first acceptance, wherever it comes from."""
    changed = Member.objects.filter(pk=member.pk, state=Member.State.INVITED).update(
        state=Member.State.LIVE, live_at=clock.now()
    )
    if changed:
        EmailAddress.objects.get_or_create(
            user_id=member.user_id,
            email=member.user.email,
            defaults={"verified": True, "primary": True},
        )
        record(by=by or member, verb="member.went_live", target=member)
    member.refresh_from_db()
    return member


@transaction.atomic
def issue_key(
    *, kind: Key.Kind, object_id: UUID, secret: str, expires_at: datetime | None = None
) -> Key:
    """Let a secret open one row of the organisation in force."""
    return Key.objects.create(
        kind=kind,
        organisation_id=current_organisation_id(),
        object_id=object_id,
        sha256=hashed(secret),
        expires_at=expires_at,
    )


@transaction.atomic
def revoke_keys(*, kind: Key.Kind, object_id: UUID) -> int:
    """Close every door of that kind to that row; return how many were open."""
    return Key.objects.filter(
        kind=kind,
        object_id=object_id,
        organisation_id=current_organisation_id(),
        revoked_at=None,
    ).update(revoked_at=clock.now())


@transaction.atomic
def create_token(
    *, name: str, scopes: list[Permission], by: Member, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """Make an API token that acts for `by`; return it with its secret, shown this once."""
    secret = f"rt_{new_secret()}"
    token = ApiToken.objects.create(
        member=by, name=name, scopes=[str(scope) for scope in scopes], hint=secret[-4:]
    )
    issue_key(kind=Key.Kind.API_TOKEN, object_id=token.pk, secret=secret, expires_at=expires_at)
    record(by=by, verb="token.created", target=token, scopes=token.scopes)
    return token, secret
