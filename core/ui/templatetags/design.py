"""What templates ask of the design: icons, initials, figures, times and the small table."""

from __future__ import annotations

import json
from datetime import datetime
from fractions import Fraction
from functools import lru_cache

from django import template
from django.forms import BoundField
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince, timeuntil
from django.utils.translation import gettext as _

from core.common import clock
from core.common.numbers import decimal
from core.common.zones import zone_words
from core.ui import forms as ui_forms
from core.ui.icons import ICONS, icon_for_role
from core.ui.table import initials as initials_of
from core.ui.table import mini_table as draw_mini

register = template.Library()

NARROW_SPACE = "\u202f"
NO_BREAK_SPACE = "\u00a0"

#: Over an answer of five: a mouth from sad to glad, and bars of which as many are full.
_FACES = (
    "M6 10Q16 -2 26 10",
    "M6 10Q16 4 26 10",
    "M6 10H26",
    "M6 10Q16 16 26 10",
    "M6 10Q16 22 26 10",
)
_BARS = ("M5 17v-2", "M10.5 17v-5", "M16 17v-8", "M21.5 17v-11", "M27 17v-14")


@register.filter
def as_json(value: object) -> str:
    """Return a value as JSON, for an attribute that a script reads."""
    return json.dumps(value)


@register.simple_tag
def icon(name: str, label: str = "", css: str = "icon") -> SafeString:
    """Print an icon; with a `label` it is an image of that, without it is decoration.

    Raises KeyError for a name that is not in the set: a missing icon is a mistake of ours.
    """
    # Our own constants, drawn in icons.py.
    paths = mark_safe(ICONS[name])
    if label:
        return format_html(
            '<svg class="{}" viewBox="0 0 24 24" role="img" aria-label="{}">{}</svg>',
            css,
            label,
            paths,
        )
    return format_html(
        '<svg class="{}" viewBox="0 0 24 24" aria-hidden="true">{}</svg>', css, paths
    )


@register.simple_tag
def role_icon(role: str, label: str = "") -> SafeString:
    return icon(icon_for_role(role), label)


@register.simple_tag
def icon_paths(name: str) -> SafeString:
    """Print the strokes of an icon alone, for a place inside another drawing."""
    return mark_safe(ICONS[name])


@register.simple_tag
def tap_picture(field: BoundField, place: int) -> SafeString:
    """Print the picture over the `place`th of five answers, or nothing if the field has none."""
    widget = field.field.widget
    if not isinstance(widget, ui_forms.Taps) or not 0 <= place < len(_FACES):
        return mark_safe("")
    if widget.faces:
        return format_html(
            '<svg viewBox="0 0 32 20" aria-hidden="true"><path d="{}"/></svg>', _FACES[place]
        )
    if widget.steps:
        bars = [
            format_html('<path d="{}"{}/>', bar, "" if i <= place else mark_safe(' opacity=".25"'))
            for i, bar in enumerate(_BARS)
        ]
        return format_html(
            '<svg viewBox="0 0 32 20" aria-hidden="true">{}</svg>', mark_safe("".join(bars))
        )
    return mark_safe("")


@register.simple_tag
def mini_table(count: int | str, leader: int | str | None = None) -> SafeString:
    """Print the small table with so many seats; `leader` is one of them, counted from 0."""
    return _mini_svg(int(count), None if leader in (None, "") else int(leader or 0))


@lru_cache(maxsize=256)  # a drawing knows nobody: a list of partnerships has a handful of sizes
def _mini_svg(count: int, leader: int | None) -> SafeString:
    drawing = draw_mini(count, leader)
    seats = format_html_join(
        "",
        '<circle cx="{}" cy="{}" r="{}" class="{}"/>',
        (
            (seat.at.x, seat.at.y, drawing.radius, "c-1" if seat.leads else "c-2")
            for seat in drawing.seats
        ),
    )
    return format_html(
        '<svg class="mini" viewBox="0 0 40 40" aria-hidden="true">'
        '<circle cx="20" cy="20" r="9" class="t-top"/>{}</svg>',
        seats,
    )


@register.filter
def initials(name: object) -> str:
    """Return the one or two letters that stand in a person's seat."""
    return initials_of(str(name))


@register.filter
def field_kind(field: BoundField) -> str:
    return ui_forms.kind(field)


@register.filter
def first_id(field: BoundField) -> str:
    return ui_forms.first_id(field)


# The first of these that a browser names; each names some of those after it, too.
_BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "Firefox": "Firefox",
    "FxiOS": "Firefox",
    "CriOS": "Chrome",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
_DEVICES = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Macintosh": "Mac",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


@register.filter
def browser(user_agent: str) -> str:
    """Name a browser and its device as people do; what neither is known of, in its own words."""
    program = next((name for mark, name in _BROWSERS.items() if mark in user_agent), "")
    device = next((name for mark, name in _DEVICES.items() if mark in user_agent), "")
    if program and device:
        return _("%(browser)s on %(device)s") % {"browser": program, "device": device}
    return program or device or user_agent[:80]


@register.filter
def figure(value: float) -> str:
    """Write a number with narrow spaces between thousands: 1 203."""
    return f"{value:,}".replace(",", NARROW_SPACE)


@register.filter
def percent(value: float, digits: int = 0) -> str:
    """Write a share of 100 with its sign after a space that does not break: 87 %."""
    return f"{decimal(value, digits)}{NO_BREAK_SPACE}%"


@register.filter
def share(value: Fraction) -> str:
    """Write a share of 1 as whole percent: 5/6 is 83 %."""
    return percent(round(value * 100))


@register.simple_tag
def when(at: datetime | None, none: str = "") -> SafeString:
    """Print an instant relative to now, with the absolute time in the reader's zone on hover."""
    if at is None:
        return format_html("{}", none)
    now = clock.now()
    if at <= now:
        relative = _("%(time)s ago") % {"time": timesince(at, now, depth=1)}
        relative = _("just now") if (now - at).total_seconds() < 60 else relative
    else:
        relative = _("in %(time)s") % {"time": timeuntil(at, now, depth=1)}
    here = timezone.localtime(at)
    absolute = f"{date_format(here, 'l j F Y, H:i')} ({zone_words()})"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', here.isoformat(), absolute, relative
    )


@register.simple_tag
def zone() -> str:
    """Print whose time the page's times are, by city."""
    return zone_words()
