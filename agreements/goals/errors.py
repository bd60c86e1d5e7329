"""What setting and closing a goal may say no to."""

from django.utils.translation import gettext_lazy as _

from core.common.errors import DomainError


class GoalSettled(DomainError):
    code = "goal_settled"
    message = _("This goal is already met or dropped.")


class GoalNotYours(DomainError):
    code = "goal_not_yours"
    message = _("This goal is somebody else's.")


class GoalNotActive(DomainError):
    code = "goal_not_active"
    message = _("This goal waits until everybody has taken it on.")


class GoalsNotMet(DomainError):
    code = "goals_not_met"
    message = _("Complete early when your shared goals are met.")
