"""From raising to deletion: who is asked, what is recorded first, what is left."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from core.common import clock
from core.members.models import Key
from core.notifications.models import Email
from core.tenancy.context import tenant
from feedback.concerns import operations, queries
from feedback.concerns.errors import AlreadyNamed, ConcernClosed, MediationFirst
from feedback.models.concerns import (
    Concern,
    ConcernFile,
    ConcernHandler,
    ConcernStep,
    ConcernText,
)
from pairing.models.partnerships import Seat
from tests.cast import Cast, make_member
from tests.feedback import build
from tests.feedback.concerns.build import CANARY, Desk
from tests.work import everywhere

MONDAY = date(2026, 4, 6)


def noon(days: int = 0) -> Any:
    return clock.at(build.noon(MONDAY + timedelta(days=days)))


def told(cast: Cast, kind: str) -> list[str]:
    with tenant(cast.acme):
        rows = Email.objects.filter(kind=kind, withdrawn_at=None).order_by("created_at", "pk")
        return [row.member.given_name for row in rows.select_related("member")]


def tend() -> None:
    everywhere(operations.tend_concerns, operations.delete_old_files)


@pytest.mark.parametrize(("urgency", "days"), [("day", 1), ("week", 7), ("weeks", 21)])
def test_what_is_past_its_day_goes_to_the_next_and_then_to_the_owners(
    desk: Desk, urgency: str, days: int
) -> None:
    cast = desk.cast
    with noon():
        file = desk.raise_it(urgency=urgency)
    assert file.concern.due_on == MONDAY + timedelta(days=days)
    assert told(cast, "feedback.concern") == ["Cora"]
    with noon(days):
        tend()
    assert told(cast, "feedback.concern") == ["Cora"]  # on its last day it is not late
    with noon(days + 1):
        tend()
        tend()
    assert told(cast, "feedback.concern") == ["Cora", "Hanna"]
    assert told(cast, "feedback.concern_unhandled") == []
    with noon(2 * days + 1):
        tend()
        tend()
    assert told(cast, "feedback.concern") == ["Cora", "Hanna", "Cora"]
    assert told(cast, "feedback.concern_unhandled") == ["Olga"]
    with tenant(cast.acme, member=cast.cora.pk):
        operations.close_concern(file=file, by=cast.cora, outcome="cleared", words="Explained.")
    with noon(9 * days):
        tend()
    assert told(cast, "feedback.concern_unhandled") == []  # withdrawn with the closing


def test_where_nobody_can_read_it_owners_name_somebody_unless_they_are_in_it(cast: Cast) -> None:
    with noon(), tenant(cast.acme, member=cast.petra.pk):
        facts: Any = {"by": cast.petra, "topic": "other", "urgency": "week", "words": CANARY}
        operations.raise_concern(**facts)
        operations.raise_concern(**facts, about=cast.olga)
        tend()
    assert told(cast, "feedback.concern_unhandled") == ["Olga"]
    with noon(1):
        with tenant(cast.acme):
            operations.name_handler(by=cast.olga, member=cast.hugo)
        tend()
    assert told(cast, "feedback.concern") == ["Hugo", "Hugo"]


def test_what_waits_for_somebody_who_is_gone_is_passed_on_at_once(desk: Desk) -> None:
    cast = desk.cast
    with noon():
        file = desk.raise_it()
        with tenant(cast.acme):
            handler = ConcernHandler.objects.for_list().get(member=cast.cora)
            operations.remove_handler(by=cast.olga, handler=handler)
        tend()
        tend()
    assert told(cast, "feedback.concern") == ["Hanna"]  # the other e-mail is withdrawn
    with tenant(cast.acme):
        assert Concern.objects.get(pk=file.concern_id).handler_id == desk.hanna.pk


def test_partners_are_separated_only_after_both_sides_were_heard(desk: Desk) -> None:
    cast, file = desk.cast, desk.raise_it()
    today = file.concern.raised_on
    with tenant(cast.acme, member=cast.cora.pk):
        close: Any = {"file": file, "by": cast.cora, "outcome": "parted", "words": "Go well."}
        for kind in ("listen", "agreement"):
            operations.record_step(file=file, by=cast.cora, kind=kind, done_on=today)
            with pytest.raises(MediationFirst):
                operations.close_concern(**close)
        operations.record_step(file=file, by=cast.cora, kind="both_sides", done_on=today)
        operations.close_concern(**close)
        with pytest.raises(ConcernClosed):
            operations.close_concern(**close)
        with pytest.raises(ConcernClosed):
            operations.record_step(file=file, by=cast.cora, kind="follow_up", done_on=today)
    assert told(cast, "feedback.concern_closed") == ["Petra"]
    safety = desk.raise_it(topic="safety", urgency="day")
    with tenant(cast.acme, member=cast.cora.pk):  # nobody waits for that
        operations.close_concern(**close | {"file": safety})


def test_words_and_people_go_90_days_after_the_closing_and_the_days_stay(desk: Desk) -> None:
    cast = desk.cast
    with noon():
        file = desk.raise_it()
        nameless = _nameless(cast)
        for row in (file, nameless):
            with tenant(cast.acme, member=cast.cora.pk):
                operations.record_step(
                    file=row, by=cast.cora, kind="listen", done_on=MONDAY, note="heard"
                )
                operations.close_concern(file=row, by=cast.cora, outcome="agreed", words="Well.")
        still_open = desk.raise_it()
    with noon(89):
        tend()
        assert desk.read_by(cast.petra, file) == [f"{CANARY} report", "Well."]
    with noon(90):
        tend()
    with tenant(cast.acme, member=cast.cora.pk):
        assert list(ConcernFile.objects.values_list("pk", flat=True)) == [still_open.pk]
        assert not ConcernStep.objects.exists()
        assert ConcernText.objects.count() == 1
        kept = Concern.objects.filter(closed_on=MONDAY).values_list("topic", "raised_on")
        assert list(kept.order_by("topic")) == [("conflict", MONDAY), ("other", MONDAY)]
    key = Key.objects.get(kind=Key.Kind.CONCERN_CODE)
    assert key.revoked_at is not None


def _nameless(cast: Cast) -> ConcernFile:
    with tenant(cast.acme):
        operations.raise_without_name(topic="other", urgency="week", words=f"{CANARY} x")
        return ConcernFile.objects.for_list().get(reporter=None)


def test_nobody_is_named_twice_for_the_same(desk: Desk) -> None:
    cast = desk.cast
    with tenant(cast.acme):
        with pytest.raises(AlreadyNamed):
            operations.name_handler(by=cast.olga, member=cast.cora)
        program = desk.partnership.cohort.program
        operations.name_handler(by=cast.olga, member=cast.cora, program=program)
        assert [person.given_name for person in queries.live_handlers()] == ["Cora", "Hanna"]


def test_a_concern_may_be_about_partners_partnerships_and_coordinators_of_mine(desk: Desk) -> None:
    cast = desk.cast
    with tenant(cast.acme):
        stranger = make_member(cast.acme, "Stranger")
        subjects = queries.subjects_of(cast.petra)
        assert queries.subjects_of(stranger) == []
    assert [subject.words for subject in subjects] == ["Circle Wye", "Cora Acme", "Pavel Acme"]


def test_who_came_after_somebody_had_left_is_no_partner_of_theirs(desk: Desk) -> None:
    cast, (mine, _other) = desk.cast, desk.seats
    with tenant(cast.acme):
        Seat.objects.filter(pk=mine.pk).update(left_at=build.noon(MONDAY))
        seat = Seat.objects.create(
            partnership=desk.partnership,
            enrolment=build.enrol(desk.partnership.cohort, make_member(cast.acme, "Later")),
            part="peer",
            taken_at=build.noon(MONDAY + timedelta(days=1)),
        )
        subjects = queries.subjects_of(cast.petra)
    assert [subject.words for subject in subjects] == ["Circle Wye", "Cora Acme", "Pavel Acme"]
    assert seat.left_at is None
