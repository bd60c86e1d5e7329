"""Who may do what: one list of permissions, one table of roles."""

from enum import StrEnum, unique
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from core.members.models import Member


@unique
class Permission(StrEnum):
    """One thing that a page, an action or a token's scope may allow."""

    TAKE_PART = "take_part"  # my home, my partnerships, my answers
    PEOPLE_READ = "people.read"
    PEOPLE_MANAGE = "people.manage"  # invite, import, edit work facts
    PROGRAMS_MANAGE = "programs.manage"  # designs, cohorts, enrolment
    PARTNERSHIPS_MANAGE = "partnerships.manage"  # matching, publishing, ending
    FACTS_READ = "facts.read"  # who, when, state; never words
    FIGURES_READ = "figures.read"
    OUTCOMES_MANAGE = "outcomes.manage"  # what HR knows of people: records in, comparisons out
    TOKENS_MANAGE = "tokens.manage"  # one's own API tokens
    SETTINGS_MANAGE = "settings.manage"  # organisation, roles, branding
    # by a program, what the page of webhooks does under settings.manage
    WEBHOOKS_MANAGE = "webhooks.manage"
    AUDIT_READ = "audit.read"


_COORDINATOR = frozenset(
    {
        Permission.TAKE_PART,
        Permission.PEOPLE_READ,
        Permission.PEOPLE_MANAGE,
        Permission.PROGRAMS_MANAGE,
        Permission.PARTNERSHIPS_MANAGE,
        Permission.FACTS_READ,
        Permission.FIGURES_READ,
        Permission.TOKENS_MANAGE,
    }
)

ROLE_PERMISSIONS: dict[str, frozenset[Permission]] = {
    Member.Role.OWNER: frozenset(Permission),
    Member.Role.COORDINATOR: _COORDINATOR,
    Member.Role.HR: frozenset(
        {
            Permission.TAKE_PART,
            Permission.FACTS_READ,
            Permission.FIGURES_READ,
            Permission.OUTCOMES_MANAGE,
            Permission.TOKENS_MANAGE,
        }
    ),
    Member.Role.PARTICIPANT: frozenset({Permission.TAKE_PART}),
}

# What a token may be given: to enter people, facts and totals, never what belongs to a person's own
# pages.  What each opens is in access.py.
TOKEN_SCOPES: tuple[Permission, ...] = (
    Permission.PEOPLE_MANAGE,
    Permission.PEOPLE_READ,
    Permission.FACTS_READ,
    Permission.FIGURES_READ,
    Permission.OUTCOMES_MANAGE,
    Permission.WEBHOOKS_MANAGE,
)
# what is not of one program: a token of one has none of these
OF_THE_ORGANISATION = frozenset({Permission.PEOPLE_MANAGE, Permission.WEBHOOKS_MANAGE})


def can(member: Member, permission: Permission) -> bool:
    """Say whether this member's role allows it now; only live members may do anything."""
    return member.is_live and permission in ROLE_PERMISSIONS[member.role]


def grantable_roles(member: Member) -> list[str]:
    """Return the roles this member may give: none may do what they may not do themselves."""
    own = ROLE_PERMISSIONS[member.role] if member.is_live else frozenset()
    return [role for role in Member.Role.values if ROLE_PERMISSIONS[role] <= own]


def runs_all_programs(member: Member) -> bool:
    """Say whether no program is closed to this member: an owner, or a coordinator so marked."""
    coordinates_all = member.role == Member.Role.COORDINATOR and member.runs_all
    return member.role == Member.Role.OWNER or coordinates_all


def is_below(member: Member, by: Member) -> bool:
    """Say whether `by` may take something from `member`: owners from all, others from who may less.

    So no coordinator demotes or removes another, but whose mark is wider than the other's.
    """
    if by.role == Member.Role.OWNER:
        return True
    may_less = ROLE_PERMISSIONS[member.role] < ROLE_PERMISSIONS[by.role]
    return may_less or (member.role == by.role and by.runs_all and not member.runs_all)


def token_scopes_of(member: Member, program_id: UUID | None = None) -> list[Permission]:
    """Return the scopes this member may put on a token: a token's scopes within their role's.

    A token of one program reads alone: who is entered and which addresses are told belongs to the
    whole organisation.
    """
    return [
        scope
        for scope in TOKEN_SCOPES
        if can(member, scope) and not (program_id and scope in OF_THE_ORGANISATION)
    ]


ROLES = (
    (
        Member.Role.OWNER,
        _("May do everything, and alone changes roles, settings and reads the audit trail."),
    ),
    (
        Member.Role.COORDINATOR,
        _("Runs programs: invites people, matches them, sees facts and figures; never notes."),
    ),
    (
        Member.Role.HR,
        _("Reads facts and figures, on pages and by API token; brings in HR records."),
    ),
    (Member.Role.PARTICIPANT, _("Takes part: their own home, partnerships and answers.")),
)
