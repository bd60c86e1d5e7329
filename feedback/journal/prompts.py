"""What the journal asks after a session: by what somebody did there, another one each time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

LED, HELD, CAME = "led", "held", "came"
# A key is the kind and the place: a question may be worded anew, and a new one comes at the end.
PROMPTS: Mapping[str, Sequence[object]] = {
    LED: (
        _("When did you hold back, and what happened then?"),
        _("Who spoke least, and what did you try?"),
        _("Which decision came from them and not from you?"),
        _("What did you do for the first time, and would you do it again?"),
        _("Where did you want to take over, and why?"),
        _("What will you ask of whoever leads next?"),
    ),
    HELD: (
        _("What did your role let you see that you usually miss?"),
        _("What did you do in your role that helped the others?"),
        _("When was your role hard to keep, and what made it so?"),
        _("What would you do in another way the next time you hold it?"),
    ),
    CAME: (
        _("What did you hear that stays with you?"),
        _("What did you leave unsaid, and what kept you from it?"),
        _("Whose words changed your mind, and how?"),
        _("What will you try before you meet again?"),
        _("What did you learn about how you listen?"),
        _("What would you like to lead next, and what holds you back?"),
    ),
}


def prompt_of(kind: str, number: int) -> str:
    """Return the key of the question that comes after the session with that number."""
    return f"{kind}-{number % len(PROMPTS[kind]) + 1}"


def words_of(key: str) -> str:
    """Return a question by its key; nothing where there was none, or it is asked no more."""
    kind, _dash, place = key.partition("-")
    questions = PROMPTS.get(kind, ())
    number = int(place) if place.isdecimal() else 0
    return str(questions[number - 1]) if 1 <= number <= len(questions) else ""
