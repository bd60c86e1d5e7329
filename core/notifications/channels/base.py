"""What a channel has to know; leases, tries, muting and marks are the outbox's own."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, Generic, TypeVar

from django.utils.functional import Promise

from core.members.models import Member
from core.notifications.models import Email
from core.tenancy.models import OrganisationSettings

Message = TypeVar("Message")


class Refused(Exception):
    """The other end will never take this message.

    `answer` is its code and never its words, which repeat addresses; `address_is_wrong` says
    whether nothing else would arrive there either.
    """

    def __init__(self, answer: str, *, address_is_wrong: bool) -> None:
        super().__init__(answer)
        self.answer = answer
        self.address_is_wrong = address_is_wrong


class Deferred(Exception):
    """The other end takes it later, it says; `answer` is its code."""

    def __init__(self, answer: str) -> None:
        super().__init__(answer)
        self.answer = answer


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
    def write(
        self,
        email: Email,
        chosen: OrganisationSettings,
        *,
        others: Sequence[Email] = (),
        calendar: Sequence[Mapping[str, str]] = (),
    ) -> Message:
        """Return the message, the same bytes however often; called inside its organisation.

        It says what `email` says, has a line for each of the `others`, and brings the events of
        all of them.
        Whatever it raises costs this message a try, and holds up no other.
        """

    def note(self, message: Message, *, failure: str = "") -> None:
        """Keep what came of it: taken, or the code of why not; called inside its organisation."""

    @abstractmethod
    def send(self, message: Message) -> None:
        """Hand it over, outside of any transaction.

        Raises Refused or Deferred for what the other end answers, anything else for no answer.
        """
