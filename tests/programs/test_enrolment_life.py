"""What follows when somebody applies, is decided on, waits, pauses, withdraws or leaves."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine

from core.accounts.operations import people as accounts_people
from core.audit.models import AuditEvent
from core.common import clock
from core.members.models import Member
from core.notifications.models import Email
from core.tenancy.context import tenant
from programs.errors import (
    AlreadyDecided,
    AlreadyEnrolled,
    BadPause,
    ByInvitationOnly,
    CohortOver,
    NotEligible,
    NotTheirWish,
    PeopleAreWaiting,
    ReasonMissing,
    TooLateToUndo,
)
from programs.models.programs import Cohort, Enrolment
from programs.operations import cohorts, designs, enrolments, line, pauses
from programs.queries import enrolments as queries
from tests.cast import make_member, sign_in
from tests.meanwhile import meanwhile
from tests.programs.build import make_application, make_cohort, make_enrolment, make_program
from tests.programs.test_pages import read, url
from tests.work import catch_up

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.fixture
def circles(cast):
    return make_program(cast.acme)


def emails(enrolment: Enrolment) -> list[str]:
    """Return the kinds written to somebody about their enrolment, in their order."""
    with tenant(enrolment.organisation):
        rows = Email.objects.filter(about_id=enrolment.pk, member=enrolment.member_id).order_by(
            "created_at", "id"
        )
        return [row.kind.removeprefix("programs.") for row in rows]


@pytest.mark.slow
def test_each_decision_is_told_to_the_person_with_the_coordinators_words(cast, circles):
    cohort = make_cohort(circles, places=1)
    with tenant(cast.acme):
        said = {"part": "peer", "answers": {}, "accept_expectations": True}
        first = enrolments.apply(cohort=cohort, member=cast.petra, **said)
        second = enrolments.apply(cohort=cohort, member=cast.pavel, **said)
        enrolments.accept(enrolment=first, by=cast.cora, words="Good to have you.")
        enrolments.accept(enrolment=second, by=cast.cora)
        enrolments.withdraw(enrolment=first, by=cast.petra, reason="work")
        enrolments.accept(enrolment=second, by=cast.cora)
        third = enrolments.apply(cohort=cohort, member=cast.hugo, **said)
        enrolments.decline(enrolment=third, by=cast.cora, reason="places", words="Sorry.")
        accepted = Email.objects.get(kind="programs.accepted")
        assert (accepted.context["words"], accepted.context["by"]) == (
            "Good to have you.",
            "Cora Acme",
        )
        assert accepted.cause_id == first.pk
        assert Email.objects.get(kind="programs.declined").context["reason"] == (
            "More people applied than there are places"
        )
        assert (
            Email.objects.get(about_id=second.pk, kind="programs.waitlisted").context["place"] == 1
        )
    assert emails(first) == ["applied", "accepted", "withdrawn"]
    assert emails(second) == ["applied", "waitlisted", "moved_up"]
    assert emails(third) == ["waitlisted", "declined"]
    catch_up()  # every text can be written
    with tenant(cast.acme):
        assert not Email.objects.filter(sent_at=None, withdrawn_at=None).exists()


def test_a_decline_needs_a_reason_of_the_list(cast, circles):
    enrolment = make_application(make_cohort(circles), cast.petra)
    with tenant(cast.acme), pytest.raises(ReasonMissing):
        enrolments.decline(enrolment=enrolment, by=cast.cora, reason="nose")


def test_a_coordinators_act_is_never_the_persons_own_wish(cast, circles):
    cohort = make_cohort(circles)
    own, asked, decided = (
        make_enrolment(cohort, member) for member in (cast.petra, cast.pavel, cast.hugo)
    )
    with tenant(cast.acme):
        enrolments.withdraw(enrolment=own, by=cast.petra, reason="own_wish")
        enrolments.withdraw(enrolment=asked, by=cast.cora, reason="own_wish", on_request=True)
        with pytest.raises(NotTheirWish):
            enrolments.withdraw(enrolment=decided, by=cast.cora, reason="own_wish")
        enrolments.decide_many(
            cohort=cohort,
            enrolment_ids=[decided.pk],
            decision="withdraw",
            by=cast.cora,
            reason="fit",
            on_request=False,
        )
        decided.refresh_from_db()
        rows = [(row.end_reason, row.ended_by) for row in (own, asked, decided)]
    assert rows == [("own_wish", "person"), ("own_wish", "on_request"), ("fit", "program")]


def test_many_are_withdrawn_only_after_the_page_named_them_and_asked_why(cast, circles):
    cohort = make_cohort(circles)
    rows = [make_enrolment(cohort, make_member(cast.acme, name)) for name in ("Ada", "Bo", "Cy")]
    cora = sign_in(cast.cora)
    said = {"decision": "withdraw", "enrolment": [str(row.pk) for row in rows]}
    page = read(cora.post(url("decide_people", cohort.pk), said))
    assert "Take 3 people out of the cohort?" in page
    assert all(row.member.full_name in page for row in rows)
    refused = cora.post(url("decide_people", cohort.pk), said | {"confirmed": "yes"})
    assert refused.status_code == 422
    wish = said | {"confirmed": "yes", "on_request": "no", "reason": "own_wish", "words": "Bye"}
    kept = cora.post(url("decide_people", cohort.pk), wish)
    assert (kept.status_code, "Their own wish is a reason only" in read(kept)) == (422, True)
    assert "Bye</textarea>" in read(kept)
    answer = cora.post(url("decide_people", cohort.pk), wish | {"reason": "work"}, follow=True)
    assert "Withdrawn: 3" in read(answer)
    undo = {"decision": "reinstate", "enrolment": said["enrolment"], "confirmed": "yes"}
    assert "Accepted: 3" in read(cora.post(url("decide_people", cohort.pk), undo, follow=True))


def test_a_withdrawal_is_undone_for_a_day_and_goes_first_in_line_if_the_place_is_gone(
    cast, circles
):
    cohort = make_cohort(circles, places=1)
    with time_machine.travel(NOON, tick=False) as clock:
        first = make_enrolment(cohort, cast.petra)
        waiting = make_application(cohort, cast.pavel)
        with tenant(cast.acme):
            enrolments.withdraw(enrolment=first, by=cast.cora, reason="work")
            enrolments.reinstate(enrolment=first, by=cast.cora)
            assert first.state == "accepted"
            clock.shift(timedelta(hours=1))
            enrolments.withdraw(enrolment=first, by=cast.cora, reason="work")
            enrolments.accept(enrolment=waiting, by=cast.cora)
            make_application(cohort, cast.hugo)
            enrolments.reinstate(enrolment=first, by=cast.cora)
            assert (first.state, queries.place_in_line(first)) == ("waitlisted", 1)
            twice = sorted(["withdrawn", "reinstated"] * 2)
            assert sorted(emails(first)) == twice
            enrolments.withdraw(enrolment=waiting, by=cast.cora, reason="work")
            clock.shift(timedelta(days=1))
            with pytest.raises(TooLateToUndo):
                enrolments.reinstate(enrolment=waiting, by=cast.cora)


def test_a_person_undoes_their_own_withdrawal_and_nobody_elses(cast, circles):
    cohort = make_cohort(circles)
    mine, decided = make_enrolment(cohort, cast.petra), make_enrolment(cohort, cast.pavel)
    petra, pavel = sign_in(cast.petra), sign_in(cast.pavel)
    assert "Why?" in read(petra.get(url("leave", cohort.pk)))
    petra.post(url("leave", cohort.pk), {"reason": "fit"})
    assert "Undo: take part again" in read(petra.get(url("join", cohort.pk)))
    petra.post(url("undo_leave", cohort.pk))
    with tenant(cast.acme):
        enrolments.withdraw(enrolment=decided, by=cast.cora, reason="work")
    assert "Undo: take part again" not in read(pavel.get(url("join", cohort.pk)))
    pavel.post(url("undo_leave", cohort.pk))
    with tenant(cast.acme):
        states = [Enrolment.objects.get(pk=row.pk).state for row in (mine, decided)]
    assert states == ["accepted", "withdrawn"]


@pytest.mark.slow
def test_who_leaves_the_organisation_frees_the_place_and_who_waits_moves_up(cast, circles):
    """A place of somebody who had left kept everybody else waiting (report F9)."""
    cohort = make_cohort(circles, places=1, entry="open")
    gone = make_enrolment(cohort, cast.petra)
    waiting = make_application(cohort, cast.pavel)
    with tenant(cast.acme):
        accounts_people.mark_left(member=cast.petra, by=cast.olga)
    catch_up()
    with tenant(cast.acme):
        gone.refresh_from_db()
        waiting.refresh_from_db()
        assert (gone.state, gone.end_reason, gone.ended_by) == ("withdrawn", "left", "")
        assert waiting.state == "accepted"
        assert Cohort.objects.get().places_taken == 1
    assert (emails(gone), emails(waiting)) == ([], ["moved_up"])


@pytest.mark.slow
def test_where_a_coordinator_decides_a_free_place_tops_their_list(cast, circles):
    cohort = make_cohort(circles, places=1)
    gone = make_enrolment(cohort, cast.petra)
    first, second = (make_application(cohort, member) for member in (cast.pavel, cast.hugo))
    with tenant(cast.acme):
        assert list(queries.waiting_with_a_place_free(cast.cora)) == []
        enrolments.withdraw(enrolment=gone, by=cast.cora, reason="moved")
    catch_up()
    with tenant(cast.acme):
        assert list(queries.waiting_with_a_place_free(cast.cora)) == [first, second]


def test_nobody_goes_ahead_of_who_waits_unless_a_coordinator_says_so(cast, circles):
    cohort = make_cohort(circles, places=1)
    gone = make_enrolment(cohort, cast.petra)
    waiting = make_application(cohort, cast.pavel)
    with tenant(cast.acme):
        enrolments.withdraw(enrolment=gone, by=cast.cora, reason="moved")
    assert make_application(cohort, cast.hugo).state == "waitlisted"
    late = make_member(cast.acme, "Xochitl")
    cora = sign_in(cast.cora)
    said = {"email": late.email, "part": "peer"}
    page = cora.post(url("enrol_person", cohort.pk), said)
    assert (page.status_code, "Pavel Acme" in read(page)) == (422, True)
    with tenant(cast.acme):
        with pytest.raises(PeopleAreWaiting):
            enrolments.enrol_directly(cohort=cohort, member=late, part="peer", by=cast.cora)
        behind = enrolments.enrol_many(
            cohort=cohort, people=[enrolments.NewPerson(cast.olga, "peer")], by=cast.cora
        )
        assert [row.state for row in behind] == ["waitlisted"]
        last = Enrolment.objects.get(member=cast.hugo)
        with pytest.raises(PeopleAreWaiting):
            enrolments.accept(enrolment=last, by=cast.cora)
    cora.post(url("enrol_person", cohort.pk), said | {"over_waiting": "on"})
    with tenant(cast.acme):
        assert Enrolment.objects.get(member=late).state == "accepted"
        waiting.refresh_from_db()
        assert waiting.state == "waitlisted"


def test_who_waited_comes_first_in_the_next_cohort_and_is_told(cast, circles):
    spring = make_cohort(circles, places=1)
    make_enrolment(spring, cast.petra)
    waiting = make_application(spring, cast.pavel, answers={"goal": "Listen"})
    with tenant(cast.acme):
        for phase in ("matching", "running", "closing", "closed"):
            cohorts.move_cohort(cohort=spring, to=phase, by=cast.cora, confirmed=True)
    autumn = make_cohort(circles, "Autumn", places=1)
    assert make_application(autumn, cast.hugo).state == "waitlisted"
    with tenant(cast.acme):
        carried = Enrolment.objects.get(cohort=autumn, member=cast.pavel)
        waiting.refresh_from_db()
        assert (waiting.state, waiting.end_reason) == ("withdrawn", "next_cohort")
        assert (carried.state, queries.place_in_line(carried)) == ("waitlisted", 1)
        assert queries.answers_of([carried])[carried.pk] == {"goal": "Listen"}
        assert "first_in_line" in emails(carried)
        enrolments.accept(enrolment=carried, by=cast.cora)
        assert carried.state == "accepted"


def test_enrolment_is_open_by_application_or_by_invitation(cast, circles):
    said = {"part": "peer", "answers": {}, "accept_expectations": True}
    free = make_cohort(circles, "Open", entry="open", places=1)
    with tenant(cast.acme):
        assert enrolments.apply(cohort=free, member=cast.petra, **said).state == "accepted"
        assert enrolments.apply(cohort=free, member=cast.pavel, **said).state == "waitlisted"
        assert Cohort.objects.get(pk=free.pk).places_taken == 1
    closed = make_cohort(circles, "Invited", entry="invitation")
    assert sign_in(cast.petra).get(url("join", closed.pk)).status_code == 404
    with tenant(cast.acme), pytest.raises(ByInvitationOnly):
        enrolments.apply(cohort=closed, member=cast.petra, **said)
    make_enrolment(closed, cast.petra)
    assert sign_in(cast.petra).get(url("join", closed.pk)).status_code == 200


def test_who_does_not_fit_the_rules_reads_which_and_is_not_offered_it(cast, circles):
    rules = [{"fact": "department", "values": ["Sales", "IT"]}]
    cohort = make_cohort(circles, eligibility=rules)
    seller = make_member(cast.acme, "Sally", department="sales")
    baker = make_member(cast.acme, "Ben", department="Bakery")
    with tenant(cast.acme):
        assert queries.cohorts_open_to(seller) == [cohort]
        assert queries.cohorts_open_to(baker) == []
        assert queries.cohorts_open_to(cast.cora) == []  # who runs it is not offered it
        with pytest.raises(NotEligible):
            make_application(cohort, baker)
    page = read(sign_in(baker).get(url("join", cohort.pk)))
    assert "where the department is Sales or IT; yours is Bakery." in page
    assert "yours is not known" in read(sign_in(cast.petra).get(url("join", cohort.pk)))


def test_expectations_are_asked_of_everybody_per_part_and_again_when_they_change(cast):
    program = make_program(cast.acme, "Guides", "mentor-and-mentee")
    cohort = make_cohort(program)
    with tenant(cast.acme):
        said = {"expectations": "", "expectations_mentors": ""}
        said["expectations_mentees"] = "Come prepared."
        designs.edit_program(program=program, by=cast.cora, **said)
        cohort = Cohort.objects.for_list().get(pk=cohort.pk)
    mentor, mentee = (
        make_enrolment(cohort, cast.petra, "mentor"),
        make_enrolment(cohort, cast.pavel, "mentee"),
    )
    with tenant(cast.acme):
        ready = Enrolment.objects.filter(cohort=cohort).ready_to_match()
        assert list(ready) == [mentor]
        assert queries.to_accept_expectations(cast.petra) == []
        assert queries.to_accept_expectations(cast.pavel) == [mentee]
    pavel = sign_in(cast.pavel)
    assert "Please read and accept the expectations." in read(pavel.get("/o/acme/"))
    assert "Come prepared." in read(pavel.get(url("join", cohort.pk)))
    pavel.post(url("accept_expectations", cohort.pk))
    with tenant(cast.acme):
        assert set(ready.all()) == {mentor, mentee}
        designs.edit_program(program=program, by=cast.cora, expectations_mentees="Come on time.")
        assert queries.to_accept_expectations(cast.pavel) == [mentee]
        assert set(ready.all()) == {mentor, mentee}  # seats stay
    assert "The expectations have changed" in read(pavel.get("/o/acme/"))
    pavel.post(url("accept_expectations", cohort.pk))
    with tenant(cast.acme):
        mentee.refresh_from_db()
        assert (
            mentee.expectations_version
            == Cohort.objects.for_list().get(pk=cohort.pk).program.expectations_version
        )
        assert queries.to_accept_expectations(cast.pavel) == []


def test_who_is_entered_is_told_and_asked_for_what_is_missing(cast, circles):
    cohort = make_cohort(circles)
    invited = make_member(cast.acme, "Ivy", live=False)
    with tenant(cast.acme):
        people = [enrolments.NewPerson(cast.petra, "peer"), enrolments.NewPerson(invited, "peer")]
        mine, theirs = enrolments.enrol_many(cohort=cohort, people=people, by=cast.cora)
        email = Email.objects.get(about_id=mine.pk)
        assert (email.kind, email.context["expectations"], email.context["by"]) == (
            "programs.entered",
            True,
            "Cora Acme",
        )
    assert emails(theirs) == []  # the invitation says it


@pytest.mark.slow
@time_machine.travel(NOON)
def test_a_place_is_paused_by_the_person_or_a_coordinator_and_the_pause_ends_by_itself(
    cast, circles
):
    cohort = make_cohort(circles)
    enrolment = make_enrolment(cohort, cast.petra)
    with tenant(cast.acme):
        for wrong in (date(2026, 12, 1), date(2027, 12, 1)):
            with pytest.raises(BadPause):
                pauses.pause_enrolment(enrolment=enrolment, until=wrong, by=cast.petra)
    petra = sign_in(cast.petra)
    assert petra.post(url("pause_place", cohort.pk), {"until": "2026-11-01"}).status_code == 422
    assert petra.post(url("pause_place", cohort.pk), {"until": "2026-12-20"}).status_code == 302
    assert "Paused until 20 December 2026" in read(petra.get(url("join", cohort.pk)))
    cora = sign_in(cast.cora)
    cora.post(url("resume_enrolment", enrolment.pk))
    cora.post(url("pause_enrolment", enrolment.pk), {"until": "2026-12-24"})
    with time_machine.travel(NOON + timedelta(days=23), tick=False):
        catch_up()
        with tenant(cast.acme):
            enrolment.refresh_from_db()
            assert enrolment.paused_until is None
    assert emails(enrolment) == ["paused", "resumed", "paused", "resumed"]


def test_a_coordinator_changes_part_and_capacity(cast):
    cohort = make_cohort(make_program(cast.acme, "Guides", "mentor-and-mentee"))
    enrolment = make_enrolment(cohort, cast.petra, "mentee")
    cora = sign_in(cast.cora)
    address = url("enrolment", enrolment.pk)
    assert cora.post(address, {"part": "mentor", "capacity": "3"}).status_code == 302
    assert cora.post(address, {"part": "peer", "capacity": "3"}).status_code == 422
    with tenant(cast.acme):
        enrolment.refresh_from_db()
        assert (enrolment.part, enrolment.capacity) == ("mentor", 3)
        assert AuditEvent.objects.filter(verb="enrolment.place_changed").count() == 1


def test_only_the_questions_of_the_part_are_asked_in_a_zone_that_is_named(cast):
    cohort = make_cohort(make_program(cast.acme, "Guides", "mentor-and-mentee"))
    petra = sign_in(cast.petra)
    first = read(petra.get(url("join", cohort.pk)))
    assert ("I take part as" in first, "q_goal" in first) == (True, False)
    with tenant(cast.acme):
        asked = {q.key: q.asked_of for q in cohort.program.questions.all()}
    mentor = read(petra.get(url("join", cohort.pk) + "?part=mentor"))
    for key, whom in asked.items():
        assert (f'name="q_{key}' in mentor) == (whom in {"everyone", "offerers"}), key
    assert "In your own time zone: Berlin time." in mentor


def test_a_rolling_cohort_is_joined_while_it_runs_and_again_after_completing(cast, circles):
    cohort = make_cohort(circles, phase="running", ends_on=None, length_days=90)
    enrolment = make_application(cohort, cast.petra)
    with tenant(cast.acme):
        assert cohort.last_day_from(date(2027, 2, 1)) == date(2027, 5, 2)
        enrolments.accept(enrolment=enrolment, by=cast.cora)
        enrolments.start_enrolments(cohort=cohort, at=NOON, enrolments=[enrolment])
        with pytest.raises(AlreadyEnrolled):
            make_application(cohort, cast.petra)
        enrolments.complete_enrolment(enrolment=enrolment)
    again = make_application(cohort, cast.petra)
    assert (again.state, again.pk == enrolment.pk) == ("applied", False)


def test_who_has_left_stays_readable_for_hr(cast):
    """A leaver's rows named somebody whom the API no longer knew (HR report B7)."""
    with tenant(cast.acme):
        accounts_people.mark_left(member=cast.petra, by=cast.olga)
        seen = Member.objects.visible_to(cast.hugo)
        assert cast.petra in seen.filter(state="left")
        invited = make_member(cast.acme, "Ivy", live=False)
        assert invited not in seen


