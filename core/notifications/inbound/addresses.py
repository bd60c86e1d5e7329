"""Addresses that an answer comes back to: `reply+<key>@INBOUND_DOMAIN`.

The key says which organisation, what for and which row, with a proof that nobody else can make.  It
is in base 36, since mail servers may fold letters, and with its mailbox it has 51 characters of the
64 that there may be (RFC 5321, 4.5.3.1.1).  It is made of the row alone: the ORGANIZER of an event
must be the same each time.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import int_to_base36

from core.tenancy.context import current_organisation_id

MAILBOX = "reply"
_KEY = re.compile(rf"\b{MAILBOX}\+([a-z])([0-9a-z]{{8}})([0-9a-z]{{25}})([0-9a-z]{{11}})@")


class Purpose(StrEnum):
    EMAIL = "e"  # an answer to one e-mail
    CALENDAR = "c"  # what one person's calendar answers to invitations


class Address(NamedTuple):
    """What the key of an address says."""

    purpose: Purpose
    organisation_id: int
    object_id: UUID


def reply_address(purpose: Purpose, object_id: UUID) -> str:
    """Return where an answer comes in, for the organisation in force; '' where none can."""
    if not settings.INBOUND_DOMAIN:
        return ""
    key = _key(Address(purpose, current_organisation_id(), object_id), settings.SECRET_KEY)
    return f"{MAILBOX}+{key}@{settings.INBOUND_DOMAIN}"


def read_address(words: str) -> Address | None:
    """Return what an address among these words says; None if none of them is ours."""
    for match in _KEY.finditer(words[:2000].lower()):
        kind, organisation, row, _proof = match.groups()
        number = int(row, 36)
        if kind not in set(Purpose) or number >= 2**128:
            continue
        key = match[0].partition("+")[2].removesuffix("@")
        for secret in [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]:
            hidden = int(organisation, 36) ^ _veil(kind, row, secret)
            address = Address(Purpose(kind), hidden, UUID(int=number))
            if constant_time_compare(key, _key(address, secret)):
                return address
    return None


def _key(address: Address, secret: str) -> str:
    row = f"{int_to_base36(address.object_id.int):0>25}"
    veiled = address.organisation_id ^ _veil(address.purpose, row, secret)
    words = f"{address.purpose}{int_to_base36(veiled):0>8}{row}"
    proof = _number("reply", words, secret) % 2**56
    return f"{words}{int_to_base36(proof):0>11}"


def _veil(purpose: str, row: str, secret: str) -> int:
    """Return what hides an organisation's number, which is nobody's business outside."""
    return _number("reply veil", f"{purpose}{row}", secret) % 2**41


def _number(salt: str, words: str, secret: str) -> int:
    return int(salted_hmac(salt, words, secret=secret, algorithm="sha256").hexdigest(), 16)
