"""Paper: sheets with letters of many scripts, in our colours.

See docs/adr/0033: Latin, Greek, Cyrillic, Arabic and Hebrew are drawn.  Of other scripts nothing
would be: who draws asks `has_letters` first.
"""

from __future__ import annotations

from functools import cache
from typing import Literal

import fontpkg
from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos

FONTS = ("Noto Sans", "Noto Sans Arabic", "Open Sans")  # the last one has Hebrew
INK, QUIET, ACCENT = (33, 29, 24), (93, 85, 74), (13, 88, 92)


@cache
def font_file(name: str) -> str:
    return str(fontpkg.path(name))


@cache
def letters() -> frozenset[int]:
    """Return every letter of which one of our fonts has a picture."""
    letters: set[int] = set()
    for name in FONTS:
        with TTFont(font_file(name), lazy=True) as font:
            letters.update(font.getBestCmap())
    return frozenset(letters)


def has_letters(words: str) -> bool:
    """Say whether all of it is of scripts that we have letters for."""
    return {ord(letter) for letter in words if letter.isprintable()} <= letters()


class Sheet(FPDF):
    """Pages of A4 in our fonts; nothing breaks a page by itself."""

    def __init__(
        self, *, title: str, margin: float, across: Literal["portrait", "landscape"] = "portrait"
    ) -> None:
        super().__init__(orientation=across, format="A4")
        for name in FONTS:
            self.add_font(name, fname=font_file(name))
        self.set_font(FONTS[0])
        self.set_fallback_fonts(list(FONTS[1:]), exact_match=False)
        self.set_text_shaping(True)
        self.set_auto_page_break(False)
        self.set_margin(margin)
        self.set_title(title)

    def words_at(
        self,
        x: float,
        y: float,
        width: float,
        words: str,
        size: float,
        colour: tuple[int, int, int] = INK,
        *,
        align: Align = Align.L,
        lines: int = 1,
    ) -> float:
        """Write words into a box, cut where it ends; return where what follows begins."""
        self.set_font(FONTS[0], size=size)
        self.set_text_color(*colour)
        height = size * 0.48
        cut = self.multi_cell(width, height, words, align=align, dry_run=True, output="LINES")
        assert isinstance(cut, list)  # what was asked for
        shown = [str(line) for line in cut[:lines]]
        if len(cut) > lines:
            shown[-1] = f"{shown[-1].rstrip()[:-1]}…"
        for line in shown:
            self.set_xy(x, y)
            self.cell(width, height, line, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
            y += height
        return y
