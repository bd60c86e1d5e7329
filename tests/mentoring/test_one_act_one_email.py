"""One act is one e-mail to each person, whatever rooms have something to say of it.

Each act is done as its page does it; then everything that follows by itself is let follow.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from core.accounts.operations import people
from core.common import clock
from core.tenancy.context import tenant
from pairing.models.partnerships import Partnership, Seat
from pairing.partnerships.operations import repairing
from pairing.seating import operations as seating
from programs.models.programs import Cohort, Enrolment, Program
from programs.operations import cohorts, enrolments, pauses
from sessions.attendance.operations import recording
from sessions.models.sessions import Session
from tests.cast import Cast, make_member
from tests.pairing import build
from tests.sessions.build import everyone, let_emails_go
from tests.work import catch_up

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
HOLD = timedelta(seconds=90)
ASH = ("Ada", "Ben", "Cleo", "Dan")
BEECH = ("Eva", "Finn", "Gus")


@pytest.fixture(autouse=True)
def hold(settings) -> None:
    settings.NOTIFICATION_HOLD = HOLD


@dataclass
class House:
    """Two circles of one cohort; and in another a mentor of two."""

    cast: Cast
    circles: Cohort
    mentoring: Cohort
    ash: Partnership
    beech: Partnership
    pairs: tuple[Partnership, Partnership]

    def seat(self, partnership: Partnership, name: str) -> Seat:
        rows = Seat.objects.select_related(
            "partnership__organisation",
            "partnership__cohort__program",
            "enrolment__member",
            "enrolment__cohort__program",
        )
        return rows.get(partnership=partnership, enrolment__member__given_name=name, left_at=None)

    def enrolment(self, name: str) -> Enrolment:
        return Enrolment.objects.for_list().get(member__given_name=name)


def let_follow(at: datetime) -> None:
    with clock.at(at):
        catch_up()
    with clock.at(at + HOLD):
        catch_up()


@pytest.fixture
def house(cast: Cast) -> House:
    with clock.at(NOON):
        circles = build.make_cohort(cast.acme, "leadership-circles", name="Circles")
        mentoring = build.make_cohort(cast.acme, name="Mentoring")
        members = {
            name: make_member(cast.acme, name) for name in (*ASH, *BEECH, "Mo", "Pia", "Tom")
        }
        ash = build.make_partnership(circles, *(members[n] for n in ASH), name="Circle Ash")
        beech = build.make_partnership(circles, *(members[n] for n in BEECH), name="Circle Beech")
        with tenant(cast.acme):
            build.enrol(mentoring, members["Mo"], "mentor", capacity=2)
        pairs = (
            build.make_partnership(mentoring, members["Mo"], members["Pia"]),
            build.make_partnership(mentoring, members["Mo"], members["Tom"]),
        )
        with tenant(cast.acme):
            for cohort in (circles, mentoring):
                cohorts.move_cohort(cohort=cohort, to="running", by=None, confirmed=True)
    let_follow(NOON)
    with tenant(cast.acme):
        rows = Partnership.objects.for_list().in_bulk([ash.pk, beech.pk, *(p.pk for p in pairs)])
        there = Cohort.objects.for_list().in_bulk([circles.pk, mentoring.pk])
    return House(
        cast,
        there[circles.pk],
        there[mentoring.pk],
        rows[ash.pk],
        rows[beech.pk],
        (rows[pairs[0].pk], rows[pairs[1].pk]),
    )


def in_order(subject: str) -> str:
    """Two pairs of one instant are in no order."""
    return subject.replace("Zoe Acme, Xenia Acme", "Xenia Acme, Zoe Acme")


def methods(message: mail.EmailMessage) -> str:
    texts = [str(part[1]) for part in message.attachments]
    named = {m for text in texts for m in re.findall(r"METHOD:(\w+)", text)}
    # Which turns move is drawn, and how many: one meeting is a REQUEST, several a PUBLISH.
    return " ".join(sorted({ON if method == "REQUEST" else method for method in named}))


def end_a_pair(house: House) -> None:
    repairing.end_early(partnership=house.pairs[0], reason="fit", by=house.cast.cora)


def part_ways(house: House) -> None:
    pia = house.enrolment("Pia").member
    repairing.part_ways(partnership=house.pairs[0], by=pia, cause="time")


def leave_a_circle(house: House) -> None:
    ada = house.enrolment("Ada").member
    repairing.part_ways(partnership=house.ash, by=ada, cause="time")


def withdraw(house: House) -> None:
    enrolments.withdraw(enrolment=house.enrolment("Mo"), by=house.cast.cora, reason="work")


def leave_the_organisation(house: House) -> None:
    people.mark_left(member=house.enrolment("Ada").member, by=house.cast.olga)


def move(house: House) -> None:
    seating.move_person(seat=house.seat(house.ash, "Ada"), to=house.beech, by=house.cast.cora)


def join(house: House) -> None:
    seating.join_circles(kept=house.ash, joining=house.beech, by=house.cast.cora)


def pause_a_circle(house: House) -> None:
    until = (NOON + timedelta(days=60)).date()
    repairing.pause_partnership(partnership=house.ash, by=house.cast.cora, until=until)


def pause_a_person(house: House) -> None:
    until = (NOON + timedelta(days=60)).date()
    mo = house.enrolment("Mo")
    pauses.pause_enrolment(enrolment=mo, until=until, by=mo.member)


def close_the_circles(house: House) -> None:
    close(house.circles, house)


def close_the_mentoring(house: House) -> None:
    close(house.mentoring, house)


def close(cohort: Cohort, house: House) -> None:
    cohorts.move_cohort(
        cohort=Cohort.objects.for_list().get(pk=cohort.pk),
        to="closed",
        by=house.cast.cora,
        confirmed=True,
    )


def call_off(house: House) -> None:
    Cohort.objects.filter(pk=house.mentoring.pk).update(phase="matching")  # published, not begun
    cohort = Cohort.objects.for_list().get(pk=house.mentoring.pk)
    words = "The budget is gone."
    cohorts.move_cohort(
        cohort=cohort, to="called_off", by=house.cast.cora, confirmed=True, words=words
    )


def seat_somebody(house: House) -> None:
    newcomer = build.person(house.circles, "Xenia", "peer")
    seating.seat_person(partnership=house.ash, enrolment=newcomer, by=house.cast.cora)


def take_out(house: House) -> None:
    seating.take_out(seat=house.seat(house.ash, "Ada"), by=house.cast.cora)


def pair_by_hand(house: House) -> None:
    seeker = build.person(house.mentoring, "Xenia", "mentee")
    offerer = build.person(house.mentoring, "Yuri", "mentor")
    seating.pair_up(seeker=seeker, offerer=offerer, by=house.cast.cora)


def complete(house: House) -> None:
    """Both of the mentor's partnerships come to their last day, with enough sessions held."""
    for pair in house.pairs:
        Program.objects.filter(cohorts=pair.cohort_id).update(sessions_agreed=1)
        first = Session.objects.filter(partnership=pair).earliest("starts_at")
        Session.objects.filter(pk=first.pk).update(starts_at=NOON, day=NOON.date())
        first.refresh_from_db()
        recording.record_session(session=first, attendance=everyone(first), by=None)
        let_emails_go()
        Partnership.objects.filter(pk=pair.pk).update(ends_on=NOON.date() - timedelta(days=1))


