"""What the bar at the top shows: computed from the member's permissions, for every page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.members.models import Member
from core.members.permissions import Permission, can
from core.notifications.channels.in_app import unread
from core.ui.theme import theme_url

PLACES = (
    (_("Home"), "home", Permission.TAKE_PART),
    (_("Learn"), "programs:learn", Permission.TAKE_PART),
    (_("Programs"), "programs:programs", Permission.PROGRAMS_MANAGE),
    (_("People"), "accounts:people", Permission.PEOPLE_READ),
    (_("Insights"), "metrics:insights", Permission.FIGURES_READ),
    (_("Settings"), "accounts:settings", Permission.SETTINGS_MANAGE),
)


@dataclass(frozen=True)
class Place:
    """One link of the bar; `current` where we are in it or below it."""

    label: str
    url: str
    current: bool


def navigation(request: HttpRequest) -> dict[str, object]:
    """Context of every page: `places`, empty where no organisation is open, and `sign_up`.

    `unread` asks the database only where a page shows the bell.
    """
    member: Member | None = getattr(request, "member", None)
    if member is None or not request.path_info.startswith("/o/"):
        return {"places": [], "sign_up": settings.SIGN_UP}
    slug = member.organisation.slug
    places = []
    for label, name, permission in PLACES:
        if can(member, permission):
            url = reverse(name, args=[slug])
            here = request.path_info
            current = here == url if name == "home" else here.startswith(url)
            places.append(Place(str(label), url, current))
    accent = request.organisation_settings.accent  # type: ignore[attr-defined]  # set with member
    return {
        "places": places,
        "theme_url": theme_url(slug, accent),
        "unread": partial(unread, member),
    }
