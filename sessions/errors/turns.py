"""What agreeing on turns and electing to roles may say no to."""

from django.utils.translation import gettext_lazy as _

from mentoring.common.errors import DomainError


class OfferClosed(DomainError):
    """Somebody answered, took it back, or time ran out."""

    code = "turn_offer_closed"
    message = _("This question has been answered already, or its time is over.")


class OfferOutdated(DomainError):
    code = "turn_offer_outdated"
    message = _("The turns have changed since. Ask for another swap.")


class TurnAlreadyAsked(DomainError):
    code = "turn_already_asked"
    message = _("Somebody has been asked to take this turn already. Wait for their answer.")


class TurnDeclined(DomainError):
    code = "turn_already_declined"
    message = _("You have declined this turn already.")


class TurnTaken(DomainError):
    code = "turn_already_taken"
    message = _("Somebody else has come forward for this role.")


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
