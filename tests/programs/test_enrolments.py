"""Enrolling: places, decisions, starts and ends."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from core.accounts.operations import people as accounts_people
from core.audit.models import AuditEvent
from core.common import clock
from core.common.errors import violated
from core.tenancy.context import tenant
from programs.errors import (
    AlreadyDecided,
    AlreadyEnrolled,
    AnswerMissing,
    BadAnswer,
    BadCapacity,
    BadDates,
    CohortHasPeople,
    CohortOver,
    ExpectationsNotAccepted,
    FewerPlacesThanTaken,
    NameTaken,
    NoPlaceFree,
    NoSuchStep,
    NotEnrolling,
    NotThatPart,
    ProgramArchived,
)
from programs.models.programs import Cohort, Enrolment
from programs.operations import cohorts, designs, enrolments
from programs.operations.enrolments import NewPerson
from programs.queries import enrolments as programs_enrolments
from tests.cast import make_member
from tests.programs.build import (
    ENDS_ON,
    STARTS_ON,
    make_application,
    make_cohort,
    make_enrolment,
    make_program,
)

AT = datetime(2027, 1, 11, 9, tzinfo=UTC)


@pytest.fixture
def circles(cast):
    return make_program(cast.acme)


@pytest.fixture
def mentoring(cast):
    return make_program(cast.acme, "Mentoring", "mentor-and-mentee")


def test_a_cohort_moves_one_phase_at_a_time(cast, circles):
    cohort = make_cohort(circles, phase="draft")
    with tenant(cast.acme):
        with pytest.raises(NoSuchStep):
            cohorts.move_cohort(cohort=cohort, to="running", by=cast.cora)
        with pytest.raises(NoSuchStep):
            cohorts.move_cohort(cohort=cohort, to="nonsense", by=cast.cora)
        for phase in ("enrolling", "matching", "running", "closing", "closed"):
            moved = cohorts.move_cohort(cohort=cohort, to=phase, by=cast.cora, confirmed=True)
            assert moved.phase == phase


def test_of_two_who_move_a_cohort_the_second_is_refused(cast, circles):
    cohort = make_cohort(circles)
    with tenant(cast.acme):
        stale = Cohort.objects.for_list().get(pk=cohort.pk)
        cohorts.move_cohort(cohort=cohort, to="matching", by=cast.cora, confirmed=True)
        with pytest.raises(NoSuchStep):
            cohorts.move_cohort(cohort=stale, to="draft", by=cast.olga)


def test_a_cohort_with_people_is_no_draft_any_more(cast, circles):
    cohort = make_cohort(circles)
    make_application(cohort, cast.petra)
    with tenant(cast.acme), pytest.raises(CohortHasPeople):
        cohorts.move_cohort(cohort=cohort, to="draft", by=cast.cora)


def test_dates_names_and_places_of_a_cohort_are_refused_in_words(cast, circles):
    cohort = make_cohort(circles, places=1)
    make_enrolment(cohort, cast.petra)
    make_enrolment(cohort, cast.pavel)
    with tenant(cast.acme):
        said = {"name": "Spring", "starts_on": STARTS_ON, "ends_on": ENDS_ON, "by": cast.cora}
        with pytest.raises(NameTaken):
            cohorts.create_cohort(program=circles, **said)
        with pytest.raises(BadDates):
            cohorts.create_cohort(
                program=circles, **{**said, "name": "B", "ends_on": date(2026, 1, 1)}
            )
        cohorts.edit_cohort(cohort=cohort, places=2, **said)
        enrolments.accept(
            enrolment=Enrolment.objects.for_list().get(member=cast.pavel), by=cast.cora
        )
        with pytest.raises(FewerPlacesThanTaken):
            cohorts.edit_cohort(cohort=cohort, places=1, **said)


def test_an_application_keeps_its_answers_and_takes_no_place(cast, circles):
    cohort = make_cohort(circles, places=5)
    answers = {
        "skills_offered": {"facilitation": 4},
        "skills_sought": {"inclusion": 3},
        "goal": "Lead without deciding",
        "interests": ["music"],
        "availability": [[0, 540, 660]],
    }

    enrolment = make_application(cohort, cast.petra, answers=answers)

    assert enrolment.state == "applied"
    assert enrolment.expectations_accepted_at
    with tenant(cast.acme):
        assert programs_enrolments.answers_of([enrolment]) == {enrolment.pk: answers}
        assert Cohort.objects.get().places_taken == 0


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ({"part": "mentor"}, NotThatPart),
        ({"capacity": 21}, BadCapacity),
        ({"accept_expectations": False}, ExpectationsNotAccepted),
        ({"answers": {"skills_offered": {"facilitation": 6}}}, BadAnswer),
        ({"answers": {"skills_offered": ["facilitation"]}}, BadAnswer),
        ({"answers": {"availability": [[7, 0, 60]]}}, BadAnswer),
        ({"answers": {"availability": [[1, 60, 60]]}}, BadAnswer),
        ({"answers": {"interests": ["music", "music"]}}, BadAnswer),
        ({"answers": {"goal": "x" * 5001}}, BadAnswer),
    ],
)
def test_an_application_that_cannot_be_is_refused_and_leaves_nothing(cast, circles, said, refusal):
    cohort = make_cohort(circles)
    with pytest.raises(refusal):
        make_application(cohort, cast.petra, **said)
    with tenant(cast.acme):
        assert not Enrolment.objects.exists()


def test_only_what_a_part_is_asked_is_required_and_kept(cast, mentoring):
    cohort = make_cohort(mentoring)
    with tenant(cast.acme):
        mentoring.questions.filter(key="goal").update(required=True)
    with pytest.raises(AnswerMissing):
        make_application(cohort, cast.petra, "mentee")

    mentor = make_application(cohort, cast.pavel, "mentor", answers={"goal": "not asked"})

    with tenant(cast.acme):
        assert programs_enrolments.answers_of([mentor]) == {mentor.pk: {}}


def test_nobody_applies_twice_nor_before_the_cohort_enrols(cast, circles):
    cohort = make_cohort(circles)
    make_application(cohort, cast.petra)
    with pytest.raises(AlreadyEnrolled):
        make_application(cohort, cast.petra)
    with pytest.raises(NotEnrolling):
        make_application(make_cohort(circles, "Later", phase="draft"), cast.petra)


def test_answers_change_until_the_cohort_is_closed(cast, circles):
    cohort = make_cohort(circles)
    enrolment = make_application(cohort, cast.petra, answers={"goal": "first"})
    with tenant(cast.acme):
        said = {"part": "peer", "answers": {"goal": "second"}, "by": cast.petra}
        enrolments.change_application(enrolment=enrolment, **said)
        assert programs_enrolments.answers_of([enrolment])[enrolment.pk] == {"goal": "second"}
        for phase in ("matching", "running", "closing"):
            cohorts.move_cohort(cohort=cohort, to=phase, by=cast.cora, confirmed=True)
            enrolments.change_application(enrolment=enrolment, **said)
        cohorts.move_cohort(cohort=cohort, to="closed", by=cast.cora, confirmed=True)
        with pytest.raises(CohortOver):
            enrolments.change_application(enrolment=enrolment, **said)


def test_the_last_place_is_taken_once_and_the_next_wait(cast, circles):
    cohort = make_cohort(circles, places=1)
    first, second = make_application(cohort, cast.petra), make_application(cohort, cast.pavel)
    with tenant(cast.acme):
        enrolments.accept(enrolment=first, by=cast.cora)
        enrolments.accept(enrolment=second, by=cast.cora)

        assert (first.state, second.state) == ("accepted", "waitlisted")
        with pytest.raises(NoPlaceFree):
            enrolments.accept(enrolment=second, by=cast.cora)
    assert make_application(cohort, cast.hugo).state == "waitlisted"


def test_a_second_click_is_refused_and_gives_the_place_back(cast, circles):
    cohort = make_cohort(circles, places=3)
    enrolment = make_application(cohort, cast.petra)
    with tenant(cast.acme):
        enrolments.accept(enrolment=enrolment, by=cast.cora)
        with pytest.raises(AlreadyDecided):
            enrolments.accept(enrolment=enrolment, by=cast.olga)
        with pytest.raises(AlreadyDecided):
            enrolments.decline(enrolment=enrolment, by=cast.olga, reason="places")
        assert Cohort.objects.get().places_taken == 1


def test_who_withdraws_frees_the_place_and_may_come_back(cast, circles):
    cohort = make_cohort(circles, places=1)
    enrolment = make_enrolment(cohort, cast.petra)
    with tenant(cast.acme):
        enrolments.withdraw(enrolment=enrolment, by=cast.petra, reason="own_wish")
        assert (enrolment.state, enrolment.end_reason) == ("withdrawn", "own_wish")
        assert Cohort.objects.get().places_taken == 0
        with pytest.raises(AlreadyDecided):
            enrolments.withdraw(enrolment=enrolment, by=cast.petra)
    again = make_application(cohort, cast.petra)
    assert (again.pk, again.state, again.ended_at) == (enrolment.pk, "applied", None)


def test_who_withdraws_an_application_frees_nothing(cast, circles):
    cohort = make_cohort(circles, places=1)
    make_enrolment(cohort, cast.pavel)
    waiting = make_application(cohort, cast.petra)
    with tenant(cast.acme):
        enrolments.withdraw(enrolment=waiting, by=cast.petra)
        assert Cohort.objects.get().places_taken == 1


def test_many_are_enrolled_in_order_while_places_last(cast, circles):
    cohort = make_cohort(circles, places=2)
    people = [make_member(cast.acme, name) for name in ("Ada", "Bo", "Cy")]
    with tenant(cast.acme):
        made = enrolments.enrol_many(
            cohort=cohort, people=[NewPerson(each, "peer") for each in people], by=cast.cora
        )
        assert [each.state for each in made] == ["accepted", "accepted", "waitlisted"]
        assert Cohort.objects.get().places_taken == 2


def test_a_cohort_that_closes_takes_nobody(cast, circles):
    with pytest.raises(CohortOver):
        make_enrolment(make_cohort(circles, phase="closing"), cast.petra)


def test_publishing_starts_everybody_who_is_accepted_once(cast, circles):
    cohort = make_cohort(circles, phase="matching")
    enrolment = make_enrolment(cohort, cast.petra)
    with tenant(cast.acme):
        assert enrolments.start_enrolments(cohort=cohort, at=AT, by=cast.cora) == 1
        assert enrolments.start_enrolments(cohort=cohort, at=AT, by=cast.cora) == 0
        enrolment.refresh_from_db()
        assert (enrolment.state, enrolment.started_at) == ("active", AT)

        enrolments.complete_enrolment(enrolment=enrolment, by=None)

        assert enrolment.state == "completed"
        with pytest.raises(AlreadyDecided):
            enrolments.withdraw(enrolment=enrolment, reason="moved", by=cast.cora)


def test_only_given_enrolments_start(cast, circles):
    cohort = make_cohort(circles, phase="matching")
    first = make_enrolment(cohort, cast.petra)
    make_enrolment(cohort, cast.pavel)
    with tenant(cast.acme):
        assert enrolments.start_enrolments(cohort=cohort, enrolments=[first], at=AT) == 1


def test_a_decision_on_many_leaves_alone_what_is_decided(cast, circles):
    cohort = make_cohort(circles)
    applied = make_application(cohort, cast.petra)
    enrolled = make_enrolment(cohort, cast.pavel)
    with tenant(cast.acme):
        counts = enrolments.decide_many(
            cohort=cohort,
            enrolment_ids=[applied.pk, enrolled.pk],
            decision="accept",
            by=cast.cora,
        )
        assert counts == {"accepted": 1, "unchanged": 1}
        with pytest.raises(ValueError, match="promote"):
            enrolments.decide_many(
                cohort=cohort, enrolment_ids=[], decision="promote", by=cast.cora
            )


@pytest.mark.parametrize(
    ("model", "broken", "constraint"),
    [
        (Enrolment, {"capacity": 21}, "enrolment_capacity"),
        (Enrolment, {"state": "completed"}, "enrolment_ended_iff_over"),
        (Enrolment, {"started_at": AT, "accepted_at": None}, "enrolment_started_after_accepted"),
        (Cohort, {"places": 0}, "cohort_places_hold"),
        (Cohort, {"ends_on": STARTS_ON}, "cohort_ends_after_start"),
    ],
)
def test_postgres_refuses_what_must_never_be(cast, circles, model, broken, constraint):
    make_enrolment(make_cohort(circles), cast.petra)
    with tenant(cast.acme), pytest.raises(IntegrityError) as refused, transaction.atomic():
        model.objects.update(**broken)
    assert violated(refused.value) == constraint


def test_postgres_refuses_a_second_answer_to_a_question(cast, circles):
    enrolment = make_enrolment(make_cohort(circles), cast.petra, answers={"goal": "Lead"})
    with tenant(cast.acme):
        question = enrolment.answers.get().question
        with pytest.raises(IntegrityError) as refused, transaction.atomic():
            enrolment.answers.create(question=question, value="again")
    assert violated(refused.value) == "answer_once"


def test_an_archived_program_opens_no_cohort_and_none_of_its_drafts_enrols(cast, circles):
    draft = make_cohort(circles, phase="draft")
    with tenant(cast.acme):
        designs.archive_program(program=circles, by=cast.cora)
    with pytest.raises(ProgramArchived):
        make_cohort(circles, "Autumn", phase="draft")
    with tenant(cast.acme):
        draft = Cohort.objects.for_list().get(pk=draft.pk)
        with pytest.raises(ProgramArchived):
            cohorts.move_cohort(cohort=draft, to="enrolling", by=cast.cora)
        assert list(Cohort.objects.values_list("name", "phase")) == [("Spring", "draft")]


def test_a_cohort_is_not_edited_to_end_on_the_day_it_starts(cast, circles):
    cohort = make_cohort(circles)
    with tenant(cast.acme):
        with pytest.raises(BadDates):
            cohorts.edit_cohort(
                cohort=cohort,
                name="Summer",
                starts_on=STARTS_ON,
                ends_on=STARTS_ON,
                places=None,
                by=cast.cora,
            )
        cohort.refresh_from_db()
        assert (cohort.name, cohort.ends_on) == ("Spring", ENDS_ON)


def test_a_declined_application_is_not_changed(cast, circles):
    cohort = make_cohort(circles)
    enrolment = make_application(cohort, cast.petra, answers={"goal": "first"})
    with tenant(cast.acme):
        enrolments.decline(enrolment=enrolment, by=cast.cora, reason="places")
        assert enrolment.state == "declined"
        with pytest.raises(AlreadyDecided):
            enrolments.change_application(
                enrolment=enrolment,
                part="peer",
                capacity=5,
                answers={"goal": "second"},
                accept_expectations=True,
                by=cast.petra,
            )
        enrolment.refresh_from_db()
        assert (enrolment.state, enrolment.capacity) == ("declined", 1)
        assert programs_enrolments.answers_of([enrolment])[enrolment.pk] == {"goal": "first"}


def test_who_was_enrolled_by_somebody_else_accepts_the_expectations_once(cast, circles):
    enrolment = make_enrolment(make_cohort(circles), cast.petra)
    assert enrolment.expectations_accepted_at is None
    said = {"part": "peer", "answers": {}, "accept_expectations": True, "by": cast.petra}
    with tenant(cast.acme):
        with clock.at(AT):
            enrolments.change_application(enrolment=enrolment, **said)
        with clock.at(AT + timedelta(days=1)):
            enrolments.change_application(enrolment=enrolment, **said)
    assert enrolment.expectations_accepted_at == AT


def test_who_has_left_is_not_enrolled_nor_anybody_with_them(cast, circles):
    cohort = make_cohort(circles, places=5)
    with tenant(cast.acme):
        accounts_people.mark_left(member=cast.pavel, by=cast.olga)
        cast.pavel.refresh_from_db()
        with pytest.raises(ValueError, match="has left"):
            enrolments.enrol_many(
                cohort=cohort,
                people=[NewPerson(cast.petra, "peer"), NewPerson(cast.pavel, "peer")],
                by=cast.cora,
            )
        assert Enrolment.objects.count() == 0
        assert Cohort.objects.get().places_taken == 0


def test_who_waits_is_not_put_on_the_waiting_list_again_but_may_be_declined(cast, circles):
    enrolment = make_application(make_cohort(circles, places=5), cast.petra)
    with tenant(cast.acme):
        enrolments.waitlist(enrolment=enrolment, by=cast.cora)
        assert enrolment.state == "waitlisted"
        with pytest.raises(AlreadyDecided):
            enrolments.waitlist(enrolment=enrolment, by=cast.olga)
        enrolments.decline(enrolment=enrolment, by=cast.cora, reason="places")
        assert enrolment.state == "declined"
        verbs = AuditEvent.objects.filter(verb__startswith="enrolment.").order_by("id")
        assert list(verbs.values_list("verb", flat=True)) == [
            "enrolment.applied",
            "enrolment.waitlisted",
            "enrolment.declined",
        ]


def test_a_start_is_undone_once_and_not_for_whom_it_did_not_start(cast, circles):
    cohort = make_cohort(circles, phase="matching")
    enrolment = make_enrolment(cohort, cast.petra)
    with tenant(cast.acme):
        enrolments.start_enrolments(cohort=cohort, at=AT)
        later = AT + timedelta(days=1)
        assert enrolments.unstart_enrolments(cohort=cohort, at=later) == 0
        kept = [enrolment.pk]
        assert enrolments.unstart_enrolments(cohort=cohort, at=AT, but=kept) == 0
        assert enrolments.unstart_enrolments(cohort=cohort, at=AT) == 1
        assert enrolments.unstart_enrolments(cohort=cohort, at=AT) == 0
        enrolment.refresh_from_db()
        assert (enrolment.state, enrolment.started_at) == ("accepted", None)
        undone = AuditEvent.objects.get(verb="cohort.enrolments_unstarted")
        assert undone.details == {"count": 1}


def test_nobody_completes_what_has_not_started(cast, circles):
    enrolment = make_enrolment(make_cohort(circles), cast.petra)
    with tenant(cast.acme):
        with pytest.raises(AlreadyDecided):
            enrolments.complete_enrolment(enrolment=enrolment, by=cast.cora)
        enrolment.refresh_from_db()
        assert (enrolment.state, enrolment.ended_at) == ("accepted", None)


def test_the_first_three_who_wait_are_named_and_the_rest_counted(cast, circles):
    cohort = make_cohort(circles, places=1)
    make_enrolment(cohort, cast.pavel)
    with tenant(cast.acme):
        assert programs_enrolments.names_in_line(cohort) == ""
    line = [
        make_application(cohort, make_member(cast.acme, name))
        for name in ("Ada", "Bo", "Cy", "Di", "Eve")
    ]
    with tenant(cast.acme):
        named = programs_enrolments.names_in_line
        assert named(cohort) == "Ada Acme, Bo Acme, Cy Acme and 2 more"
        assert named(cohort, but=[line[0].pk]) == "Bo Acme, Cy Acme, Di Acme and 1 more"
        assert named(cohort, but=[row.pk for row in line[:2]]) == "Cy Acme, Di Acme, Eve Acme"
