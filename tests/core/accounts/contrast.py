"""How well an accent can be read on the grounds of static/app.css."""

from core.ui.theme import Accent

# The grounds that the accent stands on, for light and dark.
GROUNDS = {"light": ("#fcfbf8", "#ffffff", "#f4f1eb"), "dark": ("#181613", "#211e1a", "#2a2621")}
INK = {"light": "#211d18", "dark": "#f3eee6"}
ENOUGH = 4.5  # WCAG 2.2, success criterion 1.4.3


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb`, from 0 (black) to 1 (white).

    Source: WCAG 2.2, definition of relative luminance.
    """
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 (the same) to 21 (black on white)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def weakest_contrast(accent: Accent) -> float:
    """Return the lowest contrast at which this accent is ever read, over both themes."""
    contrasts = []
    for theme, tone in (("light", accent.light), ("dark", accent.dark)):
        contrasts += [contrast(tone.accent, ground) for ground in (*GROUNDS[theme], tone.wash)]
        contrasts += [contrast(tone.on_accent, tone.accent), contrast(INK[theme], tone.wash)]
    return min(contrasts)
