"""What comes in: new words are told from quoted ones, and nothing hostile is an exception."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from email.message import EmailMessage
from uuid import UUID

import pytest

from core.common.ids import new_id
from core.notifications.inbound.addresses import Address, Purpose, read_address, reply_address
from core.notifications.inbound.message import MOST_BYTES, InboundMail, parse
from core.notifications.inbound.phrases import NotUnderstood, YesNo, yes_or_no
from core.tenancy.context import tenant
from tests.core.notifications.messages import (
    AROUND_HTML,
    AROUND_TEXT,
    BEFORE,
    GMAIL_LINE,
    QUOTED,
    SENDER,
    event_reply,
    message_to,
    with_event,
)

ROW = UUID("019d0000-0000-7000-8000-000000000001")
ANSWER = "met, 4, 4, blocked by holidays"


@pytest.fixture(autouse=True)
def _domain(settings) -> None:
    settings.INBOUND_DOMAIN = "in.roundtable.example"


@pytest.fixture
def to(cast) -> str:
    with tenant(cast.acme):
        return reply_address(Purpose.EMAIL, ROW)


def read(message: EmailMessage) -> InboundMail:
    mail = parse(message.as_bytes())
    assert mail is not None
    return mail


def test_a_key_says_what_it_is_for_and_nobody_else_can_make_one(cast, to, settings) -> None:
    mailbox, _at, domain = to.partition("@")
    assert domain == "in.roundtable.example"
    assert len(mailbox) <= 64
    address = Address(Purpose.EMAIL, cast.acme.pk, ROW)
    assert read_address(f"Acme <{to.upper()}>") == address
    with tenant(cast.globex):
        assert reply_address(Purpose.EMAIL, ROW) != to  # another organisation, another key
    with tenant(cast.acme):
        assert reply_address(Purpose.CALENDAR, ROW) != to
        assert reply_address(Purpose.EMAIL, new_id()) != to
    for n, sign in enumerate(mailbox.partition("+")[2], start=len("reply+")):
        other = "0" if sign != "0" else "1"
        assert read_address(f"{to[:n]}{other}{to[n + 1 :]}") is None
    old = settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 50, [old]
    assert read_address(to) == address  # what was sent before the key was changed
    settings.SECRET_KEY_FALLBACKS = []
    assert read_address(to) is None
    settings.INBOUND_DOMAIN = ""
    with tenant(cast.acme):
        assert reply_address(Purpose.EMAIL, ROW) == ""


@pytest.mark.parametrize("program", AROUND_TEXT)
def test_new_words_are_told_from_quoted_ones(to: str, program: str) -> None:
    assert read(message_to(to, AROUND_TEXT[program].format(ANSWER))).text == ANSWER


@pytest.mark.parametrize("program", AROUND_HTML)
def test_html_alone_is_read_as_well(to: str, program: str) -> None:
    html = AROUND_HTML[program].format(ANSWER.replace(" ", "&nbsp;", 1))
    assert read(message_to(to, html=html)).text == ANSWER


@pytest.mark.parametrize(
    "text", ["", "\n\n", GMAIL_LINE + "\n" + QUOTED, "-- \nPetra\nyes", f"> {BEFORE[:40]}"]
)
def test_what_says_nothing_new_is_no_answer(to: str, text: str) -> None:
    assert read(message_to(to, text)).text == ""


def test_the_plain_text_counts_before_the_html_and_files_are_not_read(to: str) -> None:
    message = message_to(to, ANSWER, html="<p>yes</p>")
    message.add_attachment("not met, 1", filename="notes.txt")
    message.add_attachment(b"\x00" * 3_000_000, "application", "zip", filename="holiday.zip")
    assert read(message).text == ANSWER


def test_a_message_of_ten_megabytes_is_read_from_its_beginning(to: str) -> None:
    message = message_to(to, ANSWER)
    message.add_attachment(b"\x00" * 7_500_000, "image", "jpeg", filename="photo.jpg")
    raw = message.as_bytes()
    assert len(raw) > 10_000_000
    mail = parse(raw[:MOST_BYTES])
    assert mail is not None
    assert mail.text == ANSWER


@pytest.mark.parametrize(
    ("charset", "body", "text"),
    [
        ("iso-8859-1", "Grüße".encode("latin-1"), "Grüße"),
        ("utf-8", b"met, 4, 4\xff", "met, 4, 4\ufffd"),
        ("x-nobody-knows", b"met, 4, 4", "met, 4, 4"),
        ("rot13", b"met, 4, 4", "met, 4, 4"),
        ("utf-8", b"met\x00, 4\x1b, 4", "met, 4, 4"),
    ],
)
def test_bad_encodings_are_read_as_far_as_they_go(to, charset: str, body: bytes, text: str) -> None:
    head = f"From: {SENDER}\r\nTo: {to}\r\nMessage-ID: <a@b>\r\n"
    kind = f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    mail = parse((head + kind).encode() + body)
    assert mail is not None
    assert mail.text == text


@pytest.mark.parametrize(
    "heads",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; owner-email=x"},
        {"Precedence": "bulk"},
        {"X_Autoreply": "yes"},
        {"X_Autorespond": "away"},
        {"List_Id": "<all.acme.example>"},
        {"Return_Path": "<>"},
        {"Subject": "Automatic reply: How did it go?"},
        {"Subject": "Abwesenheitsnotiz: How did it go?"},
        {"Subject": "Out of office"},
    ],
)
def test_automatic_replies_are_known(to: str, heads: dict[str, str]) -> None:
    assert read(message_to(to, "I am away. yes", **heads)).automatic


def test_a_person_s_own_reply_is_not_automatic(to: str) -> None:
    assert not read(message_to(to, ANSWER, Auto_Submitted="no")).automatic


def test_two_senders_are_none(to: str) -> None:
    raw = message_to(to, ANSWER).as_bytes()
    raw = raw.replace(b"From: ", b"From: mallory@else.example\r\nFrom: ", 1)
    mail = parse(raw)
    assert mail is None or mail.sender == ""


def test_what_a_calendar_answers_is_read(to: str) -> None:
    event = event_reply("a@b", "ACCEPTED", SEQUENCE="2", DTSTART="20260309T120000Z")
    mail = read(with_event(message_to(to, "Petra has accepted"), event))
    assert mail.event is not None
    assert (mail.event.uid, mail.event.partstat, mail.event.attendee) == ("a@b", "ACCEPTED", SENDER)
    assert (mail.event.sequence, mail.event.starts_at) == (2, datetime(2026, 3, 9, 12, tzinfo=UTC))


@pytest.mark.parametrize(
    "event",
    [
        event_reply("a@b", "ACCEPTED").replace("METHOD:REPLY", "METHOD:COUNTER"),
        event_reply("a@b", "ACCEPTED").replace("METHOD:REPLY\r\n", ""),
        event_reply("a@b", "ACCEPTED").replace("VEVENT", "VTODO"),
        event_reply("a@b", "ACCEPTED", SEQUENCE="x"),
        event_reply("a@b", "ACCEPTED", X="y" * 30_000),
        "BEGIN:VCALENDAR",
        "",
    ],
)
def test_other_calendar_parts_answer_nothing(to: str, event: str) -> None:
    assert read(with_event(message_to(to, "x"), event)).event is None


@pytest.mark.parametrize(
    "text",
    [
        "yes",
        "Yes!",
        "Yes, I'll be there.",
        "I’ll come",
        "Hi Cora,\nyes, see you then\n",
        "Count me in",
        "Ja, gerne!",
        "Hallo Cora,\nich komme. Viele Grüße",
        "Sí, cuenta conmigo",
        "Hola Cora,\nclaro que sí",
    ],
)
def test_a_plain_yes(text: str) -> None:
    assert yes_or_no(text) == YesNo(True)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("no", ""),
        ("I can’t", ""),
        ("Sorry, I can't make it.", ""),
        ("Hello all,\nI can't come, my son is ill", "my son is ill"),
        ("No, I cannot. Dentist at Nine", "Dentist at Nine"),
        ("Can't make it because of the strike", "because of the strike"),
        ("Nein", ""),
        ("Ich kann leider nicht, mein Sohn ist krank", "mein Sohn ist krank"),
        ("No puedo, tengo otra reunión", "tengo otra reunión"),
        ("Lo siento, no puedo ir.", ""),
    ],
)
def test_a_plain_no(text: str, reason: str) -> None:
    assert yes_or_no(text) == YesNo(False, reason)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ok",
        "yes and no",
        "yes, but later",
        "Yes, if we meet at ten",
        "yes?",
        "I can't wait!",
        "I can't, unless we move it",
        "I can't thank you enough",
        "No problem, I'll be there",
        "No, no problem",
        "I can't say yet",
        "I can't make it earlier",
        "I can't, no wait, yes",
        "unfortunately",
        "Will Petra come? yes",
        "Thanks",
        "Was the room booked. yes",
        "ja, aber später",
        "leider",
        "si puedo, voy",
        "no puedo, salvo que empecemos más tarde",
    ],
)
def test_what_is_not_plain_is_no_answer(text: str) -> None:
    with pytest.raises(NotUnderstood):
        yes_or_no(text)


def mutated(raw: bytes, draw: random.Random) -> bytes:
    octets = bytearray(raw)
    for _change in range(draw.randint(1, 40)):
        at = draw.randrange(len(octets) or 1)
        match draw.randrange(4):
            case 0:
                octets[at : at + 1] = bytes([draw.randrange(256)])
            case 1:
                del octets[at : at + draw.randint(1, 60)]
            case 2:
                octets[at:at] = draw.randbytes(draw.randint(1, 20))
            case 3:
                start = draw.randrange(len(octets) or 1)
                octets[at:at] = octets[start : start + draw.randint(1, 200)]
    return bytes(octets)


def test_no_mutated_message_is_an_exception(to: str) -> None:
    draw = random.Random(11)
    event = event_reply("a@b", "ACCEPTED", SEQUENCE="2", DTSTART="20260309T120000Z")
    raws = [message_to(to, around.format(ANSWER)).as_bytes() for around in AROUND_TEXT.values()]
    raws += [message_to(to, html=html.format(ANSWER)).as_bytes() for html in AROUND_HTML.values()]
    raws += [with_event(message_to(to, "x", html="<p>x"), event).as_bytes()]
    for _n in range(2000):
        mail = parse(mutated(draw.choice(raws), draw))
        assert mail is None or mail.address.object_id == ROW
