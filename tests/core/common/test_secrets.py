"""Sealed texts: read with our keys alone, old ones too, and for their purpose only."""

from __future__ import annotations

from typing import Any

from core.common.secrets import seal, unseal


def test_what_is_sealed_is_read_back_and_nowhere_else():
    sealed = seal("https://calendar.example/key.ics", purpose="busy")
    assert "calendar" not in sealed
    assert unseal(sealed, purpose="busy") == "https://calendar.example/key.ics"
    assert unseal(sealed, purpose="concern") is None
    assert unseal("nothing of ours", purpose="busy") is None
    assert seal("x", purpose="busy") != seal("x", purpose="busy")


def test_a_changed_key_reads_what_the_one_before_sealed(settings: Any):
    sealed, old = seal("a", purpose="busy"), settings.SECRET_KEY
    settings.SECRET_KEY = "another"
    assert unseal(sealed, purpose="busy") is None
    settings.SECRET_KEY_FALLBACKS = [old]
    assert unseal(sealed, purpose="busy") == "a"
    again = seal("a", purpose="busy")
    settings.SECRET_KEY_FALLBACKS = []
    assert unseal(again, purpose="busy") == "a"
