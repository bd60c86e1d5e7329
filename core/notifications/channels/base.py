"""What a channel has to know; leases, tries, muting and marks are the outbox's own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar, Generic, TypeVar

from django.utils.functional import Promise

from core.members.models import Member
from core.notifications.models import Email
from core.tenancy.models import OrganisationSettings

Message = TypeVar("Message")


class Channel(ABC, Generic[Message]):
    """One way to a person.  Dispatch makes one for a run, and sends through it one by one.

    `name` is kept in rows and never changes; `label` follows the words of a kind where people
    turn it off ("" for the channel that they expect).
    """

    name: ClassVar[str]
    label: ClassVar[str | Promise] = ""

    @classmethod
    def reaches(cls, member: Member) -> bool:
        """Say whether what is enqueued for this person goes this way too."""
        return True

    def open(self) -> None:
        """Connect, unless that is done; raises OSError while the other end is away.

        While it does nothing is claimed, so that a night without it costs no message a try.
        """

    def close(self) -> None:
        """Hang up, without complaint; `open` may follow."""

    @abstractmethod
    def write(self, email: Email, chosen: OrganisationSettings) -> Message:
        """Return the message, the same bytes however often; called inside its organisation.

        Whatever it raises costs this message a try, and holds up no other.
        """

    @abstractmethod
    def send(self, message: Message) -> None:
        """Hand it over, outside of any transaction; raises whatever went wrong."""
