"""What agreeing on turns and electing to roles may say no to."""

from django.utils.translation import gettext_lazy as _

from core.common.errors import DomainError


class HolderAbsent(DomainError):
    code = "turn_holder_absent"
    message = _("Somebody who cannot come cannot hold a role at that session.")


class TurnsClash(DomainError):
    """A swap would give one person two roles in one session."""

    code = "turns_clash"
    message = _("One of them would hold two roles in one session. Choose another swap.")


class NotForYouToAssign(DomainError):
    code = "turn_not_yours_to_assign"
    message = _("Roles are changed by the session's facilitator or a coordinator.")


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
