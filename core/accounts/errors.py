"""What joining, leaving and tokens may say no to."""

from django.utils.translation import gettext_lazy as _

from core.common.errors import DomainError


class NotToBeFound(DomainError):
    """The link is closed: bad, expired, used and foreign keys are one answer."""

    code, message = "not_to_be_found", _("This link is not valid any more.")


class AlreadyHere(DomainError):
    code = "member_already_here"
    message = _("Somebody with this e-mail is already in your organisation.")


class AlreadyLive(DomainError):
    code, message = "member_already_live", _("This person has already joined.")


class AlreadyInvited(DomainError):
    code, message = "member_already_invited", _("Somebody else has just invited this person.")


class NoMailbox(DomainError):
    code = "member_without_mailbox"
    message = _(
        "The work e-mail of this person leads nowhere any more. Give them the e-mail they have"
        " today, and then invite them."
    )


class NotInvited(DomainError):
    code, message = "member_not_invited", _("There is no open invitation for this person.")


class AlreadyLeft(DomainError):
    code, message = "member_already_left", _("This person has already left.")


class HasLeft(AlreadyHere):
    """The same, where a coordinator has to say whether it is that person who is back."""

    code = "member_has_left"
    message = _("Somebody who has left had this e-mail. Say whether it is the same person.")


class _Said(DomainError):
    """A refusal whose sentence names what it is about."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence

    def __str__(self) -> str:
        return self.sentence


class TwoPeople(_Said):
    """What the directory sends is partly of one person and partly of another; names both."""

    code = "two_people"


class ProviderRefused(_Said):
    """The organisation's provider, or what it has answered, is not to be trusted."""

    code = "provider_refused"


class NotConnected(DomainError):
    code = "identity_not_connected"
    message = _(
        "Nobody in this organisation is connected with this sign-in. Open your invitation and sign"
        " in from there, or connect it on your profile."
    )


class OwnerNotConnected(DomainError):
    code = "owner_not_connected"
    message = _(
        "The directory connects no owner with a sign-in. Sign in with your e-mail and connect it on"
        " your profile, or open your invitation and sign in from there."
    )


class OtherProtocol(DomainError):
    code = "provider_other_protocol"
    message = _("Remove the provider you have first: its protocol is another one.")


class IdentityTaken(DomainError):
    code = "identity_taken"
    message = _("This sign-in is connected with somebody else, or you with another one.")


class PublicMailDomain(DomainError):
    code = "domain_public"
    message = _("Anybody can have an address there, so it says nothing of your people.")


class DomainTaken(DomainError):
    code = "domain_taken"
    message = _("This domain is on your list already, or another organisation has proved it.")


class DomainNotProved(DomainError):
    code = "domain_not_proved"
    message = _("The record is not there yet. It can take an hour until it is seen everywhere.")


class NotOfThisDomain(DomainError):
    code = "not_of_this_domain"
    message = _("You have no proved e-mail of this organisation’s domain.")


class WasHere(DomainError):
    code = "was_here"
    message = _("You have left this organisation. Ask a coordinator to invite you again.")


class UseYourInvitation(DomainError):
    code = "use_your_invitation"
    message = _("You are invited to do more than take part: use the link in your invitation.")


class NotTested(DomainError):
    code = "provider_not_tested"
    message = _("Test the sign-in first: if it does not work, it would shut everybody out.")


class InDirectory(DomainError):
    code = "in_directory"
    message = _("The directory has this person already. Change the one that is there.")


class ExternalIdTaken(DomainError):
    code, message = "external_id_taken", _("The directory has this externalId for somebody else.")


class ComesBackByHand(DomainError):
    code = "comes_back_by_hand"
    message = _(
        "This person has left and is not brought back by a directory. A coordinator invites them"
        " again under People."
    )


class NotLeft(DomainError):
    code, message = "member_not_left", _("This person has not left.")


class NotAsSuccessor(DomainError):
    code = "not_as_successor"
    message = _("Name somebody else here who runs programs too.")


class EmployeeIdTaken(DomainError):
    code = "employee_id_taken"
    message = _("Somebody else in your organisation has this employee id.")


class OwnManager(DomainError):
    code, message = "member_own_manager", _("Nobody can be their own manager.")


class LastOwner(DomainError):
    code = "last_owner"
    message = _("An organisation needs an owner. Make somebody else an owner first.")


class RoleAboveYours(DomainError):
    code = "role_above_yours"
    message = _("This role may do more than you may, so an owner has to do this.")


class ScopeNotYours(DomainError):
    code, message = "scope_not_yours", _("A token cannot do what you may not do yourself.")


class TokenNotYours(DomainError):
    code, message = "token_not_yours", _("This token acts for somebody else.")


class NotForTokens(DomainError):
    code = "member_not_for_token"
    message = _("This person may do nothing of what this token does.")


class AlreadyRevoked(DomainError):
    code, message = "token_already_revoked", _("This token has already been revoked.")


class MemberInUse(DomainError):
    code, message = "member_in_use", _("Other entries need this person, so they stay.")


class UnknownVariable(DomainError):
    code = "unknown_variable"
    message = _("A variable of this text is not one that its e-mail has.")


class WebhookThere(DomainError):
    code = "webhook_there"
    message = _("News is posted there already: remove that address first.")


class ConsentTextChanged(DomainError):
    code = "consent_text_changed"
    message = _("The text has been changed meanwhile. Please read it as it is now.")


class SlugTaken(DomainError):
    """Somebody has this address or had it; which of the two is nobody's business."""

    code, message = "slug_taken", _("This address is taken. Choose another one.")


class SlugsUsedUp(DomainError):
    code = "slugs_used_up"
    message = _("The address has been changed five times within a year. Keep this one for now.")


class RequestKeyUsed(DomainError):
    """An Idempotency-Key names one request; another one needs a key of its own."""

    code = "idempotency_key_used"
    message = _("This Idempotency-Key came with another request before. Send a new key.")


class StillBeingSent(DomainError):
    code, message = "webhook_message_due", _("This message is on its way already.")


class EndpointStopped(DomainError):
    code = "webhook_endpoint_stopped"
    message = _("Nothing is sent there any more. Send a test to go on.")


class SegmentNameTaken(DomainError):
    code = "segment_name_taken"
    message = _("Another segment has this name. Choose another one.")


class TooManySegments(DomainError):
    code = "too_many_segments"
    message = _("There are as many segments as one page can count. Delete one first.")


class NothingNarrowed(DomainError):
    code = "segment_of_everybody"
    message = _("These filters show everybody. Narrow the list first, and then save it.")


class SegmentGone(DomainError):
    code, message = "segment_gone", _("Somebody has just deleted this segment.")
