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


class NotInvited(DomainError):
    code, message = "member_not_invited", _("There is no open invitation for this person.")


class AlreadyLeft(DomainError):
    code, message = "member_already_left", _("This person has already left.")


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


class AlreadyRevoked(DomainError):
    code, message = "token_already_revoked", _("This token has already been revoked.")


class TooMany(DomainError):
    code, message = "too_many", _("That was a lot at once. Wait a while and try again.")
