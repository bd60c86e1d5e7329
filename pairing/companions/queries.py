"""Who is beside which circle."""

from __future__ import annotations

from core.members.models import Member
from pairing.models.companions import Companion
from pairing.models.partnerships import Partnership


def companion_of(partnership: Partnership) -> Companion | None:
    return Companion.objects.beside_now().filter(partnership=partnership).first()


def accompanied_by(member: Member) -> list[Companion]:
    """Return the circles that this person is beside."""
    return list(Companion.objects.beside_now().filter(member=member).order_by("since", "id"))
