"""What the concerns desk can say no to."""

from django.utils.translation import gettext_lazy as _

from core.common.errors import DomainError


class ConcernClosed(DomainError):
    code = "concern_closed"
    message = _("This concern is closed. Raise a new one if there is more to say.")


class NotYoursToHandle(DomainError):
    code = "not_yours_to_handle"
    message = _("You no longer handle this concern: somebody else is asked.")


class MediationFirst(DomainError):
    code = "mediation_first"
    message = _(
        "Before people go on with other partners, listen to who raised it and hear both sides."
        " Record both steps, then close it."
    )


class AlreadyNamed(DomainError):
    code, message = "already_named", _("This person is already named for that.")
