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


class TapsForm(forms.Form):
    """Taps as JSON: shape only, what each may do is the operation's to say."""

    taps = forms.CharField(max_length=60_000)

    def clean_taps(self) -> list[dict[str, Any]]:
        """Return the taps, each with a key that is a UUID and a kind that we know."""
        try:
            given = json.loads(self.cleaned_data["taps"])
        except (ValueError, RecursionError) as error:
            raise ValidationError(_("This is not JSON.")) from error
        if not isinstance(given, list) or len(given) > MOST_TAPS:
            raise ValidationError(_("Send a list of at most 100 taps."))
        return [self._tap(each) for each in given]

    @staticmethod
    def _tap(given: Any) -> dict[str, Any]:
        kind = given.get("kind") if isinstance(given, dict) else None
        if not isinstance(kind, str) or kind not in TAPS - {"wrote"}:
            raise ValidationError(_("This is not a tap."))
        try:
            key = UUID(str(given.get("key", "")))
        except ValueError as error:
            raise ValidationError(_("A tap needs a key of its own.")) from error
        kept = {
            name: given[name]
            for name, kinds in _PARTS.items()
            if isinstance(given.get(name), kinds)
        }
        if len(kept.get("seat", "")) > SEAT_ID or "\x00" in kept.get("seat", ""):
            raise ValidationError(_("This is not a tap."))
        return {**kept, "kind": kind, "key": str(key)}


class CardForm(forms.Form):
    """One card of a silent step."""

    words = forms.CharField(
        label=gettext_lazy("Your card"),
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 4, "data-draft": "card"}),
        help_text=gettext_lazy("Only you see it until all cards are shown together."),
    )
