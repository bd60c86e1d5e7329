"""Answers that several pages give."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from core.members.models import Member
from core.members.permissions import Permission, can


def closed_link(request: HttpRequest) -> HttpResponse:
    """Answer a bad, expired, used, revoked and foreign key: one page, one status."""
    return render(request, "accounts/closed_link.html", status=404)


@dataclass(frozen=True)
class _Tab:
    label: str
    url: str
    current: bool


def settings_tabs(member: Member, current: str) -> list[_Tab]:
    places = (
        (_("Organisation"), "accounts:settings", Permission.SETTINGS_MANAGE),
        (_("API tokens"), "accounts:tokens", Permission.TOKENS_MANAGE),
        (_("Audit trail"), "accounts:audit", Permission.AUDIT_READ),
    )
    return _tabs(member, places, current)


def own_tabs(member: Member, current: str) -> list[_Tab]:
    places = (
        (_("Profile"), "accounts:me", Permission.TAKE_PART),
        (_("Emails"), "accounts:emails", Permission.TAKE_PART),
        (_("API tokens"), "accounts:tokens", Permission.TOKENS_MANAGE),
    )
    return _tabs(member, places, current)


def _tabs(
    member: Member, places: tuple[tuple[str, str, Permission], ...], current: str
) -> list[_Tab]:
    slug = member.organisation.slug
    return [
        _Tab(label, reverse(name, args=[slug]), name == current)
        for label, name, permission in places
        if can(member, permission)
    ]
