"""What a private calendar feed may say no to."""

from django.utils.translation import gettext_lazy as _

from core.common.errors import DomainError


class CalendarAlreadyOpen(DomainError):
    code = "calendar_already_open"
    message = _("You already have a calendar address.")


class CalendarNotOpen(DomainError):
    code = "calendar_not_open"
    message = _("This calendar address has already been closed.")
