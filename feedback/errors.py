"""What feedback can say no to."""

from django.utils.translation import gettext_lazy as _

from core.common.errors import DomainError


class CheckInClosed(DomainError):
    code = "check_in_closed"
    message = _("This check-in is closed: the next one has opened, or will soon.")


class FitClosed(DomainError):
    code = "fit_closed"
    message = _("This question is closed: its time is over, or the partnership is.")


class RatingClosed(DomainError):
    code, message = "rating_closed", _("This session can no longer be rated.")


class AssessmentClosed(DomainError):
    code, message = "assessment_closed", _("This self-assessment is closed: its moment is over.")
