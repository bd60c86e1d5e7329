"""What comes back from a provider, whichever protocol it speaks."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

FRESH_SECONDS = 600


@dataclass(frozen=True)
class SignedIn:
    """Whom the provider has signed in, and what we had asked it for."""

    subject: str
    called: str  # what they are called there: shown to themselves, and links nobody
    fresh: bool  # they signed in within ten minutes, as the provider says
    asked: Mapping[str, Any]


def is_fresh(signed_in_at: float) -> bool:
    """Say whether a moment, in seconds since 1970, is so recent that it counts as confirming."""
    return signed_in_at > time.time() - FRESH_SECONDS
