"""Time zones as people call them: by a city, since "IST" is three of them."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _


def city_of(zone: str) -> str:
    """Return the city of a zone with a city's name, else ''; the smallest place comes first.

    "America/Argentina/Buenos_Aires" is "Buenos Aires, Argentina".
    """
    continent, _slash, place = zone.partition("/")
    if not place or continent in {"Etc", "SystemV", "posix", "right", "US"}:
        return ""
    return ", ".join(reversed(place.replace("_", " ").split("/")))


def zone_words(zone: object = "") -> str:
    """Return "Lisbon time" for Europe/Lisbon; without a zone that of whoever reads."""
    name = str(zone) or timezone.get_current_timezone_name()
    city = city_of(name).partition(",")[0]
    return _("%(city)s time") % {"city": city} if city else name
