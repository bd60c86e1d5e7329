"""What long work may say no to."""

from django.utils.translation import gettext_lazy as _

from core.common.errors import DomainError


class AlreadyFinished(DomainError):
    code = "job_already_finished"
    message = _("This has already finished.")


class Cancelled(Exception):
    """Somebody wished the running work to stop; nothing of it is kept."""
