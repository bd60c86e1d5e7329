"""What is typed in the meeting room, and the taps that phones send."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sessions.room.engine.taps import TAPS

MOST_TAPS = 100
SEAT_ID = 36  # characters of a UUID
# what a tap may say besides its key and kind; anything else is left out
_PARTS: dict[str, type] = {"seat": str, "beat": int, "to": int, "by": int, "here": bool}


def read_taps(text: str) -> list[dict[str, object]]:
    """Return the taps of a phone, each with a key that is a UUID and a kind that we know.

    Shape only: what each may do is the operation's to say.  Raises ValidationError.
    """
    try:
        taps = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValidationError(_("This is not JSON.")) from error
    if not isinstance(taps, list) or len(taps) > MOST_TAPS:
        raise ValidationError(_("Send a list of at most 100 taps."))
    return [_tap(tap) for tap in taps]


def _tap(tap: Any) -> dict[str, object]:
    kind = tap.get("kind") if isinstance(tap, dict) else None
    if not isinstance(kind, str) or kind not in TAPS - {"wrote"}:
        raise ValidationError(_("This is not a tap."))
    try:
        key = UUID(str(tap.get("key", "")))
    except ValueError as error:
        raise ValidationError(_("A tap needs a key of its own.")) from error
    parts = {name: tap[name] for name, type_ in _PARTS.items() if isinstance(tap.get(name), type_)}
    if len(parts.get("seat", "")) > SEAT_ID or "\x00" in parts.get("seat", ""):
        raise ValidationError(_("This is not a tap."))
    return {**parts, "kind": kind, "key": str(key)}


class CardForm(forms.Form):
    words = forms.CharField(
        label=gettext_lazy("Your card"),
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Only you see it until all cards are shown together."),
    )
    # the step it is written for, however late it is sent
    step = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)
