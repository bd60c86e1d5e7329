"""Signed links: pages outside `/o/` that a link in a mail opens without signing in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Concatenate
from uuid import UUID

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from core.members.links import read_link
from core.members.models import Member
from core.members.requests import kept_or_undone, not_found
from core.tenancy.context import tenant
from core.tenancy.models import Organisation
from core.tenancy.queries import settings_in_force

LinkView = Callable[Concatenate[HttpRequest, Member, UUID, ...], HttpResponse]


def signed_link(
    purpose: str, *, max_age: timedelta
) -> Callable[[LinkView], Callable[..., HttpResponse]]:
    """Make a view of `/l/<purpose>/<token>/`: it gets the person and the row the link names.

    The token is verified without a query; then that organisation is in force and that person
    looks, invited or live, for this page alone.  Bad, expired, foreign and left are one 404.
    """

    def decorate(view: LinkView) -> Callable[..., HttpResponse]:
        @login_not_required
        @never_cache
        @wraps(view)
        def wrapped(request: HttpRequest, token: str) -> HttpResponse:
            link = read_link(purpose, token, max_age=max_age)
            if link is None:
                return not_found(request)
            organisation = Organisation.objects.filter(
                slug=link.organisation, closed_at=None
            ).first()
            if organisation is None:
                return not_found(request)
            with tenant(organisation, member=link.member_id):
                people = Member.objects.reachable().select_related("organisation")
                member = people.filter(pk=link.member_id).first()
                if member is None:
                    return not_found(request)
                zone = member.time_zone or settings_in_force().time_zone
                with timezone.override(zone):
                    return kept_or_undone(request, view(request, member, link.object_id))

        return wrapped

    return decorate