def publish(house: House) -> None:
    cohort = build.make_cohort(house.cast.acme, name="Third")
    for name, part, capacity in (
        ("Xenia", "mentee", 1),
        ("Yuri", "mentor", 2),
        ("Zoe", "mentee", 1),
    ):
        build.person(cohort, name, part, capacity=capacity)
    build.publish(build.make_run(cohort, house.cast.cora), house.cast.cora)


Act = Callable[[House], None]
OFF, ON, BOTH, NONE = "CANCEL", "PUBLISH", "CANCEL PUBLISH", ""
IF_TURNS_MOVE = "PUBLISH or nothing"
ACTS: list[tuple[Act, dict[str, tuple[str, str]]]] = [
    (
        publish,
        dict.fromkeys(("Xenia", "Zoe"), ("You are working with Yuri Acme", ON))
        | {"Yuri": ("You are working with Xenia Acme, Zoe Acme", ON)},
    ),
    (
        pair_by_hand,
        {
            "Xenia": ("You are working with Yuri Acme", ON),
            "Yuri": ("You are working with Xenia Acme", ON),
        },
    ),
    (
        seat_somebody,
        dict.fromkeys(ASH, ("Xenia Acme joins Circle Ash", IF_TURNS_MOVE))
        | {"Xenia": ("Your circle is Circle Ash", ON)},
    ),
    (end_a_pair, dict.fromkeys(("Mo", "Pia"), ("Mo & Pia has ended", OFF))),
    (part_ways, dict.fromkeys(("Mo", "Pia"), ("Mo & Pia has ended", OFF))),
    (
        leave_a_circle,
        dict.fromkeys(ASH, ("Ada Acme has left Circle Ash", ON))
        | {"Ada": ("You have left Circle Ash", OFF)},
    ),
    (
        take_out,
        dict.fromkeys(ASH, ("Ada Acme has left Circle Ash", ON))
        | {"Ada": ("You have left Circle Ash", OFF)},
    ),
    (
        withdraw,
        {
            "Mo": ("You are no longer in Program 2", OFF),
            "Pia": ("Mo & Pia has ended", OFF),
            "Tom": ("Mo & Tom has ended", OFF),
        },
    ),
    (leave_the_organisation, dict.fromkeys(ASH[1:], ("Ada Acme has left Circle Ash", ON))),
    (
        move,
        dict.fromkeys(ASH, ("Ada Acme has left Circle Ash", ON))
        | dict.fromkeys(BEECH, ("Ada Acme joins Circle Beech", IF_TURNS_MOVE))
        | {"Ada": ("Your circle is Circle Beech", BOTH)},
    ),
    (
        join,
        dict.fromkeys(ASH, ("3 people join Circle Ash", ON))
        | dict.fromkeys(BEECH, ("Your circle is Circle Ash", BOTH)),
    ),
    (pause_a_circle, dict.fromkeys(ASH, ("Circle Ash is paused for a while", OFF))),
    (
        pause_a_person,
        {
            "Mo": ("Program 2: paused until 1 May 2026", OFF),
            "Pia": ("Mo & Pia is paused for a while", OFF),
            "Tom": ("Mo & Tom is paused for a while", OFF),
        },
    ),
    (call_off, dict.fromkeys(("Mo", "Pia", "Tom"), ("Program 2 does not take place", OFF))),
    (close_the_circles, dict.fromkeys(ASH + BEECH, ("Program 1: this cohort is over", OFF))),
    (
        close_the_mentoring,
        dict.fromkeys(("Mo", "Pia", "Tom"), ("Program 2: this cohort is over", OFF)),
    ),
    (complete, dict.fromkeys(("Mo", "Pia", "Tom"), ("You have completed Program 2", OFF))),
]


