"""The database's own wall around sessions, and the constraints that outlive every caller."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, models, transaction

from core.common.errors import violated
from core.tenancy.context import NoTenant, tenant
from sessions.attendance.operations import recording, replies
from sessions.calendar import operations as calendar_operations
from sessions.models.polls import PollAnswer, PollTime, TimePoll
from sessions.models.replies import AbsenceNote, CalendarFeed, Kit, Rsvp
from sessions.models.sessions import (
    Absence,
    Attendance,
    Retrospective,
    RetrospectiveLines,
    Session,
    Turn,
)
from sessions.page import operations
from sessions.planning.operations import polls
from tests.cast import Cast
from tests.sessions.build import NOON, hold_session, make_cohort, make_partnership, plan
from tests.sessions.conftest import Circle

FACTS = (Turn, Attendance, Absence, Rsvp, Kit, TimePoll, PollTime, PollAnswer)
WORDS = (Retrospective, AbsenceNote)
MODELS = (Session, *FACTS, *WORDS, CalendarFeed)


@pytest.fixture
def filled(cast: Cast, circle: Circle) -> Circle:
    with tenant(cast.acme):
        replies.decline_invitation(
            session=circle.sessions[1], seat=circle.seat("Petra"), by=cast.petra, reason="words"
        )
        replies.accept_invitation(
            session=circle.sessions[1], seat=circle.seat("Pavel"), by=cast.pavel
        )
        operations.send_due_kits(at=NOON)
        poll = polls.open_poll(
            partnership=circle.partnership,
            times=[NOON + timedelta(days=4, hours=n) for n in range(3)],
            closes_at=NOON + timedelta(days=3),
            by=cast.petra,
        )
        says = dict.fromkeys(poll.times.all(), "yes")
        polls.answer_poll(poll=poll, seat=circle.seat("Pavel"), says=says, by=cast.pavel)
        calendar_operations.open_calendar(by=cast.petra)
    hold_session(circle.sessions[0])
    with tenant(cast.acme):
        recording.write_retrospective(
            session=circle.sessions[0], lines=RetrospectiveLines("words"), by=cast.petra
        )
    return circle


@pytest.mark.parametrize("model", MODELS)
def test_raw_sql_of_another_organisation_sees_and_changes_nothing(
    cast: Cast, filled: Circle, model: type[models.Model]
):
    table = model._meta.db_table
    with tenant(cast.globex), connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        assert cursor.fetchone() == (0,)
        cursor.execute(f"UPDATE {table} SET created_at = created_at")
        assert cursor.rowcount == 0
        cursor.execute(f"DELETE FROM {table}")
        assert cursor.rowcount == 0
    with tenant(cast.acme):
        assert model._default_manager.count() > 0
    with pytest.raises(NoTenant):
        model._default_manager.count()


def test_a_session_cannot_belong_to_another_organisation_s_partnership(cast: Cast, filled: Circle):
    foreign = Session(
        partnership_id=filled.partnership.pk,
        organisation=cast.globex,
        number=99,
        starts_at=filled.sessions[0].starts_at,
        duration_minutes=60,
        day=filled.sessions[0].day,
    )
    with tenant(cast.globex), pytest.raises(IntegrityError), transaction.atomic():
        foreign.save(force_insert=True)


def test_people_of_two_organisations_have_seasons_that_never_meet(cast: Cast, filled: Circle):
    pair = make_partnership(make_cohort(cast.globex), [cast.greta, cast.gina])
    plan(pair)
    with tenant(cast.globex):
        assert Session.objects.count() == 6
        assert (
            not Session.objects.visible_to(cast.greta)
            .filter(partnership=filled.partnership)
            .exists()
        )


def refused(constraint: str, make) -> None:
    with pytest.raises(DatabaseError) as error, transaction.atomic():
        make()
    assert isinstance(error.value, IntegrityError)
    assert violated(error.value) == constraint


def test_postgres_holds_what_is_always_true_of_sessions(cast: Cast, filled: Circle):
    held, planned = filled.sessions[0], filled.sessions[2]
    seat = filled.seat("Petra")
    with tenant(cast.acme):
        turn = Turn.objects.filter(session=planned).select_related("role").first()
        assert turn is not None
        other = Turn.objects.filter(session=planned).exclude(pk=turn.pk)[0]
        absence = Absence.objects.get()
        refused(
            "session_number_once",
            lambda: Session.objects.filter(pk=planned.pk).update(number=held.number),
        )
        refused(
            "session_held_at_iff_held",
            lambda: Session.objects.filter(pk=planned.pk).update(held_at=planned.starts_at),
        )
        refused(
            "turn_one_holder",
            lambda: Turn.objects.filter(pk=other.pk).update(role=turn.role),
        )
        refused(
            "turn_one_role_each",
            lambda: Turn.objects.filter(pk=other.pk).update(seat=turn.seat_id),
        )
        refused(
            "absence_once",
            lambda: Absence.objects.create(session=absence.session, seat=absence.seat),
        )
        refused(
            "attendance_once",
            lambda: Attendance.objects.create(session_id=held.pk, seat=seat, kind="present"),
        )
        refused(
            "retrospective_once",
            lambda: Retrospective.objects.create(session_id=held.pk, seat=seat),
        )
        refused("calendar_feed_one_open", lambda: CalendarFeed.objects.create(member=cast.petra))


def test_visible_to_is_written_for_every_role(cast: Cast, filled: Circle):
    """HR sees nothing by page; words are the partners' alone; a feed is its owner's."""
    sees = {
        "olga": (6, 0, 0),
        "cora": (6, 0, 0),
        "hugo": (0, 0, 0),
        "pavel": (6, 1, 0),
        "petra": (6, 1, 1),
    }
    with tenant(cast.acme):
        for name, (sessions, words, feeds) in sees.items():
            member = getattr(cast, name)
            assert Session.objects.visible_to(member).count() == sessions, name
            for model in WORDS:
                assert model.objects.visible_to(member).count() == words, (name, model)
            assert CalendarFeed.objects.visible_to(member).count() == feeds, name
            for model in FACTS:
                seen = model.objects.visible_to(member).exists()
                assert seen == (sessions > 0), (name, model)
        assert Session.objects.facts_for(cast.hugo).count() == 6
        later = filled.sessions[0].starts_at + timedelta(days=1)
        assert Session.objects.visible_to(cast.petra).upcoming(later).count() == 5