def test_a_mentee_who_completes_is_invited_to_mentor_where_a_cohort_of_the_program_enrols(cast):
    program = make_program(cast.acme, "Guides", "mentor-and-mentee")
    first, alone = make_cohort(program), make_cohort(program, name="Alone")
    mentee, other = (
        make_enrolment(first, cast.petra, "mentee"),
        make_enrolment(alone, cast.pavel, "mentee"),
    )
    with tenant(cast.acme):
        Enrolment.objects.update(state="active", started_at=clock.now())
        Cohort.objects.update(phase="closing")
        other.refresh_from_db()
        enrolments.complete_enrolment(enrolment=other)
        said = Email.objects.get(member=cast.pavel, kind="programs.completed")
        assert said.context["mentor_in"] == []
    assert "Become a mentor" not in read(sign_in(cast.pavel).get("/o/acme/"))

    new = make_cohort(program, name="Next")
    with tenant(cast.acme):
        mentee.refresh_from_db()
        enrolments.complete_enrolment(enrolment=mentee)
        said = Email.objects.get(member=cast.petra, kind="programs.completed")
        assert said.context["mentor_in"] == ["Guides, Next"]
    petra = sign_in(cast.petra)
    home = petra.get("/o/acme/")
    assert "Become a mentor" in read(home)
    join = f"{url('join', new.pk)}?part=mentor"
    assert f'href="{join}"' in home.content.decode()
    assert 'name="part" value="mentor"' in petra.get(join).content.decode()


