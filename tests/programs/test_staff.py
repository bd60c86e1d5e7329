"""Who runs a program, and that nobody gives more than they have."""

from __future__ import annotations

import pytest

from core.accounts.errors import RoleAboveYours
from core.accounts.operations import invitations, people
from core.audit.models import AuditEvent
from core.common.ids import new_id
from core.jobs.models import Job
from core.members.models import Member
from core.tenancy.context import tenant
from programs.models.programs import Program, ProgramStaff
from programs.operations import staff
from programs.queries.designs import coordinators_of, reply_addresses
from tests.cast import Cast, make_member, sign_in
from tests.pairing.build import make_mentor_cohort, start_run
from tests.programs.build import make_program, run_only
from tests.work import catch_up

COORDINATOR = Member.Role.COORDINATOR


@pytest.fixture
def programs(cast: Cast) -> tuple[Program, Program]:
    """Make one that Cora runs and no other, and one that she does not."""
    mine, other = make_program(cast.acme, "Mine"), make_program(cast.acme, "Other")
    with tenant(cast.acme):
        run_only(cast.cora, mine)
    return mine, other


def test_named_nowhere_runs_none(cast: Cast, programs):
    with tenant(cast.acme):
        ProgramStaff.objects.all().delete()
        assert list(Program.objects.visible_to(cast.cora)) == []
        assert [coordinators_of(program) for program in programs] == [[], []]


def test_answers_go_to_who_is_named_on_the_program_before_who_runs_all(
    cast: Cast, programs, django_assert_num_queries
):
    anna = make_member(cast.acme, "Anna", COORDINATOR)  # first by name
    with tenant(cast.acme):
        people.set_runs_all(member=anna, runs_all=True, by=cast.olga)
        assert coordinators_of(programs[0]) == [anna, cast.cora]
        with django_assert_num_queries(1):  # each e-mail asks
            assert reply_addresses(programs[0].pk) == [cast.cora.email]
        assert reply_addresses(programs[1].pk) == [anna.email]
        assert reply_addresses(new_id()) == []


def test_a_scoped_coordinator_invites_one_who_runs_nothing_yet(cast: Cast, programs):
    with tenant(cast.acme):
        new = invitations.invite(
            email="cora.two@acme.example", given_name="Two", role=COORDINATOR, by=cast.cora
        )
        new = people.make_live(member=new)
        assert (new.runs_all, list(Program.objects.visible_to(new))) == (False, [])

        staff.name_coordinator(program=programs[0], member=new, by=cast.cora)
        assert list(Program.objects.visible_to(new)) == [programs[0]]
        with pytest.raises(RoleAboveYours):
            staff.name_coordinator(program=programs[1], member=new, by=cast.cora)
        with pytest.raises(RoleAboveYours):
            people.set_runs_all(member=new, runs_all=True, by=cast.cora)
        with pytest.raises(RoleAboveYours):
            people.set_runs_all(member=cast.cora, runs_all=True, by=cast.cora)


def test_who_runs_all_programs_passes_the_mark_on_and_a_demotion_takes_it(cast: Cast):
    with tenant(cast.acme):
        new = people.add_member(
            email="new@acme.example", given_name="New", role=COORDINATOR, by=cast.cora
        )
        marks = [new.runs_all]
        marks += [
            people.change_role(member=new, role=role, by=cast.olga).runs_all
            for role in (Member.Role.PARTICIPANT, COORDINATOR)
        ]
        assert marks == [True, False, True]


def test_nobody_takes_from_a_peer(cast: Cast, programs):
    peer = make_member(cast.acme, "Peer", COORDINATOR)
    with tenant(cast.acme):
        run_only(peer, programs[0])
        with pytest.raises(RoleAboveYours):
            staff.remove_coordinator(program=programs[0], member=peer, by=cast.cora)
        with pytest.raises(RoleAboveYours):
            people.mark_left(member=peer, by=cast.cora)
        with pytest.raises(RoleAboveYours):
            people.change_role(member=peer, role=Member.Role.PARTICIPANT, by=cast.cora)
        staff.remove_coordinator(program=programs[0], member=cast.cora, by=cast.cora)
        assert coordinators_of(programs[0]) == [peer]
        people.mark_left(member=peer, by=cast.olga)


