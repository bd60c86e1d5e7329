"""What promising and settling an action may say no to."""

from django.utils.translation import gettext_lazy as _

from core.common.errors import DomainError


class ActionSettled(DomainError):
    code = "action_settled"
    message = _("This action is already done or dropped.")
