"""How much reaches one person: collected, at most two nudges a week, a burst as one e-mail."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail

from core.common import clock
from core.common.ids import new_id
from core.members.models import Member
from core.notifications import operations
from core.notifications.dispatch import dispatch
from core.notifications.models import Email, Envelope
from core.notifications.operations import Draft, Link, enqueue_all
from core.notifications.pacing import DEFAULT, Hours
from core.notifications.queries import nudge_effects, quiet_hours_of
from core.tenancy.context import tenant
from tests.cast import Cast
from tests.core.notifications.build import CONTEXT, envelope_of, make_email, reloaded

HOLD = timedelta(seconds=90)
DAY = timedelta(days=1)
# all in Berlin, in winter: an hour ahead of these
THURSDAY = datetime(2026, 3, 5, 11, tzinfo=UTC)
THURSDAY_NIGHT = datetime(2026, 3, 5, 21, tzinfo=UTC)
FRIDAY_8 = datetime(2026, 3, 6, 7, tzinfo=UTC)
NUDGE = "feedback.check_in_reminder"
State = Envelope.State


@pytest.fixture(autouse=True)
def paced(settings) -> None:
    settings.NOTIFICATION_PACING = True
    settings.NOTIFICATION_HOLD = HOLD


def nudge(member: Member, at: datetime) -> Email:
    with clock.at(at):
        return make_email(member, kind=NUDGE, context={**CONTEXT, "until": "3 April"})


def choose(member: Member, hours: Hours = DEFAULT, **paces: str) -> None:
    with tenant(member.organisation):
        chosen = {kind.replace("__", "."): pace for kind, pace in paces.items()}
        operations.choose(member=member, hours=hours, paces=chosen, muted=())


def sent_at(moment: datetime) -> list[str]:
    """Send what is due then; return the subjects."""
    mail.outbox.clear()
    with clock.at(moment):
        dispatch()
    return [message.subject for message in mail.outbox]


def test_what_may_not_come_at_night_waits_for_the_morning(cast: Cast) -> None:
    with clock.at(THURSDAY_NIGHT):
        make_email(cast.petra)
        session = make_email(cast.petra, kind="sessions.reminder", context={"when": "x"})
        key = make_email(cast.pavel, kind="accounts.address_changed", context={})
    assert envelope_of(key).due_at == THURSDAY_NIGHT
    assert envelope_of(session).due_at == FRIDAY_8
    assert len(sent_at(THURSDAY_NIGHT + timedelta(hours=1))) == 1
    assert sent_at(FRIDAY_8 - timedelta(hours=1)) == ["How did it go with Circle Wye?"]
    assert len(sent_at(FRIDAY_8)) == 1


def test_by_the_clock_where_the_person_is(cast: Cast) -> None:
    with tenant(cast.acme):
        Member.objects.filter(pk=cast.petra.pk).update(time_zone="Asia/Kolkata")
        cast.petra.refresh_from_db()
    with clock.at(THURSDAY_NIGHT):  # half past two there
        email = make_email(cast.petra)
    assert envelope_of(email).due_at == datetime(2026, 3, 6, 1, 30, tzinfo=UTC)


def test_what_comes_too_late_for_the_evening_waits_also_where_the_mail_server_was_away(
    cast: Cast,
) -> None:
    evening = datetime(2026, 3, 5, 18, 30, tzinfo=UTC)
    with clock.at(evening):
        email = make_email(cast.petra)
    assert envelope_of(email).due_at == evening + HOLD
    assert sent_at(THURSDAY_NIGHT) == []
    envelope = envelope_of(email)
    assert (envelope.state, envelope.attempts, envelope.lease_until) == (State.DUE, 0, None)
    assert envelope.due_at == datetime(2026, 3, 6, 6, tzinfo=UTC)
    assert len(sent_at(FRIDAY_8)) == 1


def test_what_is_wanted_once_a_day_is_one_email_with_a_line_each_and_one_button(
    cast: Cast,
) -> None:
    choose(cast.petra, feedback__check_in="daily", feedback__survey="daily")
    with clock.at(THURSDAY):
        first = make_email(cast.petra)
    with clock.at(THURSDAY + timedelta(hours=5)):
        second = make_email(cast.petra, context={**CONTEXT, "who": "Ada & Ben"})
        at_once = make_email(cast.pavel)
    assert envelope_of(at_once).due_at == THURSDAY + timedelta(hours=5) + HOLD
    assert len(sent_at(THURSDAY + timedelta(hours=6))) == 1

    assert sent_at(FRIDAY_8) == ["Your day at Acme"]
    (message,) = mail.outbox
    for line in ("How did it go with Circle Wye?", "How did it go with Ada & Ben?", "/l/check-in/"):
        assert line in message.body
    html = message.alternatives[0][0]
    assert html.count("display:inline-block") == 1
    assert [reloaded(email).sent_at for email in (first, second)] == [FRIDAY_8] * 2
    assert sent_at(FRIDAY_8 + DAY) == []


def test_once_a_week_is_monday_morning(cast: Cast) -> None:
    choose(cast.petra, feedback__check_in="weekly")
    with clock.at(THURSDAY):
        make_email(cast.petra)
    assert sent_at(FRIDAY_8 + 2 * DAY) == []
    assert sent_at(FRIDAY_8 + 3 * DAY) == ["Your week at Acme"]


def test_a_day_on_which_all_was_taken_back_brings_nothing(cast: Cast) -> None:
    choose(cast.petra, feedback__check_in="daily")
    with clock.at(THURSDAY):
        email = make_email(cast.petra)
        with tenant(cast.acme):
            operations.withdraw(about=email.about_id)
    assert sent_at(FRIDAY_8) == []
    assert set(Envelope.objects.values_list("state", flat=True)) == {State.WITHDRAWN}


def test_what_waits_follows_a_new_choice(cast: Cast) -> None:
    choose(cast.petra, feedback__check_in="weekly")
    with clock.at(THURSDAY):
        emails = [make_email(cast.petra), make_email(cast.petra)]
        choose(cast.petra, feedback__check_in="at_once")
        assert [envelope_of(email).due_at for email in emails] == [THURSDAY + HOLD] * 2
        with tenant(cast.acme):
            assert not Email.objects.filter(kind="notifications.digest").exists()
        choose(cast.petra, feedback__check_in="daily")
    assert sent_at(FRIDAY_8) == ["Your day at Acme"]


def test_own_quiet_hours_are_kept_and_nobody_paces_a_move(cast: Cast) -> None:
    choose(cast.petra, Hours(11, 15, weekends=False))
    with clock.at(THURSDAY):  # noon
        email = make_email(cast.petra)
    assert envelope_of(email).due_at == datetime(2026, 3, 5, 14, tzinfo=UTC)
    saturday = nudge(cast.petra, THURSDAY - timedelta(hours=3) + 2 * DAY)
    assert envelope_of(saturday).due_at == THURSDAY - timedelta(hours=3) + 2 * DAY + HOLD
    with tenant(cast.acme):
        assert quiet_hours_of(cast.petra) == Hours(11, 15, weekends=False)
        with pytest.raises(ValueError, match="a time of its own"):
            operations.choose(
                member=cast.petra, hours=DEFAULT, paces={"sessions.changed": "daily"}, muted=()
            )
        with pytest.raises(ValueError, match="cannot be turned off"):
            operations.mute(member=cast.petra, kind="sessions.changed", channel="email")


def test_the_third_nudge_of_a_week_goes_to_the_coordinator_instead(cast: Cast) -> None:
    first, second = nudge(cast.petra, THURSDAY), nudge(cast.petra, THURSDAY + 2 * HOLD)
    assert envelope_of(second).due_at == THURSDAY + HOLD  # it joins what still waits
    assert len(sent_at(THURSDAY + 2 * HOLD)) == 1
    nudge(cast.petra, THURSDAY + DAY)
    assert len(sent_at(THURSDAY + DAY + HOLD)) == 1

    third = nudge(cast.petra, THURSDAY + 5 * DAY)
    assert not Envelope.objects.filter(email_id=third.pk).exists()
    assert reloaded(third).escalated_at == THURSDAY + 5 * DAY
    other = nudge(cast.pavel, THURSDAY + 5 * DAY)  # each person by themselves
    assert envelope_of(other).due_at == THURSDAY + 5 * DAY + HOLD
    fourth = nudge(cast.petra, THURSDAY + 8 * DAY)  # a week after the first
    assert envelope_of(fourth).due_at > THURSDAY + 8 * DAY
    assert reloaded(first).escalated_at is None


def test_nudges_of_several_programs_in_one_go_are_one_email(cast: Cast) -> None:
    drafts = [
        Draft(cast.petra, NUDGE, f"n{n}", Link(), context={**CONTEXT, "until": "x"}, about=new_id())
        for n in range(4)
    ]
    with clock.at(THURSDAY), tenant(cast.acme):
        assert len(enqueue_all(drafts)) == 4
    assert len(sent_at(THURSDAY + HOLD)) == 1
    with tenant(cast.acme):
        assert not Email.objects.exclude(escalated_at=None).exists()


def test_nobody_is_reminded_of_what_they_have_not_been_asked_yet(cast: Cast) -> None:
    choose(cast.petra, feedback__check_in="weekly")
    with clock.at(THURSDAY):
        question = make_email(cast.petra)
        again = make_email(
            cast.petra,
            kind=NUDGE,
            context={**CONTEXT, "until": "x"},
            about=question.about_id,
            dedupe_key="again",
        )
    assert not Envelope.objects.filter(email_id=again.pk).exists()
    assert (reloaded(again).escalated_at, reloaded(again).withdrawn_at) == (None, THURSDAY)


def test_a_nudge_on_friday_night_waits_until_monday(cast: Cast) -> None:
    email = nudge(cast.petra, THURSDAY_NIGHT + DAY)
    assert envelope_of(email).due_at == datetime(2026, 3, 9, 6, tzinfo=UTC)


def test_what_asking_again_brought_is_counted(cast: Cast) -> None:
    emails = [nudge(member, THURSDAY) for member in (cast.petra, cast.pavel, cast.hugo)]
    late, unanswered, soon = emails
    sent_at(THURSDAY + HOLD)
    with tenant(cast.acme):
        about = [email.about_id for email in emails]
        with clock.at(THURSDAY + timedelta(hours=47)):
            operations.answered(about=soon.about_id)
            assert nudge_effects(about, at=clock.now()) == [(NUDGE, 1, 1)]
        with clock.at(THURSDAY + 3 * DAY):
            operations.answered(about=late.about_id, member=late.member)
            assert nudge_effects(about, at=clock.now()) == [(NUDGE, 1, 3)]
    assert reloaded(unanswered).answered_at is None


def test_more_than_three_at_once_become_one(cast: Cast) -> None:
    with clock.at(THURSDAY):
        three = [make_email(cast.petra) for _ in range(3)]
    assert len({envelope_of(email).bundle_id for email in three}) == 1  # none yet
    assert envelope_of(three[0]).bundle_id is None
    with clock.at(THURSDAY + HOLD / 3):
        rest = [make_email(cast.petra) for _ in range(3)]
        make_email(cast.pavel)
    assert sent_at(THURSDAY + HOLD) == ["Several things are new at Acme"]
    assert mail.outbox[0].body.count("How did it go with Circle Wye?") == 6
    assert {reloaded(email).sent_at for email in [*three, *rest]} == {THURSDAY + HOLD}
    assert sent_at(THURSDAY + 2 * HOLD) == ["How did it go with Circle Wye?"]


def test_what_one_act_says_at_night_goes_as_one_in_the_morning(cast: Cast) -> None:
    cause = new_id()
    parted = {"partnership": "Ada & Ben", "program": "Leading Circles"}
    with clock.at(THURSDAY_NIGHT):
        make_email(cast.petra, kind="pairing.parted", link=Link(), context=parted, cause=cause)
    with clock.at(THURSDAY_NIGHT + HOLD / 3):
        off = {"partnership": "Ada & Ben", "why": "ended", "dates": []}
        make_email(cast.petra, kind="sessions.called_off", link=Link(), context=off, cause=cause)
    assert sent_at(FRIDAY_8 - timedelta(hours=1)) == []
    assert sent_at(FRIDAY_8) == ["Ada & Ben has ended"]