def test_the_cohort_s_page_counts_whom_its_button_invites(cast, circles):
    cohort = make_cohort(circles)
    for name, state in (("Ina", "accepted"), ("Ino", "waitlisted"), ("Ivy", "declined")):
        enrolment = make_enrolment(cohort, make_member(cast.acme, name, live=False), "peer")
        with tenant(cast.acme):
            Enrolment.objects.filter(pk=enrolment.pk).update(state=state)
    cora = sign_in(cast.cora)
    assert "1 person has not accepted the invitation." in read(
        cora.get(f"/o/acme/cohorts/{cohort.pk}/")
    )
    assert "Invite or remind them" in read(cora.get(f"/o/acme/cohorts/{cohort.pk}/people/"))


def test_a_place_in_a_closed_cohort_is_not_paused(cast, circles):
    cohort = make_cohort(circles, phase="running")
    enrolment = make_enrolment(cohort, cast.petra)
    until = clock.now().date() + timedelta(days=20)
    with tenant(cast.acme):
        for phase in ("closing", "closed"):
            cohorts.move_cohort(cohort=cohort, to=phase, by=cast.cora, confirmed=True)
        with pytest.raises(CohortOver):
            pauses.pause_enrolment(enrolment=enrolment, until=until, by=cast.petra)
        enrolment.refresh_from_db()
    assert enrolment.paused_until is None


