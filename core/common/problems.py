"""What a program is told when it is refused, wherever that happens: RFC 9457, problem details."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.http import JsonResponse

MEDIA_TYPE = "application/problem+json"


def problem(status: int, code: str, detail: str, **further: Any) -> JsonResponse:
    """Return a refusal in the one shape of ours: `code` for programs, `detail` for people."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        **further,
    }
    return JsonResponse(body, status=status, content_type=MEDIA_TYPE)
