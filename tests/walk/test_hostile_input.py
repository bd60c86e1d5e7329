"""Every form found by walking the addresses, with what no form expects in every field."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tests.cast import sign_in
from tests.figures import Figure
from tests.walk.dangerous import STRINGS
from tests.walk.forms import Form
from tests.walk.test_two_tenants import body_of, forms_seen_by
from tests.walk.world import Worlds

MARKUP = "<script>alert(1)</script>"
HOSTILE = {
    "nul": "a\x00b",
    "emoji": "👩🏽‍🚀" * 20,
    "right to left": "\u202eevil\u2066 שלום",
    "a megabyte": "x" * 1_000_000,
    "formula": '=HYPERLINK("http://evil.example","x")',
    "markup": f"\"'>{MARKUP}<img src=x onerror=alert(1)>",
    "sql": "'; DROP TABLE members_member; --",
    "template": "{{ 7|add:7 }}{% load static %}<c-button />",
    "combining": "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍" * 30,
    "lone surrogate": "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
    "numbers": "-99999999999999999999999999999999999.5e308",
    "newlines": "a\r\nBcc: evil@example.org\r\n\r\n\u2028\u0085",
}


# those above each stand for a kind; these are its many forms, which `make trust` tries
if os.environ.get("HOSTILE_STRINGS") == "all":
    HOSTILE |= STRINGS
# `make test` tries one kind that no column takes and one that no page shows, on every form once or
# twice; what is merely huge, and every other kind, waits for `make slow`
QUICK = {("nul", "owner"), ("markup", "owner"), ("markup", "participant")}
CASES = [
    pytest.param(kind, who, marks=() if (kind, who) in QUICK else pytest.mark.slow)
    for kind in HOSTILE
    for who in ("owner", "participant")
]


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "who"), CASES)
def test_every_form_stands(worlds: Worlds, kind: str, who: str, figure: Callable[[str], Figure]):
    """4xx, or stored and shown harmlessly; what one form does is undone before the next."""
    member, counted = getattr(worlds.acme, who), figure("hostile strings in every field")
    browser = sign_in(member)
    for _, form in forms_seen_by(member, worlds.acme):
        fields = [control for control in form.controls if control.typed]
        if not fields:
            continue
        if kind == "a megabyte":  # in the longest field: with three, the form is refused unread
            fields = [max(fields, key=lambda control: control.kind == "textarea")]
        data = form.untouched() | {control.name: [HOSTILE[kind]] for control in fields}
        counted.tried += len(fields)
        with transaction.atomic():
            _try(browser, kind, form, data)
            transaction.set_rollback(True)
    assert counted.tried > 5


def _try(browser: Client, kind: str, form: Form, data: dict[str, list[str]]) -> None:
    response: Any
    if form.method == "post":
        response = browser.post(form.action, data, follow=True)
    else:
        response = browser.get(form.action.split("?")[0], data, follow=True)
    assert response.status_code < 500, (kind, form.action, response.status_code)
    if "html" in response.headers.get("Content-Type", ""):
        assert MARKUP.encode() not in body_of(response), (kind, form.action)


def test_the_strings_are_many():
    assert len({*HOSTILE.values(), *STRINGS.values()}) >= 150
