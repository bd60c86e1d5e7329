"""What any change of a session may say no to."""

from django.utils.translation import gettext_lazy as _

from core.common.errors import DomainError


class NotPlanned(DomainError):
    code = "session_not_planned"
    message = _("This session is no longer planned: it was held, cancelled or missed.")


class AlreadyBegun(DomainError):
    code = "session_already_begun"
    message = _("This session has already begun. Record it instead.")


class NotYetBegun(DomainError):
    code = "session_not_yet_begun"
    message = _("A session can be recorded once it has begun.")