def test_the_page_names_adds_marks_and_removes(cast: Cast, programs):
    peer = make_member(cast.acme, "Peer", COORDINATOR)
    with tenant(cast.acme):
        people.set_runs_all(member=peer, runs_all=False, by=cast.olga)
    page = f"/o/acme/programs/{programs[0].pk}/staff/"
    browser = sign_in(cast.olga)

    assert "Cora" in browser.get(page).content.decode()
    assert browser.post(page, {"member": peer.pk}).status_code == 302
    with tenant(cast.acme):
        assert {member.given_name for member in coordinators_of(programs[0])} == {"Cora", "Peer"}
    assert browser.post(f"{page}{peer.pk}/all/", {"all": "yes"}).status_code == 302
    assert "All programs" in browser.get(page).content.decode()
    assert browser.post(f"{page}{cast.cora.pk}/remove/").status_code == 302
    with tenant(cast.acme):
        assert [coordinators_of(program) for program in programs] == [[peer], [peer]]


def test_another_programs_page_and_jobs_are_unknown_to_a_scoped_coordinator(cast: Cast, programs):
    with tenant(cast.acme):
        job = Job.objects.create(kind="nothing", title="Matching of Other", asked_by=cast.olga)
    browser = sign_in(cast.cora)
    assert browser.get(f"/o/acme/programs/{programs[1].pk}/staff/").status_code == 404
    assert browser.get(f"/o/acme/jobs/{job.pk}/").status_code == 404
    assert browser.post(f"/o/acme/jobs/{job.pk}/cancel/").status_code == 404


def test_who_runs_the_program_too_sees_how_far_its_run_is_and_stops_it(cast: Cast):
    """A job belongs to its program, whoever asked for it."""
    peer = make_member(cast.acme, "Peer", COORDINATOR)
    cohort = make_mentor_cohort(cast.acme, mentees=2, mentors=2)
    with tenant(cast.acme):
        run_only(peer, cohort.program)
        run_only(cast.cora, cohort.program)
    run = start_run(cohort, cast.cora)
    browser, page = sign_in(peer), f"/o/acme/match-runs/{run.pk}/"
    assert f'id="job-{run.pk}"' in browser.get(page).text
    assert "run 1" in browser.get(f"{page}progress/").text
    assert browser.post(f"{page}cancel/").status_code == 302
    with tenant(cast.acme):
        assert Job.objects.get(pk=run.job_id).state == Job.State.CANCELLED
    stranger, other = make_member(cast.acme, "Stranger", COORDINATOR), make_program(cast.acme)
    with tenant(cast.acme):
        run_only(stranger, other)
    assert sign_in(stranger).get(f"{page}progress/").status_code == 404


@pytest.mark.slow
def test_who_left_and_is_back_runs_what_they_are_named_on_anew(cast: Cast, programs):
    mine, other = programs
    person = make_member(cast.acme, "Otto", COORDINATOR)
    with tenant(cast.acme):
        run_only(person, other)
        people.mark_left(member=person, by=cast.olga)
    catch_up()
    with tenant(cast.acme):
        assert not ProgramStaff.objects.filter(member=person).exists()
        cora, back = (
            Member.objects.select_related("organisation").get(pk=member.pk)
            for member in (cast.cora, person)
        )
        invitations.send_invitation(member=back, by=cora)
        back = people.make_live(member=back)
        staff.name_coordinator(program=mine, member=back, by=cora)
    catch_up()
    with tenant(cast.acme):
        assert list(Program.objects.visible_to(back)) == [mine]


def test_who_is_no_coordinator_is_not_named(cast: Cast, programs):
    answer = sign_in(cast.olga).post(
        f"/o/acme/programs/{programs[0].pk}/staff/", {"member": cast.petra.pk}
    )
    assert answer.status_code == 422
    with tenant(cast.acme):
        with pytest.raises(ValueError, match="no coordinator"):
            staff.name_coordinator(program=programs[0], member=cast.petra, by=cast.olga)
        assert not ProgramStaff.objects.filter(member=cast.petra).exists()


def test_named_or_taken_off_twice_is_said_once(cast: Cast, programs):
    mine, other = programs
    with tenant(cast.acme):
        rows = [
            staff.name_coordinator(program=other, member=cast.cora, by=cast.olga) for _ in range(2)
        ]
        for _time in range(2):
            staff.remove_coordinator(program=other, member=cast.cora, by=cast.olga)
        verbs = AuditEvent.objects.filter(target_id=other.pk, verb__contains="coordinator")
        assert list(verbs.order_by("id").values_list("verb", flat=True)) == [
            "program.coordinator_named",
            "program.coordinator_removed",
        ]
        assert rows[0] == rows[1]
        assert list(Program.objects.visible_to(cast.cora)) == [mine]
