"""What feedback can say no to."""

from django.utils.translation import gettext_lazy as _

from core.common.errors import DomainError


class CheckInClosed(DomainError):
    code = "check_in_closed"
    message = _("This check-in is closed: its time is over, or the partnership is.")


class FitClosed(DomainError):
    code = "fit_closed"
    message = _("This question is closed: its time is over, or the partnership is.")


class MeetingClosed(DomainError):
    code = "meeting_closed"
    message = _("This is settled: a session is recorded, or it is no longer asked.")


class SurveyClosed(DomainError):
    code, message = "survey_closed", _("This can no longer be answered.")


class ScaleNotExportable(DomainError):
    code = "scale_not_exportable"
    message = _("The licence of this scale does not let its items leave this platform.")


class ScaleNameTaken(DomainError):
    code = "scale_name_taken"
    message = _("There is a scale of this name already.")


class AssessmentClosed(DomainError):
    code = "assessment_closed"
    message = _("This self-assessment is closed: the time for it is over.")


class AnonymousSettled(DomainError):
    code = "anonymous_settled"
    message = _(
        "People have been asked already, and were told who reads their answers. Copy the survey "
        "to ask in another way."
    )


class AnonymousAfterSession(DomainError):
    code = "anonymous_after_session"
    message = _(
        "An anonymous survey is asked of everybody on the same day, so it cannot follow a session."
    )


class NothingToAsk(DomainError):
    code = "nothing_to_ask"
    message = _("A survey that is asked has at least one question and one time.")


class AskedOnlyLater(DomainError):
    code = "asked_only_later"
    message = _("A question that depends on an answer comes after the question it depends on.")


class NeededLater(DomainError):
    code = "needed_later"
    message = _("Another question is asked only after an answer to this one. Change that first.")


class TooManyQuestions(DomainError):
    code, message = "too_many_questions", _("A survey has at most 40 questions.")


class EnoughThanks(DomainError):
    code = "enough_thanks"
    message = _("You have thanked five times within a week. Keep this one for the next.")


class CertificateRevoked(DomainError):
    code, message = "certificate_revoked", _("This certificate is revoked already.")


class RevocationUnexplained(DomainError):
    code = "revocation_unexplained"
    message = _("Say why: the person whose certificate it is reads it.")
