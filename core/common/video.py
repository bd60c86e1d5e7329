"""Links into a video room: always https, and a room name that nobody guesses."""

from __future__ import annotations

import secrets

from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

ROOM = "{room}"
# A third party: whoever runs it could listen.  Rooms there need neither an account nor a key.
JITSI = "https://meet.jit.si/{room}"

# A link that takes people into a room has to be encrypted.  Raises ValidationError.
https_link = URLValidator(schemes=["https"], message=_("Write a link with https:// in front."))


def new_room(template: str) -> str:
    """Return the link of a new room by this template; "" for none.  The name has 80 random bits."""
    return template.replace(ROOM, f"roundtable-{secrets.token_hex(10)}") if template else ""
