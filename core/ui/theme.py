"""An organisation's accent colour: a small set of pairs whose contrast is known to be enough."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise, lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _


def _swatch(light: str, dark: str, label: Promise) -> SafeString:
    return format_html(
        '<svg class="swatch" viewBox="0 0 24 16" aria-hidden="true">'
        '<rect width="12" height="16" fill="{}"/><rect x="12" width="12" height="16" fill="{}"/>'
        "</svg>{}",
        light,
        dark,
        label,
    )


_with_swatch = lazy(_swatch, SafeString)


@dataclass(frozen=True)
class _Tone:
    """An accent in one theme: the colour, what is written on it, and its quiet ground."""

    accent: str
    on_accent: str
    wash: str


@dataclass(frozen=True)
class Accent:
    name: str
    label: Promise
    light: _Tone
    dark: _Tone

    @property
    def swatch_label(self) -> str:
        """What it is called, beside its colour on a light and on a dark screen."""
        return _with_swatch(self.light.accent, self.dark.accent, self.label)

    @property
    def css(self) -> str:
        """The stylesheet that follows app.css: three tokens in its layer."""
        light, dark = self.light, self.dark
        return (
            "@layer tokens {:root {"
            f"--accent: light-dark({light.accent}, {dark.accent});"
            f"--on-accent: light-dark({light.on_accent}, {dark.on_accent});"
            f"--accent-wash: light-dark({light.wash}, {dark.wash});"
            "}}\n"
        )

    @property
    def digest(self) -> str:
        """What names this stylesheet in its address: other content, other address."""
        return hashlib.sha256(self.css.encode()).hexdigest()[:12]


WHITE = "#ffffff"
ACCENTS: tuple[Accent, ...] = (
    Accent(
        "teal",
        _("Teal"),
        _Tone("#0d585c", WHITE, "#e4f0ee"),
        _Tone("#82cdc8", "#0a2122", "#19312f"),
    ),
    Accent(
        "blue",
        _("Blue"),
        _Tone("#1f4f8f", WHITE, "#e6eef8"),
        _Tone("#9dc3f0", "#0b1c33", "#1a2c42"),
    ),
    Accent(
        "indigo",
        _("Indigo"),
        _Tone("#45409a", WHITE, "#ecebf8"),
        _Tone("#bdb9f5", "#17143a", "#292748"),
    ),
    Accent(
        "plum",
        _("Plum"),
        _Tone("#7a2e6e", WHITE, "#f6e9f3"),
        _Tone("#e6a9da", "#2f0d29", "#3b2037"),
    ),
    Accent(
        "berry",
        _("Berry"),
        _Tone("#96244f", WHITE, "#fae8ee"),
        _Tone("#f2a5c0", "#360818", "#43202d"),
    ),
    Accent(
        "forest",
        _("Forest"),
        _Tone("#2c5e2e", WHITE, "#e7f1e6"),
        _Tone("#9ad09a", "#0c240d", "#1f3320"),
    ),
    Accent(
        "slate",
        _("Slate"),
        _Tone("#3d4f5f", WHITE, "#e8edf1"),
        _Tone("#b3c6d6", "#131d26", "#26323c"),
    ),
)
BY_NAME = {accent.name: accent for accent in ACCENTS}
DEFAULT = ACCENTS[0]


def theme_url(slug: str, accent: str) -> str:
    """Return the address of an organisation's stylesheet, to be put after app.css."""
    return reverse("accounts:theme", args=[slug, BY_NAME.get(accent, DEFAULT).digest])
