"""One message as it came, RFC 5322: who writes to which of our addresses, and the new words of it.

Anybody can send anything: what is read is bounded before it is looked at, and what no mail program
would write is no message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import getaddresses
from hashlib import sha256
from html import unescape
from itertools import islice

from icalendar import Calendar, Component

from core.notifications.inbound.addresses import Address, read_address

MOST_BYTES = 1_000_000
MOST_PARTS = 50
MOST_TEXT = 100_000  # of one part, before it is looked at
MOST_HTML = 100_000  # of its body
MOST_EVENT = 20_000
MOST_LINES = 400
MOST_WORDS = 4_000  # of what is new in it
# what the standard library and icalendar raise for messages that no mail program would write
HOSTILE = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    RecursionError,
    OverflowError,
    MessageError,
)


@dataclass(frozen=True)
class EventReply:
    """What a calendar answers to an invitation (RFC 5546, 3.2.3)."""

    uid: str
    partstat: str
    attendee: str
    sequence: int | None = None
    starts_at: datetime | None = None


@dataclass(frozen=True)
class InboundMail:
    """A message to one of our addresses; `text` are its new words, without what they quote."""

    address: Address
    digest: str  # of its Message-ID: the same message may come twice
    sender: str
    message_id: str
    automatic: bool
    text: str
    event: EventReply | None = None


def parse(raw: bytes) -> InboundMail | None:
    """Return what a message says; None for one that is to no address of ours, or is none."""
    try:
        message = message_from_bytes(raw[:MOST_BYTES], policy=policy.default)
        assert isinstance(message, EmailMessage)
        return _read(message, raw)
    except HOSTILE:
        return None


def _read(message: EmailMessage, raw: bytes) -> InboundMail | None:
    told = (header(message, name) for name in ("To", "Delivered-To", "X-Original-To", "Cc"))
    address = next(filter(None, map(read_address, told)), None)
    if address is None:
        return None
    message_id = header(message, "Message-ID").strip()
    senders = {one.casefold() for _name, one in getaddresses([header(message, "From")]) if one}
    parts = list(islice(_parts(message), MOST_PARTS))
    return InboundMail(
        address=address,
        digest=sha256(message_id.encode("utf-8", "replace") or raw[:MOST_BYTES]).hexdigest(),
        sender=senders.pop() if len(senders) == 1 else "",
        message_id=message_id,
        automatic=_is_automatic(message),
        text=_new_words(parts),
        event=next(filter(None, map(_event, parts)), None),
    )


def header(message: EmailMessage, name: str) -> str:
    """Return the values of a header in one line; '' for one that cannot be read."""
    try:
        return " ".join(str(value) for value in message.get_all(name, ()))[:2000]
    except HOSTILE:
        return ""


AUTOMATIC_SUBJECT = re.compile(
    r"\s*(automatic reply|auto(matic)? ?response|auto ?reply|out of (the )?office"
    r"|automatische antwort|abwesenheits\w{0,20}|respuesta autom\w{0,10}|réponse automatique)\b",
    re.IGNORECASE,
)


def _is_automatic(message: EmailMessage) -> bool:
    """Say whether no person has written it (RFC 3834, and what programs write besides)."""
    by_itself = header(message, "Auto-Submitted").partition(";")[0].strip().lower()
    precedence = header(message, "Precedence").strip().lower()
    return (
        by_itself not in {"", "no"}
        or precedence in {"bulk", "junk", "list", "auto_reply"}
        or any(name in message for name in ("X-Autoreply", "X-Autorespond", "List-Id"))
        or header(message, "Return-Path").strip() == "<>"
        or message.get_content_type() == "multipart/report"
        or bool(AUTOMATIC_SUBJECT.match(header(message, "Subject")))
    )


def _parts(message: EmailMessage) -> Iterator[EmailMessage]:
    """Yield what is said in a message, without files and without messages that it brings along."""
    if message.get_content_disposition() == "attachment" and not _is_event(message):
        return
    if message.get_content_maintype() == "message":
        return
    if not message.is_multipart():
        yield message
    for part in message.iter_parts() if message.is_multipart() else ():
        if isinstance(part, EmailMessage):
            yield from _parts(part)


def _is_event(part: EmailMessage) -> bool:
    return part.get_content_type() in {"text/calendar", "application/ics"}


def _content(part: EmailMessage, most: int) -> str:
    """Return a part's characters; of an encoding that nobody knows what can be read of it."""
    body = part.get_payload(decode=True)
    if not isinstance(body, bytes):
        return ""
    charset = part.get_content_charset("utf-8")
    try:
        return body[:most].decode(charset, "replace")
    except (LookupError, ValueError):
        return body[:most].decode("utf-8", "replace")


def _event(part: EmailMessage) -> EventReply | None:
    if not _is_event(part):
        return None
    text = _content(part, MOST_EVENT + 1)
    if len(text) > MOST_EVENT:
        return None
    try:
        calendar = Calendar.from_ical(text)
        if str(calendar.get("METHOD", "")).strip().upper() != "REPLY":
            return None
        (event,) = calendar.walk("VEVENT")
        return _reply_of(event)
    except HOSTILE:
        return None


def _reply_of(event: Component) -> EventReply | None:
    attendee = event.get("ATTENDEE")
    if attendee is None or isinstance(attendee, list):  # one answers for oneself
        return None
    sequence, begins = event.get("SEQUENCE"), event.get("DTSTART")
    starts_at = getattr(begins, "dt", None)
    if not isinstance(starts_at, datetime) or starts_at.tzinfo is None:
        starts_at = None
    return EventReply(
        uid=str(event.get("UID", ""))[:200],
        partstat=str(attendee.params.get("PARTSTAT", ""))[:20].upper(),
        attendee=str(attendee)[:260].casefold().removeprefix("mailto:"),
        sequence=int(sequence) if sequence is not None else None,
        starts_at=starts_at.astimezone(UTC) if starts_at else None,
    )


