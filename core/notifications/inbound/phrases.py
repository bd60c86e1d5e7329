"""A yes or a no in somebody's words: only what is plainly one of them.

The whole of what was written has to be understood: a yes with a condition is none.  English,
German and Spanish, whatever language the e-mail was in: people answer in their own.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class NotUnderstood(Exception):
    """What somebody wrote is no answer that can be read without guessing."""


def _phrases(text: str) -> frozenset[str]:
    return frozenset(phrase.strip() for phrase in text.split("|"))


YES = _phrases(
    """yes | yep | yeah | yes please | sure | of course | i can | i can come | i'll be there
    | i will be there | i'll come | i will come | i'm in | i am in | i'm coming | i am coming
    | accept | accepted | see you then | see you there | see you tomorrow | happy to | gladly
    | i'll do it | i will do it | i'll take it | i will take it | count me in
    | ja | jawohl | ja gerne | ja gern | gerne | gern | klar | na klar | sicher | ich komme
    | ich bin dabei | bin dabei | ich kann | ich mache es | ich mach's | ich übernehme
    | ich übernehme es | passt | das passt | zugesagt | ich sage zu | bis dann | bis morgen
    | sí | si | claro | claro que sí | por supuesto | vale | de acuerdo | voy | puedo | puedo ir
    | allí estaré | ahí estaré | cuenta conmigo | cuenten conmigo | lo hago | me apunto | acepto
    | con gusto | hasta entonces | hasta mañana"""
)
NO = _phrases(
    """i can't | i cannot | i can not | can't | cannot | i can't come | i cannot come | can't come
    | cannot come | i can't make it | i cannot make it | can't make it | i won't be there
    | i will not be there | i won't come | i will not come | i won't make it | not coming
    | i'm not coming | i am not coming | i can't be there | i cannot be there | i'm out
    | decline | declined | i can't attend | i cannot attend | i can't do it | i cannot do it
    | ich kann nicht | kann nicht | ich kann leider nicht | kann leider nicht | ich komme nicht
    | ich kann nicht kommen | ich bin nicht dabei | bin nicht dabei | ich schaffe es nicht
    | ich schaffe es leider nicht | ich bin verhindert | verhindert | abgesagt | ich sage ab
    | no puedo | no puedo ir | no voy | no iré | no podré | no podré ir | no estaré | no llego
    | lamentablemente no puedo | no puedo asistir | rechazo"""
)
REGRETS = _phrases("sorry | unfortunately | leider | tut mir leid | lo siento | lamentablemente")
SHORT_NO = REGRETS | _phrases(
    "no | nope | no sorry | sorry no | nein | nein leider | leider nein | leider nicht | nee"
)
POLITE = _phrases(
    """thanks | thank you | thx | hi | hello | hi all | hello all | cheers | danke | vielen dank
    | hallo | hallo zusammen | liebe grüße | viele grüße | gracias | muchas gracias | hola
    | hola a todos | saludos | un saludo"""
)
CONDITION = re.compile(
    r"(but|unless|if|until|before|except|or|maybe|perhaps|only|just|wait|however|though"
    r"|aber|außer|wenn|falls|bis|bevor|oder|vielleicht|nur|erst|jedoch|obwohl|sofern"
    r"|pero|salvo|si|hasta|antes|excepto|o|quizá|quizás|tal vez|solo|sólo|aunque|espera)\b"
)
GREETING = re.compile(
    r"(hi|hello|hey|dear|good (morning|afternoon|evening)|hallo|liebe[rs]?|guten (morgen|tag|abend)"
    r"|hola|querid[oa]s?|buen(os|as) (días|tardes|noches))( [\w-]{1,30}){0,3}"
)
_BREAK = re.compile(r"[\n,.;:!–—]+|\s-\s|\b(?:because|weil|porque)\b")


class YesNo(NamedTuple):
    """An answer, and why: only a no has a reason."""

    yes: bool
    reason: str = ""


def spoken(text: str) -> str:
    """Return a text as phrases are compared: small, with one kind of apostrophe and of space."""
    lines = (" ".join(line.split()) for line in text.replace("’", "'").splitlines())
    return "\n".join(lines).strip().lower()


def without_greeting(text: str) -> str:
    """Return a text without a first line that only greets."""
    first, line_end, rest = text.strip().partition("\n")
    greets = GREETING.fullmatch(spoken(first).strip(" ,.!"))
    return rest.strip() if greets and line_end else text.strip()


def yes_or_no(text: str) -> YesNo:
    """Read a yes or a no; raises NotUnderstood for anything else, for both, and for conditions."""
    words = without_greeting(text)
    if "?" in words:
        raise NotUnderstood
    phrases = [phrase.strip() for phrase in _BREAK.split(spoken(words))]
    said = [phrase for phrase in phrases if phrase and phrase not in POLITE]
    if said and all(phrase in YES for phrase in said):
        return YesNo(True)
    if said and all(phrase in NO | SHORT_NO for phrase in said) and set(said) - REGRETS:
        return YesNo(False)
    plain = next((n for n, phrase in enumerate(said) if phrase not in SHORT_NO), len(said))
    if plain == len(said) or said[plain] not in NO:
        raise NotUnderstood
    if any(phrase in YES or CONDITION.match(phrase) for phrase in said[plain + 1 :]):
        raise NotUnderstood
    return YesNo(False, _after(words, said[plain]))


def _after(words: str, phrase: str) -> str:
    """Return what was written behind a phrase, in its own letters."""
    line = " ".join(words.replace("’", "'").split())
    at = line.lower().find(phrase)
    return line[at + len(phrase) :].strip(" ,.;:!–—-")[:200] if at >= 0 else ""
