"""What happens to a partnership after it was published, and who may ask the API about it."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from core.accounts.errors import ScopeNotYours
from core.accounts.operations import keys
from core.audit.models import AuditEvent
from core.common import clock
from core.common.errors import DomainError, violated
from core.members.permissions import Permission
from core.notifications.models import Email
from core.tenancy.context import tenant
from pairing.errors import (
    NameTaken,
    NoRoomLeft,
    NotActive,
    NotEnrolled,
    NotPaused,
    NotTheirs,
    PartnershipOver,
    SeatLeft,
    SeatTaken,
)
from pairing.models.partnerships import Partnership, Seat
from pairing.models.runs import MatchRun
from pairing.partnerships.operations import dates, partnerships, repairing
from pairing.partnerships.seats import (
    open_seats,
    people_told,
    require_partner_or_coordinator,
    seat_of,
)
from pairing.runs.operations import runs
from programs.models.programs import Enrolment
from programs.operations import cohorts, enrolments
from tests.cast import make_cast, make_member
from tests.pairing.build import (
    make_circles_cohort,
    make_cohort,
    make_mentor_cohort,
    make_partnership,
    make_run,
    person,
    publish,
)


@pytest.fixture
def pair(cast):
    return make_partnership(make_cohort(cast.acme), cast.petra, cast.pavel)


def test_pausing_and_resuming_go_one_way_each_and_set_changed_at(cast, pair):
    with tenant(cast.acme):
        paused = repairing.pause_partnership(partnership=pair, by=cast.cora)
        assert (paused.state, paused.changed_at > pair.published_at) == ("paused", True)
        with pytest.raises(NotActive):
            repairing.pause_partnership(partnership=pair, by=cast.cora)
        before = paused.changed_at
        resumed = repairing.resume_partnership(partnership=pair, by=cast.cora)
        assert (resumed.state, resumed.changed_at > before) == ("active", True)
        with pytest.raises(NotPaused):
            repairing.resume_partnership(partnership=pair, by=cast.cora)
        verbs = set(AuditEvent.objects.values_list("verb", flat=True))
        assert {"partnership.paused", "partnership.resumed"} <= verbs


def test_ending_frees_the_seats_takes_back_emails_and_happens_once(cast):
    cohort = make_mentor_cohort(cast.acme, mentees=1, mentors=1)
    (made,) = publish(make_run(cohort, cast.cora), cast.cora)

    with tenant(cast.acme):
        ended = partnerships.end_partnership(partnership=made, reason="fit", by=cast.cora)
        assert (ended.state, ended.end_reason) == ("ended", "fit")
        assert ended.changed_at == ended.ended_at
        assert not Seat.objects.open().exists()
        assert Email.objects.filter(withdrawn_at=None).count() == 0
        with pytest.raises(PartnershipOver):
            partnerships.end_partnership(partnership=made, reason="fit", by=cast.cora)
        with pytest.raises(ValueError, match="does not end"):
            partnerships.end_partnership(
                partnership=made, reason="x", by=cast.cora, state=Partnership.State.PAUSED
            )


def test_the_database_refuses_an_end_without_a_time(cast, pair):
    with tenant(cast.acme), pytest.raises(IntegrityError) as refused, transaction.atomic():
        Partnership.objects.filter(pk=pair.pk).update(state="ended")
    assert violated(refused.value) == "partnership_ended_iff_over"


def test_a_seat_needs_an_accepted_person_with_room_and_is_taken_once(cast):
    cohort = make_cohort(cast.acme)
    pair = make_partnership(cohort, cast.petra, cast.pavel)
    with tenant(cast.acme):
        mentor = Enrolment.objects.get(cohort=cohort, member=cast.petra)
        second_mentor = person(cohort, "Mo", "mentor")
        with pytest.raises(SeatTaken):
            partnerships.take_seat(
                partnership=pair, enrolment=second_mentor, part="mentor", by=cast.cora
            )
        mentee = person(cohort, "Ada", "mentee")
        with pytest.raises(NoRoomLeft):
            partnerships.make_partnership(
                cohort=cohort, people=[(mentor, "mentor"), (mentee, "mentee")], by=cast.cora
            )
        enrolments.withdraw(enrolment=mentee, by=cast.cora)
        with pytest.raises(NotEnrolled):
            partnerships.take_seat(partnership=pair, enrolment=mentee, part="mentee", by=cast.cora)


def test_a_circle_goes_on_when_one_leaves_and_a_pair_ends(cast, pair):
    cohort = make_circles_cohort(cast.acme, peers=6)
    (circle,) = publish(make_run(cohort, cast.cora), cast.cora)
    with tenant(cast.acme):
        leaving = Seat.objects.filter(partnership=circle).first()
        partnerships.leave_seat(seat=leaving, by=cast.cora)
        circle.refresh_from_db()
        assert (circle.state, Seat.objects.open().filter(partnership=circle).count()) == (
            "active",
            5,
        )
        with pytest.raises(SeatLeft):
            partnerships.leave_seat(seat=leaving, by=cast.cora)

        one = Seat.objects.filter(partnership=pair).first()
        partnerships.leave_seat(seat=one, by=cast.cora)
        pair.refresh_from_db()
        assert (pair.state, pair.end_reason) == ("ended", "too_few_people")


def test_the_sweep_frees_the_seats_of_people_who_have_withdrawn_or_left(cast, pair):
    with tenant(cast.acme):
        enrolment = Enrolment.objects.get(member=cast.petra)
        enrolments.withdraw(enrolment=enrolment, by=cast.petra)

        assert partnerships.free_seats_of_the_gone(at=clock.now()) == 1
        assert partnerships.free_seats_of_the_gone(at=clock.now()) == 0

        pair.refresh_from_db()
        assert (pair.state, pair.end_reason) == ("ended", "withdrawn")


def test_names_are_once_per_cohort(cast):
    cohort = make_cohort(cast.acme)
    make_partnership(cohort, cast.petra, cast.pavel, name="First")
    people = [person(cohort, "Ada", "mentor").member, person(cohort, "Ben", "mentee").member]
    with pytest.raises(NameTaken):
        make_partnership(cohort, *people, name="First")
    other = make_partnership(cohort, *people, name="Second")
    with tenant(cast.acme), pytest.raises(NameTaken):
        partnerships.rename_partnership(partnership=other, name="First", by=cast.cora)


def test_who_works_with_whom(cast, pair):
    stranger = make_member(cast.acme, "Stan")
    with tenant(cast.acme):
        seat = seat_of(pair, cast.petra)
        assert seat
        assert seat.enrolment.member == cast.petra
        assert seat_of(pair, stranger) is None
        assert [seat.enrolment.member for seat in open_seats(pair)] == [cast.petra, cast.pavel]
        assert people_told(pair) == [cast.petra, cast.pavel]

        partnerships.end_partnership(partnership=pair, reason="time", by=cast.cora)

        assert seat_of(pair, cast.petra) is None
        assert (open_seats(pair), people_told(pair)) == ([], [])


def test_partners_and_coordinators_may_change_what_belongs_to_a_partnership(cast, pair):
    stranger = make_member(cast.acme, "Stan")
    with tenant(cast.acme):
        for by in (None, cast.cora, cast.petra):
            require_partner_or_coordinator(partnership=pair, by=by)
        with pytest.raises(NotTheirs):
            require_partner_or_coordinator(partnership=pair, by=stranger)


def test_globex_sees_and_changes_nothing_of_acme(cast, pair):
    run = make_run(make_mentor_cohort(cast.acme, mentees=1, mentors=1), cast.cora)
    with tenant(cast.globex):
        assert not Partnership.objects.exists()
        assert not Seat.objects.exists()
        assert not MatchRun.objects.exists()
        with pytest.raises(PartnershipOver):
            partnerships.end_partnership(partnership=pair, reason="theft", by=cast.gina)
        with pytest.raises(MatchRun.DoesNotExist):
            runs.discard_run(run=run, by=cast.gina)
    with tenant(cast.acme):
        pair.refresh_from_db()
        run.refresh_from_db()
    assert (pair.state, run.state) == ("active", "draft")


@pytest.mark.django_db(transaction=True)
def test_twenty_tables_want_a_mentors_last_place_and_one_gets_it():
    cast = make_cast()
    cohort = make_cohort(cast.acme)
    mentor = person(cohort, "Mo", "mentor")
    mentees = [person(cohort, f"Ada{i}", "mentee") for i in range(20)]
    together = threading.Barrier(20)
    outcomes = []

    def click(mentee):
        try:
            together.wait()
            with tenant(cast.acme):
                partnerships.make_partnership(
                    cohort=cohort, people=[(mentor, "mentor"), (mentee, "mentee")], by=cast.cora
                )
            outcomes.append("made")
        except DomainError as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=click, args=[mentee]) for mentee in mentees]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["made"] + ["no_room_left"] * 19
    with tenant(cast.acme):
        assert Seat.objects.count() == 2


def token_of(member, *scopes):
    with tenant(member.organisation):
        return keys.create_token(name="t", scopes=list(scopes), by=member)[1]


def ask(member, pk=None, scopes=(Permission.FACTS_READ,), **query):
    """Ask the resource as the API does, with a token of this member."""
    from rest_framework.test import APIRequestFactory

    from core.members.models import ApiToken
    from pairing.api import PartnershipViewSet

    token_of(member, *scopes)
    request: Any = APIRequestFactory().get("/api/v1/partnerships/", query)
    with tenant(member.organisation):
        request.token = ApiToken.objects.select_related("member__user").filter(member=member).last()
        view = PartnershipViewSet.as_view({"get": "retrieve" if pk else "list"})
        answer: Any = view(request, **({"id": str(pk)} if pk else {}))
        return (
            answer.render() if hasattr(answer, "render") else answer
        )  # a refusal is there already


def test_the_api_gives_facts_of_a_partnership_and_no_reason_or_score(cast, pair):
    answer = ask(cast.hugo)

    assert answer.status_code == 200
    (facts,) = answer.data["results"]
    assert set(facts) == {
        "id",
        "cohort",
        "program",
        "name",
        "state",
        "members",
        "starts_on",
        "ends_on",
        "published_at",
        "ended_at",
        "end_reason",
        "changed_at",
    }
    assert facts["members"] == [cast.petra.pk, cast.pavel.pk]
    assert ask(cast.hugo, pair.pk).data["id"] == str(pair.pk)


def test_the_api_is_for_that_scope_that_role_and_that_organisation(cast, pair):
    assert ask(cast.hugo, scopes=[Permission.FIGURES_READ]).status_code == 403
    with pytest.raises(ScopeNotYours):
        ask(cast.petra)
    assert ask(cast.gina).data["results"] == []
    assert ask(cast.gina, pair.pk).status_code == 404


def test_the_api_gives_what_has_changed_since(cast, pair):
    later = clock.now()
    assert ask(cast.hugo, changed_since=later.isoformat()).data["results"] == []
    with tenant(cast.acme):
        repairing.pause_partnership(partnership=pair, by=cast.cora)
    assert len(ask(cast.hugo, changed_since=later.isoformat()).data["results"]) == 1
    assert len(ask(cast.hugo, state="paused").data["results"]) == 1
    assert ask(cast.hugo, state="active").data["results"] == []
    assert ask(cast.hugo, changed_since="yesterday").status_code == 400


def test_open_partnerships_take_the_new_days_of_their_cohort_and_the_begun_keep_their_first(cast):
    today = clock.now().date()
    running, coming = (
        make_cohort(cast.acme),
        make_cohort(cast.acme, starts_on=today + timedelta(days=10)),
    )
    begun = make_partnership(running, cast.petra, cast.pavel)
    waits = make_partnership(coming, cast.petra, cast.pavel)
    starts, ends = today + timedelta(days=30), today + timedelta(days=90)
    with tenant(cast.acme):
        for cohort in (running, coming):
            cohorts.edit_cohort(
                cohort=cohort,
                name=cohort.name,
                starts_on=starts,
                ends_on=ends,
                places=None,
                by=cast.cora,
            )
            assert dates.move_dates(cohort=cohort, by=cast.cora) == 1
            assert dates.move_dates(cohort=cohort, by=cast.cora) == 0
        first_day = begun.starts_on
        begun.refresh_from_db()
        waits.refresh_from_db()
    assert (begun.starts_on, begun.ends_on) == (first_day, ends)
    assert (waits.starts_on, waits.ends_on) == (starts, ends)
