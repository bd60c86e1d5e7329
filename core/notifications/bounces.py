"""Addresses that take no e-mail: marked by an answer of the mail server, or by a bounce.

A bounce is a delivery status notification (RFC 3464) about an e-mail of ours: it brings back the
token in its MAIL FROM or Message-ID, which nobody else can make.  Automatic replies, delays and
whatever else comes in are none; nothing is ever answered, so that nothing can loop.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from uuid import UUID

from core.members.models import Member
from core.notifications.channels.email import STATUS, EmailChannel, about_address, read_token
from core.notifications.models import BouncingAddress, Email, Envelope
from core.tenancy.context import tenant

MOST_BYTES = 1_000_000
MOST_PARTS = 50
ADDRESS = re.compile(r"[^\s<>,;:\"()]{1,64}@[^\s<>,;:\"()]{1,190}")


@dataclass(frozen=True)
class Bounce:
    """An e-mail that came back for good: whose, why, and which addresses it speaks of."""

    email_id: UUID
    status: str
    addresses: frozenset[str]


def parse(raw: bytes) -> Bounce | None:
    """Return what a message reports of an e-mail of ours; None for any other message."""
    try:
        message = message_from_bytes(raw[:MOST_BYTES])
        return _report(message)
    # what the standard library raises for messages that no mail program would write
    except (ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError):
        return None


def _report(message: Message) -> Bounce | None:
    kind = str(message.get_param("report-type", ""))
    if message.get_content_type() != "multipart/report" or kind.lower() != "delivery-status":
        return None
    parts = [part for part, _n in zip(message.walk(), range(MOST_PARTS), strict=False)]
    reports = [part for part in parts if part.get_content_type() == "message/delivery-status"]
    failed = [block for report in reports for block in _blocks(report) if _failed(block)]
    returned = next(filter(None, map(_returned, parts)), None)
    if not failed:
        return None
    received = (_header(message, name) for name in ("To", "Delivered-To", "X-Original-To"))
    spoken = [*received, _header(returned, "Message-ID") if returned else ""]
    email_id = next(filter(None, map(read_token, spoken)), None)
    if email_id is None:
        return None
    said = [
        _header(block, name)
        for block in failed
        for name in ("Final-Recipient", "Original-Recipient")
    ]
    said += [_header(returned, "To")] if returned else []
    addresses = {address.casefold() for words in said for address in ADDRESS.findall(words)}
    status = STATUS.search(_header(failed[0], "Status"))
    return Bounce(email_id, status[0] if status else "", frozenset(addresses))


def _blocks(report: Message) -> list[Message]:
    """Return the blocks of fields: of the message as a whole, then one a recipient."""
    payload = report.get_payload()
    return [block for block in payload if isinstance(block, Message)]


def _failed(block: Message) -> bool:
    return _header(block, "Action").strip().lower() == "failed"


def _returned(part: Message) -> Message | None:
    """Return the e-mail that came back, or its head."""
    match part.get_content_type():
        case "message/rfc822":
            payload = part.get_payload()
            first = payload[0] if isinstance(payload, list) and payload else None
            return first if isinstance(first, Message) else None
        case "text/rfc822-headers":
            head = part.get_payload(decode=True)
            return message_from_bytes(head) if isinstance(head, bytes) else None
    return None


def _header(message: Message, name: str) -> str:
    return str(message.get(name, ""))[:1000]


def take(raw: bytes) -> bool:
    """Note what a message reports; say whether it was a bounce of ours.  Safe to take twice."""
    bounce = parse(raw)
    if bounce is None:
        return False
    envelope = Envelope.objects.filter(email_id=bounce.email_id, channel=EmailChannel.name).first()
    if envelope is None:
        return False
    with tenant(envelope.organisation_id):
        email = Email.objects.select_related("member").filter(pk=bounce.email_id).first()
        # what went as one message came back as one
        together = Envelope.objects.filter(
            organisation_id=envelope.organisation_id, state=Envelope.State.SENT
        )
        if envelope.bundle_id:
            together = together.filter(bundle_id=envelope.bundle_id)
        else:
            together = together.filter(pk=envelope.pk)
        together.update(state=Envelope.State.DEAD, answer=bounce.status)
        if email and about_address(bounce.status):
            address = (email.address or email.member.email).casefold()
            if address in bounce.addresses:  # it may have another one by now
                mark(address, answer=bounce.status, reported=True)
    return True


def mark(address: str, *, answer: str, reported: bool = False) -> None:
    """Note that nothing arrives there; of the organisation in force."""
    BouncingAddress.objects.update_or_create(
        address=address.casefold(), defaults={"answer": answer, "reported": reported}
    )


def got_through(address: str) -> None:
    """Forget what a mail server said of an address that has taken an e-mail now."""
    BouncingAddress.objects.filter(address=address.casefold(), reported=False).delete()


def bouncing(members: Iterable[Member]) -> set[str]:
    """Return the addresses of these people that take no e-mail, in small letters."""
    addresses = [member.email.casefold() for member in members]
    rows = BouncingAddress.objects.filter(address__in=addresses)
    return set(rows.values_list("address", flat=True))


def forget(address: str) -> bool:
    """Take back what is noted of an address; say whether there was anything."""
    return bool(BouncingAddress.objects.filter(address=address.casefold()).delete()[0])
