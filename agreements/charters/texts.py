"""The sections with which a charter begins, by format: a title, and questions that help."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from programs.models.programs import Program

_MEETING = (
    _("How we meet"),
    _("How often, where, on time or not? What do we do when one of us cannot come?"),
)
_CONFIDENCE = (
    _("What stays between us"),
    _("What may be told outside, to whom? What never?"),
)
_HARD = (
    _("When it is hard"),
    _("How do we say that something is not right? Whom do we ask when we are stuck?"),
)

SECTIONS = {
    Program.Format.CIRCLES: (
        (_("What we are here for"), _("What should be different for us at the end?")),
        _MEETING,
        _CONFIDENCE,
        (
            _("How we decide"),
            _("Who may propose? Which way of deciding do we use when nobody says otherwise?"),
        ),
        (_("How all are heard"), _("How do we share the time? What helps the quiet ones?")),
        _HARD,
    ),
    Program.Format.PAIRS: (
        (_("What we are here for"), _("What does each of us want from the other?")),
        _MEETING,
        _CONFIDENCE,
        (_("How we take turns"), _("How do we see to it that both get as much as they give?")),
        _HARD,
    ),
    Program.Format.MENTOR: (
        (_("What we are here for"), _("What does the mentee want to be able to do at the end?")),
        _MEETING,
        _CONFIDENCE,
        (_("Who does what"), _("Who prepares, who writes down, who asks for the next meeting?")),
        (_("Feedback"), _("How does each of us want to hear what is hard to say?")),
        _HARD,
    ),
}
