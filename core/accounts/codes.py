"""Codes that go to a mailbox: what is known of one waits in the web session, for minutes."""

from __future__ import annotations

import time

from allauth.account.adapter import get_adapter
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare

LIFE_SECONDS = 15 * 60
MOST_TRIES = 3


def send_code(request: HttpRequest, name: str, *, email: str, template: str) -> None:
    """Send a new code; one that was sent before under this name stops."""
    adapter = get_adapter()
    code = adapter.generate_email_verification_code()
    # the machine's time, not the clock: who travels in time keeps no code for it
    request.session[name] = {"email": email, "code": code, "at": time.time(), "tries": 0}
    adapter.send_mail(template, email, {"code": code, "request": request})


def awaited_from(request: HttpRequest, name: str) -> str:
    """Return the mailbox a code was sent to; empty where there is none, or no longer."""
    sent = request.session.get(name)
    if sent is None or time.time() - sent["at"] > LIFE_SECONDS:
        request.session.pop(name, None)
        return ""
    return str(sent["email"])


def is_code(request: HttpRequest, name: str, typed: str) -> bool:
    """Say whether this is the code; it is good once, and a third wrong one ends it."""
    if not awaited_from(request, name):
        return False
    sent = request.session[name]
    if constant_time_compare(_bare(typed), _bare(sent["code"])):
        del request.session[name]
        return True
    sent["tries"] += 1
    request.session.modified = True
    if sent["tries"] >= MOST_TRIES:
        del request.session[name]
    return False


def _bare(code: str) -> str:
    return "".join(sign for sign in code.upper() if sign.isalnum())
