"""Asking the domain name system, for the TXT record that proves a domain."""

from __future__ import annotations

from dns.exception import DNSException
from dns.resolver import Resolver

SECONDS = 5.0


def txt_records(name: str) -> list[str]:
    """Return what the TXT records of a name hold; nothing where there are none, or no answer."""
    try:
        answer = Resolver().resolve(f"{name}.", "TXT", lifetime=SECONDS)
        return [b"".join(row.strings).decode(errors="replace") for row in answer]
    except (DNSException, OSError):
        return []
