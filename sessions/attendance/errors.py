"""What answering and recording a session may say no to."""

from django.utils.translation import gettext_lazy as _

from core.common.errors import DomainError


class NotHeld(DomainError):
    code = "session_not_held"
    message = _("This session was not held.")


class NobodyMet(DomainError):
    """A meeting takes two."""

    code = "session_nobody_met"
    message = _("At least two people must have been there. If nobody met, cancel the session.")


class BeforeItBegan(DomainError):
    code = "session_before_partnership_began"
    message = _("The partnership had not begun on that day.")


class AlreadyAbsent(DomainError):
    code = "absence_already_declared"
    message = _("It is known already that you cannot come.")


class NotAbsent(DomainError):
    code = "absence_not_declared"
    message = _("You are expected at this session.")
