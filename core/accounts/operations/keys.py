"""Keys and API tokens: what opens a public link, and who may make one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from core.accounts.errors import AlreadyRevoked, ScopeNotYours
from core.audit.operations import record
from core.common import clock
from core.members.keys import hashed, new_secret
from core.members.models import ApiToken, Key, Member
from core.members.permissions import Permission, token_scopes_of
from core.tenancy.context import current_organisation_id


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
    """Close every link of that kind to that row; return how many were open."""
    return Key.objects.filter(
        kind=kind,
        object_id=object_id,
        organisation_id=current_organisation_id(),
        revoked_at=None,
    ).update(revoked_at=clock.now())


@transaction.atomic
def create_token(
    *,
    name: str,
    scopes: Sequence[Permission | str],
    by: Member,
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """Make an API token that acts for `by`; return it with its secret, shown this once.

    Raises ScopeNotYours for a scope that tokens may not have or that `by` has not.
    """
    wanted = sorted({str(scope) for scope in scopes})
    if not set(wanted) <= {str(scope) for scope in token_scopes_of(by)}:
        raise ScopeNotYours
    secret = f"rt_{new_secret()}"
    token = ApiToken.objects.create(member=by, name=name, scopes=wanted, hint=secret[-4:])
    issue_key(kind=Key.Kind.API_TOKEN, object_id=token.pk, secret=secret, expires_at=expires_at)
    record(by=by, verb="token.created", target=token, scopes=token.scopes)
    return token, secret


@transaction.atomic
def revoke_token(*, token: ApiToken, by: Member) -> ApiToken:
    """Stop a token for good.  Raises AlreadyRevoked if it has been stopped before."""
    now = clock.now()
    if not ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
        raise AlreadyRevoked
    revoke_keys(kind=Key.Kind.API_TOKEN, object_id=token.pk)
    record(by=by, verb="token.revoked", target=token)
    token.revoked_at = now
    return token