def test_who_has_no_place_any_more_neither_pauses_nor_resumes(cast, circles):
    enrolment = make_enrolment(make_cohort(circles), cast.petra)
    until = clock.now().date() + timedelta(days=20)
    with tenant(cast.acme):
        enrolments.withdraw(enrolment=enrolment, by=cast.petra)
        with pytest.raises(AlreadyDecided):
            pauses.pause_enrolment(enrolment=enrolment, until=until, by=cast.petra)
        with pytest.raises(AlreadyDecided):
            pauses.resume_enrolment(enrolment=enrolment, by=cast.petra)
        enrolment.refresh_from_db()
    assert (enrolment.state, enrolment.paused_until) == ("withdrawn", None)


def test_one_free_place_of_an_open_cohort_goes_to_the_first_in_line_alone(cast, circles):
    cohort = make_cohort(circles, places=1, entry="open")
    gone = make_enrolment(cohort, cast.petra)
    first, second = (make_application(cohort, member) for member in (cast.pavel, cast.hugo))
    with tenant(cast.acme):
        enrolments.withdraw(enrolment=gone, by=cast.petra)
        assert line.move_up_waiting(at=clock.now()) == 1
        states = [Enrolment.objects.get(pk=row.pk).state for row in (first, second)]
        assert states == ["accepted", "waitlisted"]
        assert Cohort.objects.get().places_taken == 1


