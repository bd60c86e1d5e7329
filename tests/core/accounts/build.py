"""Builders of what accounts makes: parent first, through operations."""

from __future__ import annotations

from core.accounts.operations import directory, invitations, keys
from core.members.keys import derived_secret
from core.members.models import ApiToken, DirectoryToken, Invitation, Key, Member
from core.members.permissions import Permission
from core.tenancy.context import tenant


def make_invitation(by: Member, email: str = "ines@acme.example", **facts: str) -> Invitation:
    """Invite somebody; return the invitation."""
    with tenant(by.organisation):
        facts.setdefault("given_name", "Ines")
        member = invitations.invite(email=email, by=by, **facts)
        return Invitation.objects.select_related("member__user").get(
            member=member, withdrawn_at=None
        )


def secret_of(invitation: Invitation) -> str:
    """Return what the link of that invitation carries."""
    return derived_secret(Key.Kind.INVITATION, invitation.pk)


def link_of(invitation: Invitation) -> str:
    """Return the path that the e-mail's button opens."""
    return f"/invitation/{secret_of(invitation)}/"


def make_token(by: Member, name: str = "Warehouse") -> tuple[ApiToken, str]:
    """Make an API token that reads figures."""
    with tenant(by.organisation):
        return keys.create_token(name=name, scopes=[Permission.FIGURES_READ], by=by)


def make_directory_token(by: Member, name: str = "Entra") -> tuple[DirectoryToken, str]:
    """Let a directory in; return its token and the secret."""
    with tenant(by.organisation):
        return directory.create_directory_token(name=name, by=by)
