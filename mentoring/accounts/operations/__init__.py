"""Every change to users, organisations, members, keys and tokens."""

from mentoring.accounts.operations.invitations import (
    INVITATION_LIFE,
    accept_invitation,
    invite,
    invite_waiting,
    send_invitation,
    withdraw_invitation,
)
from mentoring.accounts.operations.keys import (
    create_token,
    issue_key,
    revoke_keys,
    revoke_token,
)
from mentoring.accounts.operations.organisations import (
    RESERVED_SLUGS,
    create_organisation,
    update_organisation,
)
from mentoring.accounts.operations.people import (
    add_member,
    change_role,
    find_or_create_user,
    make_live,
    mark_left,
    update_member,
    update_profile,
)

__all__ = [
    "INVITATION_LIFE",
    "RESERVED_SLUGS",
    "accept_invitation",
    "add_member",
    "change_role",
    "create_organisation",
    "create_token",
    "find_or_create_user",
    "invite",
    "invite_waiting",
    "issue_key",
    "make_live",
    "mark_left",
    "revoke_keys",
    "revoke_token",
    "send_invitation",
    "update_member",
    "update_organisation",
    "update_profile",
    "withdraw_invitation",
]
