"""What a meeting room may say no to."""

from django.utils.translation import gettext_lazy as _

from core.common.errors import DomainError


class RoomClosed(DomainError):
    code = "room_closed"
    message = _("The room is closed: this session has ended, or was moved or cancelled.")


class RoomNotYetOpen(DomainError):
    code = "room_not_yet_open"
    message = _("The room opens an hour before the session begins.")


class NotYoursToTap(DomainError):
    code = "room_not_yours_to_tap"
    message = _("The facilitator moves the meeting on. Take the room over if they are missing.")


class NothingToWriteNow(DomainError):
    code = "room_nothing_to_write"
    message = _("Cards are written in a silent step, until they are shown.")


class AgendaHasPassed(DomainError):
    """An agenda must not lose the step that runs."""

    code = "agenda_has_passed"
    message = _("Steps that have begun stay as they are. Change those that are still to come.")
