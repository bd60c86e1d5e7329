"""What long work may say no to."""

from django.utils.translation import gettext as _

from mentoring.common.errors import DomainError


class AlreadyFinished(DomainError):
    code = "job_already_finished"

    def __str__(self) -> str:
        return _("This has already finished.")


class Cancelled(Exception):
    """Somebody wished the running work to stop; nothing of it is kept."""