@pytest.mark.slow
@pytest.mark.parametrize(("act", "told"), ACTS, ids=[act.__name__ for act, _told in ACTS])
def test_an_act_is_one_email_to_each_person(
    house: House, act: Act, told: dict[str, tuple[str, str]]
) -> None:
    later = NOON + timedelta(hours=1)
    if "close" in act.__name__:
        with clock.at(NOON), tenant(house.cast.acme):
            for cohort in (house.circles, house.mentoring):
                cohorts.move_cohort(cohort=cohort, to="closing", by=None, confirmed=True)
        let_follow(NOON)
    mail.outbox.clear()
    with clock.at(later), tenant(house.cast.acme):
        act(house)
    let_follow(later)
    sent = []
    for message in mail.outbox:
        name, brought = message.to[0].partition("@")[0].capitalize(), methods(message)
        if told.get(name, ("", ""))[1] == IF_TURNS_MOVE and brought in {"", ON}:
            brought = IF_TURNS_MOVE
        sent.append((name, in_order(message.subject), brought))
    assert sorted(sent) == sorted((name, *expected) for name, expected in told.items())


@pytest.mark.slow
def test_the_end_of_a_rest_is_one_email_to_each_person(house: House) -> None:
    with clock.at(NOON), tenant(house.cast.acme):
        pause_a_circle(house)
    let_follow(NOON)
    mail.outbox.clear()
    later = NOON + timedelta(hours=1)
    with clock.at(later), tenant(house.cast.acme):
        repairing.resume_partnership(partnership=house.ash, by=house.cast.cora)
    let_follow(later)
    told = sorted((message.subject, methods(message)) for message in mail.outbox)
    assert told == [("Circle Ash goes on", ON)] * len(ASH)
