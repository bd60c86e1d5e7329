"""How I lead as a PDF: what its person may take to a talk about their performance."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from core.common import clock
from core.common.numbers import signed
from core.tenancy.days import day_of
from core.ui.pdf import ACCENT, FONTS, INK, QUIET, Sheet, has_letters
from feedback.assessments.queries import HowILead

EDGE = 18.0  # mm


def can_draw(lead: HowILead) -> bool:
    """Say whether everything that stands on it is of scripts that we have letters for."""
    words = "".join([*_head(lead), *(text for _size, text in _lines(lead)), *_cells(lead)])
    return has_letters(words)


def draw(lead: HowILead) -> bytes:
    name, program, day = _head(lead)
    page = Sheet(title=f"{_('How I lead')}: {name}, {program}", margin=EDGE)
    page.set_auto_page_break(True, EDGE)
    page.add_page()
    _write(page, _("How I lead"), 11, ACCENT)
    _write(page, name, 22, INK)
    _write(page, f"{program}, {day}", 11, QUIET)
    rows = _rows(lead)
    if len(rows) > 1:
        page.ln(4)
        page.set_font(FONTS[0], size=9)
        page.set_text_color(*INK)
        with page.table(col_widths=(40, 12, 12, 20, 20, 26), first_row_as_headings=False) as table:
            for row in rows:
                table.row(row)
    page.ln(3)
    for size, text in _lines(lead):
        _write(page, text, size, INK if size > 9 else QUIET)
    return bytes(page.output())


def _write(page: FPDF, words: str, size: int, colour: tuple[int, int, int]) -> None:
    page.set_font(FONTS[0], size=size)
    page.set_text_color(*colour)
    page.multi_cell(0, size * 0.55, words, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    page.ln(1)


def _head(lead: HowILead) -> tuple[str, str, str]:
    enrolment = lead.enrolment
    day = date_format(day_of(clock.now()), "j F Y")
    return enrolment.member.full_name, enrolment.cohort.program.name, day


def _rows(lead: HowILead) -> list[tuple[str, ...]]:
    """Return the table: own and peers' ratings, first and last, with how far they moved."""
    head = (
        _("Skill, from 1 to 5"),
        _("I, first"),
        _("I, now"),
        _("Peers, first"),
        _("Peers, now"),
        _("Change (95 %)"),
    )
    return [head, *_of_skills(lead)]


def _of_skills(lead: HowILead) -> Iterator[tuple[str, ...]]:
    for row in lead.skills:
        if row.own_now is None and row.peers_now is None:
            continue
        own = row.own_moved
        moved = row.moved
        change = "–"
        if moved:
            change = signed(moved.by)
            if moved.low is not None and moved.high is not None:
                change = f"{change} ({signed(moved.low)} … {signed(moved.high)})"
        now = row.peers_now
        yield (
            row.skill.name,
            str(own[0]) if own else "–",
            "–" if row.own_now is None else str(row.own_now),
            f"{moved.before} (n={moved.before.n})" if moved else "–",
            f"{now} (n={now.n})" if now else "–",
            change,
        )


def _cells(lead: HowILead) -> Iterator[str]:
    for row in _rows(lead):
        yield from row


def _lines(lead: HowILead) -> Iterator[tuple[int, str]]:
    """Yield what stands below the table, with its size."""
    if lead.strengths:
        names = ", ".join(row.skill.name for row in lead.strengths)
        yield 11, _("Strengths: %(skills)s") % {"skills": names}
    if lead.next_step:
        row, behaviour = lead.next_step
        yield (
            11,
            _("Next step, %(skill)s: %(behaviour)s")
            % {"skill": row.skill.name, "behaviour": behaviour},
        )
    if lead.grown:
        names = ", ".join(row.skill.name for row in lead.grown)
        yield 11, _("Grown, as peers see it: %(skills)s") % {"skills": names}
    yield (
        11,
        ngettext("%(n)d session led", "%(n)d sessions led", lead.led) % {"n": lead.led},
    )
    for day, mean, n in lead.turns:
        yield (
            10,
            _("%(day)s: did everybody get a turn? %(mean).1f of 5, average of %(n)d answers")
            % {"day": date_format(day, "j F Y"), "mean": mean, "n": n},
        )
    for goal in lead.goals:
        yield 11, _("Goal met: %(goal)s") % {"goal": goal}
    yield (
        8,
        _(
            "Averages of three or more peers, without their names; where all gave the highest or "
            "lowest mark, the average is shown one mark nearer the middle. This record is its "
            "person's own: their organisation has none."
        ),
    )
