"""A check-in answered by e-mail: “met, 4, 4, blocked by holidays”, “not met, 3”.

Read as a whole or not at all: a number that is missing is asked for, never guessed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.notifications.inbound.phrases import NotUnderstood, spoken, without_greeting
from core.notifications.models import Email
from feedback.errors import CheckInClosed
from feedback.models.check_ins import CheckIn, CheckInNote
from feedback.surveys.base import Readers, readers_chosen
from feedback.surveys.check_in import answer_check_in

HINT = gettext_lazy(
    "write “met” or “not met”, and how it was for you from 1 to 5. If you met, add how far it moved"
    " you forward from 1 to 5. Last comes what was in the way, if anything: “met, 4, 4, blocked by"
    " holidays” or “not met, 3”. What was in the way only you can read in your words. Anything else"
    " you write goes to your coordinator."
)
_NUMBER = r"([1-5])(?:\s?/\s?5)?(?![\d%/]|\.\d)"
_GAP = r"[\s,;:.–-]+"
_MET = re.compile(
    rf"(?:(?:yes|ja|sí|si){_GAP})?(?:(?:we )?met|getroffen|wir haben uns getroffen|nos vimos)"
    rf"{_GAP}{_NUMBER}{_GAP}{_NUMBER}(?:{_GAP}(\D.*))?",
    re.DOTALL,
)
_NOT_MET = re.compile(
    rf"(?:(?:no|nein){_GAP})?(?:not met|we did not meet|we didn't meet|did not meet|didn't meet"
    rf"|we have not met|we haven't met|not this time|nicht getroffen"
    r"|wir haben uns nicht getroffen|no nos vimos|no nos hemos visto)"
    rf"{_GAP}{_NUMBER}(?:{_GAP}(\D.*))?",
    re.DOTALL,
)
_BLOCKED = re.compile(
    r"(?:blocked by|blocker|because of|in the way|obstacle|behindert durch|wegen|im weg"
    r"|bloqueado por|por culpa de)[\s:]+(.{1,200})",
    re.DOTALL,
)
_WAYS = {
    CheckIn.Blocker.NONE: {"no", "none", "nothing", "nothing in the way", "no blocker"}
    | {"nichts", "kein hindernis", "nada"},
    CheckIn.Blocker.TIME: {"time", "no time", "lack of time", "too little time", "not enough time"}
    | {"zeit", "keine zeit", "zu wenig zeit", "tiempo", "falta de tiempo", "poco tiempo"},
    CheckIn.Blocker.FIT: {"fit", "the fit", "passung", "es passt nicht", "no encajamos"},
    CheckIn.Blocker.OTHER: {"other", "anderes", "otro"},
}


@dataclass(frozen=True)
class CheckInReply:
    """What an e-mail answers to a check-in."""

    met: bool
    mood: int
    progress: int | None
    blocker: str
    words: str = ""


def understand(text: str) -> CheckInReply:
    """Read an answer; raises NotUnderstood unless all of it is one."""
    words = spoken(without_greeting(text)).strip(" .!")
    if match := _MET.fullmatch(words):
        mood, progress, rest = match.groups()
        return CheckInReply(True, int(mood), int(progress), *_in_the_way(rest or "", text))
    if match := _NOT_MET.fullmatch(words):
        mood, rest = match.groups()
        return CheckInReply(False, int(mood), None, *_in_the_way(rest or "", text))
    raise NotUnderstood


def _in_the_way(rest: str, text: str) -> tuple[str, str]:
    """Return what was in the way, and the words for it if it is none of ours."""
    named = _BLOCKED.fullmatch(rest)
    what = (named[1] if named else rest).strip(" .!")
    for blocker, phrases in _WAYS.items():
        if what in phrases or (not what and blocker == CheckIn.Blocker.NONE):
            return blocker, ""
    if named is None:
        raise NotUnderstood
    at = text.lower().rfind(what)
    return CheckIn.Blocker.OTHER, text[at : at + len(what)] if at >= 0 else what


def read(email: Email, text: str) -> str:
    """Answer the check-in that an e-mail asked for; return what was understood.

    What its person has chosen before stands: their words where these bring none, and who sees the
    numbers; nobody has agreed by e-mail that a coordinator does.  Raises NotUnderstood,
    CheckInClosed.
    """
    member = email.member
    reply = understand(text)
    mine = CheckIn.objects.visible_to(member).of(member).for_list()
    check_in = mine.filter(pk__in=[email.about_id]).first()
    if check_in is None:
        raise CheckInClosed
    note = CheckInNote.objects.visible_to(member).filter(check_in=check_in).first()
    keeps = note is not None and not reply.words
    shown = check_in.answered_at is not None and check_in.coordinator_sees
    answer_check_in(
        check_in=check_in,
        by=member,
        met=reply.met,
        mood=reply.mood,
        progress=reply.progress,
        blocker=reply.blocker,
        note=note.text if note and keeps else reply.words,
        readers=readers_chosen(note) if keeps else Readers.ME,
        coordinator_sees=shown,
    )
    return _in_words(reply, shown=shown)


def _in_words(reply: CheckInReply, *, shown: bool) -> str:
    lines = [_("You met.") if reply.met else _("You did not meet.")]
    lines.append(_("How it was for you: %(n)s of 5") % {"n": reply.mood})
    if reply.progress:
        lines.append(_("How far it moved you forward: %(n)s of 5") % {"n": reply.progress})
    way = CheckIn.Blocker(reply.blocker).label
    lines.append(_("In the way: %(what)s") % {"what": reply.words or way})
    if not shown:
        lines.append(_("Your coordinator sees that you answered and whether you met, no more."))
    return "\n".join(lines)