def _new_words(parts: list[EmailMessage]) -> str:
    """Return what somebody has written: of the plain text, or else of the HTML."""
    for kind, read in (("text/plain", str), ("text/html", _text_of_html)):
        texts = [part for part in parts if part.get_content_type() == kind]
        words = without_quotes(read(_content(texts[0], MOST_TEXT))) if texts else ""
        if words:
            return words
    return ""


_BLOCKS = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "table", "ul", "ol", "hr"})
_SILENT = frozenset({"script", "style", "head", "title", "blockquote"})
# how mail programs mark where what was said before begins
_QUOTED = re.compile(
    r"divrplyfwdmsg|appendonsend|gmail_quote|gmail_attr|gmail_signature|yahoo_quoted"
    r"|moz-cite-prefix|mail-editor-reference-message-container"
)
_TAG = re.compile(r"/?[a-z][a-z0-9]{0,15}")


def _text_of_html(html: str) -> str:
    """Return the words of HTML line by line, without what mail programs quote.

    Split at each "<": the standard library's parser takes minutes where tags do not end.
    """
    body = max(0, html.lower().find("<body"))  # Word writes long styles before it
    first, *pieces = html[body : body + MOST_HTML].split("<")
    words, silent, in_comment = [first], 0, False
    for piece in pieces:
        in_comment = in_comment or piece.startswith("!--")
        mark, _end, text = piece.partition("-->" if in_comment else ">")
        if in_comment:
            in_comment = not _end
            mark = ""
        mark = mark.lower()
        if _QUOTED.search(mark):
            break
        match = _TAG.match(mark)
        name = match[0] if match else ""
        if name in _SILENT:
            silent += 1
        elif name[1:] in _SILENT:
            silent = max(0, silent - 1)
        elif name.removeprefix("/") in _BLOCKS and name != "/br":
            words.append("\n")
        if not silent:
            # in HTML a line's end is a space; those at the edges stay
            words.append(" ".join(f"-{text}-".split())[1:-1])
    return unescape("".join(words))


# what no row can hold, and what nobody sees
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\ufeff\ud800-\udfff]")
# how mail programs begin what they quote, and what they put below
_WROTE = re.compile(
    r"(on|am|le|el|op|il|em|den|w dniu)\b.{0,300}"
    r"(wrote|schrieb|a écrit|escribió|schreef|ha scritto|escreveu|skrev|napisał)\b.{0,200}:?",
    re.IGNORECASE,
)
_BEGAN = re.compile(r"(on|am|le|el|op|il|em|den) .{3,300}", re.IGNORECASE)
_ORIGINAL = re.compile(
    r"-{2,10} ?(original|ursprüngliche|mensaje|message|forwarded|weiterge).{0,60}"
)
_HEADER = re.compile(r"\*?(from|von|de|van|da|sent|gesendet|enviado|envoyé)\*?:\*? .{1,300}")
_RULE = re.compile(r"_{20,200}")
_SENT_FROM = re.compile(
    r"(sent from|get outlook for|von meinem .{1,40} gesendet|gesendet von|enviado desde|envoyé de"
    r"|holen sie sich outlook|obtener outlook|outlook für).{0,80}"
)
_CLOSING = re.compile(
    r"(best|best wishes|best regards|kind regards|warm regards|regards|thanks|many thanks|thank you"
    r"|thx|cheers|yours|sincerely|viele grüße|liebe grüße|beste grüße|mit freundlichen grüßen|lg|vg"
    r"|danke|gracias|saludos|un saludo|merci|cordialement)[ ,.!]{0,3}"
)


def without_quotes(text: str) -> str:
    """Return the new words of a text: without what it quotes, a signature, a closing.

    Who answers below what they quote has nothing above it: then it is what is not quoted.
    """
    lines = [line.strip() for line in text[:MOST_TEXT].splitlines()[:MOST_LINES]]
    end = next((n for n in range(len(lines)) if _ends(lines, n)), len(lines))
    above = _words(lines[:end])
    if above or not any(line.startswith(">") for line in lines[end:]):
        return above
    last = max(n for n, line in enumerate(lines) if line.startswith(">"))
    below = lines[last + 1 :]
    end = next((n for n in range(len(below)) if _ends(below, n)), len(below))
    return _words(below[:end])


def _words(lines: list[str]) -> str:
    return _INVISIBLE.sub("", "\n".join(lines)).replace("\xa0", " ").strip()[:MOST_WORDS]


def _ends(lines: list[str], n: int) -> bool:
    """Say whether what is new ends before this line."""
    line = lines[n][:600].casefold()
    if line.startswith(">") or line in {"--", "—"} or _RULE.fullmatch(line):
        return True
    following = [each[:300].casefold() for each in lines[n + 1 : n + 3]]
    together = " ".join([line, *following])
    return bool(
        _WROTE.fullmatch(line)
        # Gmail and Apple break that line where it is long
        or (_BEGAN.fullmatch(line) and _WROTE.match(together))
        or _ORIGINAL.match(line)
        or (
            _HEADER.fullmatch(line)
            and n + 1 < len(lines)
            and _HEADER.fullmatch(lines[n + 1].casefold())
        )
        or _SENT_FROM.fullmatch(line)
        or (n and _CLOSING.fullmatch(line))
    )
