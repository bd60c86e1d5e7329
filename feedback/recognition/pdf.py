"""A certificate as a PDF: one page that is drawn, with letters of many scripts.

Where some are missing (docs/adr/0033) there is no file (`can_draw`), and the page is printed.
"""

from __future__ import annotations

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from fpdf.enums import Align, XPos, YPos

from core.tenancy.days import day_of
from core.ui.pdf import ACCENT, FONTS, INK, QUIET, Sheet, has_letters
from feedback.models.recognition import Certificate
from feedback.recognition.queries import Facts, address_of, facts_of

EDGE, LINE = 12.0, 0.6  # mm


def can_draw(certificate: Certificate) -> bool:
    """Say whether everything that stands on it is of scripts that we have letters for."""
    enrolment = certificate.enrolment
    names = [str(certificate.organisation.name), enrolment.member.full_name]
    words = [*names, enrolment.cohort.program.name, *lines(facts_of(certificate))]
    return has_letters("".join(words))


def draw(certificate: Certificate) -> bytes:
    enrolment, facts = certificate.enrolment, facts_of(certificate)
    program, organisation = enrolment.cohort.program, certificate.organisation
    page = _Page(title=f"{_('Certificate')}: {enrolment.member.full_name}, {program.name}")
    page.set_creation_date(certificate.issued_at)
    page.line_of(organisation.name, 14, QUIET, above=16)
    page.line_of(_("Certificate"), 14, ACCENT, above=4)
    page.line_of(enrolment.member.full_name, 34, above=6)
    page.line_of(_("has completed"), 13, QUIET, above=2)
    page.line_of(program.name, 24, above=2)
    page.line_of(_period(facts), 12, QUIET, above=1)
    for number, words in enumerate(lines(facts)):
        page.line_of(words, 12, above=7 if number == 0 else 1)
    issued = date_format(day_of(certificate.issued_at), "j F Y")
    page.set_y(-34)
    page.line_of(
        _("Issued on %(day)s. Whether it is valid stands here:") % {"day": issued}, 9, QUIET
    )
    page.line_of(address_of(certificate), 9, ACCENT, link=address_of(certificate))
    return bytes(page.output())


def lines(facts: Facts) -> list[str]:
    """Return what stands on a certificate beside name and program, a sentence a line."""
    roles = ", ".join(f"{role.name} ({role.times})" for role in facts.roles)
    written = [facts.met, *(_table(table.name, table.people) for table in facts.tables)]
    written += [_("Roles held: %(roles)s") % {"roles": roles}] if roles else []
    if facts.competencies:
        written.append(_("Practised: %(skills)s") % {"skills": ", ".join(facts.competencies)})
    return written


def _period(facts: Facts) -> str:
    return f"{date_format(facts.begins, 'j F Y')} – {date_format(facts.ends, 'j F Y')}"


def _table(name: str, people: int) -> str:
    if name:
        return ngettext("%(name)s, %(n)d person", "%(name)s, %(n)d people", people) % {
            "name": name,
            "n": people,
        }
    return _("In a partnership of %(n)d") % {"n": people}


class _Page(Sheet):
    """One sheet, A4 across, whose lines stand in the middle."""

    def __init__(self, *, title: str) -> None:
        super().__init__(title=title, margin=EDGE + 10, across="landscape")
        self.add_page()
        self.set_draw_color(*ACCENT)
        self.set_line_width(LINE)
        self.rect(EDGE, EDGE, self.w - 2 * EDGE, self.h - 2 * EDGE)

    def line_of(
        self,
        words: str,
        size: int,
        colour: tuple[int, int, int] = INK,
        *,
        above: float = 0,
        link: str = "",
    ) -> None:
        self.set_y(self.get_y() + above)
        self.set_font(FONTS[0], size=size)
        self.set_text_color(*colour)
        self.multi_cell(
            0, size * 0.5, words, align=Align.C, new_x=XPos.LMARGIN, new_y=YPos.NEXT, link=link
        )