def test_who_left_and_was_withdrawn_by_somebody_faster_is_not_withdrawn_twice(cast, circles):
    enrolment = make_enrolment(make_cohort(circles, places=2), cast.petra)

    def withdraw() -> None:
        enrolments.withdraw(enrolment=enrolment, by=cast.cora, reason="work")

    with tenant(cast.acme):
        accounts_people.mark_left(member=cast.petra, by=cast.olga)
        with meanwhile(Enrolment, withdraw):
            assert line.withdraw_who_left(at=clock.now()) == 0
        enrolment.refresh_from_db()
        assert (enrolment.state, enrolment.end_reason) == ("withdrawn", "work")
        assert Cohort.objects.get().places_taken == 0


def test_who_waited_in_two_cohorts_comes_once_into_the_next(cast, circles):
    earlier = [make_cohort(circles, name, places=1) for name in ("Spring", "Summer")]
    for cohort in earlier:
        make_enrolment(cohort, cast.petra)
    waiting = [make_application(cohort, cast.pavel) for cohort in earlier]
    with tenant(cast.acme):
        for cohort in earlier:
            for phase in ("matching", "running"):
                cohorts.move_cohort(cohort=cohort, to=phase, by=cast.cora, confirmed=True)
    autumn = make_cohort(circles, "Autumn", phase="draft")
    with tenant(cast.acme):
        assert line.carry_over(cohort=autumn, by=cast.cora) == 1
        ends = [Enrolment.objects.get(pk=row.pk) for row in waiting]
        assert [(row.state, row.end_reason) for row in ends] == [("withdrawn", "next_cohort")] * 2
        carried = Enrolment.objects.get(cohort=autumn)
        assert (carried.member, carried.state) == (cast.pavel, "waitlisted")
        assert carried.waiting_since == ends[0].waiting_since
