"""The icons, drawn by us on a 24 by 24 grid with round strokes.

They are printed inline, so that a fragment fetched by htmx, a printed certificate and a page
behind a strict Content-Security-Policy show the same thing, and none carries a style attribute.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

_RING = '<circle cx="12" cy="12" r="8.5"/>'

ICONS: Final = MappingProxyType(
    {
        "alert": _RING + '<path d="M12 7.5v5.5"/><path d="M12 16.3v.1"/>',
        "arrow-down": '<path d="M12 5v14"/><path d="M6.5 13.5L12 19l5.5-5.5"/>',
        "arrow-up": '<path d="M12 19V5"/><path d="M6.5 10.5L12 5l5.5 5.5"/>',
        "back": '<path d="M19 12H5"/><path d="M10.5 6.5L5 12l5.5 5.5"/>',
        "ban": _RING + '<path d="M6 6l12 12"/>',
        "bell": (
            '<path d="M5.5 17h13l-1.5-2.5V10.5a5 5 0 0 0-10 0v4z"/><path d="M12 5.5V3.8"/>'
            '<path d="M10 19.8a2.2 2.2 0 0 0 4 0"/>'
        ),
        "calendar": (
            '<rect x="4" y="5.5" width="16" height="14.5" rx="2"/>'
            '<path d="M4 10h16"/><path d="M8.5 3v4"/><path d="M15.5 3v4"/>'
        ),
        "check": '<path d="M5 12.5l4.5 4.5L19 7.5"/>',
        "clock": _RING + '<path d="M12 7v5l3.5 2"/>',
        "close": '<path d="M6 6l12 12"/><path d="M18 6L6 18"/>',
        "contrast": _RING + '<path d="M12 3.5v17a8.5 8.5 0 0 0 0-17z" fill="currentColor"/>',
        "dot": '<circle cx="12" cy="12" r="4.5"/>',
        "down": '<path d="M12 4v12"/><path d="M7 11.5l5 5 5-5"/><path d="M5 20h14"/>',
        "flag": '<path d="M6 21V4"/><path d="M6 5c4-2 8 2 13 0v9c-5 2-9-2-13 0"/>',
        "lock": (
            '<rect x="5" y="11" width="14" height="9" rx="2"/><path d="M8 11V8a4 4 0 0 1 8 0v3"/>'
        ),
        "mail": ('<rect x="3.5" y="5.5" width="17" height="13" rx="2"/><path d="M4 7.5l8 6 8-6"/>'),
        "pause": '<path d="M8.5 5.5v13"/><path d="M15.5 5.5v13"/>',
        "pen": '<path d="M4 20l1-4.5L16 4.5l3.5 3.5L8.5 19z"/><path d="M13.5 7l3.5 3.5"/>',
        "phone": (
            '<path d="M6 4h3l1.5 4.5L8.5 10a11 11 0 0 0 5.5 5.5l1.5-2L20 15v3a2 2 0 0 1-2 2'
            'A14 14 0 0 1 4 6a2 2 0 0 1 2-2z"/>'
        ),
        "play": '<path d="M8 5.5l10 6.5-10 6.5z"/>',
        "plus": '<path d="M12 5v14"/><path d="M5 12h14"/>',
        "print": (
            '<path d="M7 9V4h10v5"/><rect x="4" y="9" width="16" height="7" rx="1.5"/>'
            '<path d="M7 14h10v6H7z"/>'
        ),
        "seal": (
            '<path d="M12 3l7 3v5.5c0 4.5-3 7.7-7 9.5-4-1.8-7-5-7-9.5V6z"/>'
            '<path d="M8.5 12l2.5 2.5 4.5-5"/>'
        ),
        "search": '<circle cx="11" cy="11" r="6.5"/><path d="M16 16l4.5 4.5"/>',
        "star": (
            '<path d="M12 3.5l2.6 5.4 5.9.8-4.3 4.1 1 5.9-5.2-2.8-5.2 2.8 1-5.9-4.3-4.1 5.9-.8z"/>'
        ),
        "swap": (
            '<path d="M5 9h13"/><path d="M14.5 5.5L18 9l-3.5 3.5"/>'
            '<path d="M19 15.5H6"/><path d="M9.5 12.5L6 15.5 9.5 19"/>'
        ),
        "trash": (
            '<path d="M5 7h14"/><path d="M9 7V4.5h6V7"/><path d="M7 7l1 13h8l1-13"/>'
            '<path d="M10.5 11v5"/><path d="M13.5 11v5"/>'
        ),
        "up": '<path d="M12 20V8"/><path d="M7 12.5l5-5 5 5"/><path d="M5 4h14"/>',
        "waves": '<path d="M5 10v4M9.7 6v12M14.3 9v6M19 7v10"/>',
    }
)

#: The token of a meeting role. A role an organisation adds itself gets the neutral dot.
ROLE_ICONS: Final = MappingProxyType(
    {"facilitator": "flag", "timekeeper": "clock", "note_taker": "pen", "voice_watcher": "waves"}
)


def icon_for_role(role: str) -> str:
    return ROLE_ICONS.get(role, "dot")
