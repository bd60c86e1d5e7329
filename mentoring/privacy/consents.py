"""Consent texts as people and owners find them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.members.models import Consent, ConsentText, Member


@dataclass(frozen=True)
class OwnConsent:
    """A text as it is now, and whether this person agrees to it, or to an earlier version."""

    text: ConsentText
    given: Consent | None

    @property
    def is_current(self) -> bool:
        return self.given is not None and self.given.version == self.text.version


def own_consents(member: Member) -> list[OwnConsent]:
    """Return everything that people are asked here, with this person's answer."""
    rows = Consent.objects.filter(member=member).in_force().order_by("version")
    given = {consent.purpose: consent for consent in rows}
    texts = ConsentText.objects.visible_to(member).newest().order_by("purpose")
    return [
        OwnConsent(text, given.get(text.purpose))
        for text in texts
        if text.text or text.purpose in given
    ]


@dataclass(frozen=True)
class ConsentState:
    """One purpose as an owner sees it: its newest version, and how many agree to that one."""

    purpose: ConsentText.Purpose
    text: ConsentText | None
    agreed: int
    people: int

    @property
    def version(self) -> int:
        return self.text.version if self.text else 0


def consent_states(by: Member) -> list[ConsentState]:
    """Return how it stands with each purpose; nobody's name."""
    texts = {text.purpose: text for text in ConsentText.objects.visible_to(by).newest()}
    live = Member.objects.live()
    people = live.count()
    rows = Consent.objects.visible_to(by).in_force().filter(member__in=live)
    agreed = Counter(rows.values_list("purpose", "version"))
    return [
        ConsentState(
            purpose,
            text := texts.get(purpose),
            agreed[purpose, text.version] if text else 0,
            people,
        )
        for purpose in ConsentText.Purpose
    ]


def what_follows(text: ConsentText, people: int) -> str:
    """Say what a text that has just been published does."""
    if not text.text:
        return _("Nobody is asked any more. What has been agreed to stays, until it is withdrawn.")
    return ngettext(
        "Version %(version)s is published. %(n)d person is asked to agree, at home.",
        "Version %(version)s is published. %(n)d people are asked to agree, at home.",
        people,
    ) % {"version": text.version, "n": people}
