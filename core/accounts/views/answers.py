"""Answers that several pages give."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from core.members.models import IdentityProvider, Member
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
        (_("Single sign-on"), "accounts:sso", Permission.SETTINGS_MANAGE),
        (_("Domains"), "accounts:join_domains", Permission.SETTINGS_MANAGE),
        (_("Directory"), "accounts:directory", Permission.SETTINGS_MANAGE),
        (_("Texts of e-mails"), "accounts:texts", Permission.SETTINGS_MANAGE),
        (_("Slack and Teams"), "accounts:chats", Permission.SETTINGS_MANAGE),
        (_("API tokens"), "accounts:tokens", Permission.TOKENS_MANAGE),
        (_("Webhooks"), "accounts:webhooks", Permission.SETTINGS_MANAGE),
        (_("E-mails"), "accounts:given_up", Permission.SETTINGS_MANAGE),
        (_("Audit trail"), "accounts:audit", Permission.AUDIT_READ),
        (_("Privacy"), "privacy:retention", Permission.SETTINGS_MANAGE),
        (_("Concerns"), "feedback:concerns_desk", Permission.SETTINGS_MANAGE),
    )
    return _tabs(member, places, current)


def protocol_tabs(member: Member, current: str) -> list[_Tab]:
    """Return the protocols that a provider not yet set up may speak."""
    page = reverse("accounts:sso", args=[member.organisation.slug])
    return [
        _Tab(str(label), f"{page}?protocol={protocol}", protocol == current)
        for protocol, label in IdentityProvider.Protocol.choices
    ]


def own_tabs(member: Member, current: str) -> list[_Tab]:
    places = (
        (_("Profile"), "accounts:me", Permission.TAKE_PART),
        (_("Shown to others"), "programs:my_profile", Permission.TAKE_PART),
        (_("E-mails"), "accounts:emails", Permission.TAKE_PART),
        (_("My data"), "privacy:my_data", Permission.TAKE_PART),
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
