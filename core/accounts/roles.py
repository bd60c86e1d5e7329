"""The roles in words, for those who give them; what each may do is in identity.permissions."""

from django.utils.translation import gettext_lazy as _

from core.members.models import Member

ROLES = (
    (
        Member.Role.OWNER,
        _("May do everything, and alone changes roles, settings and reads the audit trail."),
    ),
    (
        Member.Role.COORDINATOR,
        _("Runs programs: invites people, matches them, sees facts and figures; never notes."),
    ),
    (Member.Role.HR, _("Reads facts and figures, on pages and by API token; changes nothing.")),
    (Member.Role.PARTICIPANT, _("Takes part: their own home, partnerships and answers.")),
)
