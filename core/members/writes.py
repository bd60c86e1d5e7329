"""What all writing over REST shares: bodies that are read strictly, and requests with a key.

Apart from rest.py, which the framework's settings name: serializers cannot be imported there.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import exceptions, serializers
from rest_framework.request import Request

KEY = "Idempotency-Key"
LONGEST_KEY = 80
REPLAYED = {"Idempotent-Replayed": "true"}  # a header of what was answered before


class Strict(serializers.Serializer[Any]):
    """Refuses what it does not know: a mistyped name would else be obeyed by doing nothing."""

    def to_internal_value(self, data: Any) -> Any:
        values = super().to_internal_value(data)
        if unknown := sorted(set(data) - set(self.fields)):
            known = ", ".join(self.fields)
            words = _("There is no such field. Known: %s.") % known
            raise serializers.ValidationError({name[:80]: [words] for name in unknown[:20]})
        return values


class TextField(serializers.CharField):
    """A text and nothing that could be written as one: a number is a mistake of the sender."""

    def to_internal_value(self, data: object) -> str:
        if not isinstance(data, str):
            raise serializers.ValidationError(_("This has to be a text."))
        return super().to_internal_value(data)


def key_parameter(what: str) -> OpenApiParameter:
    """Return the header that names `what` is sent, as the schema has it."""
    return OpenApiParameter(
        KEY,
        str,
        OpenApiParameter.HEADER,
        required=True,
        description=f"Names this {what}, at most {LONGEST_KEY} characters. The same {what} with the"
        " same key is not written again and answers what it answered.",
    )


def key_of(request: Request) -> str:
    """Return the key that a request came with; 400 without one."""
    key = request.headers.get(KEY, "").strip()
    if not 0 < len(key) <= LONGEST_KEY:
        words = _("Name this request with a key of at most %d characters.") % LONGEST_KEY
        raise exceptions.ValidationError({KEY: [words]})
    return key
