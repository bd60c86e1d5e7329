"""What an election to a role may say no to."""

from django.utils.translation import gettext_lazy as _

from core.common.errors import DomainError


class ElectionAlreadyOpen(DomainError):
    code = "election_already_open"
    message = _("This role is being elected already.")


class ElectionMovedOn(DomainError):
    """A step is over, or not there yet."""

    code = "election_moved_on"
    message = _("The election is at another step now. Look at it again.")


class NotAllNominated(DomainError):
    code = "election_not_all_nominated"
    message = _("Not everybody has nominated yet. Wait for them, or until the time is up.")


class NominationMade(DomainError):
    code = "nomination_already_made"
    message = _("You have nominated already. You can change it in the change round.")


class ObjectionNeedsReason(DomainError):
    code = "objection_needs_reason"
    message = _("Say why: an objection without a reason cannot be integrated.")
