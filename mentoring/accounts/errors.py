"""What joining, leaving and tokens may say no to."""

from django.utils.translation import gettext as _

from mentoring.common.errors import DomainError


class NotToBeFound(DomainError):
    """The door is closed: bad, expired, used and foreign keys are one answer."""

    code = "not_to_be_found"

    def __str__(self) -> str:
        return _("This link is not valid any more.")


class AlreadyHere(DomainError):
    code = "member_already_here"

    def __str__(self) -> str:
        return _("Somebody with this e-mail is already in your organisation.")
