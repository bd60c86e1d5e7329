"""Asking a provider: an owner names the address, so it is asked as every such address is.

allauth speaks through a session of requests; ours has one way out, core.common.fetch: it checks
whom it has reached, follows nothing, and has one deadline for all of it.  A provider that sends a
byte now and then holds up nobody's page.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from requests import PreparedRequest, Response, Session
from requests.adapters import BaseAdapter
from requests.exceptions import ConnectionError as NotReached
from requests.exceptions import InvalidURL
from requests.utils import get_encoding_from_headers

from core.common.fetch import FetchError, Refusal, fetch

MOST_BYTES = 256 * 1024
# of what allauth sends along a provider needs this, where it wants the secret so
PASSED_ON = ("Authorization",)
REFUSED = 400  # whichever it was: what it has to say of that is shown to nobody


class _Guarded(BaseAdapter):
    """Sends what requests has prepared."""

    def send(self, request: PreparedRequest, *_options: Any, **_named: Any) -> Response:
        url, body = str(request.url), request.body  # a form, which requests writes as text
        if not url.startswith("https://") and not settings.SSO_PRIVATE_NETWORKS:
            raise InvalidURL("a provider is asked over https alone")
        response = Response()
        response.request, response.url = request, url
        try:
            answer = fetch(
                url,
                body=body.encode() if isinstance(body, str) else None,
                content_type=str(request.headers.get("Content-Type", "")),
                limit=MOST_BYTES,
                private=settings.SSO_PRIVATE_NETWORKS,
                headers={
                    name: str(request.headers[name])
                    for name in PASSED_ON
                    if name in request.headers
                },
            )
        except FetchError as error:
            if error.refusal is not Refusal.STATUS:
                raise NotReached(str(error)) from error
            response.status_code, response._content = REFUSED, b""
            return response
        response.status_code, response._content = answer.status, answer.body
        response.headers["Content-Type"] = answer.content_type
        response.encoding = get_encoding_from_headers(response.headers)
        return response

    def close(self) -> None:
        """Nothing is kept open."""


class ProviderSession(Session):
    """What allauth asks a provider through."""

    def __init__(self) -> None:
        super().__init__()
        self.trust_env = False
        for scheme in ("https://", "http://"):
            self.mount(scheme, _Guarded())
