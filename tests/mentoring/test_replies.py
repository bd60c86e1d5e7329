"""Answers by e-mail, from the door to what they change: check-ins, sessions, turns, calendars."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta
from email.message import EmailMessage
from itertools import count
from typing import Any

import pytest
from django.core import mail
from icalendar import Calendar

from core.common import clock
from core.common.ids import new_id
from core.members.models import Member
from core.notifications.channels.email import mail_of, token_of
from core.notifications.dispatch import dispatch
from core.notifications.inbound import door
from core.notifications.inbound.addresses import Purpose, reply_address
from core.notifications.inbound.phrases import NotUnderstood
from core.notifications.models import Email, InboundMessage
from core.notifications.pruning import empty_old_emails
from core.notifications.queries import answer_counts
from core.tenancy.context import tenant
from core.tenancy.queries import settings_in_force
from feedback.models.check_ins import CheckIn, CheckInNote
from feedback.surveys import check_in as check_ins
from feedback.surveys.by_email import CheckInReply, understand
from sessions.attendance.emails import remind_of_sessions
from sessions.attendance.operations import replies
from sessions.calendar import emails as calendar_emails
from sessions.calendar.events import Entry, events_of
from sessions.models.offers import TurnOffer
from sessions.models.replies import AbsenceNote, PartStat, Rsvp
from sessions.models.sessions import Absence, Session, Turn
from sessions.planning.operations import changes
from tests.cast import Cast, sign_in
from tests.core.notifications.messages import (
    AROUND_TEXT,
    event_reply,
    message_to,
    with_event,
)
from tests.feedback.build import (
    AFTER_ONE_PERIOD,
    make_check_in,
    make_cohort,
    make_partnership,
)
from tests.sessions.conftest import Circle, circle, noon  # noqa: F401  its people and their season

READ, UNREAD, FORWARDED = (
    f"notifications.reply_{name}" for name in ("read", "unread", "forwarded")
)
_numbers = count(1)


@pytest.fixture(autouse=True)
def _domain(settings) -> None:
    settings.INBOUND_DOMAIN = "in.roundtable.example"


def email_to(member: Member, kind: str) -> Email:
    with tenant(member.organisation):
        rows = Email.objects.select_related("member", "organisation")
        return rows.filter(member=member, kind=kind).latest("created_at")


def told(cast: Cast, kind: str) -> list[Email]:
    with tenant(cast.acme):
        rows = Email.objects.filter(kind=kind).select_related("member", "organisation")
        return list(rows.order_by("created_at"))


def key_of(email: Email) -> str:
    with tenant(email.organisation):
        return reply_address(Purpose.EMAIL, email.pk)


def answer(email: Email, text: str, **parts: Any) -> str:
    parts.setdefault("sender", email.member.email)
    return door.take(message_to(key_of(email), text, **parts).as_bytes())


@pytest.fixture
def asked(cast: Cast) -> Email:
    """Petra is asked for a check-in."""
    (seat, _other) = make_partnership(make_cohort(cast.acme), cast.petra, cast.pavel)
    with clock.at(AFTER_ONE_PERIOD):
        make_check_in(seat)
    return email_to(cast.petra, "feedback.check_in")


@pytest.fixture
def _then(asked: Email):
    with clock.at(AFTER_ONE_PERIOD + timedelta(hours=1)):
        yield


def check_in_of(email: Email) -> tuple[Any, ...]:
    with tenant(email.organisation, member=email.member_id):
        row = CheckIn.objects.get(pk=email.about_id)
        note = CheckInNote.objects.filter(check_in=row).first()
        words = note.text if note else ""
        return row.met, row.mood, row.progress, row.blocker, row.coordinator_sees, words


OPEN = (None, None, None, "", True, "")


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("met, 4, 4, blocked by holidays", (True, 4, 4, "other", "holidays")),
        ("Met 4 3", (True, 4, 3, "none", "")),
        ("We met, 5/5, 3/5.", (True, 5, 3, "none", "")),
        ("yes, met, 2, 1, no time", (True, 2, 1, "time", "")),
        ("met\n4\n4\nthe fit", (True, 4, 4, "fit", "")),
        ("met, 4,4, nothing", (True, 4, 4, "none", "")),
        ("Hi Cora,\nmet; 4; 4; blocked by: My new Job.", (True, 4, 4, "other", "My new Job")),
        ("not met, 3", (False, 3, None, "none", "")),
        ("No, we haven’t met, 2, time", (False, 2, None, "time", "")),
        ("getroffen, 4, 3, behindert durch Urlaub", (True, 4, 3, "other", "Urlaub")),
        ("Nein, nicht getroffen, 2, keine Zeit", (False, 2, None, "time", "")),
        ("Nos vimos, 5, 4", (True, 5, 4, "none", "")),
        ("no nos vimos, 2, bloqueado por vacaciones", (False, 2, None, "other", "vacaciones")),
    ],
)
def test_a_check_in_is_understood(text: str, reply: tuple[Any, ...]) -> None:
    assert understand(text) == CheckInReply(*reply)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "met",
        "not met",
        "met, 4",
        "met, 4, 6",
        "met, 0, 4",
        "met, 44, 4",
        "met, 4.5, 3",
        "met, 4,5, 3",
        "met, 4, 4%",
        "met, 4/10, 4/10",
        "met, 4, 4, not really",
        "met, 4, 4, holidays",
        "met or not met, 4, 4",
        "we almost met, 4, 4",
        "not met, 3, 4",
        "yes",
        "4, 4",
        "It went well. met, 4, 4",
    ],
)
def test_what_is_not_plainly_a_check_in_is_none(text: str) -> None:
    with pytest.raises(NotUnderstood):
        understand(text)


@pytest.mark.slow
@pytest.mark.usefixtures("_then")
@pytest.mark.parametrize("program", AROUND_TEXT)
def test_a_check_in_is_answered_from_any_program(cast, asked: Email, program: str) -> None:
    text = AROUND_TEXT[program].format("met, 4, 5, blocked by holidays")
    assert answer(asked, text) == "read"
    # nobody has agreed by e-mail that a coordinator sees the numbers
    assert check_in_of(asked) == (True, 4, 5, "other", False, "holidays")
    (noted,) = told(cast, READ)
    assert noted.member == cast.petra
    assert noted.context["understood"].splitlines() == [
        "You met.",
        "How it was for you: 4 of 5",
        "How far it moved you forward: 5 of 5",
        "In the way: holidays",
        "Your coordinator sees that you answered and whether you met, no more.",
    ]


@pytest.mark.usefixtures("_then")
def test_what_was_chosen_on_the_page_stands(cast, asked: Email) -> None:
    with tenant(cast.acme, member=cast.petra.pk):
        check_ins.answer_check_in(
            check_in=CheckIn.objects.for_list().get(pk=asked.about_id),
            by=cast.petra,
            met=True,
            mood=1,
            progress=1,
            blocker="other",
            note="Hard to say",
        )
    assert answer(asked, "met, 4, 5") == "read"
    assert check_in_of(asked) == (True, 4, 5, "none", True, "Hard to say")


@pytest.mark.usefixtures("_then")
def test_an_email_that_can_be_answered_says_so_and_how(cast, asked: Email, settings) -> None:
    with tenant(cast.acme):
        written = mail_of(asked, settings_in_force())
    assert written.reply_to == [key_of(asked)]
    assert "Or answer this e-mail: write “met” or “not met”" in written.body
    assert "Or answer this e-mail: write “met” or “not met”" in str(written.alternatives[0][0])
    settings.INBOUND_DOMAIN = ""
    with tenant(cast.acme):
        written = mail_of(asked, settings_in_force())
    assert written.reply_to == [cast.cora.email]
    assert "answer this e-mail" not in written.body


@pytest.mark.usefixtures("_then")
def test_the_same_message_counts_once(cast, asked: Email) -> None:
    raw = message_to(key_of(asked), "met, 4, 4").as_bytes()
    assert [door.take(raw), door.take(raw)] == ["read", "repeated"]
    assert len(told(cast, READ)) == 1


@pytest.mark.usefixtures("_then")
def test_what_cannot_be_read_goes_to_the_coordinator_and_its_sender_is_told_once(
    cast, asked: Email
) -> None:
    for text in ("We could not agree *at all*.\nCan you help?", "Hello? 3"):
        assert answer(asked, text) == "forwarded"
    assert check_in_of(asked) == OPEN
    # both were sent at one instant
    _second, first = sorted(told(cast, FORWARDED), key=lambda email: email.context["words"])
    assert (first.member, first.context["words"]) == (
        cast.cora,
        "We could not agree *at all*.\nCan you help?",
    )
    (unread,) = told(cast, UNREAD)
    assert (unread.member, unread.context["went_to"]) == (cast.petra, "Cora Acme")
    dispatch()
    sent = {message.subject: message for message in reversed(mail.outbox)}
    forwarded = sent["Petra Acme writes: Have you met with Pavel yet?"]
    assert forwarded.reply_to == [cast.petra.email]
    assert "We could not agree *at all*.\nCan you help?" in forwarded.body
    kind = sent["We could not use your answer: Have you met with Pavel yet?"]
    assert "Cora Acme has it now." in kind.body
    assert "What it can read: write “met” or “not met”" in kind.body


@pytest.mark.usefixtures("_then")
@pytest.mark.parametrize("sender", ["mallory@else.example", "pavel@acme.example", ""])
def test_a_forged_sender_changes_nothing_and_the_owner_of_the_key_hears_of_it(
    cast, asked: Email, sender: str
) -> None:
    for _twice in range(2):
        assert answer(asked, "met, 4, 4", sender=sender) == "foreign"
    assert check_in_of(asked) == OPEN
    (unread,) = told(cast, UNREAD)
    assert (unread.member, unread.context["foreign"]) == (cast.petra, True)
    assert told(cast, FORWARDED) == []


@pytest.mark.usefixtures("_then")
def test_nothing_answers_a_program(cast, asked: Email) -> None:
    for heads in ({"Auto_Submitted": "auto-replied"}, {"Subject": "Automatic reply: away"}):
        assert answer(asked, "met, 4, 4", **heads) == "automatic"
    own = {"Message_ID": f"<{token_of(asked.pk)}@roundtable.example>"}
    assert answer(asked, "met, 4, 4", **own) == "ignored"
    assert answer(asked, "met, 4, 4", sender="roundtable@roundtable.example") == "ignored"
    assert answer(asked, "met, 4, 4", sender=key_of(asked)) == "ignored"
    assert check_in_of(asked) == OPEN
    assert told(cast, UNREAD) + told(cast, FORWARDED) + told(cast, READ) == []


@pytest.mark.usefixtures("_then")
def test_a_key_is_good_for_twenty_messages_a_day(cast, asked: Email) -> None:
    came = Counter(answer(asked, f"Hello {n}") for n in range(25))
    assert came == {"forwarded": 20, "ignored": 5}
    with clock.at(clock.now() + timedelta(days=1, minutes=1)):
        assert answer(asked, "met, 4, 4") == "read"


@pytest.mark.slow
def test_what_comes_too_late_is_said_and_not_kept(cast, asked: Email) -> None:
    with clock.at(AFTER_ONE_PERIOD + timedelta(days=20)):
        assert answer(asked, "met, 4, 4") == "refused"
        (unread,) = told(cast, UNREAD)
    assert unread.context["why"].startswith("This check-in is closed")
    assert check_in_of(asked) == OPEN


@pytest.mark.usefixtures("_then")
def test_keys_of_who_has_left_or_of_nothing_open_nothing(cast, asked: Email) -> None:
    with tenant(cast.acme):
        gone = reply_address(Purpose.EMAIL, new_id())
        nobody = reply_address(Purpose.CALENDAR, new_id())
    for to in (gone, nobody, "roundtable@roundtable.example"):
        assert door.take(message_to(to, "met, 4, 4").as_bytes()) == "ignored"
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.petra.pk).update(state=Member.State.LEFT, left_at=clock.now())
    assert answer(asked, "met, 4, 4") == "ignored"
    assert check_in_of(asked) == OPEN


@pytest.mark.usefixtures("_then")
def test_an_owner_sees_what_came_of_answers(cast, asked: Email) -> None:
    page = "/o/acme/settings/emails/"
    assert "Answers by e-mail" not in sign_in(cast.olga).get(page).content.decode()
    for text in ("met, 4, 4", "met, 4, 3", "Hello?"):
        answer(asked, text)
    answer(asked, "met, 1, 1", sender="mallory@else.example")
    counts = sign_in(cast.olga).get(page).context["answers"]
    assert [(row.number, str(row.words)) for row in counts] == [
        (2, "were read"),
        (1, "went on to a coordinator"),
        (1, "came from another address, and were not followed"),
    ]
    with clock.at(clock.now() + timedelta(days=31)), tenant(cast.acme):
        assert answer_counts(cast.olga, at=clock.now()) == []
        assert InboundMessage.objects.visible_to(cast.olga).count() == 4
        assert InboundMessage.objects.visible_to(cast.cora).count() == 0
    with clock.at(clock.now() + timedelta(days=91)):
        empty_old_emails()
    with tenant(cast.acme):
        assert not InboundMessage.objects.exists()


# ── whether somebody comes ──────────────────────────────────────────────────────────────


@pytest.fixture
def reminded(cast: Cast, circle: Circle) -> Email:  # noqa: F811  a fixture
    """Petra is reminded of the first session that is to come."""
    session = circle.sessions[0]
    with clock.at(session.starts_at - timedelta(hours=20)), tenant(cast.acme):
        remind_of_sessions(at=clock.now())
    return email_to(cast.petra, "sessions.reminder")


def said(session_id: Any, member: Member) -> tuple[int, int, list[str]]:
    with tenant(member.organisation, member=member.pk):
        theirs = {"session": session_id, "seat__enrolment__member": member}
        notes = AbsenceNote.objects.filter(**theirs).values_list("text", flat=True)
        came, away = Rsvp.objects.filter(**theirs), Absence.objects.filter(**theirs)
        return came.count(), away.count(), list(notes)


def before(email: Email) -> Any:
    return clock.at(email.created_at + timedelta(minutes=5))


def test_yes_and_i_cannot_to_the_reminder(cast, reminded: Email) -> None:
    with before(reminded):
        assert answer(reminded, "Yes, I'll be there!") == "read"
        assert said(reminded.about_id, cast.petra) == (1, 0, [])
        assert answer(reminded, "Sorry, I can’t make it, my Son is ill") == "read"
        assert said(reminded.about_id, cast.petra) == (0, 1, ["my Son is ill"])
        assert answer(reminded, "ok, if we begin later") == "forwarded"
        assert said(reminded.about_id, cast.petra) == (0, 1, ["my Son is ill"])
    assert {email.context["understood"] for email in told(cast, READ)} == {
        "You will be there.",
        "You cannot come. Your partners read: my Son is ill",
    }


def test_an_answer_to_a_time_that_is_no_more_is_not_one_to_the_new(cast, reminded: Email) -> None:
    with before(reminded):
        dispatch()
        with tenant(cast.acme):
            session = Session.objects.for_list().get(pk=reminded.about_id)
            changes.reschedule(
                session=session, starts_at=session.starts_at + timedelta(days=1), by=cast.cora
            )
        with clock.at(clock.now() + timedelta(minutes=1)):
            assert answer(reminded, "yes") == "refused"
            assert said(session.pk, cast.petra) == (0, 0, [])
            changed = email_to(cast.petra, "sessions.changed")
            assert answer(changed, "yes") == "read"
            assert said(session.pk, cast.petra) == (1, 0, [])


# ── what calendars answer ───────────────────────────────────────────────────────────────


def organizer(part: dict[str, str]) -> str:
    (event,) = Calendar.from_ical(part["text"]).walk("VEVENT")
    return str(event["ORGANIZER"]).removeprefix("mailto:")


@pytest.fixture
def moved(cast: Cast, circle: Circle) -> Session:  # noqa: F811  a fixture
    dispatch()  # the season is known
    with tenant(cast.acme):
        session = circle.sessions[1]
        changes.reschedule(
            session=session, starts_at=session.starts_at + timedelta(hours=1), by=cast.cora
        )
        session.refresh_from_db()
    return session


def by_calendar(cast: Cast, session: Session, partstat: str, **lines: Any) -> str:
    part = email_to(cast.petra, "sessions.changed").calendar[0]
    (event,) = Calendar.from_ical(part["text"]).walk("VEVENT")
    lines = {"SEQUENCE": event["SEQUENCE"], "DTSTART": event["DTSTART"].to_ical().decode()} | lines
    sender = lines.pop("sender", cast.petra.email)
    attendee = lines.pop("attendee", cast.petra.email)
    reply = event_reply(str(event["UID"]), partstat, attendee=attendee, **lines)
    # Google says that it has written it, which it has
    message: EmailMessage = message_to(
        organizer(part), "Petra has answered", sender=sender, Auto_Submitted="auto-generated"
    )
    return door.take(with_event(message, reply).as_bytes())


def test_a_calendar_s_accept_decline_and_tentative_are_answers(cast, moved: Session) -> None:
    for partstat, expected in [
        (PartStat.ACCEPTED, (1, 0, [])),
        (PartStat.TENTATIVE, (0, 0, [])),
        (PartStat.ACCEPTED, (1, 0, [])),
        (PartStat.DECLINED, (0, 1, [])),
        (PartStat.DECLINED, (0, 1, [])),
        (PartStat.TENTATIVE, (0, 1, [])),  # others count on the no
        (PartStat.ACCEPTED, (1, 0, [])),
    ]:
        assert by_calendar(cast, moved, partstat) == "read"
        assert said(moved.pk, cast.petra) == expected
    assert told(cast, READ) + told(cast, UNREAD) + told(cast, FORWARDED) == []


@pytest.mark.parametrize(
    ("parts", "outcome"),
    [
        ({"sender": "mallory@else.example"}, "foreign"),
        ({"attendee": "pavel@acme.example"}, "foreign"),
        ({"DTSTART": "20300101T000000Z"}, "refused"),  # it has moved since
        ({"DTSTART": "20300101", "SEQUENCE": "0"}, "refused"),
    ],
)
def test_another_s_answer_and_one_to_another_time_are_none(
    cast, moved: Session, parts: dict[str, str], outcome: str
) -> None:
    assert by_calendar(cast, moved, "ACCEPTED", **parts) == outcome
    assert said(moved.pk, cast.petra) == (0, 0, [])


def test_an_answer_to_no_time_counts_by_its_sequence(cast, moved: Session) -> None:
    floating = "20260309T130000"
    assert by_calendar(cast, moved, "ACCEPTED", DTSTART=floating) == "read"
    assert said(moved.pk, cast.petra) == (1, 0, [])
    assert by_calendar(cast, moved, "DELEGATED") == "unread"


def test_each_person_s_calendar_answers_to_an_address_of_its_own(cast, moved, settings) -> None:
    ours = [
        organizer(email_to(member, "sessions.changed").calendar[0])
        for member in (cast.petra, cast.pavel)
    ]
    assert len(set(ours)) == 2
    with tenant(cast.acme):
        others = Session.objects.for_list().filter(partnership=moved.partnership_id)[2:4]
        invitation = events_of(others, [cast.petra])
        season = invitation.bring(cast.petra, [Entry(session) for session in others])
    # the same for all their events
    assert {organizer(part.as_json()) for part in season} == {ours[0]}
    assert "RSVP=TRUE" in email_to(cast.petra, "sessions.changed").calendar[0]["text"].replace(
        "\r\n ", ""
    )
    settings.INBOUND_DOMAIN = ""
    with tenant(cast.acme):
        session = Session.objects.for_list().get(pk=moved.pk)
        (part,) = calendar_emails.standing_events(session=session, member=cast.petra)
    assert organizer(part.as_json()) == cast.cora.email
    assert "RSVP=FALSE" in part.text.replace("\r\n ", "")


# ── turns ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "outcome", "state"),
    [
        ("yes", "read", TurnOffer.State.ACCEPTED),
        ("No, sorry", "read", TurnOffer.State.DECLINED),
        ("Which role was it again?", "forwarded", TurnOffer.State.ASKED),
    ],
)
def test_a_turn_is_taken_or_not(cast, circle: Circle, text, outcome, state) -> None:  # noqa: F811  a fixture
    with tenant(cast.acme):
        turn = Turn.objects.select_related("seat__enrolment__member").get(
            session=circle.sessions[1], role__leads=True
        )
        replies.declare_absence(
            session=circle.sessions[1], seat=turn.seat, by=turn.seat.enrolment.member
        )
        offer = TurnOffer.objects.select_related("asked__enrolment__member").get()
        member = Member.objects.select_related("organisation").get(
            pk=offer.asked.enrolment.member_id
        )
    assert answer(email_to(member, "sessions.turn_asked"), text) == outcome
    with tenant(cast.acme):
        assert TurnOffer.objects.get(pk=offer.pk).state == state


# ── hostile ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.slow
@pytest.mark.usefixtures("_then")
def test_no_mutated_message_fails_or_answers_what_nobody_said(cast, asked: Email) -> None:
    """What is quoted, hidden in a file or wrapped says "met, 2, 2"; she has not."""
    draw = random.Random(5)
    around = [text.format("Could we talk?") for text in AROUND_TEXT.values()]
    for _n in range(200):
        message = message_to(key_of(asked), draw.choice(around))
        message.add_attachment("met, 2, 2", filename="a.txt")
        octets = bytearray(message.as_bytes())
        for _change in range(draw.randint(1, 6)):
            at = draw.randrange(len(octets))
            octets[at : at + draw.randint(0, 9)] = draw.randbytes(draw.randint(0, 9))
        door.take(bytes(octets))
        with tenant(cast.acme):
            InboundMessage.objects.update(about_id=new_id())  # so that the daily limit hides none
    assert check_in_of(asked) == OPEN
